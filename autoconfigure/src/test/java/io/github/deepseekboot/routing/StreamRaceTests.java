package io.github.deepseekboot.routing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Streams whose buffers, requests, cancellations and timeouts come from threads of their
 * own, all at once.
 */
class StreamRaceTests {

	private static final int PIECES = 6;

	private final AtomicInteger attempts = new AtomicInteger();

	private final AtomicInteger ends = new AtomicInteger();

	private final AtomicInteger permits = new AtomicInteger();

	private final NettyDataBufferFactory buffers = new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);

	private volatile @Nullable Source source;

	@Test
	void whoeverComesFirstEachCallEndsOnceAndLeavesNothing() throws Exception {
		int races = Integer.getInteger("races", 2000);
		ExecutorService threads = Executors.newFixedThreadPool(3);
		try {
			for (int i = 0; i < races; i++) {
				race(i, threads);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private void race(int seed, ExecutorService threads) throws Exception {
		Random random = new Random(seed);
		Duration timeout = Duration.ofNanos((random.nextInt(4) == 0) ? 1 + random.nextInt(400_000) : 5_000_000_000L);
		RoutingClient client = client(timeout, random.nextBoolean() ? timeout : Duration.ofSeconds(5));
		int before = this.ends.get();
		Taker taker = new Taker();
		CyclicBarrier start = new CyclicBarrier(3);
		int cancelAfter = (random.nextInt(3) != 0) ? -1 : random.nextInt(20_000);
		int shutDownAfter = (random.nextInt(6) != 0) ? -1 : random.nextInt(20_000);
		long demand = random.nextBoolean() ? Long.MAX_VALUE : 1;
		int ending = random.nextInt(4);
		client.stream(ChatRequest.of("hi")).subscribe(taker);
		List<Future<?>> ran = new ArrayList<>();
		ran.add(threads.submit(() -> {
			start.await();
			Source source = this.source;
			if (source != null) {
				source.emit(ending);
			}
			return null;
		}));
		ran.add(threads.submit(() -> {
			start.await();
			for (int i = 0; i < ((demand == 1) ? PIECES + 4 : 1); i++) {
				taker.request(demand);
			}
			return null;
		}));
		ran.add(threads.submit(() -> {
			start.await();
			if (cancelAfter >= 0) {
				spin(cancelAfter);
				taker.cancel();
			}
			if (shutDownAfter >= 0) {
				spin(shutDownAfter);
				client.shutdown(Duration.ZERO).block(Duration.ofSeconds(10));
			}
			return null;
		}));
		for (Future<?> each : ran) {
			each.get(20, TimeUnit.SECONDS);
		}
		if (cancelAfter < 0) {
			assertThat(taker.done.await(10, TimeUnit.SECONDS)).as("race " + seed + " has an end").isTrue();
		}
		else {
			taker.cancel();
		}
		Source source = this.source;
		RoutingFixture.await("race " + seed + " has ended: " + this.ends + ", " + this.attempts + ", " + this.permits,
				() -> this.ends.get() == before + 1 && this.attempts.get() == 0 && this.permits.get() == 0);
		assertThat(taker.wrong).as("race " + seed).isEmpty();
		assertThat(taker.text()).as("race " + seed)
			.isSubstringOf("0 1 2 3 4 5 ")
			.satisfies((text) -> assertThat("0 1 2 3 4 5 ").startsWith(text));
		if (source != null) {
			RoutingFixture.await("race " + seed + " has released its buffers", source::isReleased);
		}
		this.source = null;
	}

	private static void spin(int nanos) {
		long end = System.nanoTime() + nanos;
		while (System.nanoTime() - end < 0) {
			Thread.onSpinWait();
		}
	}

	private RoutingClient client(Duration firstToken, Duration idle) {
		Provider provider = Provider.builder("a", ProviderPresets.get(ProviderPresets.OPENAI))
			.baseUrl("http://a.invalid/v1")
			.apiKey(ApiKey.of("test-key"))
			.models(Map.of("chat", ProviderModel.of("a-chat")))
			.timeouts(RoutingFixture.timeouts(10_000, 10_000, 10_000)
				.toBuilder()
				.firstToken(firstToken)
				.idleTokens(idle)
				.idleBytes(idle)
				.build())
			.build();
		WebClient webClient = WebClient.builder().exchangeFunction((request) -> {
			Source source = new Source();
			this.source = source;
			return Mono.just(ClientResponse.create(HttpStatusCode.valueOf(200))
				.header(HttpHeaders.CONTENT_TYPE, "text/event-stream")
				.body(source)
				.build());
		}).build();
		RoutingSettings settings = RoutingSettings.builder().maxAttempts(1).build();
		ProviderQuota local = new LocalProviderQuota((id) -> settings, TransportClock.system());
		return RoutingClient.builder(List.of(new ProviderClient(provider, webClient)), new ProviderChain(List.of("a")))
			.settings(Map.of("a", settings))
			.quota(counting(local))
			.listeners(List.of(this::count))
			.build();
	}

	private ProviderQuota counting(ProviderQuota quota) {
		return new ProviderQuota() {

			@Override
			public Mono<Permit> acquire(PermitRequest request) {
				throw new AssertionError("a permit is free");
			}

			@Override
			public @Nullable Permit tryAcquire(PermitRequest request) {
				Permit permit = quota.tryAcquire(request);
				StreamRaceTests.this.permits.incrementAndGet();
				return () -> {
					StreamRaceTests.this.permits.decrementAndGet();
					if (permit != null) {
						permit.release();
					}
				};
			}

		};
	}

	private void count(RoutingEvent event) {
		if (event instanceof AttemptStarted) {
			this.attempts.incrementAndGet();
		}
		else if (event instanceof AttemptEnded) {
			this.attempts.decrementAndGet();
		}
		else if (event instanceof CallEnded) {
			this.ends.incrementAndGet();
		}
	}

	/**
	 * A body that emits what is requested, on the thread that calls it.
	 */
	private final class Source extends Flux<DataBuffer> implements Subscription {

		private final AtomicLong requested = new AtomicLong();

		private final List<ByteBuf> emitted = new ArrayList<>();

		private volatile boolean cancelled;

		private volatile @Nullable CoreSubscriber<? super DataBuffer> actual;

		@Override
		public void subscribe(CoreSubscriber<? super DataBuffer> actual) {
			this.actual = actual;
			actual.onSubscribe(this);
		}

		void emit(int ending) {
			CoreSubscriber<? super DataBuffer> actual = this.actual;
			if (actual == null) {
				return;
			}
			for (int i = 0; i < PIECES; i++) {
				next(actual, MisbehavingServer.delta(i + " "));
				if (ending == 1 && i == 3) {
					actual.onError(new IOException("test"));
					return;
				}
			}
			if (ending != 2) {
				next(actual, "data: [DONE]\n\n");
			}
			if (!this.cancelled) {
				actual.onComplete();
			}
		}

		private void next(CoreSubscriber<? super DataBuffer> actual, String text) {
			if (!this.cancelled && this.requested.getAndDecrement() > 0) {
				ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
				this.emitted.add(bytes);
				actual.onNext(StreamRaceTests.this.buffers.wrap(bytes));
			}
		}

		boolean isReleased() {
			return this.emitted.stream().allMatch((bytes) -> bytes.refCnt() == 0);
		}

		@Override
		public void request(long count) {
			this.requested.getAndUpdate((now) -> (now + count < 0) ? Long.MAX_VALUE : now + count);
		}

		@Override
		public void cancel() {
			this.cancelled = true;
		}

	}

	/**
	 * Takes deltas and notes what must not be.
	 */
	private static final class Taker implements CoreSubscriber<ChatDelta> {

		private final StringBuffer text = new StringBuffer();

		private final AtomicLong requested = new AtomicLong();

		private final AtomicInteger within = new AtomicInteger();

		private final CountDownLatch done = new CountDownLatch(1);

		private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

		private volatile @Nullable Subscription subscription;

		@Override
		public void onSubscribe(Subscription subscription) {
			this.subscription = subscription;
		}

		void request(long count) {
			this.requested.getAndUpdate((now) -> (now + count < 0) ? Long.MAX_VALUE : now + count);
			Subscription subscription = this.subscription;
			if (subscription != null) {
				subscription.request(count);
			}
		}

		void cancel() {
			Subscription subscription = this.subscription;
			if (subscription != null) {
				subscription.cancel();
			}
		}

		String text() {
			return this.text.toString();
		}

		@Override
		public void onNext(ChatDelta delta) {
			note("onNext");
			if (this.requested.getAndDecrement() <= 0) {
				this.wrong.add("not requested");
			}
			this.text.append((delta.content() != null) ? delta.content() : "");
			this.within.decrementAndGet();
		}

		@Override
		public void onError(Throwable failure) {
			note("onError");
			this.done.countDown();
			this.within.decrementAndGet();
		}

		@Override
		public void onComplete() {
			note("onComplete");
			this.done.countDown();
			this.within.decrementAndGet();
		}

		private void note(String signal) {
			if (this.within.getAndIncrement() != 0) {
				this.wrong.add(signal + " beside another");
			}
			if (this.done.getCount() == 0) {
				this.wrong.add(signal + " after the end");
			}
		}

	}

}
