package io.github.deepseekboot.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.observation.ChatMeter;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderClient;

import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of what Prometheus scrapes from an application that called, streamed, failed
 * over, cancelled and met each error at each provider, and of the dashboard that shows
 * it.
 */
class PrometheusMetricsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Path DASHBOARD = Path.of("..", "docs", "grafana-dashboard.json");

	private static final Path ALERTS = Path.of("..", "docs", "prometheus-alerts.yaml");

	private static final Path GUIDE = Path.of("..", "docs", "operations.md");

	private static final List<Integer> STATUSES = List.of(400, 401, 402, 404, 422, 429, 500, 503);

	private static final Map<String, String> MODELS = Map.of("deepseek", "deepseek-flash", "siliconflow",
			"deepseek-ai/DeepSeek-V4-Flash", "alayanew", "deepseek-r1");

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.options().dynamicPort())
		.build();

	private static RunningApplication application;

	private static Scrape scrape;

	@BeforeAll
	static void useTheApplication() {
		application = RunningApplication.start(WebApplicationType.SERVLET, Application.class,
				RunningApplication.threeProviders(host.baseUrl(), "deepseek.retry.budget=0",
						"deepseek.providers.deepseek.models.chat.id=deepseek-flash",
						"deepseek.providers.deepseek.models.chat.price.input=2",
						"deepseek.providers.deepseek.models.chat.price.cached-input=1",
						"deepseek.providers.deepseek.models.chat.price.output=8"));
		ChatCompletionTemplate template = application.template();

		stub("deepseek", "blocking", Answers.completion("deepseek-flash"));
		for (int i = 0; i < 3; i++) {
			template.complete("blocking");
		}
		stub("deepseek", "usage once", Answers.stream("deepseek-flash", "null", Answers.USAGE));
		stub("deepseek", "usage always", Answers.stream("deepseek-flash", Answers.USAGE, Answers.USAGE));
		template.stream("usage once").collectList().block(PATIENCE);
		template.stream("usage always").collectList().block(PATIENCE);
		stub("deepseek", "slowly",
				Answers.stream("deepseek-flash", "null", Answers.USAGE).withChunkedDribbleDelay(4, 4000));
		template.stream("slowly").next().block(PATIENCE);

		stub("deepseek", "extra send", Answers.text(502, "bad gateway"));
		stub("siliconflow", "extra send", Answers.completion("deepseek-ai/DeepSeek-V4-Flash", "null"));
		template.complete("extra send");
		stub("deepseek", "failover", Answers.json(503, openAi("busy")));
		stub("siliconflow", "failover", Answers.completion("deepseek-ai/DeepSeek-V4-Flash"));
		assertThat(template.complete("failover").provider()).isEqualTo("siliconflow");

		for (String provider : MODELS.keySet()) {
			for (int status : STATUSES) {
				stub(provider, "status " + status, error(provider, status));
				assertThatExceptionOfType(DeepSeekException.class)
					.isThrownBy(() -> template.withProvider(provider).complete("status " + status));
			}
		}
		scrape = Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> Scrape.parse(application.get("/actuator/prometheus").body()),
					(scraped) -> scraped.named("deepseek_client_streams_active")
						.values()
						.stream()
						.allMatch((active) -> active == 0));
	}

	@AfterAll
	static void close() {
		application.close();
	}

	@Test
	void everyCounterHasItsValue() {
		Map<String, Double> expected = new TreeMap<>();
		attempts(expected, "deepseek", "success", "none", 5);
		attempts(expected, "deepseek", "cancel", "cancelled", 1);
		attempts(expected, "siliconflow", "success", "none", 2);
		for (String provider : MODELS.keySet()) {
			boolean alayanew = provider.equals("alayanew");
			boolean deepseek = provider.equals("deepseek");
			attempts(expected, provider, "error", "invalid_request", 2);
			attempts(expected, provider, "error", "authentication", 1);
			attempts(expected, provider, "error", "out_of_credit", 1);
			attempts(expected, provider, "error", "model_not_found", 1);
			attempts(expected, provider, "error", "rate_limited", alayanew ? 2 : 1);
			attempts(expected, provider, "error", "server_error", deepseek ? 2 : 1);
			if (!alayanew) {
				attempts(expected, provider, "error", "overloaded", deepseek ? 2 : 1);
			}
		}
		errors(expected, "deepseek", 400, "invalid_request_error", "invalid_request", 1);
		errors(expected, "deepseek", 401, "invalid_request_error", "authentication", 1);
		errors(expected, "deepseek", 402, "invalid_request_error", "out_of_credit", 1);
		errors(expected, "deepseek", 404, "none", "model_not_found", 1);
		errors(expected, "deepseek", 422, "none", "invalid_request", 1);
		errors(expected, "deepseek", 429, "invalid_request_error", "rate_limited", 1);
		errors(expected, "deepseek", 500, "invalid_request_error", "server_error", 1);
		errors(expected, "deepseek", 502, "none", "server_error", 1);
		errors(expected, "deepseek", 503, "invalid_request_error", "overloaded", 2);
		errors(expected, "siliconflow", 400, "20015", "invalid_request", 1);
		errors(expected, "siliconflow", 401, "none", "authentication", 1);
		errors(expected, "siliconflow", 402, "30001", "out_of_credit", 1);
		errors(expected, "siliconflow", 404, "none", "model_not_found", 1);
		errors(expected, "siliconflow", 422, "20015", "invalid_request", 1);
		errors(expected, "siliconflow", 429, "none", "rate_limited", 1);
		errors(expected, "siliconflow", 500, "50500", "server_error", 1);
		errors(expected, "siliconflow", 503, "50505", "overloaded", 1);
		errors(expected, "alayanew", 400, "400", "invalid_request", 1);
		errors(expected, "alayanew", 401, "none", "authentication", 1);
		errors(expected, "alayanew", 402, "none", "out_of_credit", 1);
		errors(expected, "alayanew", 404, "404", "model_not_found", 1);
		errors(expected, "alayanew", 422, "none", "invalid_request", 1);
		errors(expected, "alayanew", 429, "none", "rate_limited", 1);
		errors(expected, "alayanew", 500, "none", "server_error", 1);
		errors(expected, "alayanew", 503, "none", "rate_limited", 1);
		expected.put("deepseek_client_failovers_total{from=deepseek, reason=overloaded, to=siliconflow}", 1.0);
		expected.put("deepseek_client_failovers_total{from=deepseek, reason=server_error, to=siliconflow}", 1.0);
		expected.put("deepseek_client_extra_sends_total{provider=deepseek, reason=server_error}", 1.0);
		for (ProviderClient client : application.bean(RoutingClient.class).clients()) {
			expected.put("deepseek_client_reconnects_total{provider=" + client.provider().id() + "}",
					(double) client.reconnects());
			expected.put("deepseek_client_streams_unmarked_total{provider=" + client.provider().id() + "}", 0.0);
		}
		details(expected, "deepseek", 5);
		details(expected, "siliconflow", 1);
		expected.put("deepseek_client_cost_total{currency=CNY, model=deepseek-flash, provider=deepseek}",
				5 * (6 * 2 + 4 * 1 + 5 * 8) / 1e6);
		Map<String, Double> counters = scrape
			.where((name) -> name.startsWith("deepseek_client_") && name.endsWith("_total"));
		assertThat(counters.keySet()).isEqualTo(expected.keySet());
		counters.forEach((counter, value) -> assertThat(value).as(counter)
			.isCloseTo(expected.get(counter), Offset.offset(1e-9)));
	}

	@Test
	void callsAreTimed() {
		Map<String, Double> expected = new TreeMap<>();
		durations(expected, "deepseek", "deepseek-flash", "success", "none", false, 3);
		durations(expected, "deepseek", "deepseek-flash", "success", "none", true, 2);
		durations(expected, "deepseek", "none", "cancel", "cancelled", true, 1);
		durations(expected, "siliconflow", "deepseek-ai/DeepSeek-V4-Flash", "success", "none", false, 2);
		for (String provider : MODELS.keySet()) {
			boolean alayanew = provider.equals("alayanew");
			durations(expected, provider, "none", "error", "invalid_request", false, 2);
			durations(expected, provider, "none", "error", "authentication", false, 1);
			durations(expected, provider, "none", "error", "out_of_credit", false, 1);
			durations(expected, provider, "none", "error", "model_not_found", false, 1);
			durations(expected, provider, "none", "error", "rate_limited", false, alayanew ? 2 : 1);
			durations(expected, provider, "none", "error", "server_error", false, 1);
			if (!alayanew) {
				durations(expected, provider, "none", "error", "overloaded", false, 1);
			}
		}
		assertThat(scrape.named("deepseek_client_operation_duration_seconds_count")).isEqualTo(expected);
		assertThat(scrape.named("deepseek_client_operation_duration_seconds_bucket").keySet())
			.anyMatch((bucket) -> bucket.contains("le=0.01,"))
			.anyMatch((bucket) -> bucket.contains("le=81.92,"));
		assertThat(scrape.named("deepseek_client_time_to_first_token_seconds_count")).isEqualTo(Map
			.of("deepseek_client_time_to_first_token_seconds_count{model=deepseek-flash, provider=deepseek}", 3.0));
	}

	@Test
	void tokensAddUp() {
		String deepseek = "{model=deepseek-flash, provider=deepseek, type=";
		String siliconflow = "{model=deepseek-ai/DeepSeek-V4-Flash, provider=siliconflow, type=";
		String sum = "deepseek_client_token_usage_sum";
		assertThat(scrape.named(sum)).isEqualTo(Map.of(sum + deepseek + "input}", 50.0, sum + deepseek + "output}",
				25.0, sum + siliconflow + "input}", 10.0, sum + siliconflow + "output}", 5.0));
		assertThat(scrape.named("deepseek_client_token_usage_bucket").keySet())
			.anyMatch((bucket) -> bucket.contains("le=4.0,"))
			.anyMatch((bucket) -> bucket.contains("le=6.7108864E7,"));
	}

	@Test
	void gaugesShowStreamsAndProviders() {
		assertThat(scrape.named("deepseek_client_streams_active"))
			.isEqualTo(Map.of("deepseek_client_streams_active{provider=deepseek}", 0.0,
					"deepseek_client_streams_active{provider=siliconflow}", 0.0,
					"deepseek_client_streams_active{provider=alayanew}", 0.0));
		// each reported that its account is empty
		assertThat(scrape.named("deepseek_provider_state")).isEqualTo(Map.of(
				"deepseek_provider_state{provider=deepseek}", 0.0, "deepseek_provider_state{provider=siliconflow}", 0.0,
				"deepseek_provider_state{provider=alayanew}", 0.0));
	}

	@Test
	void nothingElseIsMadeOfOurObservations() {
		Set<String> expected = new TreeSet<>();
		for (ChatMeter meter : ChatMeter.values()) {
			expected.add(meter.meterName());
		}
		Set<String> names = new TreeSet<>();
		application.bean(MeterRegistry.class)
			.getMeters()
			.stream()
			.map((meter) -> meter.getId().getName())
			.filter((name) -> name.startsWith("deepseek."))
			.forEach(names::add);
		assertThat(names).isEqualTo(expected);
		for (ChatMeter meter : ChatMeter.values()) {
			assertThat(application.bean(MeterRegistry.class).find(meter.meterName()).meters()).isNotEmpty()
				.allSatisfy((registered) -> assertThat(registered.getId().getTags().stream().map((tag) -> tag.getKey()))
					.containsExactlyInAnyOrderElementsOf(meter.tags()));
		}
	}

	@Test
	void aCounterOfSpringAiKeepsItsName() {
		assertThat(scrape.samples()).containsEntry("gen_ai_client_token_usage_total{gen_ai_token_type=total}", 7.0);
	}

	@Test
	void theGuideListsEachAlert() throws IOException {
		Matcher names = Pattern.compile("- alert: (\\w+)").matcher(Files.readString(ALERTS));
		List<String> alerts = names.results().map((name) -> name.group(1)).toList();
		assertThat(alerts).isNotEmpty();
		assertThat(Pattern.compile("^\\| `(DeepSeek\\w+)`", Pattern.MULTILINE)
			.matcher(Files.readString(GUIDE))
			.results()
			.map((name) -> name.group(1))).containsExactlyElementsOf(alerts);
	}

	@Test
	void theDashboardAndTheAlertsShowWhatIsScraped() throws IOException {
		JsonNode dashboard = RunningApplication.JSON.readTree(Files.readString(DASHBOARD));
		List<String> expressions = new ArrayList<>(dashboard.findValuesAsString("expr"));
		assertThat(expressions).hasSizeGreaterThanOrEqualTo(15);
		Matcher alerts = Pattern.compile("`([^`]*deepseek_[^`]*\\[[^`]*)`").matcher(Files.readString(GUIDE));
		while (alerts.find()) {
			expressions.add(alerts.group(1));
		}
		Set<String> shown = new TreeSet<>();
		Pattern selector = Pattern.compile("(deepseek_\\w+)(?:\\{([^}]*)})?");
		for (String expression : expressions) {
			Matcher matcher = selector.matcher(expression);
			assertThat(matcher.find()).as(expression).isTrue();
			Set<String> labels = new TreeSet<>();
			do {
				Set<String> samples = scrape.named(matcher.group(1)).keySet();
				assertThat(samples).as(matcher.group(1) + " of " + expression).isNotEmpty();
				shown.add(matcher.group(1));
				samples.forEach((sample) -> sample.replaceAll("^\\w+\\{|}$", "").lines().forEach((all) -> {
					for (String label : all.split(", ", -1)) {
						labels.add(label.substring(0, Math.max(0, label.indexOf('='))));
					}
				}));
				if (matcher.group(2) != null && !matcher.group(2).isBlank()) {
					for (String label : matcher.group(2).split(",", -1)) {
						assertThat(labels).as(expression).contains(label.strip().replaceAll("\\W.*", ""));
					}
				}
			}
			while (matcher.find());
			Matcher grouping = Pattern.compile("by ?\\(([^)]*)\\)").matcher(expression);
			while (grouping.find()) {
				for (String label : grouping.group(1).split(",", -1)) {
					assertThat(labels).as(expression).contains(label.strip());
				}
			}
		}
		for (ChatMeter meter : List.of(ChatMeter.OPERATION_DURATION, ChatMeter.ERRORS, ChatMeter.TOKEN_USAGE,
				ChatMeter.TOKENS_DETAIL, ChatMeter.TIME_TO_FIRST_TOKEN, ChatMeter.FAILOVERS, ChatMeter.COST,
				ChatMeter.PROVIDER_STATE)) {
			assertThat(shown).anyMatch((name) -> name.startsWith(meter.meterName().replace('.', '_')));
		}
	}

	private static void stub(String provider, String prompt, ResponseDefinitionBuilder answer) {
		host.stubFor(post(urlPathEqualTo("/" + provider + "/chat/completions"))
			.withRequestBody(containing("\"" + prompt + "\""))
			.willReturn(answer));
	}

	private static String openAi(String message) {
		return "{\"error\":{\"message\":\"" + message
				+ "\",\"type\":\"unknown_error\",\"param\":null,\"code\":\"invalid_request_error\"}}";
	}

	private static ResponseDefinitionBuilder error(String provider, int status) {
		return switch (provider) {
			case "deepseek" -> switch (status) {
				case 402 -> Answers.json(402, openAi("Insufficient Balance"));
				case 404 -> Answers.text(404, "");
				case 422 -> Answers.text(422, "Failed to deserialize the JSON body into the target type");
				default -> Answers.json(status, openAi("no"));
			};
			case "siliconflow" -> switch (status) {
				case 401 -> Answers.json(401, "\"Invalid token\"");
				case 402 -> siliconFlow(402, 30001);
				case 404 -> Answers.text(404, "404 page not found");
				case 429 -> Answers.json(429, "{\"message\":\"TPM limit reached.\",\"data\":null}");
				case 500 -> siliconFlow(500, 50500);
				case 503 -> siliconFlow(503, 50505);
				default -> siliconFlow(status, 20015);
			};
			default -> switch (status) {
				case 400, 404 -> Answers.json(status,
						"{\"object\":\"error\",\"message\":\"no\",\"type\":\"Error\",\"param\":null,\"code\":%d}"
							.formatted(status));
				case 401 -> Answers.json(401, "{\"error\":\"Unauthorized\"}");
				case 422 -> Answers.json(422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}");
				default -> Answers.text(status, "no");
			};
		};
	}

	private static ResponseDefinitionBuilder siliconFlow(int status, int code) {
		return Answers.json(status, "{\"code\":" + code + ",\"message\":\"no\",\"data\":null}");
	}

	private static void attempts(Map<String, Double> expected, String provider, String outcome, String error,
			double count) {
		expected.put("deepseek_client_attempts_total{error_type=%s, outcome=%s, provider=%s}".formatted(error, outcome,
				provider), count);
	}

	private static void errors(Map<String, Double> expected, String provider, int status, String code, String error,
			double count) {
		expected.put("deepseek_client_errors_total{code=%s, error_type=%s, model=%s, provider=%s, status=%d}"
			.formatted(code, error, MODELS.get(provider), provider, status), count);
	}

	private static void details(Map<String, Double> expected, String provider, int calls) {
		Map.of("cache_hit", 4, "cache_miss", 6, "reasoning", 2)
			.forEach((kind, count) -> expected.put("deepseek_client_tokens_detail_total{kind=%s, model=%s, provider=%s}"
				.formatted(kind, MODELS.get(provider), provider), (double) count * calls));
	}

	private static void durations(Map<String, Double> expected, String provider, String responseModel, String outcome,
			String error, boolean stream, double count) {
		expected.put(
				("deepseek_client_operation_duration_seconds_count{error_type=%s, model=%s, operation=chat, outcome=%s,"
						+ " provider=%s, response_model=%s, stream=%s}")
					.formatted(error, MODELS.get(provider), outcome, provider, responseModel, stream),
				count);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Counter likeSpringAi(MeterRegistry registry) {
			Counter counter = Counter.builder("gen_ai.client.token.usage")
				.tag("gen_ai.token.type", "total")
				.register(registry);
			counter.increment(7);
			return counter;
		}

	}

}
