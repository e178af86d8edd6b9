package io.github.deepseekboot.autoconfigure;

import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.javapoet.ClassName;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.hook.StoredConversation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that an application processed ahead of time has hints for all that is reached by
 * reflection.
 */
class DeepSeekRuntimeHintsTests {

	private static final String ROOT = "io.github.deepseekboot";

	private final RuntimeHints hints = hints();

	private static RuntimeHints hints() {
		RuntimeHints[] hints = new RuntimeHints[1];
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key")
			.prepare((context) -> {
				DefaultGenerationContext generation = new DefaultGenerationContext(
						new ClassNameGenerator(ClassName.get(DeepSeekRuntimeHintsTests.class)),
						new InMemoryGeneratedFiles());
				new ApplicationContextAotGenerator()
					.processAheadOfTime((GenericApplicationContext) context.getSourceApplicationContext(), generation);
				hints[0] = generation.getRuntimeHints();
			});
		return hints[0];
	}

	@Test
	void theErrorsOfHostsAreAResource() {
		assertThat(RuntimeHintsPredicates.resource().forResource("io/github/deepseekboot/provider/errors.json"))
			.accepts(this.hints);
	}

	@Test
	void whatApplicationsWriteAsJsonIsBound() throws ClassNotFoundException {
		Set<Class<?>> types = reachable(StoredConversation.class);
		types.addAll(reachable(AccountBalance.class));
		types.addAll(reachable(ModelInfo.class));
		for (JavaClass type : new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages(ROOT + ".chat")) {
			boolean annotated = type.getAllMembers()
				.stream()
				.filter((member) -> member.getOwner().equals(type))
				.flatMap((member) -> member.getAnnotations().stream())
				.anyMatch((annotation) -> annotation.getRawType().getPackageName().startsWith("com.fasterxml.jackson"));
			if (annotated) {
				types.addAll(reachable(Class.forName(type.getName())));
			}
		}
		assertThat(types).hasSizeGreaterThan(15).allSatisfy(this::assertBound);
	}

	@Test
	void whatTypedAnswersAreWrappedInIsBound() throws ClassNotFoundException {
		for (JavaClass type : new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages(ROOT + ".structured")) {
			boolean annotated = type.getAllMembers()
				.stream()
				.flatMap((member) -> member.getAnnotations().stream())
				.anyMatch((annotation) -> annotation.getRawType().getPackageName().startsWith("com.fasterxml.jackson"));
			if (annotated) {
				assertBound(Class.forName(type.getName()));
			}
		}
		assertBound(Class.forName(ROOT + ".structured.AnswerType$Items"));
		assertBound(ProviderInfo.class);
	}

	private void assertBound(Class<?> type) {
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(type)
			.withMemberCategories(MemberCategory.ACCESS_DECLARED_FIELDS, MemberCategory.INVOKE_DECLARED_CONSTRUCTORS,
					MemberCategory.INVOKE_DECLARED_METHODS))
			.as(type.getName())
			.accepts(this.hints);
	}

	// a type and the types of its properties, as far as they are ours
	private static Set<Class<?>> reachable(Class<?> root) {
		Set<Class<?>> found = new LinkedHashSet<>();
		Deque<Type> open = new ArrayDeque<>(List.of(root));
		while (!open.isEmpty()) {
			Type type = open.pop();
			if (type instanceof ParameterizedType parameterized) {
				open.addAll(List.of(parameterized.getActualTypeArguments()));
			}
			else if (type instanceof Class<?> known && known.getName().startsWith(ROOT) && found.add(known)
					&& !known.isEnum()) {
				Stream.of(known.getDeclaredFields())
					.filter((field) -> known.isRecord() && !Modifier.isStatic(field.getModifiers()))
					.forEach((field) -> open.add(field.getGenericType()));
				Stream.of(known.getDeclaredMethods())
					.filter((method) -> method.isAnnotationPresent(JsonCreator.class))
					.forEach((method) -> open.addAll(List.of(method.getGenericParameterTypes())));
			}
		}
		return found;
	}

}
