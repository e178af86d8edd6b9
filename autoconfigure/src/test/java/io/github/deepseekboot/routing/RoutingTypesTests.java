package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.BuilderAssert;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the events and the settings of routing, which are built.
 */
class RoutingTypesTests {

	private static final CallInfo CALL = CallInfo.of(ChatRequest.of("Hi"), true);

	private static final List<CallInfo> CALLS = List.of(CALL, CallInfo.of(ChatRequest.of("Hi"), true));

	private static final List<String> NAMES = List.of("a", "b");

	private static final List<Duration> TIMES = List.of(Duration.ofSeconds(1), Duration.ofSeconds(2));

	private static final List<Boolean> FLAGS = List.of(true, false);

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
		for (String name : List.of("backoff", "maxBackoff", "openFor", "maxWait")) {
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

	@Test
	void eventsOfCalls() {
		BuilderAssert.assertBuilds(() -> RoutingEvent.CallStarted.builder(CALL), Map.of("call", CALLS));
		Map<String, List<?>> values = new LinkedHashMap<>();
		values.put("call", CALLS);
		values.put("outcome", List.of(Outcome.ERROR, Outcome.CANCEL));
		values.put("provider", NAMES);
		values.put("model", NAMES);
		values.put("responseModel", NAMES);
		values.put("usage", List.of(Usage.of(1, 2), Usage.of(2, 1)));
		values.put("completion", List.of(ChatCompletion.of("lab", "a"), ChatCompletion.of("lab", "b")));
		values.put("failure", List.of(DeepSeekException.builder(ErrorKind.TIMEOUT, "a").build(),
				DeepSeekException.builder(ErrorKind.TIMEOUT, "a").build()));
		values.put("attempts", List.of(List.of(REPORT), List.of()));
		values.put("elapsed", TIMES);
		BuilderAssert.assertBuilds(() -> RoutingEvent.CallEnded.builder(CALL, Outcome.SUCCESS), values);
		BuilderAssert.assertBuilds(() -> RoutingEvent.FailedOver.builder(CALL, "a", "b", ErrorKind.TIMEOUT),
				Map.of("call", CALLS, "from", NAMES, "to", NAMES, "reason", KINDS, "maybeBilledTwice", FLAGS));
		BuilderAssert.assertBuilds(() -> RoutingEvent.Retried.builder(CALL, "a", ErrorKind.TIMEOUT),
				Map.of("call", CALLS, "provider", NAMES, "reason", KINDS, "delay", TIMES, "maybeBilledTwice", FLAGS));
	}

	@Test
	void eventsOfAttempts() {
		BuilderAssert.assertBuilds(() -> RoutingEvent.AttemptStarted.builder(CALL, 1, "a", "m"),
				Map.of("call", CALLS, "number", List.of(2, 3), "provider", NAMES, "model", NAMES));
		BuilderAssert.assertBuilds(() -> RoutingEvent.FirstToken.builder(CALL, "a", "m"),
				Map.of("call", CALLS, "provider", NAMES, "model", NAMES, "sinceStart", TIMES));
		BuilderAssert.assertBuilds(() -> RoutingEvent.AttemptEnded.builder(CALL, REPORT),
				Map.of("call", CALLS, "report", List.of(REPORT, OTHER)));
	}

	@Test
	void eventsOfProviders() {
		BuilderAssert.assertBuilds(() -> RoutingEvent.CoolDownStarted.builder("a", ErrorKind.TIMEOUT),
				Map.of("provider", NAMES, "reason", KINDS, "model", NAMES, "duration", TIMES, "credential", NAMES,
						"asked", FLAGS));
		BuilderAssert.assertBuilds(() -> RoutingEvent.CircuitChanged.builder("a", CircuitState.OPEN, CircuitState.OPEN),
				Map.of("provider", NAMES, "from", CIRCUITS, "to", CIRCUITS));
		BuilderAssert.assertBuilds(() -> RoutingEvent.ChainChanged.builder(new ProviderChain(NAMES)),
				Map.of("chain", List.of(new ProviderChain(List.of("a")), new ProviderChain(List.of("b")))));
	}

}
