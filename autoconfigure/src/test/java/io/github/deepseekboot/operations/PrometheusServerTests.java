package io.github.deepseekboot.operations;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.independent.ExternalServer;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the dashboard's queries and of the alerts with a real Prometheus, which
 * scrapes an application while its providers answer, stumble and fail.
 */
class PrometheusServerTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	@TempDir
	static Path folder;

	private static List<ScriptedProvider> providers;

	private static RunningApplication application;

	private static HttpServer scrapes;

	private static ExternalServer prometheus;

	private static String address;

	@BeforeAll
	static void startServers() throws IOException {
		assumeThat(ExternalServer.program("prometheus")).as("prometheus on the PATH").isPresent();
		providers = List.of(ScriptedProvider.start("deepseek"), ScriptedProvider.start("siliconflow"),
				ScriptedProvider.start("alayanew"));
		List<String> properties = new ArrayList<>(
				List.of("deepseek.fallback=deepseek,siliconflow,alayanew", "deepseek.provider=deepseek",
						"deepseek.circuit.window=100", "deepseek.providers.deepseek.models.chat.id=deepseek-flash",
						"deepseek.providers.deepseek.models.chat.price.input=2",
						"deepseek.providers.deepseek.models.chat.price.output=8"));
		for (ScriptedProvider provider : providers) {
			properties.add("deepseek.providers." + provider.id() + ".base-url=" + provider.baseUrl());
			properties.add("deepseek.providers." + provider.id() + ".api-key=test-key");
		}
		application = RunningApplication.start(WebApplicationType.SERVLET, Application.class,
				properties.toArray(String[]::new));
		scrapes = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		// as text: older servers refuse an exemplar on a count
		scrapes.createContext("/metrics", (exchange) -> {
			byte[] text = application.get("/actuator/prometheus").body().getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
			exchange.sendResponseHeaders(200, text.length);
			exchange.getResponseBody().write(text);
			exchange.close();
		});
		scrapes.start();
		Files.copy(Path.of("..", "docs", "prometheus-alerts.yaml"), folder.resolve("alerts.yaml"));
		Files.writeString(folder.resolve("prometheus.yml"), """
				global: { scrape_interval: 250ms, evaluation_interval: 1s }
				rule_files: [ alerts.yaml ]
				scrape_configs:
				  - job_name: application
				    static_configs: [ targets: [ "127.0.0.1:%s" ] ]
				""".formatted(scrapes.getAddress().getPort()));
		int port = ExternalServer.freePort();
		address = "http://127.0.0.1:" + port;
		prometheus = ExternalServer.start(folder, port,
				List.of(ExternalServer.program("prometheus").orElseThrow(), "--config.file=prometheus.yml",
						"--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:" + port, "--log.level=warn"));
	}

	@AfterAll
	static void stopServers() {
		if (prometheus != null) {
			prometheus.close();
			scrapes.stop(0);
			application.close();
			providers.forEach(ScriptedProvider::close);
		}
	}

	@Test
	void everyQueryOfTheDashboardHasAnAnswer() throws IOException {
		JsonNode dashboard = RunningApplication.JSON
			.readTree(Files.readString(Path.of("..", "docs", "grafana-dashboard.json")));
		List<String> queries = dashboard.findValuesAsString("expr")
			.stream()
			.map((query) -> query.replace("$provider", ".*").replace("$__rate_interval", "20s"))
			.toList();
		assertThat(queries).hasSizeGreaterThan(12);
		await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
			use();
			assertThat(queries).allSatisfy(
					(query) -> assertThat(query(query)).as(() -> get("/api/v1/targets").toString()).isNotEmpty());
		});
		// a share is no share if it is more than all
		assertThat(query(queries.get(0)).get(0).path("value").path(1).asDouble()).isBetween(0.0, 1.0);
	}

	@Test
	void everyAlertIsEvaluatedAndOneFires() {
		await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).untilAsserted(() -> {
			use();
			JsonNode rules = get("/api/v1/rules").path("data").path("groups").path(0).path("rules");
			assertThat(rules.size()).isEqualTo(6);
			assertThat(rules)
				.allSatisfy((rule) -> assertThat(rule.path("health").asString()).as(rule.toString()).isEqualTo("ok"));
			assertThat(rules).anySatisfy((rule) -> {
				assertThat(rule.path("name").asString()).isEqualTo("DeepSeekAccountNeedsAttention");
				assertThat(rule.path("state").asString()).isEqualTo("firing");
			});
		});
	}

	// everything that can happen to a call
	private void use() {
		ChatCompletionTemplate chat = application.template();
		application.bean(RoutingClient.class).states().reset("deepseek");
		application.bean(RoutingClient.class).states().reset("alayanew");
		providers.get(0)
			.sequence(Script.answering("one"), Script.answering("two"), Script.failing(429), Script.failing(500));
		providers.get(1).script(Script.answering("elsewhere"));
		providers.get(2).script(Script.failing(402));
		chat.complete("one");
		chat.stream("two").blockLast(PATIENCE);
		chat.complete("refused");
		application.bean(RoutingClient.class).states().reset("deepseek");
		chat.stream("failed").blockLast(PATIENCE);
		try {
			chat.withProvider("alayanew").complete("empty account");
		}
		catch (RuntimeException ex) {
			// counted
		}
	}

	private static JsonNode query(String query) {
		return get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)).path("data")
			.path("result");
	}

	private static JsonNode get(String path) {
		try {
			return RunningApplication.JSON.readTree(HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(URI.create(address + path)).build(), HttpResponse.BodyHandlers.ofString())
				.body());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
