package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.web.reactive.function.client.WebClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what a mistake in the configuration says, message by message.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartUpMessageTests {

	private static final String KEY = "deepseek.providers.deepseek.api-key=test-key";

	private static final ApplicationContextInitializer<ConfigurableApplicationContext> NOTHING = (context) -> {
	};

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class));

	static Stream<Mistake> mistakes() {
		return Stream.of(
				mistake("deepseek.chat.temprature=0.5", "deepseek.chat.temprature", "there is no such property",
						"Did you mean deepseek.chat.temperature?", "deepseek.fail-on-unknown-properties=false"),
				mistake("deepseek.chta.model=chat", "deepseek.chta.model", "Did you mean deepseek.chat.model?"),
				mistake("deepseek.api-key=test-secret", "deepseek.api-key",
						"Did you mean deepseek.providers.deepseek.api-key?"),
				mistake("deepseek.providers.deepseek.apikey2=test-secret", "deepseek.providers.deepseek.apikey2",
						"Did you mean deepseek.providers.deepseek.api-key?"),
				mistake("deepseek.providers.deepseek.models.chat.pricing.input=1",
						"deepseek.providers.deepseek.models.chat.pricing.input",
						"Did you mean deepseek.providers.deepseek.models.chat.price.input?"),
				mistake("deepseek.colour=red", "deepseek.colour", "Known properties below deepseek are [enabled, "),
				mistake("deepseek.provider=depseek", "deepseek.provider", "there is no provider 'depseek'",
						"Did you mean 'deepseek'?"),
				mistake("deepseek.fallback=deepseek,silicon", "deepseek.fallback", "there is no provider 'silicon'"),
				mistake("deepseek.providers.deepseek.preset=deepsek", "deepseek.providers.deepseek.preset",
						"there is no preset 'deepsek'", "Did you mean 'deepseek'?"),
				mistake("deepseek.chat.temperature=3", "deepseek.chat.temperature", "3.0 is out of range",
						"from 0 to 2"),
				mistake("deepseek.chat.top-p=1.5", "deepseek.chat.top-p", "1.5 is out of range", "from 0 to 1"),
				mistake("deepseek.chat.frequency-penalty=-3", "deepseek.chat.frequency-penalty",
						"-3.0 is out of range"),
				mistake("deepseek.chat.max-tokens=0", "deepseek.chat.max-tokens", "0 is out of range"),
				mistake("deepseek.timeout.first-token=30", "deepseek.timeout.first-token",
						"the time 30 has no unit, and would be 30 ms", "30s"),
				mistake("deepseek.providers.deepseek.timeout.total=300", "deepseek.providers.deepseek.timeout.total",
						"has no unit", "300s"),
				mistake("deepseek.timeout.total=300ms", "deepseek.timeout.total",
						"no answer is complete within 300 ms"),
				mistake("deepseek.providers.deepseek.base-url=https://llm.example.com/v1/chat/completions",
						"deepseek.providers.deepseek.base-url", "it ends in /chat/completions",
						"Write it without that: https://llm.example.com/v1."),
				mistake("deepseek.providers.deepseek.base-url=https://llm.example.com/v1/v1/",
						"deepseek.providers.deepseek.base-url", "it has /v1 twice", "https://llm.example.com/v1"),
				mistake("deepseek.providers.deepseek.api-key=\"test-secret\"", "deepseek.providers.deepseek.api-key",
						"it is in quotes"),
				mistake("deepseek.providers.deepseek.api-key='test-secret'", "deepseek.providers.deepseek.api-key",
						"it is in quotes"),
				mistake("deepseek.providers.deepseek.api-key=Bearer test-secret", "deepseek.providers.deepseek.api-key",
						"it begins with 'Bearer'"),
				mistake("deepseek.providers.deepseek.api-key=", "deepseek.providers.deepseek.api-key",
						"the default provider 'deepseek' has no key"),
				mistake("deepseek.providers.deepseek.api-key=${NO_SUCH_VARIABLE}",
						"deepseek.providers.deepseek.api-key", "its placeholder could not be resolved: the variable"),
				mistake("deepseek.providers.depseek.api-key=test-secret; deepseek.provider=depseek",
						"deepseek.providers.depseek.base-url", "Did you mean deepseek.providers.deepseek?"),
				mistake("deepseek.fallback=deepseek,siliconflow; deepseek.providers.deepseek.api-key="
						+ "; deepseek.providers.siliconflow.api-key=test-secret", "deepseek.providers.deepseek.api-key",
						"the default provider 'deepseek', the first of deepseek.fallback, since deepseek.provider is not set, has no key"),
				new Mistake("DEEPSEEK_TIMEOUT_TOTAL=300", variables(Map.of("DEEPSEEK_TIMEOUT_TOTAL", "300")),
						"The property 'deepseek.timeout.total' is invalid: ", "the time 300 has no unit", "300s"),
				new Mistake("Spring Boot 3.5.16", (context) -> SpringBootVersionCheck.check("3.5.16"),
						"Spring Boot 4.0 or later is needed by deepseek-spring-boot-starter, and 3.5.16 was found.",
						"Raise the version of Spring Boot in your build"));
	}

	static Stream<Mistake> warnings() {
		return Stream.of(new Mistake(
				"deepseek.provider=lab; deepseek.providers.lab.base-url=http://127.0.0.1:1/v1; deepseek.providers.lab.api-key=test-secret",
				NOTHING, "The default provider 'lab' has no model 'chat'", "set deepseek.providers.lab.models.chat"));
	}

	private static Mistake mistake(String properties, String name, String... parts) {
		return new Mistake(properties, NOTHING, "The property '" + name + "' is invalid: ", parts);
	}

	@ParameterizedTest
	@MethodSource("mistakes")
	void saysWhatIsWrongAndWhatToWrite(Mistake mistake) {
		start(mistake).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = analyze(context.getStartupFailure());
			String text = analysis.getDescription() + " " + analysis.getAction();
			assertThat(text).startsWith(mistake.beginning())
				.contains(mistake.parts())
				.doesNotContain("test-secret")
				.doesNotContain("test-key");
		});
	}

	@ParameterizedTest
	@MethodSource("warnings")
	void warnsOfWhatIsWrong(Mistake mistake, CapturedOutput output) {
		start(mistake).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains(mistake.beginning())
				.contains(mistake.parts())
				.doesNotContain("test-secret")
				.doesNotContain("test-key");
		});
	}

	private ApplicationContextRunner start(Mistake mistake) {
		return this.runner.withPropertyValues(KEY)
			.withPropertyValues(mistake.properties())
			.withInitializer(mistake.initializer());
	}

	private static FailureAnalysis analyze(Throwable failure) {
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, FailureHandler.handleMessage((message, ex) -> {
			}))
			.stream()
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow(() -> new AssertionError("no analysis of " + failure, failure));
	}

	@Test
	void theGuideShowsMistakesAsTheyAreReported() throws IOException {
		String guide = Files.readString(Path.of("..", "docs", "guide", "errors.md"));
		Map<String, Mistake> tested = mistakes()
			.collect(Collectors.toMap((mistake) -> mistake.written().split("; ")[0], (mistake) -> mistake));
		List<MatchResult> rows = Pattern
			.compile("^\\| `(deepseek\\.[^=`]+=[^`]*)` \\| `([^`]+)` \\|$", Pattern.MULTILINE)
			.matcher(guide)
			.results()
			.toList();
		assertThat(rows).hasSizeGreaterThan(12);
		for (MatchResult row : rows) {
			String written = row.group(1).replace("…", "test-secret");
			assertThat(tested).containsKey(written);
			start(tested.get(written)).run((context) -> {
				FailureAnalysis analysis = analyze(context.getStartupFailure());
				assertThat(analysis.getDescription() + " " + analysis.getAction()).contains(row.group(2));
			});
		}
	}

	@Test
	void unknownNamesPassWhereThatIsWanted() {
		this.runner.withPropertyValues(KEY, "deepseek.colour=red", "deepseek.fail-on-unknown-properties=false")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void environmentVariablesAreNotTakenForProperties() {
		this.runner.withPropertyValues(KEY)
			.withInitializer(variables(Map.of("DEEPSEEK_API_KEY", "test-key-2", "DEEPSEEK_COLOUR", "red")))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void theVariableWithTheKeyIsEnough() {
		this.runner.withInitializer(variables(Map.of("DEEPSEEK_API_KEY", "test-key")))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(ChatCompletionTemplate.class));
	}

	@Test
	void customizersRunWithSeveralBuilders() {
		boolean[] ran = new boolean[1];
		this.runner.withPropertyValues(KEY)
			.withBean("one", WebClient.Builder.class, WebClient::builder)
			.withBean("two", WebClient.Builder.class, WebClient::builder)
			.withBean(WebClientCustomizer.class, () -> (builder) -> ran[0] = true)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(ran[0]).isTrue();
	}

	@Test
	void allNamesOfTheReferenceAreKnown() throws Exception {
		String metadata = new String(
				getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json").readAllBytes(),
				StandardCharsets.UTF_8);
		JsonNode properties = JsonMapper.shared().readTree(metadata).path("properties");
		assertThat(properties).isNotEmpty()
			.extracting((property) -> property.path("name").asString())
			.filteredOn((name) -> name.startsWith("deepseek."))
			.allSatisfy((name) -> assertThat(PropertyNamesCheck.names()).contains(name));
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> variables(
			Map<String, Object> variables) {
		return (context) -> {
			ConfigurableEnvironment environment = context.getEnvironment();
			environment.getPropertySources()
				.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
						new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
								variables));
		};
	}

	/**
	 * A mistake: what is written, as properties, and what the report begins with and has.
	 */
	record Mistake(String written, ApplicationContextInitializer<ConfigurableApplicationContext> initializer,
			String beginning, String... parts) {

		String[] properties() {
			return this.written.startsWith("deepseek.") ? this.written.split("; ") : new String[0];
		}

		@Override
		public String toString() {
			return this.written;
		}

	}

}
