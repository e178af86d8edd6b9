package io.github.deepseekboot.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what is wrong in a configuration stops the start, and that the message names
 * the property, the reason and the cure.
 */
class InvalidDeepSeekConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class));

	@Test
	void noProvider() {
		InvalidDeepSeekConfigurationException failure = failure(this.runner);
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers");
		assertThat(failure.getReason()).isEqualTo("no provider is configured");
		assertThat(failure.getAction()).contains("deepseek.providers.deepseek.api-key", "DEEPSEEK_API_KEY",
				"deepseek.enabled=false");
		assertThat(failure).hasMessage("deepseek.providers: no provider is configured. " + failure.getAction());
	}

	@Test
	void unknownDefault() {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek", "siliconflow").withPropertyValues("deepseek.provider=openai"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.provider");
		assertThat(failure.getReason()).isEqualTo("there is no provider 'openai'");
		assertThat(failure.getAction()).contains("deepseek", "siliconflow", "deepseek.providers.openai");
	}

	@ParameterizedTest
	@ValueSource(strings = { "deepseek.provider=deepseek", "unrelated=1" })
	void unknownFallback(String property) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues(property, "deepseek.fallback=siliconflow,deepseek"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.fallback");
		assertThat(failure.getReason()).isEqualTo("there is no provider 'siliconflow'");
		assertThat(failure.getAction()).contains("[deepseek]", "deepseek.providers.siliconflow");
	}

	@Test
	void severalProvidersWithoutADefault() {
		InvalidDeepSeekConfigurationException failure = failure(withKeys("deepseek", "siliconflow"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.provider");
		assertThat(failure.getReason()).isEqualTo("it is not set, and there are several providers");
		assertThat(failure.getAction()).isEqualTo("Set it to one of [deepseek, siliconflow].");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "   ", "${A_KEY_THAT_NOBODY_SET:}" })
	void defaultWithoutAKey(String key) {
		InvalidDeepSeekConfigurationException failure = failure(withKeys("siliconflow")
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.providers.deepseek.api-key=" + key));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.api-key");
		assertThat(failure.getReason()).isEqualTo("the default provider 'deepseek' has no key");
		assertThat(failure.getAction()).contains("${DEEPSEEK_API_KEY}", "deepseek.provider");
	}

	@Test
	void defaultWhoseKeyIsAPlaceholderOfNothing() {
		InvalidDeepSeekConfigurationException failure = failure(withKeys("siliconflow").withPropertyValues(
				"deepseek.provider=deepseek", "deepseek.providers.deepseek.api-key=${A_KEY_THAT_NOBODY_SET}"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.api-key");
		assertThat(failure.getReason())
			.isEqualTo("its placeholder could not be resolved: the variable or property in it is not set");
		assertThat(failure.getAction()).contains("${DEEPSEEK_API_KEY}", "deepseek.provider");
	}

	@Test
	void onlyProviderWithoutAKey() {
		InvalidDeepSeekConfigurationException failure = failure(
				this.runner.withPropertyValues("deepseek.providers.siliconflow.models.chat=some-model"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.siliconflow.api-key");
		assertThat(failure.getAction()).contains("${SILICONFLOW_API_KEY}");
	}

	@ParameterizedTest
	@MethodSource
	void malformedKey(String key, String reason) {
		InvalidDeepSeekConfigurationException failure = failure(property("deepseek.providers.deepseek.api-key", key));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.api-key");
		assertThat(failure.getReason()).contains(reason);
		assertThat(failure.getAction()).startsWith("Copy the key again");
	}

	static Stream<Arguments> malformedKey() {
		return Stream.of(Arguments.of("sesame\n", "character 7 of 7 is a line end"),
				Arguments.of("sesame\r\nX-Evil: 1", "a line end"), Arguments.of("ses ame", "a blank"),
				Arguments.of(" sesame", "a blank"), Arguments.of("sesame\t", "a tab"),
				Arguments.of("sesam\u00e9", "outside of ASCII"), Arguments.of("\u201csesame\u201d", "outside of ASCII"),
				Arguments.of("sesame\u0000", "a control character"));
	}

	@Test
	void malformedKeyOfConnectionDetails() {
		InvalidDeepSeekConfigurationException failure = failure(this.runner.withBean(DeepSeekConnectionDetails.class,
				() -> () -> Map.of("deepseek", new Connection(null, "sesame\n"))));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.api-key");
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', textBlock = """
			https://sesame@api.example.com/v1;  it must not contain user-info
			https://u:sesame@api.example.com;   it must not contain user-info
			file:///etc/passwd;                 it must begin with http:// or https://
			ftp://api.example.com;              it must begin with http:// or https://
			api.example.com/v1;                 it must begin with http:// or https://
			localhost:8080;                     it must begin with http:// or https://
			https:///v1;                        it has no host
			https:v1;                           it has no host
			http://my_host:8000/v1;             it has no host
			https://api.example.com/v1?key=sesame; it must not have a query
			https://api.example.com/v1#sesame;  it must not have a query
			https://api.example.com:65536/v1;   its port is above 65535
			https://api example.com;            it is not a URL
			https://api.example.com/{id};       it is not a URL
			${A_URL_THAT_NOBODY_SET};           a placeholder in it could not be resolved
			""")
	void badUrl(String url, String reason) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.base-url=" + url));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.base-url");
		assertThat(failure.getReason()).startsWith(reason);
		assertThat(failure.getAction()).contains("https://api.example.com/v1", "letters, digits, dashes and dots");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://elsewhere.example.com/chat", "//elsewhere.example.com/chat", "/chat completions",
			"/chat#here", "mailto:sesame" })
	void badCompletionsPath(String path) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.completions-path=" + path));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.completions-path");
		assertThat(failure.getReason()).isEqualTo("it is not a path");
		assertThat(failure.getAction()).contains("/chat/completions");
	}

	@Test
	void unknownPreset() {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("lab").withPropertyValues("deepseek.providers.lab.preset=siliconFlow"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.lab.preset");
		assertThat(failure.getReason()).isEqualTo("there is no preset 'siliconFlow'");
		assertThat(failure.getAction()).contains("deepseek", "siliconflow", "alayanew", "openai", "base-url");
	}

	@Test
	void noBaseUrlWhereThePresetHasNone() {
		InvalidDeepSeekConfigurationException failure = failure(withKeys("lab"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.lab.base-url");
		assertThat(failure.getReason()).isEqualTo("it is not set, and the preset 'openai' has none");
		assertThat(failure.getAction()).contains("https://llm.example.com/v1");
	}

	@ParameterizedTest
	@CsvSource({ "my-lab, mylab", "MyLab, mylab", "my_lab, mylab", "[my.lab], mylab" })
	void badId(String id, String proposal) {
		InvalidDeepSeekConfigurationException failure = failure(
				this.runner.withPropertyValues("deepseek.providers." + id + ".base-url=http://localhost:1"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers." + id.replace("[", "").replace("]", ""));
		assertThat(failure.getReason()).contains("lower-case letters and digits only");
		assertThat(failure.getAction()).isEqualTo("Call it '" + proposal + "'.");
	}

	@ParameterizedTest
	@CsvSource({ "mine.thinking=true, mine", "chat=, chat" })
	void modelWithoutAnId(String property, String name) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.models." + property));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.models." + name + ".id");
		assertThat(failure.getReason()).isEqualTo("it is not set");
		assertThat(failure.getAction()).isEqualTo("Set it to the provider's own id of the model.");
	}

	@Test
	void modelWithAnEmptyId() {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.models.mine="));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.models.mine.id");
	}

	@ParameterizedTest
	@ValueSource(strings = { "proxy.example.com:3128", "proxy.example.com", "https://proxy.example.com:3128",
			"socks4://proxy.example.com:1080", "http://user:sesame@proxy.example.com", "http://:3128",
			"http://user:ses ame@proxy.example.com:1", "http://proxy.example.com:0", "http://proxy.example.com:65536" })
	void badProxy(String proxy) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.proxy=" + proxy));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.proxy");
		assertThat(failure.getReason()).isEqualTo("it is not the address of a proxy");
		assertThat(failure.getAction()).contains("http://", "socks5://");
	}

	@ParameterizedTest
	@CsvSource({ "X Title, a title, such a name", "X/Title, a title, such a name", "X-Title, ses\u00e4me, ASCII",
			"X-Title, 'sesame\nX-Evil: 1', line ends" })
	void badHeader(String name, String value, String reason) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withInitializer((context) -> context.getEnvironment()
					.getPropertySources()
					.addFirst(new MapPropertySource("header",
							Map.of("deepseek.providers.deepseek.headers[" + name + "]", value)))));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.headers." + name);
		assertThat(failure.getReason()).contains(reason);
	}

	@ParameterizedTest
	@ValueSource(strings = { "connect", "tls", "acquire", "idle-bytes", "first-token", "idle-tokens", "total" })
	void badTimeout(String timeout) {
		for (String value : List.of("0", "0s", "-1s", "100us", "25d")) {
			InvalidDeepSeekConfigurationException failure = failure(
					withKeys("deepseek").withPropertyValues("deepseek.timeout." + timeout + "=" + value));
			assertThat(failure.getProperty()).isEqualTo("deepseek.timeout." + timeout);
			if (timeout.equals("total") && !value.equals("25d") && !value.startsWith("-")) {
				assertThat(failure.getReason()).startsWith("no answer is complete within ");
				continue;
			}
			assertThat(failure.getReason()).startsWith("a timeout cannot be ");
			assertThat(failure.getAction()).contains("1ms", "24d");
		}
		InvalidDeepSeekConfigurationException failure = failure(withKeys("deepseek").withPropertyValues(
				"deepseek.timeout." + timeout + "=1s", "deepseek.providers.deepseek.timeout." + timeout + "=0s"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.timeout." + timeout);
	}

	@ParameterizedTest
	@ValueSource(strings = { "deepseek.retry", "deepseek.providers.deepseek.retry" })
	void badRefusalMemory(String prefix) {
		for (String value : List.of("-1s", "25d")) {
			InvalidDeepSeekConfigurationException failure = failure(
					withKeys("deepseek").withPropertyValues(prefix + ".refusal-memory=" + value));
			assertThat(failure.getProperty()).isEqualTo(prefix + ".refusal-memory");
			assertThat(failure.getReason()).startsWith("the time cannot be ");
			assertThat(failure.getAction()).contains("5m", "0s");
		}
	}

	@ParameterizedTest
	@CsvSource({ "temperature, -1", "temperature, NaN", "top-p, 1.1", "max-tokens, 0", "presence-penalty, Infinity",
			"frequency-penalty, NaN" })
	void badDefaultOfRequests(String name, String value) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.chat." + name + "=" + value));
		assertThat(failure.getProperty()).isEqualTo("deepseek.chat." + name);
		assertThat(failure.getReason()).endsWith("is out of range");
		assertThat(failure.getAction()).containsAnyOf("must", "Write a number from");
	}

	@ParameterizedTest
	@ValueSource(strings = { "input", "cached-input", "output" })
	void negativePrice(String name) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.models.chat.id=deepseek-chat",
						"deepseek.providers.deepseek.models.chat.price." + name + "=-0.5"));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.models.chat.price." + name);
		assertThat(failure.getReason()).isEqualTo("-0.5 is out of range");
	}

	@Test
	void priceWithoutACurrency() {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("deepseek.providers.deepseek.models.chat.id=deepseek-chat",
						"deepseek.providers.deepseek.models.chat.price.currency="));
		assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.models.chat.price.currency");
	}

	@ParameterizedTest
	@CsvSource({ "deepseek.shutdown.drain, -1s", "deepseek.shutdown.drain, 25d", "deepseek.health.ttl, -1s",
			"deepseek.health.ttl, 110000d", "deepseek.health.timeout, 0s", "deepseek.health.timeout, -1s",
			"deepseek.observations.max-content-length, 0", "deepseek.observations.max-content-length, -1",
			"deepseek.conversation.time-to-live, 1us", "deepseek.conversation.time-to-live, 300000000000d",
			"deepseek.limit.tokens-per-minute, 0", "deepseek.limit.tokens-per-minute, 60000000001",
			"deepseek.conversation.turn-lease, 1ns", "deepseek.conversation.max-wait, 110000d" })
	void outOfRange(String property, String value) {
		InvalidDeepSeekConfigurationException failure = failure(withKeys("deepseek")
			.withConfiguration(AutoConfigurations.of(DeepSeekHealthAutoConfiguration.class,
					ObservationAutoConfiguration.class, DeepSeekObservationAutoConfiguration.class))
			.withPropertyValues(property + "=" + value));
		assertThat(failure.getProperty()).isEqualTo(property);
		assertThat(failure.getReason()).endsWith("is out of range");
		assertThat(failure.getAction()).startsWith("Write a ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "${A_TIME}", "${NO_TIME:60}", "6${ZERO}" })
	void timeWithoutAUnitBehindAPlaceholder(String value) {
		InvalidDeepSeekConfigurationException failure = failure(
				withKeys("deepseek").withPropertyValues("A_TIME=60", "ZERO=0", "deepseek.timeout.idle-bytes=" + value));
		assertThat(failure.getProperty()).isEqualTo("deepseek.timeout.idle-bytes");
		assertThat(failure.getReason()).contains("60 has no unit");
	}

	@Test
	void unknownSslBundle() {
		String[] properties = { "deepseek.providers.deepseek.ssl.bundle=nowhere" };
		for (ApplicationContextRunner candidate : List.of(this.runner,
				this.runner.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class)))) {
			InvalidDeepSeekConfigurationException failure = failure(
					candidate.withPropertyValues("deepseek.providers.deepseek.api-key=test-key")
						.withPropertyValues(properties));
			assertThat(failure.getProperty()).isEqualTo("deepseek.providers.deepseek.ssl.bundle");
			assertThat(failure.getReason()).isEqualTo("there is no SSL bundle 'nowhere'");
			assertThat(failure.getAction()).contains("spring.ssl.bundle");
		}
	}

	private ApplicationContextRunner withKeys(String... ids) {
		List<String> properties = new ArrayList<>();
		for (String id : ids) {
			properties.add("deepseek.providers." + id + ".api-key=test-key");
		}
		return this.runner.withPropertyValues(properties.toArray(String[]::new));
	}

	// property values of the runner are trimmed
	private ApplicationContextRunner property(String name, String value) {
		return this.runner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("property", Map.of(name, value))));
	}

	private static InvalidDeepSeekConfigurationException failure(ApplicationContextRunner runner) {
		List<InvalidDeepSeekConfigurationException> failures = new ArrayList<>();
		runner.run((context) -> {
			assertThat(context).hasFailed();
			Throwable failure = context.getStartupFailure();
			while (failure != null) {
				assertThat(String.valueOf(failure.getMessage())).doesNotContain("sesame", "test-key");
				if (failure instanceof InvalidDeepSeekConfigurationException found) {
					failures.add(found);
				}
				failure = failure.getCause();
			}
		});
		assertThat(failures).hasSize(1);
		return failures.get(0);
	}

}
