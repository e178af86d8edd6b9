package io.github.deepseekboot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Imports point one way.
 */
class ArchitectureTests {

	private static final String ROOT = "io.github.deepseekboot";

	private static final String[] API = { ROOT, ROOT + ".chat", ROOT + ".conversation", ROOT + ".kotlin",
			ROOT + ".schema", ROOT + ".structured", ROOT + ".tool" };

	private static final String HOOKS = ROOT + ".hook";

	// with types that applications name: conventions, options, connection details
	private static final Set<String> INTEGRATIONS = Set.of("autoconfigure", "langchain4j", "observation", "springai",
			"web");

	private final JavaClasses classes = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages(ROOT);

	@Test
	void importsPointOneWay() {
		layeredArchitecture().consideringOnlyDependenciesInAnyPackage(ROOT + "..")
			.layer("autoconfigure")
			.definedBy(ROOT + ".autoconfigure..")
			.layer("template")
			.definedBy(ROOT)
			.layer("conversation")
			.definedBy(ROOT + ".conversation..")
			.layer("actuate")
			.definedBy(ROOT + ".actuate..")
			.layer("health")
			.definedBy(ROOT + ".health..")
			.layer("observation")
			.definedBy(ROOT + ".observation..")
			.layer("routing")
			.definedBy(ROOT + ".routing..")
			.layer("transport")
			.definedBy(ROOT + ".transport..")
			.layer("codec")
			.definedBy(ROOT + ".codec..")
			.layer("provider")
			.definedBy(ROOT + ".provider..")
			.layer("hook")
			.definedBy(ROOT + ".hook..")
			.layer("chat")
			.definedBy(ROOT + ".chat..")
			.layer("structured")
			.definedBy(ROOT + ".structured..")
			.layer("schema")
			.definedBy(ROOT + ".schema..")
			.layer("tool")
			.definedBy(ROOT + ".tool..")
			.layer("jdbc")
			.definedBy(ROOT + ".jdbc..")
			.layer("redis")
			.definedBy(ROOT + ".redis..")
			.layer("springai")
			.definedBy(ROOT + ".springai..")
			.layer("langchain4j")
			.definedBy(ROOT + ".langchain4j..")
			.layer("web")
			.definedBy(ROOT + ".web..")
			.layer("kotlin")
			.definedBy(ROOT + ".kotlin..")
			.whereLayer("kotlin")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("kotlin")
			.mayOnlyAccessLayers("template", "conversation", "tool", "chat")
			.whereLayer("web")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("web")
			.mayOnlyAccessLayers("hook", "chat")
			.whereLayer("jdbc")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("jdbc")
			.mayOnlyAccessLayers("conversation", "hook", "chat")
			.whereLayer("redis")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("redis")
			.mayOnlyAccessLayers("conversation", "routing", "transport", "provider", "hook", "chat")
			.whereLayer("springai")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("springai")
			.mayOnlyAccessLayers("hook", "chat")
			.whereLayer("langchain4j")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("langchain4j")
			.mayOnlyAccessLayers("hook", "chat")
			.whereLayer("autoconfigure")
			.mayNotBeAccessedByAnyLayer()
			.whereLayer("template")
			.mayOnlyBeAccessedByLayers("autoconfigure", "kotlin")
			.whereLayer("template")
			.mayOnlyAccessLayers("conversation", "structured", "tool", "schema", "hook", "chat")
			.whereLayer("conversation")
			.mayOnlyBeAccessedByLayers("template", "jdbc", "redis", "autoconfigure", "kotlin")
			.whereLayer("conversation")
			.mayOnlyAccessLayers("hook", "chat")
			.whereLayer("actuate")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("actuate")
			.mayOnlyAccessLayers("routing", "transport", "provider", "hook", "chat")
			.whereLayer("health")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("health")
			.mayOnlyAccessLayers("routing", "transport", "provider", "hook", "chat")
			.whereLayer("observation")
			.mayOnlyBeAccessedByLayers("autoconfigure")
			.whereLayer("observation")
			.mayOnlyAccessLayers("routing", "transport", "provider", "hook", "chat")
			.whereLayer("routing")
			.mayOnlyAccessLayers("transport", "provider", "hook", "chat")
			.whereLayer("transport")
			.mayOnlyAccessLayers("codec", "provider", "hook", "chat")
			.whereLayer("codec")
			.mayOnlyBeAccessedByLayers("transport", "autoconfigure")
			.whereLayer("codec")
			.mayOnlyAccessLayers("provider", "hook", "chat")
			.whereLayer("provider")
			.mayOnlyAccessLayers("hook", "chat")
			.whereLayer("hook")
			.mayOnlyAccessLayers("chat")
			.whereLayer("chat")
			.mayNotAccessAnyLayer()
			.whereLayer("structured")
			.mayOnlyBeAccessedByLayers("autoconfigure", "template")
			.whereLayer("structured")
			.mayOnlyAccessLayers("schema", "hook", "chat")
			.whereLayer("schema")
			.mayOnlyBeAccessedByLayers("autoconfigure", "template", "structured", "tool")
			.whereLayer("schema")
			.mayNotAccessAnyLayer()
			.whereLayer("tool")
			.mayOnlyBeAccessedByLayers("template", "kotlin")
			.whereLayer("tool")
			.mayOnlyAccessLayers("schema", "hook", "chat")
			.check(this.classes);
	}

	@Test
	void theApiAndTheHooksShowNoInternalTypes() {
		apiShowsOnly(isNotIn(ROOT + "..").or(isIn(API)).or(isIn(HOOKS))).check(this.classes);
	}

	@Test
	void aTypeThatTheApiShowsIsFound() {
		assertThat(apiShowsOnly(isNotIn(ROOT + ".schema..")).evaluate(this.classes).getFailureReport().getDetails())
			.anyMatch((detail) -> detail.contains("ChatCompletionTemplate$Builder.schemaGenerator"));
	}

	@Test
	void internalPackagesSayThatTheyAre() throws IOException {
		Set<String> internal = new TreeSet<>();
		Set<String> others = new TreeSet<>();
		try (Stream<Path> packages = Files.list(Path.of("src/main/java", ROOT.split("\\.")))) {
			for (Path folder : packages.filter(Files::isDirectory).toList()) {
				String name = folder.getFileName().toString();
				if (Files.readString(folder.resolve("package-info.java"))
					.contains(" * Internal: not for applications")) {
					internal.add(name);
				}
				else {
					others.add(name);
				}
			}
		}
		Set<String> known = new TreeSet<>(INTEGRATIONS);
		known.add("hook");
		known.addAll(Stream.of("chat", "conversation", "schema", "structured", "tool").toList());
		assertThat(internal).contains("codec", "routing");
		assertThat(others).isEqualTo(known);
	}

	@Test
	void packagesHaveNoCycles() {
		slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(this.classes);
	}

	@Test
	void codecKnowsNoReactor() {
		noClasses().that()
			.resideInAPackage(ROOT + ".codec..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("reactor..", "org.reactivestreams..")
			.check(this.classes);
	}

	@Test
	void nettyKnowsNothingOfWhatIsSent() {
		noClasses().that()
			.resideInAPackage(ROOT + ".transport.netty..")
			.should()
			.dependOnClassesThat(isIn(ROOT + "..").and(isNotIn(ROOT + ".transport.netty..", ROOT + ".provider..")))
			.check(this.classes);
	}

	@Test
	void onlyItsPackageKnowsNetty() {
		noClasses().that()
			.resideOutsideOfPackages(ROOT + ".transport.netty..", ROOT + ".test..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.netty..")
			.check(this.classes);
		// what failures are made of, and whose event loops are shared
		noClasses().that()
			.resideOutsideOfPackages(ROOT + ".transport.netty..", ROOT + ".autoconfigure..", ROOT + ".test..")
			.and()
			.doNotHaveSimpleName("Failures")
			.should()
			.dependOnClassesThat(isIn("reactor.netty..").and(isNotIn("reactor.netty.resources..")))
			.check(this.classes);
	}

	@Test
	void kotlinIsForItsPackageAlone() {
		noClasses().that()
			.resideOutsideOfPackage(ROOT + ".kotlin..")
			.and()
			.haveNameNotMatching(".*\\.schema\\.KotlinProperties")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("kotlin..", "kotlinx..")
			.check(this.classes);
	}

	@Test
	void onlyTransportKnowsHttp() {
		noClasses().that()
			.resideInAnyPackage(ROOT, ROOT + ".chat..", ROOT + ".codec..", ROOT + ".conversation..",
					ROOT + ".langchain4j..", ROOT + ".provider..", ROOT + ".routing..", ROOT + ".schema..",
					ROOT + ".springai..", ROOT + ".tool..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework.web..", "org.springframework.http..", "reactor.netty..",
					"io.netty..")
			.check(this.classes);
	}

	// the scheduler of the TransportClock, so that a test may run in a time of its own
	@Test
	void whatWaitsSaysOnWhichScheduler() {
		classes().that(isNotIn(ROOT + ".test..")).should(waitOnAScheduler()).check(this.classes);
	}

	private static ArchCondition<JavaClass> waitOnAScheduler() {
		return new ArchCondition<>("say on which scheduler they wait") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				type.getMethodCallsFromSelf()
					.stream()
					.filter((call) -> call.getTargetOwner().isEquivalentTo(Flux.class)
							|| call.getTargetOwner().isEquivalentTo(Mono.class))
					.filter((call) -> hasParameter(call, Duration.class) && !hasParameter(call, Scheduler.class))
					.forEach((call) -> events.add(SimpleConditionEvent.violated(type, call.getDescription())));
				long retries = calls(type, Retry.class, "backoff", "fixedDelay");
				if (retries != calls(type, RetryBackoffSpec.class, "scheduler")) {
					events.add(SimpleConditionEvent.violated(type, type.getName() + " retries on no scheduler"));
				}
			}

		};
	}

	private static long calls(JavaClass type, Class<?> owner, String... methods) {
		return type.getMethodCallsFromSelf()
			.stream()
			.filter((call) -> call.getTargetOwner().isEquivalentTo(owner) && List.of(methods).contains(call.getName()))
			.count();
	}

	private static boolean hasParameter(JavaMethodCall call, Class<?> type) {
		return call.getTarget().getRawParameterTypes().stream().anyMatch((each) -> each.isEquivalentTo(type));
	}

	private static ArchRule apiShowsOnly(DescribedPredicate<JavaClass> allowed) {
		return classes().that(isIn(API).or(isIn(HOOKS)))
			.and(DescribedPredicate.describe("are visible", ArchitectureTests::isVisible))
			.should(showOnlyTypesOf(allowed));
	}

	private static ArchCondition<JavaClass> showOnlyTypesOf(DescribedPredicate<JavaClass> allowed) {
		return new ArchCondition<>("show only types of the API and the hooks") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				type.getSuperclass().ifPresent((parent) -> check(type, type.getName(), Stream.of(parent), events));
				check(type, type.getName(), type.getInterfaces().stream(), events);
				type.getMembers()
					.stream()
					.filter(ArchitectureTests::isVisible)
					.forEach((member) -> check(type, member.getFullName(), types(member), events));
			}

			private void check(JavaClass type, String place, Stream<? extends JavaType> shown, ConditionEvents events) {
				shown.flatMap((each) -> each.getAllInvolvedRawTypes().stream())
					.map(JavaClass::getBaseComponentType)
					.filter(DescribedPredicate.not(allowed))
					.forEach((each) -> events
						.add(SimpleConditionEvent.violated(type, place + " shows " + each.getName())));
			}

		};
	}

	private static Stream<JavaType> types(JavaMember member) {
		if (member instanceof JavaField field) {
			return Stream.of(field.getType());
		}
		JavaCodeUnit unit = (JavaCodeUnit) member;
		return Stream
			.of(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream(),
					unit.getExceptionTypes().stream().map(JavaType.class::cast))
			.flatMap((each) -> each);
	}

	private static boolean isVisible(JavaClass type) {
		return isVisible(type.getModifiers())
				&& type.getEnclosingClass().map(ArchitectureTests::isVisible).orElse(true);
	}

	private static boolean isVisible(JavaMember member) {
		return isVisible(member.getModifiers());
	}

	private static boolean isVisible(Set<JavaModifier> modifiers) {
		return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
				&& !modifiers.contains(JavaModifier.SYNTHETIC);
	}

	private static DescribedPredicate<JavaClass> isIn(String... packages) {
		return JavaClass.Predicates.resideInAnyPackage(packages);
	}

	private static DescribedPredicate<JavaClass> isNotIn(String... packages) {
		return DescribedPredicate.not(isIn(packages));
	}

}
