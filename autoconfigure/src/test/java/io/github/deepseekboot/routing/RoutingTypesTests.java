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
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingEvent.CallStarted;
import io.github.deepseekboot.hook.RoutingEvent.ChainChanged;
import io.github.deepseekboot.hook.RoutingEvent.CircuitChanged;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingEvent.CoolDownStarted;
import io.github.deepseekboot.hook.RoutingEvent.FailedOver;
import io.github.deepseekboot.hook.RoutingEvent.FirstToken;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingEvent.Retried;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the events and the settings of routing, which are built.
 */
class RoutingTypesTests {

	private static final CallInfo CALL = CallInfo.of(ChatRequest.of("Hi"), true);

	private static final CallInfo OTHER_CALL = CallInfo.of(ChatRequest.of("Hi"), true);

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
		BuilderAssert.assertBuilds(() -> CallStarted.builder(CALL), Map.of());
		BuilderAssert.assertRequires(CallStarted.builder(CALL), Map.of("call", CALL), CallStarted.builder(OTHER_CALL));
		Map<String, List<?>> values = new LinkedHashMap<>();
		values.put("provider", NAMES);
		values.put("model", NAMES);
		values.put("responseModel", NAMES);
		values.put("usage", List.of(Usage.of(1, 2), Usage.of(2, 1)));
		values.put("completion", List.of(ChatCompletion.of("lab", "a"), ChatCompletion.of("lab", "b")));
		values.put("failure", List.of(DeepSeekException.builder(ErrorKind.TIMEOUT, "a").build(),
				DeepSeekException.builder(ErrorKind.TIMEOUT, "a").build()));
		values.put("attempts", List.of(List.of(REPORT), List.of()));
		values.put("elapsed", TIMES);
		BuilderAssert.assertBuilds(() -> CallEnded.builder(CALL, Outcome.SUCCESS), values);
		BuilderAssert.assertRequires(CallEnded.builder(CALL, Outcome.ERROR),
				Map.of("call", CALL, "outcome", Outcome.ERROR), CallEnded.builder(OTHER_CALL, Outcome.ERROR),
				CallEnded.builder(CALL, Outcome.CANCEL));
		BuilderAssert.assertBuilds(() -> FailedOver.builder(CALL, "a", "b", ErrorKind.TIMEOUT),
				Map.of("maybeBilledTwice", FLAGS));
		BuilderAssert.assertRequires(FailedOver.builder(CALL, "a", "b", ErrorKind.TIMEOUT),
				Map.of("call", CALL, "from", "a", "to", "b", "reason", ErrorKind.TIMEOUT),
				FailedOver.builder(OTHER_CALL, "a", "b", ErrorKind.TIMEOUT),
				FailedOver.builder(CALL, "c", "b", ErrorKind.TIMEOUT),
				FailedOver.builder(CALL, "a", "c", ErrorKind.TIMEOUT),
				FailedOver.builder(CALL, "a", "b", ErrorKind.OVERLOADED));
		BuilderAssert.assertBuilds(() -> Retried.builder(CALL, "a", ErrorKind.TIMEOUT),
				Map.of("delay", TIMES, "maybeBilledTwice", FLAGS));
		BuilderAssert.assertRequires(Retried.builder(CALL, "a", ErrorKind.TIMEOUT),
				Map.of("call", CALL, "provider", "a", "reason", ErrorKind.TIMEOUT),
				Retried.builder(OTHER_CALL, "a", ErrorKind.TIMEOUT), Retried.builder(CALL, "b", ErrorKind.TIMEOUT),
				Retried.builder(CALL, "a", ErrorKind.OVERLOADED));
	}

	@Test
	void eventsOfAttempts() {
		BuilderAssert.assertBuilds(() -> AttemptStarted.builder(CALL, 1, "a", "m"), Map.of());
		BuilderAssert.assertRequires(AttemptStarted.builder(CALL, 1, "a", "m"),
				Map.of("call", CALL, "number", 1, "provider", "a", "model", "m"),
				AttemptStarted.builder(OTHER_CALL, 1, "a", "m"), AttemptStarted.builder(CALL, 2, "a", "m"),
				AttemptStarted.builder(CALL, 1, "b", "m"), AttemptStarted.builder(CALL, 1, "a", "n"));
		BuilderAssert.assertBuilds(() -> FirstToken.builder(CALL, "a", "m"), Map.of("sinceStart", TIMES));
		BuilderAssert.assertRequires(FirstToken.builder(CALL, "a", "m"),
				Map.of("call", CALL, "provider", "a", "model", "m"), FirstToken.builder(OTHER_CALL, "a", "m"),
				FirstToken.builder(CALL, "b", "m"), FirstToken.builder(CALL, "a", "n"));
		BuilderAssert.assertBuilds(() -> AttemptEnded.builder(CALL, REPORT), Map.of());
		BuilderAssert.assertRequires(AttemptEnded.builder(CALL, REPORT), Map.of("call", CALL, "report", REPORT),
				AttemptEnded.builder(OTHER_CALL, REPORT), AttemptEnded.builder(CALL, OTHER));
	}

	@Test
	void eventsOfProviders() {
		BuilderAssert.assertBuilds(() -> CoolDownStarted.builder("a", ErrorKind.TIMEOUT),
				Map.of("model", NAMES, "duration", TIMES, "credential", NAMES, "asked", FLAGS));
		BuilderAssert.assertRequires(CoolDownStarted.builder("a", ErrorKind.TIMEOUT),
				Map.of("provider", "a", "reason", ErrorKind.TIMEOUT), CoolDownStarted.builder("b", ErrorKind.TIMEOUT),
				CoolDownStarted.builder("a", ErrorKind.OVERLOADED));
		BuilderAssert.assertBuilds(() -> CircuitChanged.builder("a", CircuitState.OPEN, CircuitState.OPEN), Map.of());
		BuilderAssert.assertRequires(CircuitChanged.builder("a", CircuitState.OPEN, CircuitState.CLOSED),
				Map.of("provider", "a", "from", CircuitState.OPEN, "to", CircuitState.CLOSED),
				CircuitChanged.builder("b", CircuitState.OPEN, CircuitState.CLOSED),
				CircuitChanged.builder("a", CircuitState.HALF_OPEN, CircuitState.CLOSED),
				CircuitChanged.builder("a", CircuitState.OPEN, CircuitState.HALF_OPEN));
		ProviderChain chain = new ProviderChain(List.of("a"));
		BuilderAssert.assertBuilds(() -> ChainChanged.builder(chain), Map.of());
		BuilderAssert.assertRequires(ChainChanged.builder(chain), Map.of("chain", chain),
				ChainChanged.builder(new ProviderChain(List.of("b"))));
	}

}
