package io.github.deepseekboot.transport;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what streams do to their connections: back-pressure and reuse.
 */
class ConnectionTests {

	private static final String SSE = "text/event-stream";

	private static final String EVENT = Streams.content("x".repeat(1000)) + "\n\n";

	private static final long MEBIBYTE = 1 << 20;

	@Test
	void demandReachesNoFurtherThanItIs() {
		try (TestServer server = TestServer.start((exchange) -> exchange.respond(200,
				EVENT.repeat(100) + Streams.done() + "\n\n", "Content-Type", SSE))) {
			StepVerifier.create(TestProviders.client("deepseek", server).stream(TestProviders.attempt()), 0)
				.expectSubscription()
				.thenRequest(1)
				.expectNextCount(1)
				.expectNoEvent(Duration.ofMillis(100))
				.thenRequest(2)
				.expectNextCount(2)
				.expectNoEvent(Duration.ofMillis(100))
				.thenRequest(Long.MAX_VALUE)
				.expectNextCount(98)
				.expectComplete()
				.verify(TestProviders.SOON);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 7, Integer.MAX_VALUE })
	void eventsOfOneWriteArriveCompleteAndInOrder(int demand) {
		StringBuilder answer = new StringBuilder(
				"HTTP/1.1 200 OK\r\nContent-Type: " + SSE + "\r\nTransfer-Encoding: chunked\r\n\r\n");
		List<String> texts = IntStream.range(0, 100).mapToObj((n) -> n + "x".repeat(n * 7)).toList();
		texts.forEach((text) -> answer.append(chunk(Streams.content(text) + "\n\n")));
		answer.append(chunk(Streams.done() + "\n\n")).append("0\r\n\r\n");
		try (TestServer server = TestServer
			.start((exchange) -> exchange.raw(answer.toString().getBytes(StandardCharsets.US_ASCII)))) {
			List<ChatDelta> deltas = TestProviders.client("deepseek", server)
				.stream(TestProviders.attempt())
				.limitRate(demand)
				.collectList()
				.block(TestProviders.SOON);
			assertThat(deltas).hasSize(texts.size() + 1)
				.extracting(ChatDelta::content)
				.startsWith(texts.toArray(String[]::new));
			assertThat(deltas.get(texts.size()).isLast()).isTrue();
		}
	}

	private static String chunk(String text) {
		return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 30 })
	void eventsBeforeASilenceArriveAtOnce(int events) {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.raw(chunk(EVENT).repeat(events).getBytes(StandardCharsets.US_ASCII));
			exchange.closedByClient(20_000);
		})) {
			StepVerifier.create(TestProviders.client("deepseek", server).stream(TestProviders.attempt()))
				.expectNextCount(events)
				.thenCancel()
				.verify(TestProviders.SOON.dividedBy(2));
		}
	}

	@Test
	void aCallThatFollowsAtOnceHasTheSameConnection() {
		try (TestServer server = TestServer.answering(200, "application/json",
				"{\"choices\":[{\"message\":{\"content\":\"Hello\"}}]}")) {
			ProviderClient client = TestProviders.client("deepseek", server);
			List<ChatCompletion> answers = Mono.defer(() -> client.complete(TestProviders.attempt()))
				.repeat(4)
				.collectList()
				.block(TestProviders.SOON);
			assertThat(answers).hasSize(5);
			assertThat(server.accepted()).isEqualTo(1);
		}
	}

	@Test
	void pausedSubscriberStopsTheProvider() throws Exception {
		int events = 64 * 1024;
		AtomicLong written = new AtomicLong();
		CountDownLatch over = new CountDownLatch(1);
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			for (int i = 0; i < events / 64; i++) {
				exchange.chunk(EVENT.repeat(64));
				written.addAndGet(64L * EVENT.length());
			}
			exchange.chunk(Streams.done() + "\n\n");
			exchange.end();
			over.countDown();
		})) {
			VirtualTimeScheduler time = VirtualTimeScheduler.create();
			CompletableFuture<Integer> count = new CompletableFuture<>();
			Paused subscriber = new Paused(count);
			TestProviders
				.client(TestProviders.builder("deepseek", server.baseUrl()).build(), ResponseLimits.DEFAULTS,
						TransportClock.of(time))
				.stream(TestProviders.attempt())
				.subscribe(subscriber);
			AtomicLong before = new AtomicLong(-1);
			Awaitility.await()
				.atMost(TestProviders.SOON)
				.pollInterval(Duration.ofMillis(700))
				.until(() -> written.get() > 0 && before.getAndSet(written.get()) == written.get());
			// far longer than the idle timeouts
			time.advanceTimeBy(Duration.ofMinutes(15));
			assertThat(written.get()).isLessThan(24 * MEBIBYTE);
			assertThat(count).isNotDone();
			assertThat(subscriber.received).hasValue(1);
			subscriber.request(Long.MAX_VALUE);
			assertThat(count.get(60, TimeUnit.SECONDS)).isEqualTo(events + 1);
			assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void anOpenStreamDoesNotKeepWhatMadeItsRequest() {
		CountDownLatch goOn = new CountDownLatch(1);
		List<WeakReference<ClientRequest>> requests = new CopyOnWriteArrayList<>();
		WebClient.Builder builder = WebClient.builder().filter((request, next) -> {
			requests.add(new WeakReference<>(request));
			return next.exchange(request);
		});
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(EVENT);
			await(goOn);
			exchange.chunk(Streams.done() + "\n\n");
			exchange.end();
		}); ProviderConnections connections = new ProviderConnections(builder, null)) {
			ProviderClient client = connections.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
					new ProviderConnections.Settings(1));
			CountDownLatch begun = new CountDownLatch(1);
			CompletableFuture<Void> end = client.stream(TestProviders.attempt())
				.doOnNext((delta) -> begun.countDown())
				.then()
				.toFuture();
			await(begun);
			Awaitility.await().atMost(TestProviders.SOON).untilAsserted(() -> {
				System.gc();
				assertThat(requests).singleElement().extracting(WeakReference::get).isNull();
			});
			assertThat(end).isNotDone();
			goOn.countDown();
			assertThat(end).succeedsWithin(TestProviders.SOON);
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(TestProviders.SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void splitOverManyWritesTheAnswerIsTheSameOnAnyThread() {
		String body = Flux.range(0, 500)
			.map((n) -> Streams.content("t" + n + " ä€😀 ") + "\n\n")
			.collectList()
			.map((list) -> String.join("", list))
			.block();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			byte[] bytes = (body + Streams.done() + "\n\n").getBytes(StandardCharsets.UTF_8);
			for (int i = 0; i < bytes.length; i += 777) {
				exchange.chunk(Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + 777)));
			}
			exchange.end();
		})) {
			ProviderClient client = TestProviders.client("deepseek", server);
			List<String> expected = new ArrayList<>();
			for (int i = 0; i < 500; i++) {
				expected.add("t" + i + " ä€😀 ");
			}
			for (int prefetch : new int[] { 1, 3, 32 }) {
				List<String> seen = Collections.synchronizedList(new ArrayList<>());
				client.stream(TestProviders.attempt())
					.publishOn(Schedulers.parallel(), prefetch)
					.filter((delta) -> !delta.isLast())
					.doOnNext((delta) -> seen.add(delta.content()))
					.blockLast(TestProviders.SOON);
				assertThat(seen).isEqualTo(expected);
			}
		}
	}

	@Test
	void connectionIsUsedAgainWhenTheBodyEndsBehindTheMarker() {
		List<CountDownLatch> delivered = List.of(new CountDownLatch(1), new CountDownLatch(1), new CountDownLatch(1));
		AtomicInteger call = new AtomicInteger();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(EVENT + Streams.done() + "\n\n");
			// ends only when the client has already delivered the complete answer
			delivered.get(call.getAndIncrement()).await(20, TimeUnit.SECONDS);
			exchange.chunk(": bye\n\n");
			exchange.end();
		})) {
			ProviderClient client = withOneConnection(server);
			for (int i = 0; i < 3; i++) {
				client.stream(TestProviders.attempt()).blockLast(TestProviders.SOON);
				delivered.get(i).countDown();
			}
			assertThat(server.requests()).hasSize(3);
			assertThat(server.accepted()).isEqualTo(1);
		}
	}

	@Test
	void connectionIsUsedAgainAlsoIfTheSubscriberStopsAtTheLastDelta() {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(EVENT + Streams.done() + "\n\n");
			exchange.end();
		})) {
			ProviderClient client = withOneConnection(server);
			for (int i = 0; i < 3; i++) {
				client.stream(TestProviders.attempt()).takeUntil(ChatDelta::isLast).blockLast(TestProviders.SOON);
			}
			assertThat(server.accepted()).isEqualTo(1);
		}
	}

	@Test
	void connectionIsUsedAgainAfterCompleteAnswersAndErrors() {
		try (TestServer server = TestServer.start((exchange) -> {
			if (exchange.request().text().contains("fail")) {
				exchange.respond(503, "{\"error\":{\"message\":\"busy\"}}", "Content-Type", "application/json");
				return;
			}
			exchange.respond(200, "{\"choices\":[{\"message\":{\"content\":\"a\"}}]}", "Content-Type",
					"application/json");
		})) {
			ProviderClient client = withOneConnection(server);
			Attempt failing = TestProviders.attempt(ChatRequest.of("fail"));
			client.complete(TestProviders.attempt()).block(TestProviders.SOON);
			assertThat(Failure.of(client.complete(failing)).getKind()).isEqualTo(ErrorKind.OVERLOADED);
			assertThat(Failure.of(client.stream(failing)).getKind()).isEqualTo(ErrorKind.OVERLOADED);
			client.complete(TestProviders.attempt()).block(TestProviders.SOON);
			assertThat(server.accepted()).isEqualTo(1);
		}
	}

	@Test
	void bodyThatNeverEndsBehindTheMarkerLosesItsConnectionAfterASecond() throws Exception {
		CompletableFuture<Long> closedAfter = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			long start = System.nanoTime();
			exchange.chunk(EVENT + Streams.done() + "\n\n");
			if (exchange.closedByClient(20_000)) {
				closedAfter.complete(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
			}
		})) {
			List<ChatDelta> deltas = TestProviders.client("deepseek", server)
				.stream(TestProviders.attempt())
				.collectList()
				.block(TestProviders.SOON);
			assertThat(deltas).hasSize(2);
			assertThat(closedAfter).isNotDone();
			assertThat(closedAfter.get(20, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(900);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "data: {broken\n\n", "data: {\"error\":{\"message\":\"no\"}}\n\n" })
	void failedStreamLosesItsConnection(String event) throws Exception {
		CompletableFuture<Boolean> closed = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(event);
			closed.complete(exchange.closedByClient(20_000));
		})) {
			Failure.of(TestProviders.client("deepseek", server).stream(TestProviders.attempt()));
			assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void badChunkFramingIsAnError() throws IOException {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(EVENT);
			exchange.raw("zz\r\nnonsense\r\n".getBytes(StandardCharsets.US_ASCII));
			exchange.closedByClient(20_000);
		})) {
			assertThat(Failure.of(TestProviders.client("deepseek", server).stream(TestProviders.attempt())).getKind())
				.isEqualTo(ErrorKind.STREAM_INTERRUPTED);
		}
	}

	/**
	 * A client that has to use its connection again, or to close it and open another.
	 */
	private static ProviderClient withOneConnection(TestServer server) {
		return new ProviderConnections(WebClient.builder(), null)
			.client(TestProviders.builder("deepseek", server.baseUrl()).build(), new ProviderConnections.Settings(1));
	}

	/**
	 * Takes one delta and then waits for a test to ask for more.
	 */
	private static final class Paused extends BaseSubscriber<ChatDelta> {

		private final AtomicInteger received = new AtomicInteger();

		private final CompletableFuture<Integer> count;

		Paused(CompletableFuture<Integer> count) {
			this.count = count;
		}

		@Override
		protected void hookOnSubscribe(Subscription subscription) {
			request(1);
		}

		@Override
		protected void hookOnNext(ChatDelta delta) {
			this.received.incrementAndGet();
		}

		@Override
		protected void hookOnComplete() {
			this.count.complete(this.received.get());
		}

		@Override
		protected void hookOnError(Throwable failure) {
			this.count.completeExceptionally(failure);
		}

	}

}
