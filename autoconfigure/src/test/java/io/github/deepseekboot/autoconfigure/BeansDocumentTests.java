package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;

import io.github.deepseekboot.hook.RoutingListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/beans.md} lists the beans of the auto-configurations and the
 * types of the package {@code hook} as the code has them.
 */
class BeansDocumentTests {

	private static final Path DOCUMENT = Path.of("..", "docs", "beans.md");

	private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\|(?:(.*)\\|)? *(\\S[^|]*?) *\\|$",
			Pattern.MULTILINE);

	@Test
	void theDocumentListsTheBeans() throws IOException {
		List<String> expected = new ArrayList<>();
		for (String name : ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader())) {
			if (name.startsWith("io.github.deepseekboot.")) {
				collect(load(name), expected);
			}
		}
		assertThat(expected).hasSizeGreaterThan(40);
		List<String> listed = rows("Of the auto-configurations")
			.map((row) -> ("`" + row.group(1) + "` |" + row.group(2)).replaceAll("\\s+", " ").strip() + " |")
			.toList();
		assertThat(listed).containsExactlyInAnyOrderElementsOf(expected);
	}

	@Test
	void theDocumentListsTheHooks() throws IOException {
		Map<String, Boolean> types = new TreeMap<>();
		new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackagesOf(RoutingListener.class)
			.stream()
			.filter(JavaClass::isTopLevelClass)
			.filter((type) -> type.getModifiers().contains(JavaModifier.PUBLIC))
			.forEach((type) -> types.put(type.getSimpleName(), type.isInterface()));
		assertThat(types).containsEntry("RoutingListener", true).containsEntry("ApiKey", false);
		List<String> hooks = names("Hooks");
		List<String> values = names("What hooks get and return");
		assertThat(Stream.concat(hooks.stream(), values.stream())).containsExactlyInAnyOrderElementsOf(types.keySet());
		assertThat(hooks).allSatisfy((name) -> assertThat(types.get(name)).as(name).isTrue());
	}

	private static List<String> names(String heading) throws IOException {
		return rows(heading).map((row) -> row.group(1)).toList();
	}

	private static Stream<MatchResult> rows(String heading) throws IOException {
		String document = Files.readString(DOCUMENT);
		int from = document.indexOf("\n## " + heading + "\n");
		assertThat(from).as(heading).isNotNegative();
		int to = document.indexOf("\n## ", from + 1);
		return ROW.matcher(document.substring(from, (to < 0) ? document.length() : to)).results();
	}

	private static void collect(Class<?> configuration, List<String> rows) {
		for (Method method : configuration.getDeclaredMethods()) {
			if (method.isAnnotationPresent(Bean.class)) {
				String[] names = method.getAnnotation(Bean.class).value();
				String name = (names.length > 0) ? names[0] : method.getName();
				rows.add("`" + name + "` | `" + method.getReturnType().getSimpleName() + "` | " + needs(method) + " | "
						+ unless(method) + " |");
			}
		}
		for (Class<?> nested : configuration.getDeclaredClasses()) {
			collect(nested, rows);
		}
	}

	// properties and beans; what must be on the class path follows from the type
	private static String needs(Method method) {
		List<String> needs = new ArrayList<>();
		for (AnnotatedElement element : withOwners(method)) {
			merged(element, ConditionalOnBooleanProperty.class).forEach((condition) -> {
				if (!condition.matchIfMissing()) {
					Stream.concat(Arrays.stream(condition.value()), Arrays.stream(condition.name()))
						.forEach((name) -> needs.add("`" + name + "`"));
				}
			});
			merged(element, ConditionalOnProperty.class).forEach((condition) -> {
				if (!condition.matchIfMissing()) {
					Arrays.stream(condition.name())
						.forEach((name) -> needs.add("`" + name + "=" + condition.havingValue() + "`"));
				}
			});
			merged(element, ConditionalOnBean.class).forEach((condition) -> Arrays.stream(condition.value())
				.forEach((type) -> needs.add("`" + type.getSimpleName() + "`")));
		}
		return needs.isEmpty() ? "-" : needs.stream().distinct().collect(Collectors.joining(", "));
	}

	private static String unless(Method method) {
		List<String> unless = new ArrayList<>();
		for (AnnotatedElement element : withOwners(method)) {
			merged(element, ConditionalOnMissingBean.class).forEach((condition) -> {
				Arrays.stream(condition.value()).forEach((type) -> unless.add("`" + type.getSimpleName() + "`"));
				Arrays.stream(condition.name()).forEach((name) -> unless.add("`" + name + "`"));
				if (condition.value().length == 0 && condition.name().length == 0) {
					unless.add("`" + method.getReturnType().getSimpleName() + "`");
				}
			});
		}
		return unless.isEmpty() ? "-" : String.join(", ", unless);
	}

	private static List<AnnotatedElement> withOwners(Method method) {
		List<AnnotatedElement> elements = new ArrayList<>();
		elements.add(method);
		for (Class<?> owner = method.getDeclaringClass(); owner != null; owner = owner.getDeclaringClass()) {
			elements.add(0, owner);
		}
		return elements;
	}

	private static <A extends Annotation> Stream<A> merged(AnnotatedElement element, Class<A> type) {
		return MergedAnnotations.from(element).stream(type).map(MergedAnnotation::synthesize);
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(name);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
