package io.github.deepseekboot.recordings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.core.env.MapPropertySource;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekMetricsAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * Replays what hosts were reported to do, over HTTP and in an application of its own for
 * each report.
 */
@NullUnmarked
class FieldReportsTests {

	/**
	 * Reports that are not read right yet.
	 */
	private static final Set<String> open = open();

	@TestFactory
	Stream<DynamicTest> fieldReports() {
		if (FieldReport.directory() == null) {
			// a factory that is aborted is not reported as skipped, a test is
			return Stream.of(DynamicTest.dynamicTest("field reports", () -> abort(FieldReport.hint())));
		}
		List<FieldReport> reports = FieldReport.all();
		assertThat(reports).isNotEmpty();
		Map<String, List<String>> wrong = new TreeMap<>();
		Map<String, Integer> right = new TreeMap<>();
		Stream<DynamicTest> tests = reports.stream()
			.map((report) -> DynamicTest.dynamicTest(report.kind() + ": " + report.id(),
					() -> verify(report, right, wrong)));
		return Stream.concat(tests, Stream.of(DynamicTest.dynamicTest("summary", () -> summary(right, wrong))));
	}

	private static void verify(FieldReport report, Map<String, Integer> right, Map<String, List<String>> wrong)
			throws Throwable {
		Throwable failure = null;
		try {
			replay(report);
			right.merge(report.kind(), 1, Integer::sum);
		}
		catch (AssertionError | RuntimeException ex) {
			failure = ex;
			wrong.computeIfAbsent(report.kind(), (kind) -> new ArrayList<>()).add(report.id());
		}
		if (!open.contains(report.id())) {
			if (failure != null) {
				throw failure;
			}
		}
		else if (failure == null) {
			fail("'" + report.id() + "' is right now: remove it from open-field-reports.txt");
		}
		else if (Boolean.getBoolean("reports.all")) {
			throw failure;
		}
	}

	private static void summary(Map<String, Integer> right, Map<String, List<String>> wrong) {
		StringBuilder table = new StringBuilder("field reports by kind: right / wrong\n");
		Set<String> kinds = new TreeSet<>(right.keySet());
		kinds.addAll(wrong.keySet());
		kinds.forEach((kind) -> table.append(String.format("%-22s %3d / %2d %s%n", kind, right.getOrDefault(kind, 0),
				wrong.getOrDefault(kind, List.of()).size(), wrong.getOrDefault(kind, List.of()))));
		table.append("right: ").append(right.values().stream().mapToInt(Integer::intValue).sum());
		System.out.println(table);
	}

	static void replay(FieldReport report) {
		try (ReportedHost p = new ReportedHost("p", report.replies("p"));
				ReportedHost q = new ReportedHost("q", report.replies("q"))) {
			Map<String, ReportedHost> hosts = Map.of("p", p, "q", q);
			runner(report, hosts).run((context) -> {
				if (report.expect().path("outcome").asString("").equals("no start")) {
					noStart(context, report.expect());
					return;
				}
				assertThat(context).hasNotFailed();
				new ReportedCall(context, hosts, report.request(), report.expect()).verify();
				JsonNode then = report.then();
				if (then != null) {
					new ReportedCall(context, hosts, then.path("request"), then.path("expect")).verify();
				}
			});
		}
	}

	private static void noStart(AssertableApplicationContext context, JsonNode expect) {
		assertThat(context).hasFailed();
		String messages = ReportedCall.messages(context.getStartupFailure());
		assertThat(messages).contains(ReportedCall.texts(expect.path("messageContains")));
		ReportedCall.texts(expect.path("messageLacks")).forEach((text) -> assertThat(messages).doesNotContain(text));
	}

	private static ApplicationContextRunner runner(FieldReport report, Map<String, ReportedHost> hosts) {
		Map<String, Object> properties = new TreeMap<>();
		properties.put("deepseek.provider", "p");
		properties.put("deepseek.timeout.total", "20s");
		properties.put("deepseek.providers.p.preset", report.preset());
		properties.put("deepseek.providers.p.base-url", "{p}");
		properties.put("deepseek.providers.p.api-key", "test-key-of-p");
		properties.put("deepseek.providers.p.models.chat.id", "m-chat");
		properties.put("deepseek.providers.p.models.reasoner.id", "m-think");
		properties.put("deepseek.providers.p.models.reasoner.thinking", "true");
		if (!report.replies("q").isEmpty()) {
			properties.put("deepseek.fallback", "p,q");
			properties.put("deepseek.providers.q.preset", "openai");
			properties.put("deepseek.providers.q.base-url", "{q}");
			properties.put("deepseek.providers.q.api-key", "test-key-of-q");
			properties.put("deepseek.providers.q.models.chat.id", "m-chat");
			properties.put("deepseek.providers.q.models.reasoner.id", "m-think");
			properties.put("deepseek.providers.q.models.reasoner.thinking", "true");
		}
		properties.putAll(report.properties());
		properties.replaceAll((name, value) -> value.toString()
			.replace("{p}", hosts.get("p").baseUrl())
			.replace("{q}", hosts.get("q").baseUrl()));
		// not by withPropertyValues(…), which would strip a line end
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class,
					DeepSeekMetricsAutoConfiguration.class, WebClientAutoConfiguration.class,
					SslAutoConfiguration.class, JacksonAutoConfiguration.class))
			.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("report", properties)));
	}

	private static Set<String> open() {
		try (InputStream stream = FieldReportsTests.class.getResourceAsStream("/recordings/open-field-reports.txt")) {
			return (stream != null) ? new TreeSet<>(new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines()
				.filter((line) -> !line.isBlank())
				.toList()) : Set.of();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
