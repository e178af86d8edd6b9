package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.BuilderAssert;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the builders of settings and statuses.
 */
class RoutingTypesTests {

	private static final List<String> NAMES = List.of("a", "b");

	private static final List<Duration> TIMES = List.of(Duration.ofSeconds(1), Duration.ofSeconds(2));

	private static final List<ErrorKind> KINDS = List.of(ErrorKind.TIMEOUT, ErrorKind.RATE_LIMITED);

	private static final List<CircuitState> CIRCUITS = List.of(CircuitState.OPEN, CircuitState.HALF_OPEN);

	private static final AttemptReport REPORT = AttemptReport.builder(1, "lab", "m").build();

	private static final AttemptReport OTHER = AttemptReport.builder(2, "lab", "m").build();

	@Test
	void routingSettings() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		for (String name : List.of("maxAttempts", "extraSends", "budget", "failureRate", "window", "halfOpen",
				"maxConcurrent", "requestsPerMinute")) {
			values.put(name, List.of(7, 8));
		}
		values.put("tokensPerMinute", List.of(7L, 8L));
		for (String name : List.of("backoff", "maxBackoff", "refusalMemory", "openFor", "maxWait")) {
			values.put(name, TIMES);
		}
		BuilderAssert.assertBuilds(RoutingSettings::builder, values);
		assertThat(RoutingSettings.builder().build()).isEqualTo(RoutingSettings.DEFAULTS);
	}

	@Test
	void providerStatus() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		values.put("provider", NAMES);
		values.put("credential", NAMES);
		values.put("circuit", CIRCUITS);
		values.put("coolDown", KINDS);
		values.put("coolDownLeft", TIMES);
		values.put("missingModels", List.of(NAMES, List.of()));
		values.put("refusals", List.of(NAMES, List.of()));
		values.put("inFlight", List.of(1, 2));
		values.put("lastError", List.of(REPORT, OTHER));
		values.put("lastErrorAge", TIMES);
		values.put("lastSuccessAge", TIMES);
		BuilderAssert.assertBuilds(() -> ProviderStatus.builder("lab", ""), values);
	}

}
