package io.github.deepseekboot.operations;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests that no key gets out of an application that logs everything and whose actuator
 * shows every value, and that a provider's words forge no log line.
 */
class SecretsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	// as a property, as an environment variable of ours and as one of any name
	private static final String IN_PROPERTY = "canaryInAProperty93b1c7";

	private static final String IN_VARIABLE = "canary-in-a-variable-5f0a2e";

	private static final String ELSEWHERE = "canary-somewhere-else-d41d8c";

	private static final String IN_HEADER = "canary-in-a-header-77aa01";

	private static final List<String> CANARIES = List.of(IN_PROPERTY, IN_VARIABLE, ELSEWHERE, IN_HEADER);

	private static final Map<String, String> KEYS = Map.of("deepseek", IN_PROPERTY, "siliconflow", IN_VARIABLE,
			"alayanew", ELSEWHERE);

	private static final String PROMPT = "the-question-of-a-user";

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.options().dynamicPort())
		.build();

	@RegisterExtension
	static final WireMockExtension otherHost = WireMockExtension.newInstance()
		.options(WireMockConfiguration.options().dynamicPort())
		.build();

	@TempDir
	private static Path folder;

	private static Path log;

	private static RunningApplication application;

	private static final Properties systemProperties = new Properties();

	private static int requestsElsewhere;

	private static final Map<String, DeepSeekException> failures = new HashMap<>();

	private static final Map<String, String> endpoints = new HashMap<>();

	@BeforeAll
	static void useTheApplication() throws IOException {
		// logging settings become system properties, which would hold for later tests
		systemProperties.putAll(System.getProperties());
		log = folder.resolve("application.log");
		Map<String, Object> environment = new HashMap<>(System.getenv());
		environment.put("DEEPSEEK_PROVIDERS_SILICONFLOW_APIKEY", IN_VARIABLE);
		environment.put("MY_VAULT_ENTRY", ELSEWHERE);
		environment.put("MY_GATEWAY", IN_HEADER);
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.SERVLET)
			.initializers((context) -> context.getEnvironment()
				.getPropertySources()
				.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
						new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
								environment)));
		List<String> properties = new ArrayList<>(List.of("deepseek.provider=deepseek", "deepseek.retry.budget=0",
				"deepseek.fallback=", "deepseek.providers.deepseek.base-url=" + host.baseUrl() + "/deepseek",
				"deepseek.providers.deepseek.api-key=" + IN_PROPERTY,
				"deepseek.providers.siliconflow.base-url=" + host.baseUrl() + "/siliconflow",
				"deepseek.providers.alayanew.base-url=" + host.baseUrl() + "/alayanew",
				"deepseek.providers.alayanew.api-key=${MY_VAULT_ENTRY}",
				"deepseek.providers.alayanew.headers.X-Gateway-Token=${MY_GATEWAY}",
				"deepseek.providers.gone.base-url=http://localhost:" + unusedPort() + "/v1",
				"deepseek.providers.gone.api-key=" + IN_PROPERTY, "deepseek.health.ttl=1ms",
				"management.endpoint.env.show-values=always", "management.endpoint.configprops.show-values=always",
				"management.endpoint.health.show-details=always", "spring.http.codecs.log-request-details=true",
				"logging.config=classpath:logback-as-in-applications.xml", "logging.file.name=" + log,
				"logging.threshold.console=OFF", "logging.level.root=TRACE",
				// what they log is too much to read, and nothing of ours
				"logging.level.org.apache=INFO", "logging.level.org.springframework.beans=INFO",
				"logging.level.org.springframework.context=INFO", "logging.level.org.springframework.core=INFO",
				"logging.level.org.springframework.boot.autoconfigure=INFO", "logging.level.wiremock=INFO"));
		application = RunningApplication.start(builder, properties.toArray(String[]::new));
		host.stubFor(post(urlPathMatching("/(deepseek|siliconflow|alayanew)/chat/completions"))
			.willReturn(Answers.completion("m")));
		KEYS.forEach((provider, key) -> {
			application.template().withProvider(provider).complete(PROMPT);
			host.verify(postRequestedFor(urlPathMatching("/" + provider + "/.*")).withHeader("Authorization",
					equalTo("Bearer " + key)));
		});
		stub("stream", Answers.stream("m", "null", "null"));
		application.template().stream("stream").collectList().block(PATIENCE);
		fail("echo",
				Answers.json(401,
						"""
								{"error":{"message":"Your api key: %s is invalid\\r\\n2026-11-22 ERROR forged \\u001b[31mred","code":"%s"}}"""
							.formatted(IN_PROPERTY, IN_PROPERTY)));
		fail("long echo", Answers.json(400, "{\"message\":\"" + "x".repeat(490) + IN_PROPERTY + "\"}"));
		fail("page", Answers.text(502, "<html>\r\nforged line: " + IN_PROPERTY + "</html>"));
		fail("nonsense", Answers.text(200, "key=" + IN_PROPERTY).withHeader("Content-Type", "text/html"));
		fail("broken", Answers.json(200, "{\"choices\":[" + IN_PROPERTY));
		fail("redirect", aResponse().withStatus(307).withHeader("Location", otherHost.baseUrl() + "/v1"));
		fail("empty", aResponse().withStatus(200));
		fail("request id", Answers.text(500, "no").withHeader("x-ds-trace-id", "\u001b[31m" + "y".repeat(300)));
		KEYS.forEach((provider, key) -> host.stubFor(get(urlPathMatching("/" + provider + "/.*"))
			.willReturn(Answers.json(401, "{\"error\":{\"message\":\"%s\",\"code\":\"%s\"}}".formatted(key, key)))));
		failures.put("gone", catchThrowableOfType(DeepSeekException.class,
				() -> application.template().withProvider("gone").complete(PROMPT)));
		stub("cut", aResponse().withHeader("Content-Type", "text/event-stream").withBody("""
				data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"a"}}]}

				data: {"error":{"message":"%s","code":"500"}}

				""".formatted(IN_PROPERTY)));
		failures.put("cut", catchThrowableOfType(DeepSeekException.class,
				() -> application.template().stream("cut").map(ChatDelta::content).collectList().block(PATIENCE)));
		requestsElsewhere = otherHost.getAllServeEvents().size();
		JsonNode links = application.json("/actuator").at("/_links");
		for (String endpoint : links.propertyNames()) {
			if (!List.of("self", "heapdump", "logfile").contains(endpoint) && !endpoint.contains("-")) {
				HttpResponse<String> response = application.get("/actuator/" + endpoint);
				endpoints.put(endpoint, response.body());
			}
		}
	}

	@AfterAll
	static void close() {
		application.close();
		System.setProperties(systemProperties);
		LoggingSystem logging = LoggingSystem.get(SecretsTests.class.getClassLoader());
		logging.cleanUp();
		logging.beforeInitialize();
		logging.initialize(new LoggingInitializationContext(new StandardEnvironment()), null, null);
	}

	@Test
	void noEndpointShowsThem() {
		assertThat(endpoints).containsKeys("env", "configprops", "deepseek", "health", "beans", "conditions", "metrics",
				"loggers", "mappings", "threaddump", "prometheus");
		assertThat(endpoints.get("env")).contains("MY_VAULT_ENTRY").contains("deepseek.retry.budget");
		assertThat(endpoints.get("configprops")).contains("\"budget\"").contains("siliconflow");
		assertThat(endpoints.get("health")).contains("AUTHENTICATION");
		endpoints.forEach((endpoint,
				body) -> CANARIES.forEach((canary) -> assertThat(body.contains(canary))
					.as(canary + " in " + endpoint + around(body, canary))
					.isFalse()));
	}

	@Test
	void noLogShowsThem() throws IOException {
		String text = Files.readString(log);
		assertThat(text).contains("TRACE").contains("reactor.netty").contains("io.netty").contains("o.s.w.r.f.client");
		CANARIES.forEach((canary) -> assertThat(text.contains(canary)).as(canary + around(text, canary)).isFalse());
		assertThat(text.contains(PROMPT)).as("the prompt" + around(text, PROMPT)).isFalse();
	}

	@Test
	void noExceptionShowsThem() throws IOException {
		assertThat(failures).hasSize(10).doesNotContainValue(null);
		for (Map.Entry<String, DeepSeekException> failure : failures.entrySet()) {
			StringWriter trace = new StringWriter();
			failure.getValue().printStackTrace(new PrintWriter(trace));
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
				out.writeObject(failure.getValue());
			}
			String text = trace + bytes.toString(StandardCharsets.ISO_8859_1);
			// a part of it is no better
			CANARIES.forEach((canary) -> assertThat(text.contains(canary.substring(0, 12)))
				.as(failure.getKey() + around(text, canary.substring(0, 12)))
				.isFalse());
		}
	}

	@Test
	void aProvidersWordsForgeNoLine() throws IOException {
		assertThat(failures.get("echo").getMessage()).contains("\\r\\n2026-11-22 ERROR forged \\u001b[31mred");
		assertThat(failures.get("request id").getRequestId()).isNull();
		String text = Files.readString(log);
		assertThat(text).doesNotContain("\u001b");
		assertThat(text.lines()).noneMatch((line) -> line.startsWith("2026-11-22 ERROR forged"))
			.noneMatch((line) -> line.startsWith("forged line"));
	}

	@Test
	void aRedirectIsNotFollowed() {
		assertThat(failures.get("redirect").getKind()).hasToString("REDIRECTED");
		assertThat(requestsElsewhere).isZero();
	}

	private static String around(String text, String found) {
		int at = text.indexOf(found);
		return (at < 0) ? "" : ": " + text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 100));
	}

	private static void stub(String prompt, ResponseDefinitionBuilder answer) {
		host.stubFor(
				post(urlPathMatching("/deepseek/chat/completions")).withRequestBody(containing("\"" + prompt + "\""))
					.willReturn(answer));
	}

	private static void fail(String prompt, ResponseDefinitionBuilder answer) {
		stub(prompt, answer);
		failures.put(prompt, catchThrowableOfType(DeepSeekException.class,
				() -> application.template().withProvider("deepseek").complete(prompt)));
	}

	private static int unusedPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		// of no effect on our connections, or everything would be in the log
		@Bean
		WebClientCustomizer wiretap() {
			return (builder) -> builder
				.clientConnector(new ReactorClientHttpConnector(HttpClient.create().wiretap(true)));
		}

	}

}
