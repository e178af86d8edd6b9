package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CallStarted;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Calls that are cancelled at any moment leave nothing behind.
 */
class CancellationTests {

	// ten thousand in CI
	private static final int CALLS = Integer.getInteger("cancellations", 1000);

	private static final int AT_ONCE = 300;

	@Test
	void fault66CancellationsLeakNothing() throws Exception {
		AtomicInteger started = new AtomicInteger();
		AtomicInteger ended = new AtomicInteger();
		AtomicInteger cancelled = new AtomicInteger();
		RoutingListener counter = (event) -> {
			if (event instanceof CallStarted) {
				started.incrementAndGet();
			}
			else if (event instanceof CallEnded end) {
				ended.incrementAndGet();
				if (end.outcome() == RoutingEvent.Outcome.CANCEL) {
					cancelled.incrementAndGet();
				}
			}
		};
		// fewer permits than calls, so that many are cancelled while they wait for one
		RoutingSettings settings = RoutingSettings.builder()
			.maxAttempts(6)
			.backoff(Duration.ofMillis(5))
			.maxBackoff(Duration.ofMillis(20))
			.budget(10_000)
			.failureRate(100)
			.window(100)
			.openFor(Duration.ofSeconds(1))
			.halfOpen(1)
			.maxConcurrent(AT_ONCE / 3)
			.maxWait(Duration.ofSeconds(30))
			.build();
		try (LeakWatch leaks = new LeakWatch();
				ScriptedServer server = ScriptedServer.start();
				RoutingFixture fixture = new RoutingFixture().recordNothing().settings(settings).listener(counter)) {
			SimulatedProvider a = new SimulatedProvider(server, "a", Duration.ofMillis(4));
			SimulatedProvider b = new SimulatedProvider(server, "b", Duration.ofMillis(4));
			fixture.provider("a", a.baseUrl()).provider("b", b.baseUrl());
			a.mood(SimulatedProvider.Mood.CUTTING_BEFORE);
			Flux.range(0, CALLS / 4).flatMap((number) -> call(fixture, number), AT_ONCE).blockLast();
			int threads = LeakWatch.liveThreads();
			a.mood(SimulatedProvider.Mood.FINE);
			Flux.range(CALLS / 4, CALLS - CALLS / 4)
				.flatMap((number) -> call(fixture, number), AT_ONCE)
				.blockLast(Duration.ofSeconds(60));
			RoutingFixture.await("all calls have ended", () -> ended.get() == CALLS);
			assertThat(started).hasValue(CALLS);
			assertThat(cancelled.get()).as("cancellations").isGreaterThan(CALLS / 2);
			assertThat(fixture.status("a").inFlight()).isZero();
			assertThat(fixture.status("b").inFlight()).isZero();
			// every permit is there: as many calls as there are permits run at once
			fixture.client().providerSwitch().switchTo("b");
			fixture.client().states().reset("b");
			Long answered = Flux.range(0, AT_ONCE)
				.flatMap((number) -> fixture.client().complete(ChatRequest.of("mark-" + number)), AT_ONCE)
				.count()
				.block(Duration.ofSeconds(20));
			assertThat(answered).isEqualTo(AT_ONCE);
			fixture.close();
			RoutingFixture.await("the server saw every close", () -> server.openConnections() == 0);
			leaks.assertNoLeaks();
			assertThat(LeakWatch.liveThreads()).isLessThanOrEqualTo(threads + 4);
		}
	}

	private static Mono<Void> call(RoutingFixture fixture, int number) {
		ChatRequest request = ChatRequest.of("mark-" + number);
		Mono<Void> call = (number % 4 == 0) ? fixture.client().complete(request).then()
				: fixture.client().stream(request).then();
		long micros = ThreadLocalRandom.current().nextLong(60_000);
		return call.onErrorComplete()
			.timeout(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(micros)), Mono.empty(), Schedulers.parallel());
	}

}
