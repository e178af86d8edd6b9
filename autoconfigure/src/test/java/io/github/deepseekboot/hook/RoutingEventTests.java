package io.github.deepseekboot.hook;

import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.util.ReflectionUtils;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;
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
import io.github.deepseekboot.hook.RoutingEvent.ProviderReset;
import io.github.deepseekboot.hook.RoutingEvent.Retried;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RoutingEvent}: each event has what it was created with.
 */
class RoutingEventTests {

	private static final CallInfo CALL = CallInfo.of(ChatRequest.of("Hi"), true);

	private static final Duration TIME = Duration.ofSeconds(3);

	private static final AttemptReport REPORT = AttemptReport.builder(1, "lab", "m").build();

	private static final ChatCompletion COMPLETION = ChatCompletion.of("lab", "Hello");

	private static final DeepSeekException FAILURE = DeepSeekException.builder(ErrorKind.TIMEOUT, "late").build();

	private static final ProviderChain CHAIN = new ProviderChain(List.of("lab"));

	static final List<Arguments> EVENTS = List.of(event(CallStarted.of(CALL), "call", CALL),
			event(AttemptStarted.of(CALL, 2, "lab", "m"), "call", CALL, "number", 2, "provider", "lab", "model", "m"),
			event(FirstToken.of(CALL, "lab", "m", TIME), "call", CALL, "provider", "lab", "model", "m", "sinceStart",
					TIME),
			event(AttemptEnded.of(CALL, REPORT, FAILURE), "call", CALL, "report", REPORT, "failure", FAILURE),
			event(FailedOver.of(CALL, "lab", "spare", ErrorKind.TIMEOUT, true), "call", CALL, "from", "lab", "to",
					"spare", "reason", ErrorKind.TIMEOUT, "maybeBilledTwice", true),
			event(Retried.of(CALL, "lab", ErrorKind.TIMEOUT, TIME, true), "call", CALL, "provider", "lab", "reason",
					ErrorKind.TIMEOUT, "delay", TIME, "maybeBilledTwice", true),
			event(callEnded(), "call", CALL, "outcome", Outcome.ERROR, "provider", "lab", "model", "m", "responseModel",
					"m-2", "usage", Usage.of(1, 2), "completion", COMPLETION, "failure", FAILURE, "attempts",
					List.of(REPORT), "elapsed", TIME),
			event(coolDownStarted(), "provider", "lab", "reason", ErrorKind.RATE_LIMITED, "model", "m", "duration",
					TIME, "credential", "k1", "asked", true),
			event(CircuitChanged.of("lab", CircuitState.CLOSED, CircuitState.OPEN), "provider", "lab", "from",
					CircuitState.CLOSED, "to", CircuitState.OPEN),
			event(ChainChanged.of(CHAIN), "chain", CHAIN), event(ProviderReset.of("lab"), "provider", "lab"));

	@ParameterizedTest
	@FieldSource("EVENTS")
	void hasWhatItWasCreatedWith(RoutingEvent event, Map<String, Object> values) {
		Map<String, Object> accessors = new LinkedHashMap<>();
		Stream.of(event.getClass().getDeclaredMethods())
			.filter((method) -> Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()))
			.filter((method) -> !method.getName().equals("toString"))
			.forEach((method) -> accessors.put(method.getName(), ReflectionUtils.invokeMethod(method, event)));
		assertThat(accessors).containsExactlyInAnyOrderEntriesOf(values);
		assertThat(event).hasToString(values.entrySet()
			.stream()
			.map((entry) -> entry.getKey() + "=" + entry.getValue())
			.collect(Collectors.joining(", ", event.getClass().getSimpleName() + "[", "]")));
	}

	@Test
	void coversAllEvents() {
		assertThat(EVENTS.stream().<Class<?>>map((arguments) -> arguments.get()[0].getClass()))
			.containsExactlyInAnyOrder(RoutingEvent.class.getPermittedSubclasses());
	}

	@Test
	void refusesWhatIsMissing() {
		assertThatIllegalArgumentException().isThrownBy(() -> FailedOver.of(CALL, "lab", null, ErrorKind.TIMEOUT, true))
			.withMessage("'to' must not be null");
		assertThatIllegalArgumentException().isThrownBy(() -> CallEnded.builder(CALL, null).build())
			.withMessage("'outcome' must not be null");
	}

	private static CallEnded callEnded() {
		return CallEnded.builder(CALL, Outcome.ERROR)
			.provider("lab")
			.model("m")
			.responseModel("m-2")
			.usage(Usage.of(1, 2))
			.completion(COMPLETION)
			.failure(FAILURE)
			.attempts(List.of(REPORT))
			.elapsed(TIME)
			.build();
	}

	private static CoolDownStarted coolDownStarted() {
		return CoolDownStarted.builder("lab", ErrorKind.RATE_LIMITED)
			.model("m")
			.duration(TIME)
			.credential("k1")
			.asked(true)
			.build();
	}

	private static Arguments event(RoutingEvent event, Object... namesAndValues) {
		Map<String, Object> values = new LinkedHashMap<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			values.put((String) namesAndValues[i], namesAndValues[i + 1]);
		}
		return Arguments.argumentSet(event.getClass().getSimpleName(), event, values);
	}

}
