package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.FailedOver;
import io.github.deepseekboot.hook.RoutingEvent.Retried;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RoutingClient#shutdown(Duration)}.
 */
class ShutdownTests {

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final List<Throwable> failures = new ArrayList<>();

	private RoutingFixture fixture(ScriptedProvider provider) {
		return new RoutingFixture().clock(TransportClock.of(this.time)).provider(provider.client());
	}

	private void call(RoutingFixture fixture) {
		fixture.client().complete(ChatRequest.of("hi")).subscribe((completion) -> {
			throw new AssertionError("there is no answer");
		}, this.failures::add);
	}

	private void assertOneFailedAsCancelled() {
		assertThat(this.failures).singleElement()
			.isInstanceOfSatisfying(DeepSeekException.class,
					(failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.CANCELLED));
	}

	@Test
	void aCallThatWaitsForAPermitEnds() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.answer("fine")))
			.quota((request) -> Mono.never());
		call(fixture);
		fixture.client().shutdown(Duration.ofSeconds(1)).subscribe();
		this.time.advanceTimeBy(Duration.ofMillis(999));
		assertThat(this.failures).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertOneFailedAsCancelled();
		assertThat(fixture.events(CallEnded.class)).hasSize(1);
	}

	@Test
	void aCallThatBacksOffEnds() {
		RoutingFixture fixture = fixture(
				ScriptedProvider.of("a", ScriptedProvider.error(429, "slow", "Retry-After", "20")));
		call(fixture);
		assertThat(fixture.events(Retried.class)).hasSize(1);
		fixture.client().shutdown(Duration.ofSeconds(1)).subscribe();
		this.time.advanceTimeBy(Duration.ofMillis(999));
		assertThat(this.failures).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertOneFailedAsCancelled();
		assertThat(fixture.events(AttemptStarted.class)).hasSize(1);
	}

	@Test
	void aPermitThatACallGivesBackStartsNoOther() {
		List<MonoSink<ProviderQuota.Permit>> waiting = new ArrayList<>();
		List<Integer> given = new ArrayList<>();
		// gives whatever comes back to all that wait, at once
		ProviderQuota.Permit permit = () -> List.copyOf(waiting).forEach((sink) -> {
			waiting.remove(sink);
			sink.success(() -> {
			});
		});
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.silence()))
			.quota((request) -> Mono.create((sink) -> {
				if (given.size() < 5) {
					given.add(given.size());
					sink.success(permit);
				}
				else {
					waiting.add(sink);
				}
			}));
		for (int i = 0; i < 10; i++) {
			call(fixture);
		}
		assertThat(fixture.events(AttemptStarted.class)).hasSize(5);
		assertThat(waiting).hasSize(5);
		fixture.client().shutdown(Duration.ZERO).subscribe();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.failures).hasSize(10);
		assertThat(fixture.events(AttemptStarted.class)).hasSize(5);
	}

	@Test
	void aCallThatTheShutdownKeepsFromFailingOverEndsAsCancelled() {
		ScriptedProvider other = ScriptedProvider.of("b", ScriptedProvider.answer("fine"));
		RoutingFixture fixture = fixtureWhoseSecondCallFailsAtTheEndOfTheFirst(ScriptedProvider.error(503, "busy"))
			.provider(other.client());
		List<ErrorKind> ends = endsOfTwoCalls(fixture);
		assertThat(ends).containsExactly(ErrorKind.CANCELLED, ErrorKind.CANCELLED);
		assertThat(attemptErrors(fixture)).containsExactlyInAnyOrder(ErrorKind.CANCELLED, ErrorKind.OVERLOADED);
		assertThat(fixture.events(FailedOver.class)).isEmpty();
		assertThat(other.requests()).isZero();
	}

	@Test
	void aFailureThatEndsTheCallInAnyCaseIsReportedDuringTheShutdownToo() {
		RoutingFixture fixture = fixtureWhoseSecondCallFailsAtTheEndOfTheFirst(ScriptedProvider.error(400, "bad"));
		assertThat(endsOfTwoCalls(fixture)).containsExactly(ErrorKind.INVALID_REQUEST, ErrorKind.CANCELLED);
		assertThat(attemptErrors(fixture)).containsExactlyInAnyOrder(ErrorKind.CANCELLED, ErrorKind.INVALID_REQUEST);
	}

	// the shutdown has begun to end calls, but has not come to the second one
	private RoutingFixture fixtureWhoseSecondCallFailsAtTheEndOfTheFirst(ScriptedProvider.Reply failure) {
		Map<MonoSink<ClientResponse>, ClientRequest> asked = new LinkedHashMap<>();
		ScriptedProvider provider = ScriptedProvider.of("a",
				(request) -> Mono.create((sink) -> asked.put(sink, request)));
		return fixture(provider).listener((event) -> {
			if (event instanceof CallEnded) {
				Map<MonoSink<ClientResponse>, ClientRequest> waiting = Map.copyOf(asked);
				asked.clear();
				waiting.forEach((sink, request) -> failure.to(request).subscribe(sink::success));
			}
		});
	}

	private List<ErrorKind> endsOfTwoCalls(RoutingFixture fixture) {
		call(fixture);
		call(fixture);
		fixture.client().shutdown(Duration.ofSeconds(1)).subscribe();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		return this.failures.stream().map((failure) -> ((DeepSeekException) failure).getKind()).toList();
	}

	private static List<ErrorKind> attemptErrors(RoutingFixture fixture) {
		return fixture.events(AttemptEnded.class).stream().map((ended) -> ended.report().error()).toList();
	}

	@Test
	void callsEndInTheOrderInWhichTheyBegan() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.silence()));
		List<Integer> ended = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			int number = i;
			fixture.client().complete(ChatRequest.of("hi")).subscribe(null, (failure) -> ended.add(number));
		}
		fixture.client().shutdown(Duration.ZERO).subscribe();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(ended).hasSize(20).isSorted();
	}

	@Test
	void noCallStartsUntilTheClientIsOpenAgain() {
		RoutingFixture fixture = fixture(ScriptedProvider.of("a", ScriptedProvider.answer("fine")));
		fixture.client().shutdown(Duration.ZERO).subscribe();
		call(fixture);
		assertOneFailedAsCancelled();
		assertThat(fixture.events(AttemptStarted.class)).isEmpty();
		fixture.client().reopen();
		assertThat(fixture.call(false).text()).isEqualTo("fine");
	}

	@Test
	void aSubscriberThatBlocksHoldsUpNoOtherCall() {
		Scheduler scheduler = Schedulers.newBoundedElastic(8, 100, "shutdown");
		try {
			RoutingFixture fixture = new RoutingFixture().clock(new TransportClock(scheduler, System::nanoTime))
				.provider(ScriptedProvider.of("a", ScriptedProvider.silence()).client());
			// each waits at its end for the end of the other
			CyclicBarrier bothEnd = new CyclicBarrier(2);
			Mono<Boolean> call = Mono.defer(() -> fixture.client().complete(ChatRequest.of("hi")))
				.thenReturn(false)
				.onErrorResume((failure) -> Mono.fromCallable(() -> {
					bothEnd.await(5, TimeUnit.SECONDS);
					return true;
				}).onErrorReturn(false));
			Mono<List<Boolean>> calls = Flux.merge(call, call).collectList().cache();
			calls.subscribe();
			assertThat(fixture.events(AttemptStarted.class)).hasSize(2);
			fixture.client().shutdown(Duration.ZERO).subscribe();
			assertThat(calls.block(RoutingFixture.PATIENCE)).containsExactly(true, true);
		}
		finally {
			scheduler.dispose();
		}
	}

}
