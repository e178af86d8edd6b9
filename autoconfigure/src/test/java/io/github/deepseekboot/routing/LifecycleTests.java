package io.github.deepseekboot.routing;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.subscriber.TestSubscriber;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingEvent.Retried;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.routing.MisbehavingServer.Behaviour;
import io.github.deepseekboot.routing.RoutingFixture.Result;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Back-pressure, cancellation and shutdown over real sockets: faults 65 to 75 of
 * docs/reliability.md, as far as they need a network.
 */
class LifecycleTests extends AbstractRoutingTests {

	private static Behaviour tokenThenSilence() {
		return (exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("a token");
			exchange.awaitClose();
		};
	}

	private static Behaviour silence() {
		return (exchange) -> exchange.awaitClose();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault65PoolFull(boolean stream) throws IOException {
		MisbehavingServer a = server(silence());
		MisbehavingServer b = server(MisbehavingServer.answer("from b"));
		RoutingFixture fixture = fixture().maxConnections(1).provider("a", a.port()).provider("b", b.port());
		Disposable first = fixture.client().stream(ChatRequest.of("hi")).subscribe();
		RoutingFixture.await("the pool is full", () -> a.requests() == 1);
		Result second = fixture.call(stream);
		assertThat(second.path()).isEqualTo("a LOCAL_LIMIT, b ok");
		assertThat(second.attempts().get(0).elapsed()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
		assertThat(fixture.status("a").coolDown()).isNull();
		first.dispose();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault68CancelIsSeenByTheServer(boolean stream) throws IOException {
		MisbehavingServer a = server(stream ? tokenThenSilence() : silence());
		RoutingFixture fixture = fixture().provider("a", a.port());
		Disposable call = stream ? fixture.client().stream(ChatRequest.of("hi")).subscribe()
				: fixture.client().complete(ChatRequest.of("hi")).subscribe();
		RoutingFixture.await("the server is asked", () -> a.requests() == 1);
		call.dispose();
		RoutingFixture.await("the server sees the close", () -> a.closedByClient() == 1);
		assertThat(fixture.events(CallEnded.class)).singleElement().satisfies((ended) -> {
			assertThat(ended.outcome()).isEqualTo(Outcome.CANCEL);
			assertThat(ended.attempts()).singleElement()
				.satisfies((attempt) -> assertThat(attempt.error()).isEqualTo(ErrorKind.CANCELLED));
		});
		assertThat(fixture.status("a").inFlight()).isZero();
	}

	@Test
	void fault69SlowSubscriberHoldsTheServerBack() throws IOException {
		LoopResources loops = LoopResources.create("slow", 1, true);
		this.resources.add(loops::dispose);
		String token = "x".repeat(8000);
		MisbehavingServer a = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			for (int i = 0; i < 8000; i++) {
				exchange.token(token);
			}
			exchange.end();
		});
		MisbehavingServer b = server(MisbehavingServer.answer("quick"));
		RoutingFixture fixture = fixture().loops(loops)
			.countBytes()
			.timeouts(RoutingFixture.timeouts(5000, 300, 9000))
			.provider("a", a.port())
			.provider("b", b.port());
		TestSubscriber<ChatDelta> slow = TestSubscriber.builder().initialRequest(0).build();
		fixture.client().stream(ChatRequest.of("hi")).subscribe(slow);
		slow.request(1);
		RoutingFixture.await("the first delta", () -> slow.getReceivedOnNext().size() == 1);
		// the event loop may read on many times, for longer than a stream may stall
		long since = System.nanoTime();
		for (int i = 0; i < 50 || System.nanoTime() - since < Duration.ofMillis(600).toNanos(); i++) {
			assertThat(fixture.call(ChatRequest.builder().user("hi").provider("b").build(), true).text())
				.isEqualTo("quick");
		}
		// of 64 MB; what the sockets' buffers hold is the kernel's
		assertThat(fixture.bytesReceived()).isLessThan(2_000_000);
		assertThat(a.bytesWritten()).isLessThan(24_000_000);
		assertThat(slow.isTerminated()).as("a pause is not a stall").isFalse();
		assertThat(slow.getReceivedOnNext()).hasSize(1);
		slow.cancel();
	}

	@Test
	void fault70RequestOneIsOne() throws IOException {
		MisbehavingServer a = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			StringBuilder burst = new StringBuilder();
			for (int i = 0; i < 50; i++) {
				burst.append(MisbehavingServer.delta("t" + i + " "));
			}
			exchange.chunk(burst.toString());
			exchange.end();
		});
		RoutingFixture fixture = fixture().provider("a", a.port());
		TestSubscriber<ChatDelta> slow = TestSubscriber.builder().initialRequest(0).build();
		fixture.client().stream(ChatRequest.of("hi")).subscribe(slow);
		for (int i = 1; i <= 51; i++) {
			int expected = i;
			slow.request(1);
			RoutingFixture.await("delta " + i, () -> slow.getReceivedOnNext().size() >= expected);
			assertThat(slow.getReceivedOnNext()).hasSize(expected);
		}
		RoutingFixture.await("the end", () -> slow.isTerminatedComplete());
		assertThat(slow.getReceivedOnNext().get(50).isLast()).isTrue();
	}

	@Test
	void fault73ShutdownDrainsAndThenCancels() throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		MisbehavingServer a = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("drained ");
			goOn.await();
			exchange.token("whole");
			exchange.end();
		});
		MisbehavingServer b = server(tokenThenSilence(), silence());
		MisbehavingServer c = server((exchange) -> exchange.status(429, "Retry-After: 20\r\n", "{}"));
		RoutingFixture fixture = fixture().timeouts(RoutingFixture.timeouts(60_000, 60_000, 60_000))
			.provider("a", a.port())
			.provider("b", b.port())
			.provider("c", c.port());
		CompletableResult drained = new CompletableResult(fixture, "a", true);
		CompletableResult stream = new CompletableResult(fixture, "b", true);
		RoutingFixture.await("b streams", () -> stream.deltas.size() == 1);
		CompletableResult blocking = new CompletableResult(fixture, "b", false);
		RoutingFixture.await("b is asked again", () -> b.requests() == 2);
		CompletableResult backingOff = new CompletableResult(fixture, "c", false);
		RoutingFixture.await("c backs off", () -> fixture.events(Retried.class).size() == 1);
		RoutingFixture.await("a streams", () -> drained.deltas.size() == 1);
		CountDownLatch shut = new CountDownLatch(1);
		long start = System.nanoTime();
		fixture.client().shutdown(Duration.ofMillis(500)).subscribe(null, null, shut::countDown);
		assertThat(fixture.call(false).error().getKind()).as("a new call").isEqualTo(ErrorKind.CANCELLED);
		goOn.countDown();
		RoutingFixture.await("the shutdown ends", () -> shut.getCount() == 0);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(450),
				Duration.ofSeconds(3));
		assertThat(RoutingFixture.text(drained.deltas)).isEqualTo("drained whole");
		assertThat(drained.failure).isNull();
		assertThat(stream.failure).isInstanceOfSatisfying(StreamInterruptedException.class, (failure) -> {
			assertThat(failure.getCauseKind()).isEqualTo(ErrorKind.CANCELLED);
			assertThat(failure.getPartialContent()).isEqualTo("a token");
		});
		assertThat(kind(blocking.failure)).isEqualTo(ErrorKind.CANCELLED);
		assertThat(kind(backingOff.failure)).isEqualTo(ErrorKind.CANCELLED);
		assertThat(c.requests()).isEqualTo(1);
		RoutingFixture.await("b sees both closes", () -> b.closedByClient() == 2);
		assertThat(fixture.events(CallEnded.class)).as("the refused call's too").hasSize(5);
		assertThat(fixture.status("b").circuit()).isEqualTo(RoutingEvent.CircuitState.CLOSED);
	}

	@Test
	void fault73ShutdownReachesCallsThatWaitForAPermit() throws IOException {
		MisbehavingServer a = server(silence());
		RoutingSettings one = RoutingSettings.builder()
			.maxAttempts(6)
			.backoff(Duration.ofMillis(5))
			.maxBackoff(Duration.ofMillis(20))
			.budget(20)
			.failureRate(100)
			.window(20)
			.openFor(Duration.ofSeconds(30))
			.halfOpen(1)
			.maxConcurrent(1)
			.maxWait(Duration.ofSeconds(30))
			.build();
		RoutingFixture fixture = fixture().settings(one)
			.timeouts(RoutingFixture.timeouts(60_000, 60_000, 60_000))
			.provider("a", a.port());
		CompletableResult running = new CompletableResult(fixture, "a", false);
		RoutingFixture.await("a is asked", () -> a.requests() == 1);
		CompletableResult waiting = new CompletableResult(fixture, "a", false);
		fixture.client().shutdown(Duration.ZERO).block(RoutingFixture.PATIENCE);
		assertThat(kind(running.failure)).isEqualTo(ErrorKind.CANCELLED);
		assertThat(kind(waiting.failure)).isEqualTo(ErrorKind.CANCELLED);
		assertThat(fixture.events(AttemptStarted.class)).hasSize(1);
		fixture.client().shutdown(Duration.ofSeconds(5)).block(RoutingFixture.PATIENCE);
	}

	@Test
	void aRunningCallMayFailOverWhileTheApplicationDrains() throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		MisbehavingServer a = server((exchange) -> {
			goOn.await();
			exchange.status(503, "", "{}");
		});
		MisbehavingServer b = server(MisbehavingServer.answer("from b"));
		RoutingFixture fixture = fixture().provider("a", a.port()).provider("b", b.port());
		List<String> answers = new CopyOnWriteArrayList<>();
		fixture.client().complete(ChatRequest.of("hi")).subscribe((completion) -> answers.add(completion.content()));
		RoutingFixture.await("a is asked", () -> a.requests() == 1);
		Mono<Void> shutdown = fixture.client().shutdown(Duration.ofSeconds(5)).cache();
		shutdown.subscribe();
		goOn.countDown();
		shutdown.block(RoutingFixture.PATIENCE);
		assertThat(answers).containsExactly("from b");
	}

	@Test
	void fault75TimeoutAndErrorRaceToOneTerminalSignal() throws Exception {
		MisbehavingServer a = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("a token");
			exchange.awaitClose();
		});
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		TransportClock clock = TransportClock.of(time);
		LoopResources loops = LoopResources.create("race", 2, true);
		this.resources.add(loops::dispose);
		RoutingFixture fixture = fixture().clock(clock)
			.provider(new ProviderClient(
					ScriptedProvider.provider("a", "test-key").baseUrl("http://127.0.0.1:" + a.port() + "/v1").build(),
					WebClient.builder()
						.clientConnector(new ReactorClientHttpConnector(HttpClient.newConnection().runOn(loops)))
						.build(),
					clock));
		AtomicInteger tokens = new AtomicInteger();
		AtomicInteger terminals = new AtomicInteger();
		int calls = 150;
		for (int i = 0; i < calls; i++) {
			fixture.client()
				.stream(ChatRequest.of("hi"))
				.subscribe((delta) -> tokens.incrementAndGet(), (failure) -> terminals.incrementAndGet(),
						terminals::incrementAndGet);
		}
		RoutingFixture.await("all streams have begun", () -> tokens.get() == calls);
		CyclicBarrier start = new CyclicBarrier(2);
		CompletableFuture<Void> resets = CompletableFuture.runAsync(() -> {
			try {
				start.await();
				a.resetAll();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
		start.await();
		// the idle timeouts, as the resets arrive
		time.advanceTimeBy(ProviderTimeouts.DEFAULTS.idleTokens());
		resets.get(10, TimeUnit.SECONDS);
		RoutingFixture.await("all calls end", () -> fixture.events(CallEnded.class).size() == calls);
		// whatever else could end them has its chance
		time.advanceTimeBy(Duration.ofHours(1));
		loops.disposeLater(Duration.ZERO, RoutingFixture.PATIENCE).block(RoutingFixture.PATIENCE);
		assertThat(tokens).hasValue(calls);
		assertThat(terminals).hasValue(calls);
		assertThat(fixture.events(CallEnded.class)).hasSize(calls);
		assertThat(fixture.status("a").inFlight()).isZero();
	}

	private static ErrorKind kind(@Nullable Throwable failure) {
		if (failure instanceof DeepSeekException known) {
			return known.getKind();
		}
		throw new AssertionError("unexpected: " + failure);
	}

	private static final class CompletableResult {

		private final List<ChatDelta> deltas = new CopyOnWriteArrayList<>();

		private volatile @Nullable Throwable failure;

		CompletableResult(RoutingFixture fixture, String provider, boolean stream) {
			ChatRequest request = ChatRequest.builder().user("hi").provider(provider).build();
			if (stream) {
				fixture.client().stream(request).subscribe(this.deltas::add, (failure) -> this.failure = failure);
			}
			else {
				fixture.client().complete(request).subscribe((completion) -> {
				}, (failure) -> this.failure = failure);
			}
		}

	}

}
