package io.github.deepseekboot.routing;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import org.springframework.util.Assert;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CircuitChanged;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingEvent.FailedOver;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingEvent.Retried;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.routing.RoutingFixture.Result;
import io.github.deepseekboot.routing.ScriptedProvider.Reply;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RoutingClient}: attempts, state, switching. Providers answer without a
 * network, and time is virtual.
 */
class RoutingClientTests {

	private static final Reply FINE = ScriptedProvider.answer("fine");

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private RoutingFixture fixture(ScriptedProvider... providers) {
		return fixture(RoutingFixture.settings(6, 20, 100), providers);
	}

	private RoutingFixture fixture(RoutingSettings settings, ScriptedProvider... providers) {
		RoutingFixture fixture = new RoutingFixture().settings(settings).clock(TransportClock.of(this.time));
		for (ScriptedProvider provider : providers) {
			fixture.provider(provider.client());
		}
		return fixture;
	}

	private Pending start(RoutingFixture fixture) {
		return start(fixture, ChatRequest.of("hi"));
	}

	private Pending start(RoutingFixture fixture, ChatRequest request) {
		Pending pending = new Pending();
		fixture.client().complete(request).subscribe((completion) -> pending.completion = completion, (failure) -> {
			pending.failure = (DeepSeekException) failure;
			pending.terminals++;
		}, () -> pending.terminals++);
		return pending;
	}

	private static ChatRequest pinned(String provider) {
		return ChatRequest.builder().user("hi").provider(provider).build();
	}

	@Test
	void eventsComeInTheirOrderAndAttemptsAreListed() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(503, "busy"));
		ScriptedProvider b = ScriptedProvider.of("b", FINE);
		RoutingFixture fixture = fixture(a, b);
		Result result = fixture.call(true);
		assertThat(fixture.events().stream().map((event) -> event.getClass().getSimpleName())).containsExactly(
				"CallStarted", "AttemptStarted", "AttemptEnded", "CoolDownStarted", "FailedOver", "AttemptStarted",
				"FirstToken", "AttemptEnded", "CallEnded");
		CallEnded ended = fixture.events(CallEnded.class).get(0);
		assertThat(ended.outcome()).isEqualTo(Outcome.SUCCESS);
		assertThat(ended.provider()).isEqualTo("b");
		assertThat(ended.attempts()).isEqualTo(result.attempts());
		assertThat(result.attempts()).extracting(AttemptReport::number).containsExactly(1, 2);
		assertThat(result.attempts().get(0).status()).isEqualTo(503);
		assertThat(result.attempts().get(0).code()).isEqualTo("busy");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 4 })
	void aPausedSubscriberKeepsNoPermitOfAStreamThatWasReceived(int taken) {
		ScriptedProvider a = ScriptedProvider.of("a",
				ScriptedProvider.stream(Flux.range(0, 4)
					.map((number) -> MisbehavingServer.delta(number + " "))
					.concatWithValues("data: [DONE]\n\n")));
		RoutingFixture fixture = fixture(
				RoutingSettings.builder().maxConcurrent(1).maxWait(Duration.ofSeconds(1)).build(), a);
		List<ChatDelta> deltas = new ArrayList<>();
		BaseSubscriber<ChatDelta> slow = new BaseSubscriber<>() {

			@Override
			protected void hookOnSubscribe(Subscription subscription) {
				request(taken);
			}

			@Override
			protected void hookOnNext(ChatDelta delta) {
				deltas.add(delta);
			}

		};
		fixture.client().stream(ChatRequest.of("hi")).subscribe(slow);
		assertThat(deltas).hasSize(taken);
		assertThat(fixture.call(true).path()).startsWith("a ok");
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
		slow.requestUnbounded();
		assertThat(deltas).hasSize(5);
		assertThat(fixture.events(CallEnded.class)).hasSize(2).allMatch((ended) -> ended.outcome() == Outcome.SUCCESS);
		assertThat(fixture.call(true).path()).startsWith("a ok");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aListenerOfTheSubscriberSeesTheEndOfEachCallWhoseBeginningItSaw(boolean permit) {
		ProviderQuota quota = new ProviderQuota() {

			@Override
			public Mono<Permit> acquire(PermitRequest request) {
				return Mono.just(() -> {
				});
			}

			@Override
			public @Nullable Permit tryAcquire(PermitRequest request) {
				// the call ends before anybody subscribes to its attempts
				Assert.state(permit, "there is none");
				return null;
			}

		};
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(400, "wrong"))).quota(quota);
		List<String> seen = new ArrayList<>();
		RoutingListener listener = (event) -> seen.add(event.getClass().getSimpleName());
		assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> fixture.client()
			.stream(ChatRequest.of("hi"))
			.contextWrite((context) -> context.put(RoutingListener.class, listener))
			.blockLast(RoutingFixture.PATIENCE));
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
		assertThat(seen).containsExactlyElementsOf(permit ? List.of("CallStarted", "CallEnded") : List.of());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theTotalTimeoutHoldsForAnAnswerThatIsAskedForByOtherMeans(boolean stream) {
		Reply refusal = ScriptedProvider.json(400, "{\"error\":{\"message\":\"response_format is not supported\"}}");
		Provider provider = ScriptedProvider.provider("a", "test-key")
			.timeouts(RoutingFixture.timeouts(5000, 5000, 5000))
			.build();
		AtomicInteger requests = new AtomicInteger();
		WebClient webClient = WebClient.builder()
			.exchangeFunction((sent) -> (requests.getAndIncrement() == 0)
					? Mono.delay(Duration.ofSeconds(3), this.time).then(refusal.to(sent)) : Mono.never())
			.build();
		ChatRequest request = ChatRequest.builder()
			.user("hi")
			.responseFormat(ResponseFormat.schema("answer", Map.of("type", "object"), null))
			.build();
		RoutingClient client = fixture().provider(new ProviderClient(provider, webClient, TransportClock.of(this.time)))
			.client();
		List<Throwable> failures = new ArrayList<>();
		Flux<?> call = stream ? client.stream(request) : client.complete(request).flux();
		call.subscribe((answer) -> {
		}, failures::add);
		this.time.advanceTimeBy(Duration.ofMillis(4999));
		assertThat(failures).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(failures).singleElement()
			.extracting((failure) -> ((DeepSeekException) failure).getKind())
			.isEqualTo(ErrorKind.TIMEOUT);
		assertThat(requests).hasValue(2);
	}

	@Test
	void aTruncatedAnswerWithoutTextHasNoFirstToken() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.stream(Flux.just(
				"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n")));
		RoutingFixture fixture = fixture(a);
		assertThat(fixture.call(true).path()).isEqualTo("a ok");
		assertThat(fixture.events(RoutingEvent.FirstToken.class)).isEmpty();
	}

	@Test
	void anEmptyReasoningIsNoFirstToken() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.stream(Flux.just(
				"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":null,\"reasoning_content\":\"\"}}]}\n\n",
				"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n")));
		RoutingFixture fixture = fixture(a);
		assertThat(fixture.call(true).path()).isEqualTo("a ok");
		assertThat(fixture.events(RoutingEvent.FirstToken.class)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "retry-after, 2, 2000", "retry-after-ms, 1500, 1500", "Retry-After, 2.5, 2500", "Retry-After, 0, 5",
			"Retry-After, -3, 5", "Retry-After, soon, 5" })
	void theLastProviderIsAskedAgainAfterTheWaitThatItAsksFor(String header, String value, long leastMillis) {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", header, value), FINE);
		RoutingFixture fixture = fixture(RoutingFixture.settings(6, 20, 100), a);
		Pending call = start(fixture);
		Duration delay = fixture.events(Retried.class).get(0).delay();
		assertThat(delay).isBetween(Duration.ofMillis((leastMillis == 5) ? 2 : leastMillis),
				Duration.ofMillis(leastMillis));
		this.time.advanceTimeBy(delay.minusNanos(1));
		assertThat(call.terminals).isZero();
		this.time.advanceTimeBy(Duration.ofNanos(1));
		assertThat(call.content()).isEqualTo("fine");
	}

	@Test
	void retryAfterMayBeADate() {
		String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(10));
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", "Retry-After", date), FINE);
		RoutingFixture fixture = fixture(a);
		Pending call = start(fixture);
		assertThat(fixture.events(Retried.class).get(0).delay()).isBetween(Duration.ofSeconds(5),
				Duration.ofSeconds(10));
		this.time.advanceTimeBy(Duration.ofSeconds(10));
		assertThat(call.content()).isEqualTo("fine");
	}

	@ParameterizedTest
	@ValueSource(strings = { "31", "315360000", "999999999999999999" })
	void fault78AbsurdRetryAfter(String seconds) {
		Reply reply = ScriptedProvider.error(429, "slow", "Retry-After", seconds);
		RoutingFixture alone = fixture(ScriptedProvider.of("a", reply));
		Result result = alone.call(false);
		assertThat(result.path()).isEqualTo("a RATE_LIMITED");
		assertThat(result.error().getRetryAfter()).isLessThanOrEqualTo(Duration.ofHours(1));
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", reply), ScriptedProvider.of("b", FINE));
		assertThat(fixture.call(false).path()).isEqualTo("a RATE_LIMITED, b ok");
		assertThat(fixture.status("a").coolDownLeft()).isLessThanOrEqualTo(Duration.ofHours(1));
		this.time.advanceTimeBy(Duration.ofHours(1));
		assertThat(fixture.status("a").isUsable()).isTrue();
	}

	@Test
	void noRetryWaitsBeyondTheDeadline() {
		Provider provider = ScriptedProvider.provider("a", "key")
			.timeouts(RoutingFixture.timeouts(5000, 5000, 1500))
			.build();
		RoutingFixture fixture = fixture(
				ScriptedProvider.of(provider, ScriptedProvider.error(429, "slow", "Retry-After", "2"), FINE));
		Result result = fixture.call(false);
		assertThat(result.path()).isEqualTo("a RATE_LIMITED");
		assertThat(result.error().getRetryAfter()).isEqualTo(Duration.ofSeconds(2));
	}

	@Test
	void theDeadlineHoldsForAllAttemptsTogether() {
		Provider provider = ScriptedProvider.provider("a", "key")
			.timeouts(RoutingFixture.timeouts(5000, 5000, 10_000))
			.build();
		RoutingFixture fixture = fixture(
				ScriptedProvider.of(provider, ScriptedProvider.error(429, "slow", "Retry-After", "4")));
		Pending call = start(fixture);
		this.time.advanceTimeBy(Duration.ofSeconds(60));
		// at 0, 4 and 8 s; the next would be at 12 s
		assertThat(call.error().getAttempts()).hasSize(3);
		assertThat(call.error().getKind()).isEqualTo(ErrorKind.RATE_LIMITED);
	}

	@Test
	void coolDownsEnd() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", "Retry-After", "7"), FINE);
		RoutingFixture fixture = fixture(a, ScriptedProvider.of("b", FINE));
		assertThat(fixture.call(false).path()).isEqualTo("a RATE_LIMITED, b ok");
		this.time.advanceTimeBy(Duration.ofSeconds(7).minusNanos(1));
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
		assertThat(fixture.status("a").coolDown()).isEqualTo(ErrorKind.RATE_LIMITED);
		this.time.advanceTimeBy(Duration.ofNanos(1));
		assertThat(fixture.call(false).path()).isEqualTo("a ok");
	}

	@Test
	void aShorterCoolDownDoesNotEndALongerOne() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(402, "empty"),
				ScriptedProvider.error(429, "slow"));
		RoutingFixture fixture = fixture(RoutingFixture.settings(2, 20, 100), a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		start(fixture, pinned("a"));
		assertThat(fixture.status("a").coolDown()).isEqualTo(ErrorKind.OUT_OF_CREDIT);
	}

	@Test
	void resettingForgetsCoolDowns() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(402, "empty"), FINE);
		RoutingFixture fixture = fixture(a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		assertThat(fixture.status("a").isUsable()).isFalse();
		fixture.client().states().reset("a");
		assertThat(fixture.call(false).path()).isEqualTo("a ok");
	}

	@Test
	void aMissingModelIsMissingForThatModelOnly() {
		Provider provider = ScriptedProvider.provider("a", "key")
			.models(Map.of("chat", ProviderModel.of("one"), "reasoner", ProviderModel.of("two")))
			.build();
		ScriptedProvider a = ScriptedProvider.of(provider, ScriptedProvider.error(404, "gone"), FINE);
		RoutingFixture fixture = fixture(a, ScriptedProvider.of("b", FINE));
		assertThat(fixture.call(false).path()).isEqualTo("a MODEL_NOT_FOUND, b ok");
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
		ChatRequest other = ChatRequest.builder().user("hi").model("reasoner").build();
		assertThat(fixture.call(other, false).path()).isEqualTo("a ok");
		this.time.advanceTimeBy(Duration.ofMinutes(5));
		assertThat(fixture.call(false).path()).isEqualTo("a ok");
	}

	@Test
	void anEmptyBudgetAllowsNoRetryButAFailover() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(500, "oops"));
		RoutingFixture alone = fixture(RoutingFixture.settings(6, 2, 100), a);
		assertThat(call(alone).getAttempts()).hasSize(2);
		assertThat(call(alone).getAttempts()).hasSize(1);
		a.then(FINE);
		for (int i = 0; i < 20; i++) {
			start(alone);
		}
		a.then(ScriptedProvider.error(500, "oops"));
		assertThat(call(alone).getAttempts()).as("successes fill the budget again").hasSize(2);
		RoutingFixture fixture = fixture(RoutingFixture.settings(6, 0, 100),
				ScriptedProvider.of("a", ScriptedProvider.error(500, "oops")), ScriptedProvider.of("b", FINE));
		assertThat(fixture.call(false).path()).isEqualTo("a SERVER_ERROR, b ok");
	}

	private DeepSeekException call(RoutingFixture fixture) {
		Pending call = start(fixture);
		this.time.advanceTimeBy(Duration.ofSeconds(30));
		return call.error();
	}

	@Test
	void oneSendThatMayBeBilledTwicePerCall() {
		Reply oops = ScriptedProvider.error(500, "oops");
		ScriptedProvider c = ScriptedProvider.of("c", FINE);
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", oops), ScriptedProvider.of("b", oops), c);
		Result result = fixture.call(false);
		assertThat(result.path()).isEqualTo("a SERVER_ERROR, b SERVER_ERROR");
		assertThat(c.requests()).isZero();
		assertThat(fixture.events(FailedOver.class)).extracting(FailedOver::maybeBilledTwice).containsExactly(true);
	}

	@Test
	void afterTheExtraSendWhatWasNeverProcessedMayStillContinue() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(500, "oops")),
				ScriptedProvider.of("b", ScriptedProvider.error(429, "slow")), ScriptedProvider.of("c", FINE));
		assertThat(fixture.call(false).path()).isEqualTo("a SERVER_ERROR, b RATE_LIMITED, c ok");
		assertThat(fixture.events(FailedOver.class)).extracting(FailedOver::maybeBilledTwice)
			.containsExactly(true, false);
	}

	@Test
	void attemptsAreLimited() {
		RoutingFixture fixture = fixture(RoutingFixture.settings(3, 20, 100),
				ScriptedProvider.of("a", ScriptedProvider.error(429, "slow")));
		assertThat(call(fixture).getAttempts()).hasSize(3);
	}

	@Test
	void withoutAUsableProviderACallStillGoesThroughTheChain() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow"));
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.error(503, "busy"));
		ScriptedProvider c = ScriptedProvider.of("c", ScriptedProvider.error(429, "slow"), FINE);
		RoutingFixture fixture = fixture(RoutingFixture.settings(3, 20, 100), a, b, c);
		assertThat(fixture.call(false).path()).isEqualTo("a RATE_LIMITED, b OVERLOADED, c RATE_LIMITED");
		assertThat(fixture.client().states().statuses()).noneMatch(ProviderStatus::isUsable);
		assertThat(fixture.call(false).path()).isEqualTo("a RATE_LIMITED, b OVERLOADED, c ok");
		assertThat(fixture.status("c").isUsable()).as("a success ends a soft cool-down").isTrue();
	}

	@Test
	void theSoonestUsableProviderIsAskedFirst() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow"));
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.error(503, "busy"));
		RoutingFixture fixture = fixture(RoutingFixture.settings(2, 20, 100), a, b);
		fixture.call(false);
		// a second failure doubles the cool-down of a
		start(fixture, pinned("a"));
		b.then(FINE);
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
	}

	@Test
	void anAccountAtFaultIsTheLastToBeAsked() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(402, "empty"));
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.error(401, "who"));
		RoutingFixture fixture = fixture(a, b);
		assertThat(fixture.call(false).path()).isEqualTo("a OUT_OF_CREDIT, b AUTHENTICATION");
		// a is out for ten minutes, b for five
		assertThat(fixture.call(false).path()).isEqualTo("b AUTHENTICATION, a OUT_OF_CREDIT");
		b.then(ScriptedProvider.error(429, "slow"), FINE);
		Pending call = start(fixture);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(Objects.requireNonNull(call.completion).attempts()).extracting(AttemptReport::provider)
			.containsExactly("b", "b");
		assertThat(a.requests()).isEqualTo(2);
	}

	@Test
	void aProviderThatAskedForTimeIsProbedByOneCallAndTheOthersWait() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", "Retry-After", "10"),
				ScriptedProvider.silence(), FINE);
		RoutingFixture fixture = fixture(RoutingFixture.settings(1, 20, 100), a);
		assertThat(fixture.call(false).path()).isEqualTo("a RATE_LIMITED");
		Pending probe = start(fixture);
		Pending waiting = start(fixture);
		Pending alsoWaiting = start(fixture);
		assertThat(a.requests()).isEqualTo(2);
		this.time.advanceTimeBy(Duration.ofSeconds(10).minusNanos(1));
		assertThat(a.requests()).isEqualTo(2);
		this.time.advanceTimeBy(Duration.ofNanos(1));
		assertThat(waiting.content()).isEqualTo("fine");
		assertThat(alsoWaiting.content()).isEqualTo("fine");
		assertThat(probe.terminals).isZero();
	}

	@Test
	void aWaitThatDoesNotFitEndsInTheHint() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", "Retry-After", "40"),
				ScriptedProvider.silence());
		RoutingFixture fixture = fixture(RoutingFixture.settings(1, 20, 100), a);
		fixture.call(false);
		this.time.advanceTimeBy(Duration.ofSeconds(5));
		start(fixture);
		DeepSeekException failure = start(fixture).error();
		assertThat(failure.getKind()).isEqualTo(ErrorKind.RATE_LIMITED);
		assertThat(failure.getRetryAfter()).isEqualTo(Duration.ofSeconds(35));
		assertThat(failure.getAttempts()).isEmpty();
		assertThat(a.requests()).isEqualTo(2);
		// 29 seconds fit
		this.time.advanceTimeBy(Duration.ofSeconds(6));
		a.then(FINE);
		Pending fits = start(fixture);
		this.time.advanceTimeBy(Duration.ofSeconds(29));
		assertThat(fits.content()).isEqualTo("fine");
	}

	@Test
	void aSuccessLeavesTheTimeThatAProviderAskedFor() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", "Retry-After", "10"), FINE);
		RoutingFixture fixture = fixture(a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		assertThat(fixture.call(pinned("a"), false).path()).isEqualTo("a ok");
		assertThat(fixture.status("a").coolDownLeft()).isEqualTo(Duration.ofSeconds(10));
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
	}

	@ParameterizedTest
	@CsvSource({ "0, a SERVER_ERROR", "1, 'a SERVER_ERROR, b SERVER_ERROR'",
			"2, 'a SERVER_ERROR, b SERVER_ERROR, c ok'" })
	void whoAcceptsTheBillReachesTheThirdProvider(int extraSends, String path) {
		RoutingSettings settings = RoutingSettings.builder().extraSends(extraSends).build();
		RoutingFixture fixture = fixture(settings, ScriptedProvider.of("a", ScriptedProvider.error(500, "oops")),
				ScriptedProvider.of("b", ScriptedProvider.error(500, "oops")), ScriptedProvider.of("c", FINE));
		assertThat(fixture.call(false).path()).isEqualTo(path);
	}

	@Test
	void fault111AStaleResultHasNoSayInAHalfOpenCircuit() {
		Sinks.One<ClientResponse> late = Sinks.one();
		ScriptedProvider a = ScriptedProvider.of("a",
				(request) -> late.asMono().onErrorResume((failure) -> ScriptedProvider.failure(failure).to(request)));
		RoutingFixture fixture = fixture(RoutingFixture.settings(1, 20, 1), a, ScriptedProvider.of("b", FINE));
		Pending old = start(fixture);
		a.then(ScriptedProvider.error(500, "oops"));
		fixture.call(false);
		this.time.advanceTimeBy(Duration.ofSeconds(31));
		a.then(ScriptedProvider.silence());
		start(fixture);
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.HALF_OPEN);
		late.tryEmitError(new ConnectException("late"));
		assertThat(old.error().getKind()).isEqualTo(ErrorKind.CONNECTION);
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.HALF_OPEN);
	}

	@Test
	void fault111APinnedCallWithoutAPermissionHasNoSayInAHalfOpenCircuit() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(500, "oops"));
		RoutingFixture fixture = fixture(RoutingFixture.settings(1, 20, 1), a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		this.time.advanceTimeBy(Duration.ofSeconds(31));
		a.then(ScriptedProvider.silence(), FINE, ScriptedProvider.error(500, "oops"));
		start(fixture);
		assertThat(fixture.call(pinned("a"), false).path()).isEqualTo("a ok");
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.HALF_OPEN);
		assertThat(fixture.call(pinned("a"), false).path()).isEqualTo("a SERVER_ERROR");
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.HALF_OPEN);
		assertThat(fixture.call(false).path()).as("the trial still runs").isEqualTo("b ok");
	}

	@Test
	void fault112AProviderThatBreaksEveryStreamOpensItsCircuit() {
		Reply broken = ScriptedProvider
			.stream(Flux.concat(Flux.just(MisbehavingServer.delta("part")), Flux.error(new IOException("cut"))));
		RoutingFixture fixture = fixture(RoutingSettings.builder().failureRate(60).build(),
				ScriptedProvider.of("a", broken), ScriptedProvider.of("b", FINE));
		for (int i = 0; i < 10; i++) {
			assertThat(fixture.call(true).path()).isEqualTo("a STREAM_INTERRUPTED");
		}
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.OPEN);
		assertThat(fixture.status("a").lastSuccessAge()).isNull();
		assertThat(fixture.call(true).path()).isEqualTo("b ok");
	}

	@Test
	void aPinnedCallIgnoresCoolDownsAndCircuitAndGoesNowhereElse() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(500, "oops"));
		RoutingFixture fixture = fixture(RoutingFixture.settings(1, 20, 1), a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.OPEN);
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
		a.then(FINE);
		assertThat(fixture.call(pinned("a"), false).path()).isEqualTo("a ok");
		a.then(ScriptedProvider.error(503, "busy"));
		assertThat(fixture.call(pinned("a"), false).path()).isEqualTo("a OVERLOADED");
		assertThat(fixture.call(pinned("nobody"), false).error().getKind()).isEqualTo(ErrorKind.INVALID_REQUEST);
	}

	@Test
	void fault76FlappingProviderGetsOneTrial() throws Exception {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.failure(new ConnectException("no")));
		RoutingFixture fixture = fixture(RoutingFixture.settings(6, 20, 1), a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.OPEN);
		for (int round = 0; round < 20; round++) {
			this.time.advanceTimeBy(Duration.ofSeconds(29));
			a.then(ScriptedProvider.failure(new ConnectException("no")));
			assertThat(fixture.call(false).path()).isEqualTo("b ok");
			assertThat(a.requests()).isZero();
			this.time.advanceTimeBy(Duration.ofSeconds(1).plusNanos(1));
			assertThat(together(fixture, 16)).isEqualTo(16);
			assertThat(a.requests()).as("trials in round " + round).isEqualTo(1);
			assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.OPEN);
		}
		this.time.advanceTimeBy(Duration.ofSeconds(31));
		a.then(FINE);
		assertThat(fixture.call(false).path()).isEqualTo("a ok");
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.CLOSED);
	}

	private int together(RoutingFixture fixture, int calls) throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(calls);
		AtomicInteger answered = new AtomicInteger();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < calls; i++) {
			Thread thread = new Thread(() -> {
				try {
					barrier.await();
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
				fixture.client().complete(ChatRequest.of("hi")).subscribe((completion) -> answered.incrementAndGet());
			});
			threads.add(thread);
			thread.start();
		}
		for (Thread thread : threads) {
			thread.join(10_000);
		}
		return answered.get();
	}

	@Test
	void aCancelledTrialLetsTheNextOneThrough() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(500, "oops"));
		RoutingFixture fixture = fixture(RoutingFixture.settings(6, 20, 1), a, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		this.time.advanceTimeBy(Duration.ofSeconds(31));
		a.then(ScriptedProvider.silence());
		Disposable trial = fixture.client().complete(ChatRequest.of("hi")).subscribe();
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.HALF_OPEN);
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
		trial.dispose();
		a.then(FINE);
		assertThat(fixture.call(false).path()).isEqualTo("a ok");
	}

	@Test
	void aCallFromBeforeGivesAHalfOpenCircuitNothing() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.silence());
		RoutingFixture fixture = fixture(RoutingFixture.settings(6, 20, 1), a, ScriptedProvider.of("b", FINE));
		Disposable old = fixture.client().complete(ChatRequest.of("hi")).subscribe();
		a.then(ScriptedProvider.error(500, "oops"));
		fixture.call(false);
		this.time.advanceTimeBy(Duration.ofSeconds(31));
		a.then(ScriptedProvider.silence());
		fixture.client().complete(ChatRequest.of("hi")).subscribe();
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.HALF_OPEN);
		old.dispose();
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
	}

	@Test
	void lookingAtAProviderDoesNotChangeItsCircuit() {
		ScriptedProvider a = ScriptedProvider.of("a", FINE);
		ScriptedProvider b = ScriptedProvider.of("b", ScriptedProvider.error(500, "oops"));
		RoutingFixture fixture = fixture(RoutingFixture.settings(1, 20, 1), a, b);
		fixture.call(pinned("b"), false);
		this.time.advanceTimeBy(Duration.ofSeconds(31));
		assertThat(fixture.status("b").circuit()).isEqualTo(CircuitState.HALF_OPEN);
		assertThat(fixture.call(true).path()).isEqualTo("a ok");
		assertThat(fixture.events(CircuitChanged.class)).extracting(CircuitChanged::to)
			.containsExactly(CircuitState.OPEN);
	}

	@Test
	void stateBelongsToTheKeyToo() {
		ScriptedProvider one = ScriptedProvider.of("a", "key-one", ScriptedProvider.error(402, "empty"));
		RoutingFixture fixture = fixture(one, ScriptedProvider.of("b", FINE));
		fixture.call(false);
		ProviderStates states = fixture.client().states();
		assertThat(states.status("a", ApiKey.of("key-one")).isUsable()).isFalse();
		assertThat(states.status("a", ApiKey.of("key-two")).isUsable()).isTrue();
		assertThat(states.statuses()).extracting(ProviderStatus::credential).doesNotContain("key-one", "key-two");
	}

	@Test
	void fault77AllDownEndsInOneErrorThatListsEveryAttempt() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(401, "who")),
				ScriptedProvider.of("b", ScriptedProvider.error(402, "empty")),
				ScriptedProvider.of("c", ScriptedProvider.error(500, "oops")));
		Pending call = start(fixture);
		this.time.advanceTimeBy(Duration.ofSeconds(10));
		assertThat(call.terminals).isEqualTo(1);
		assertThat(call.error().getAttempts()).extracting(AttemptReport::provider).containsExactly("a", "b", "c", "c");
		assertThat(call.error()).hasMessageContaining("1 a AUTHENTICATION 401")
			.hasMessageContaining("2 b OUT_OF_CREDIT 402")
			.hasMessageContaining("3 c SERVER_ERROR 500")
			.hasMessageContaining("4 c SERVER_ERROR 500");
	}

	@Test
	void fault79SwitchingLeavesRunningStreamsAlone() {
		Flux<String> slow = Flux.just(MisbehavingServer.delta("one "))
			.concatWith(Mono.delay(Duration.ofSeconds(1), this.time)
				.thenMany(Flux.just(MisbehavingServer.delta("two"), "data: [DONE]\n\n")));
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.stream(slow));
		RoutingFixture fixture = fixture(a, ScriptedProvider.of("b", FINE));
		StringBuilder text = new StringBuilder();
		fixture.client()
			.stream(ChatRequest.of("hi"))
			.subscribe(
					(delta) -> text.append((delta.content() != null) ? delta.provider() + ":" + delta.content() : ""));
		fixture.client().providerSwitch().switchTo("b");
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(text).hasToString("a:one a:two");
		assertThat(fixture.events(RoutingEvent.ChainChanged.class)).singleElement()
			.satisfies((event) -> assertThat(event.chain().providers()).containsExactly("b", "a"));
	}

	@Test
	void switchKnowsItsProviders() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", FINE), ScriptedProvider.of("b", FINE),
				ScriptedProvider.of("c", FINE));
		ProviderSwitch providers = fixture.client().providerSwitch();
		assertThatIllegalArgumentException().isThrownBy(() -> providers.switchTo("d"))
			.withMessageContaining("'d'")
			.withMessageContaining("a");
		assertThatIllegalArgumentException().isThrownBy(() -> providers.reorder(List.of("a", "d")));
		assertThatIllegalArgumentException().isThrownBy(() -> providers.reorder(List.of()));
		assertThat(providers.chain().providers()).containsExactly("a", "b", "c");
		providers.switchTo("c");
		assertThat(providers.chain().providers()).containsExactly("c", "a", "b");
		providers.reorder(List.of("b", "a", "b"));
		assertThat(providers.chain().providers()).containsExactly("b", "a");
		assertThat(fixture.call(false).path()).isEqualTo("b ok");
		assertThat(fixture.call(pinned("c"), false).path()).isEqualTo("c ok");
	}

	@Test
	void fault80ModelNamesDiffer() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(503, "busy")),
				ScriptedProvider.of("b", FINE));
		Result result = fixture.call(false);
		assertThat(result.attempts()).extracting(AttemptReport::model).containsExactly("a-chat", "b-chat");
		assertThat(fixture.events(AttemptStarted.class)).extracting(AttemptStarted::model)
			.containsExactly("a-chat", "b-chat");
	}

	@Test
	void aNativeModelGoesToTheFirstProviderOnly() {
		ScriptedProvider b = ScriptedProvider.of("b", FINE);
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(503, "busy"), FINE), b);
		ChatRequest request = ChatRequest.builder().user("hi").model("some/native-id").build();
		Pending call = start(fixture, request);
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(Objects.requireNonNull(call.completion).attempts()).extracting(AttemptReport::model)
			.containsExactly("some/native-id", "some/native-id");
		assertThat(b.requests()).isZero();
	}

	@Test
	void fault81AnotherModelAnswers() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", FINE));
		assertThat(fixture.call(false).failure()).isNull();
		CallEnded ended = fixture.events(CallEnded.class).get(0);
		assertThat(ended.model()).isEqualTo("a-chat");
		assertThat(ended.responseModel()).isEqualTo("m");
	}

	@Test
	void aProviderThatCannotDoItIsSkippedAndNobodyIsAskedIfNoneCan() {
		Provider limited = Provider.builder("a", ProviderPresets.get("deepseek"))
			.baseUrl("http://a.invalid")
			.models(Map.of("chat", ProviderModel.of("a-chat")))
			.build();
		ChatRequest request = ChatRequest.builder()
			.user("hi")
			.responseFormat(ResponseFormat.jsonSchema("x", Map.of("type", "object"), true))
			.build();
		ScriptedProvider a = ScriptedProvider.of(limited, FINE);
		assertThat(fixture(a, ScriptedProvider.of("b", FINE)).call(request, false).path()).isEqualTo("b ok");
		DeepSeekException failure = fixture(a).call(request, false).error();
		assertThat(failure.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
		assertThat(a.requests()).isZero();
	}

	@Test
	void whatNoProviderOfTheChainCanDoIsSaidBeforeAnythingIsSent() {
		ScriptedProvider a = ScriptedProvider.of(host("groq", Map.of("chat", ProviderModel.of("a-chat"))), FINE);
		ScriptedProvider b = ScriptedProvider.of(host("ollama", Map.of("chat", ProviderModel.of("b-chat"))), FINE);
		RoutingFixture fixture = fixture(a, b);
		for (boolean stream : new boolean[] { false, true }) {
			DeepSeekException failure = fixture.call(ChatRequest.builder().user("hi").n(2).build(), stream).error();
			assertThat(failure.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
			assertThat(failure).hasMessageContaining("no provider can answer this request")
				.hasMessageContaining("groq: several choices at once are not supported")
				.hasMessageContaining("ollama: several choices at once are not supported");
		}
		assertThat(a.requests() + b.requests()).isZero();
		assertThat(fixture.call(ChatRequest.builder().user("hi").logprobs(true).build(), false).path())
			.isEqualTo("ollama ok");
	}

	@ParameterizedTest
	@ValueSource(strings = { "chat", "reasoner", "-" })
	void aLogicalModelThatNobodyHasIsNotSentAsANativeOne(String model) {
		ScriptedProvider a = ScriptedProvider.of(host("vllm", Map.of()), FINE);
		ChatRequest request = ChatRequest.builder().user("hi").model(model.equals("-") ? null : model).build();
		DeepSeekException failure = fixture(a).call(request, false).error();
		assertThat(failure.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
		String name = model.equals("-") ? "chat" : model;
		assertThat(failure)
			.hasMessageContaining("vllm: has no model '" + name + "'; set deepseek.providers.vllm.models." + name);
		assertThat(a.requests()).isZero();
	}

	@Test
	void providersAreListedInTheOrderInWhichTheyAreAsked() {
		ScriptedProvider a = ScriptedProvider.of(host("deepseek", Map.of()), FINE);
		ScriptedProvider b = ScriptedProvider.of(host("vllm", Map.of("fast", ProviderModel.of("tiny"))), FINE);
		RoutingClient client = fixture(a, b).client();
		client.providerSwitch().switchTo("vllm");
		assertThat(client.providers()).containsExactly(
				ProviderInfo.builder("vllm", "vLLM")
					.inChain(true)
					.models(Map.of("fast", ProviderInfo.Model.builder("tiny").build()))
					.build(),
				ProviderInfo.builder("deepseek", "DeepSeek")
					.inChain(true)
					.models(Map.of("chat", ProviderInfo.Model.builder("deepseek-flash").thinking(false).build(),
							"reasoner", ProviderInfo.Model.builder("deepseek-flash").thinking(true).build(), "pro",
							ProviderInfo.Model.builder("deepseek-v4-pro").build()))
					.build());
	}

	@Test
	void aProviderOutsideOfTheChainIsListedLast() {
		ScriptedProvider a = ScriptedProvider.of("a", FINE);
		ScriptedProvider b = ScriptedProvider.of("b", FINE);
		RoutingClient client = RoutingClient.builder(List.of(a.client(), b.client()), ProviderChain.of("b", List.of()))
			.build();
		assertThat(client.providers()).extracting(ProviderInfo::id).containsExactly("b", "a");
		assertThat(client.providers()).extracting(ProviderInfo::inChain).containsExactly(true, false);
	}

	@Test
	void modelsAndBalanceAreAskedOfOneProvider() {
		ScriptedProvider a = ScriptedProvider.of(host("deepseek", Map
			.of()), ScriptedProvider.json(200, "{\"data\":[{\"id\":\"m\"}]}"), ScriptedProvider.json(200,
					"{\"is_available\":true,\"balance_infos\":[{\"currency\":\"CNY\",\"total_balance\":\"1.50\"}]}"),
				ScriptedProvider.error(401, "no"));
		ScriptedProvider b = ScriptedProvider.of("b", FINE);
		RoutingClient client = fixture(a, b).client();
		Mono<List<ModelInfo>> models = client.models("deepseek");
		assertThat(a.requests()).isZero();
		assertThat(models.block()).containsExactly(new ModelInfo("m", null, null, null));
		assertThat(client.balance("deepseek").block()).isEqualTo(new AccountBalance(true,
				List.of(new AccountBalance.Amount("CNY", new BigDecimal("1.50"), null, null))));
		assertThat(failure(client.models("deepseek")).getKind()).isEqualTo(ErrorKind.AUTHENTICATION);
		assertThat(client.states().statuses()).as("a question says nothing about how a provider does").isEmpty();
		DeepSeekException noBalance = failure(client.balance("b"));
		assertThat(noBalance.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
		DeepSeekException unknown = failure(client.models("c"));
		assertThat(unknown.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST);
		assertThat(unknown).hasMessageContaining("there is no provider 'c'; configured are [deepseek, b]");
		assertThat(b.requests()).isZero();
	}

	private static DeepSeekException failure(Mono<?> question) {
		return (DeepSeekException) Objects
			.requireNonNull(question.materialize().blockOptional().orElseThrow().getThrowable());
	}

	private static Provider host(String preset, Map<String, ProviderModel> models) {
		return Provider.builder(preset, ProviderPresets.get(preset))
			.baseUrl("http://" + preset + ".invalid")
			.models(models)
			.build();
	}

	@Test
	void aRequestThatCannotBeWrittenIsTheCallersFault() {
		ChatRequest request = ChatRequest.builder().user("hi").extra("loop", new Loop()).build();
		for (boolean stream : new boolean[] { false, true }) {
			ScriptedProvider a = ScriptedProvider.of("a", FINE);
			RoutingFixture fixture = fixture(a, ScriptedProvider.of("b", FINE));
			assertThat(fixture.call(request, stream).path()).isEqualTo("a INVALID_REQUEST");
			assertThat(fixture.status("a").inFlight()).isZero();
			assertThat(a.requests()).isZero();
		}
	}

	@Test
	void aQuotaOfTheApplicationIsAskedAndReleased() {
		List<String> log = new ArrayList<>();
		ProviderQuota quota = (request) -> Mono.fromSupplier(() -> {
			log.add("acquire " + request.provider());
			return () -> log.add("release " + request.provider());
		});
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(503, "busy")),
				ScriptedProvider.of("b", FINE))
			.quota(quota);
		assertThat(fixture.call(true).path()).isEqualTo("a OVERLOADED, b ok");
		assertThat(log).containsExactly("acquire a", "release a", "acquire b", "release b");
	}

	@Test
	void aQuotaThatFailsSaysNothingOfTheProvider() {
		for (Mono<ProviderQuota.Permit> answer : List.<Mono<ProviderQuota.Permit>>of(
				Mono.error(new IllegalStateException("redis is down")), Mono.empty(), Mono.defer(() -> {
					throw new IllegalStateException("thrown");
				}))) {
			RoutingFixture fixture = fixture(RoutingFixture.settings(6, 20, 1), ScriptedProvider.of("a", FINE),
					ScriptedProvider.of("b", FINE))
				.quota((request) -> answer);
			Result result = fixture.call(false);
			assertThat(result.path()).isEqualTo("a LOCAL_LIMIT");
			assertThat(result.error().getScope()).isEqualTo(FailureScope.APPLICATION);
			assertThat(result.error()).hasMessageContaining("the ProviderQuota " + getClass().getName());
			assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.CLOSED);
			assertThat(fixture.status("a").lastError()).isNull();
			assertThat(fixture.events(CallEnded.class)).hasSize(1);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aQuotaThatThrowsWhenAskedForAFreePermitSaysNothingOfTheProvider(boolean stream) {
		RoutingFixture fixture = fixture(RoutingFixture.settings(6, 20, 1), ScriptedProvider.of("a", FINE),
				ScriptedProvider.of("b", FINE))
			.quota(new ProviderQuota() {

				@Override
				public Permit tryAcquire(PermitRequest request) {
					throw new AssertionError("redis is down");
				}

				@Override
				public Mono<Permit> acquire(PermitRequest request) {
					return Mono.just(() -> {
					});
				}

			});
		assertThat(fixture.call(stream).path()).isEqualTo("a LOCAL_LIMIT");
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.CLOSED);
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
	}

	@Test
	void aFreePermitIsReleasedHoweverTheAttemptEnds() {
		List<String> log = new ArrayList<>();
		ProviderQuota quota = new ProviderQuota() {

			@Override
			public Permit tryAcquire(PermitRequest request) {
				log.add("take " + request.provider());
				return () -> log.add("release " + request.provider());
			}

			@Override
			public Mono<Permit> acquire(PermitRequest request) {
				throw new AssertionError("a permit was free");
			}

		};
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.error(503, "busy")),
				ScriptedProvider.of("b", FINE))
			.quota(quota);
		assertThat(fixture.call(false).path()).isEqualTo("a OVERLOADED, b ok");
		assertThat(log).containsExactly("take a", "release a", "take b", "release b");
		log.clear();
		RoutingFixture silent = fixture(ScriptedProvider.of("c", (request) -> Mono.never())).quota(quota);
		silent.client().complete(ChatRequest.of("hi")).subscribe().dispose();
		silent.client().stream(ChatRequest.of("hi")).subscribe().dispose();
		assertThat(log).containsExactly("take c", "release c", "take c", "release c");
	}

	@Test
	void aQuotaThatNeverAnswersIsBoundByTheDeadline() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", FINE)).quota((request) -> Mono.never());
		Pending call = start(fixture);
		this.time.advanceTimeBy(Duration.ofMinutes(20));
		assertThat(call.error().getKind()).isEqualTo(ErrorKind.TIMEOUT);
		assertThat(fixture.status("a").circuit()).isEqualTo(CircuitState.CLOSED);
	}

	@Test
	void aPermitThatComesAfterTheCancellationIsGivenBack() {
		AtomicInteger released = new AtomicInteger();
		List<CoreSubscriber<? super ProviderQuota.Permit>> waiting = new ArrayList<>();
		// a quota that does not listen to cancellations
		Mono<ProviderQuota.Permit> deaf = new Mono<>() {

			@Override
			public void subscribe(CoreSubscriber<? super ProviderQuota.Permit> actual) {
				waiting.add(actual);
				actual.onSubscribe(Operators.emptySubscription());
			}

		};
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", FINE)).quota((request) -> deaf);
		fixture.client().complete(ChatRequest.of("hi")).subscribe().dispose();
		waiting.get(0).onNext((ProviderQuota.Permit) released::incrementAndGet);
		assertThat(released).hasPositiveValue();
		assertThat(fixture.events(AttemptStarted.class)).isEmpty();
		assertThat(fixture.events(CallEnded.class)).singleElement()
			.satisfies((ended) -> assertThat(ended.outcome()).isEqualTo(Outcome.CANCEL));
	}

	@Test
	void fault67CancelDuringTheBackOff() {
		ScriptedProvider a = ScriptedProvider.of("a", ScriptedProvider.error(429, "slow"), FINE);
		RoutingFixture fixture = fixture(a);
		Disposable call = fixture.client().complete(ChatRequest.of("hi")).subscribe();
		assertThat(fixture.events(Retried.class)).hasSize(1);
		call.dispose();
		this.time.advanceTimeBy(Duration.ofMinutes(1));
		assertThat(a.requests()).isEqualTo(1);
		assertThat(fixture.events(CallEnded.class)).singleElement()
			.satisfies((ended) -> assertThat(ended.outcome()).isEqualTo(Outcome.CANCEL));
	}

	@Test
	void fault67CancelWhenTheCallFailsOver() {
		ScriptedProvider b = ScriptedProvider.of("b", FINE);
		List<Disposable> call = new ArrayList<>();
		RoutingFixture fixture = fixture(
				ScriptedProvider.of("a", (request) -> Mono.delay(Duration.ofSeconds(1), this.time)
					.then(ScriptedProvider.error(503, "busy").to(request))),
				b);
		fixture.listener((event) -> {
			if (event instanceof FailedOver) {
				call.get(0).dispose();
			}
		});
		call.add(fixture.client().complete(ChatRequest.of("hi")).subscribe());
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(fixture.events(FailedOver.class)).hasSize(1);
		assertThat(b.requests()).isZero();
		assertThat(fixture.events(AttemptStarted.class)).hasSize(1);
	}

	@Test
	void fault71EachSubscriptionIsACallOfItsOwn() {
		ScriptedProvider a = ScriptedProvider.of("a", FINE);
		RoutingFixture fixture = fixture(a);
		Mono<ChatCompletion> call = fixture.client().complete(ChatRequest.of("hi"));
		assertThat(a.requests()).isZero();
		call.block(RoutingFixture.PATIENCE);
		call.block(RoutingFixture.PATIENCE);
		assertThat(a.requests()).isEqualTo(2);
		assertThat(fixture.events(CallEnded.class)).hasSize(2);
	}

	@Test
	void fault74TheReactorContextSurvivesRetryAndFailover() {
		List<String> seen = new ArrayList<>();
		Reply noting = (request) -> Mono.deferContextual((context) -> {
			seen.add(context.getOrDefault("trace", "lost"));
			return ScriptedProvider.failure(new ConnectException("no")).to(request);
		});
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", noting), ScriptedProvider.of("b", noting));
		fixture.client()
			.complete(ChatRequest.of("hi"))
			.contextWrite((context) -> context.put("trace", "4bf9"))
			.subscribe((completion) -> {
			}, (failure) -> {
			});
		fixture.client()
			.stream(ChatRequest.of("hi"))
			.contextWrite((context) -> context.put("trace", "4bf9"))
			.subscribe((delta) -> {
			}, (failure) -> {
			});
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(seen).hasSize(8).containsOnly("4bf9");
	}

	@Test
	void aListenerThatFailsChangesNothing() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", FINE)).listener((event) -> {
			throw new IllegalStateException("a bad listener");
		});
		assertThat(fixture.call(true).path()).isEqualTo("a ok");
		assertThat(fixture.events(AttemptEnded.class)).hasSize(1);
	}

	private static final class Pending {

		private @Nullable ChatCompletion completion;

		private @Nullable DeepSeekException failure;

		private int terminals;

		private String content() {
			return Objects.requireNonNull(this.completion, "the call has not completed").content();
		}

		private DeepSeekException error() {
			return Objects.requireNonNull(this.failure, "the call has not failed");
		}

	}

	/**
	 * Cannot be written as JSON.
	 */
	static final class Loop {

		@JsonProperty
		Loop self() {
			return this;
		}

	}

}
