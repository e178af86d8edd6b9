package io.github.deepseekboot.transport;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.test.subscriber.TestSubscriber;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.Provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ChatAnswer}: who ends an attempt, and what is left behind.
 */
class ChatAnswerTests {

	private static final String ANSWER = "{\"id\":\"a1\",\"choices\":[{\"message\":{\"content\":\"Hello\"}}]}";

	private static final String CHUNK = "{\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n";

	private static final String ERROR = "{\"error\":{\"message\":\"Out of tokens\"}}";

	private static final Duration IDLE = Duration.ofSeconds(10);

	private static final Duration TOTAL = Duration.ofSeconds(60);

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final List<Disposable> timers = new ArrayList<>();

	private final TestPublisher<DataBuffer> body = TestPublisher.create();

	private final Attempt attempt = TestProviders.attempt(ChatRequest.of("Hello"), TOTAL, TOTAL);

	private final TestSubscriber<ChatCompletion> subscriber = TestSubscriber.create();

	private final HttpHeaders headers = new HttpHeaders();

	private ChatAnswer answer(int maxBodyBytes) {
		Provider provider = TestProviders.builder("deepseek", "http://127.0.0.1:1")
			.timeouts(TestProviders.timeouts(IDLE, IDLE))
			.build();
		return new ChatAnswer(new ChatExchange(provider, this.attempt, new ResponseLimits(1024, maxBodyBytes),
				new TransportClock(remembering(), () -> this.time.now(TimeUnit.NANOSECONDS)), new LongAdder(),
				(head) -> {
					head.set("request-1", 200, this.headers);
					return this.body.flux();
				}));
	}

	private Scheduler remembering() {
		Scheduler scheduler = mock(Scheduler.class);
		given(scheduler.schedule(any(), anyLong(), any())).willAnswer((invocation) -> {
			Disposable timer = this.time.schedule(invocation.getArgument(0), invocation.getArgument(1),
					invocation.getArgument(2));
			this.timers.add(timer);
			return timer;
		});
		return scheduler;
	}

	private void ask() {
		answer(1024).subscribe(this.subscriber);
	}

	private DeepSeekException failure() {
		return (DeepSeekException) this.subscriber.expectTerminalError();
	}

	private void assertNothingIsLeft() {
		assertThat(this.timers).isNotEmpty().allMatch(Disposable::isDisposed);
	}

	@Test
	void theAnswerIsReadWhenItIsComplete() {
		ask();
		int half = ANSWER.length() / 2;
		this.body.next(Streams.buffer(ANSWER.substring(0, half)));
		this.body.next(Streams.buffer(ANSWER.substring(half)));
		assertThat(this.subscriber.getReceivedOnNext()).isEmpty();
		this.body.complete();
		assertThat(this.subscriber.isTerminatedComplete()).isTrue();
		assertThat(this.subscriber.getReceivedOnNext()).singleElement().satisfies((completion) -> {
			assertThat(completion.content()).isEqualTo("Hello");
			assertThat(completion.requestId()).isEqualTo("request-1");
			assertThat(completion.rawJson()).isEqualTo(ANSWER);
		});
		this.body.assertWasNotCancelled();
		assertNothingIsLeft();
	}

	@Test
	void nothingIsTakenBeforeItIsAskedFor() {
		TestSubscriber<ChatCompletion> patient = TestSubscriber.builder().initialRequest(0).build();
		answer(1024).subscribe(patient);
		this.body.assertWasNotRequested();
		patient.request(1);
		this.body.assertWasRequested();
		this.body.next(Streams.buffer(ANSWER)).complete();
		assertThat(patient.getReceivedOnNext()).hasSize(1);
	}

	@Test
	void theIdleTimeoutBeginsWithTheFirstByteAndAgainWithEach() {
		ask();
		this.time.advanceTimeBy(IDLE.multipliedBy(2));
		assertThat(this.subscriber.isTerminatedOrCancelled()).isFalse();
		this.body.next(Streams.buffer(" "));
		this.time.advanceTimeBy(IDLE.minusMillis(1));
		this.body.next(Streams.buffer(" "));
		this.time.advanceTimeBy(IDLE.minusMillis(1));
		assertThat(this.subscriber.isTerminatedOrCancelled()).isFalse();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(failure().getKind()).isEqualTo(ErrorKind.TIMEOUT);
		assertThat(failure()).hasMessageContaining("deepseek.timeout.idle-bytes");
		assertThat(failure().getRequestId()).isEqualTo("request-1");
		this.body.assertWasCancelled();
		assertNothingIsLeft();
	}

	@Test
	void theTotalTimeoutEndsWhatKeepsDripping() {
		ask();
		for (int i = 0; i < 7; i++) {
			assertThat(this.subscriber.isTerminatedOrCancelled()).isFalse();
			this.body.next(Streams.buffer(" "));
			this.time.advanceTimeBy(IDLE.minusSeconds(1));
		}
		assertThat(failure().getKind()).isEqualTo(ErrorKind.TIMEOUT);
		assertThat(failure()).hasMessageContaining("deepseek.timeout.total");
		this.body.assertWasCancelled();
		assertNothingIsLeft();
	}

	@Test
	void theCallMayBeEndedWhileTheAttemptRunsAndBeforeItBegins() {
		DeepSeekException reason = new DeepSeekException(ErrorKind.CANCELLED, "the application is shut down");
		ask();
		this.attempt.abort().abort(reason);
		assertThat(failure().getKind()).isEqualTo(ErrorKind.CANCELLED);
		assertThat(failure().getReason()).isEqualTo(reason.getReason());
		assertThat(failure().getProvider()).isEqualTo("deepseek");
		this.body.assertWasCancelled();
		TestSubscriber<ChatCompletion> late = TestSubscriber.create();
		answer(1024).subscribe(late);
		assertThat(((DeepSeekException) late.expectTerminalError()).getReason()).isEqualTo(reason.getReason());
		assertNothingIsLeft();
	}

	@Test
	void whatIsTooLargeIsEndedAndWhatComesAfterwardsIsReleased() {
		ByteBuf large = PooledByteBufAllocator.DEFAULT.buffer().writeZero(11);
		ByteBuf late = PooledByteBufAllocator.DEFAULT.buffer().writeZero(3);
		NettyDataBufferFactory factory = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);
		TestPublisher<DataBuffer> unruly = TestPublisher
			.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
		TestSubscriber<ChatCompletion> second = TestSubscriber.create();
		new ChatAnswer(new ChatExchange(TestProviders.provider("deepseek"), this.attempt, new ResponseLimits(1024, 10),
				TransportClock.of(this.time), new LongAdder(), (head) -> unruly.flux()))
			.subscribe(second);
		unruly.next(factory.wrap(large));
		assertThat(((DeepSeekException) second.expectTerminalError()).getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		unruly.assertWasCancelled();
		unruly.next(factory.wrap(late));
		assertThat(large.refCnt()).isZero();
		assertThat(late.refCnt()).isZero();
	}

	@Test
	void aStoppedSchedulerEndsTheAttempt() {
		this.time.dispose();
		Scheduler stopped = mock(Scheduler.class);
		given(stopped.schedule(any(), anyLong(), any())).willThrow(new RejectedExecutionException("stopped"));
		TransportClock clock = new TransportClock(stopped, System::nanoTime);
		Provider provider = TestProviders.provider("deepseek");
		new ChatAnswer(new ChatExchange(provider, this.attempt, ResponseLimits.DEFAULTS, clock, new LongAdder(),
				(head) -> this.body.flux()))
			.subscribe(this.subscriber);
		assertThat(failure().getKind()).isEqualTo(ErrorKind.CANCELLED);
		this.body.assertWasCancelled();
		TestPublisher<DataBuffer> second = TestPublisher.create();
		TestSubscriber<ChatDelta> deltas = TestSubscriber.create();
		new ChatStream(new ChatExchange(provider, this.attempt, ResponseLimits.DEFAULTS, clock, new LongAdder(),
				(head) -> second.flux()))
			.subscribe(deltas);
		assertThat(((DeepSeekException) deltas.expectTerminalError()).getKind()).isEqualTo(ErrorKind.CANCELLED);
		second.assertWasCancelled();
	}

	@Test
	void whatCannotBeginIsSignalled() {
		new ChatAnswer(new ChatExchange(TestProviders.provider("deepseek"), this.attempt, ResponseLimits.DEFAULTS,
				TransportClock.of(this.time), new LongAdder(), (head) -> {
					throw new DeepSeekException(ErrorKind.INVALID_REQUEST, "cannot be written");
				}))
			.subscribe(this.subscriber);
		assertThat(failure().getKind()).isEqualTo(ErrorKind.INVALID_REQUEST);
		assertThat(failure().getProvider()).isEqualTo("deepseek");
	}

	@Test
	void whoeverEndsItFirstEndsItAlone() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(3);
		try {
			for (int i = 0; i < 2000; i++) {
				TestPublisher<DataBuffer> racing = TestPublisher.create();
				AbortSignal abort = new AbortSignal();
				Attempt racy = new Attempt(this.attempt.request(), this.attempt.model(), null, 1, TOTAL, TOTAL, abort);
				AtomicInteger ends = new AtomicInteger();
				AtomicInteger completions = new AtomicInteger();
				new ChatAnswer(new ChatExchange(TestProviders.provider("deepseek"), racy, ResponseLimits.DEFAULTS,
						TransportClock.of(this.time), new LongAdder(), (head) -> racing.flux()))
					.subscribe((completion) -> completions.incrementAndGet(), (failure) -> ends.incrementAndGet(),
							ends::incrementAndGet);
				racing.next(Streams.buffer(ANSWER));
				CyclicBarrier start = new CyclicBarrier(2);
				Future<?> aborted = threads.submit(() -> {
					start.await();
					abort.abort(new DeepSeekException(ErrorKind.CANCELLED, "over"));
					return null;
				});
				Future<?> completed = threads.submit(() -> {
					start.await();
					racing.complete();
					return null;
				});
				aborted.get(20, TimeUnit.SECONDS);
				completed.get(20, TimeUnit.SECONDS);
				assertThat(ends).hasValue(1);
				assertThat(completions).hasValueLessThan(2);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void aCancellationEndsTheExchangeAndNothingIsDelivered() {
		ask();
		this.body.next(Streams.buffer(ANSWER));
		this.subscriber.cancel();
		this.body.assertWasCancelled();
		assertThat(this.subscriber.getReceivedOnNext()).isEmpty();
		assertNothingIsLeft();
	}

	@Test
	void anAnswerThatCannotBeReadKeepsItsConnection() {
		ask();
		this.body.next(Streams.buffer("{\"choices\":[")).complete();
		assertThat(failure().getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
		// a cancellation would close it
		this.body.assertWasNotCancelled();
		assertNothingIsLeft();
	}

	@Test
	void anErrorOfUnknownLengthIsNotWaitedBehind() {
		ask();
		this.body.next(Streams.buffer(ERROR));
		assertThat(failure()).hasMessageContaining("Out of tokens");
		this.body.assertWasCancelled();
	}

	@Test
	void anErrorOfTheAnnouncedLengthKeepsItsConnection() {
		this.headers.setContentLength(ERROR.length());
		ask();
		this.body.next(Streams.buffer(ERROR));
		assertThat(this.subscriber.isTerminatedOrCancelled()).isFalse();
		this.body.complete();
		assertThat(failure()).hasMessageContaining("Out of tokens");
		this.body.assertWasNotCancelled();
	}

	@Test
	void anErrorBeforeTheAnnouncedEndIsNotWaitedBehind() {
		this.headers.setContentLength(ERROR.length() + 10);
		ask();
		this.body.next(Streams.buffer(ERROR));
		assertThat(failure()).hasMessageContaining("Out of tokens");
		this.body.assertWasCancelled();
	}

	@ParameterizedTest
	@ValueSource(strings = { "data: [DONE]", "\ndata:[DONE]\n\n", "\n\ndata: [DONE]\n\ndata: [DONE]\n\n" })
	void theMarkerBehindTheAnswerIsNoPartOfIt(String marker) {
		ask();
		this.body.next(Streams.buffer(ANSWER + marker)).complete();
		assertThat(this.subscriber.getReceivedOnNext()).singleElement()
			.satisfies((completion) -> assertThat(completion.rawJson().strip()).isEqualTo(ANSWER));
	}

	@Test
	@Timeout(10)
	void markersWithoutEndAreRefusedAtOnce() {
		answer(8 << 20).subscribe(this.subscriber);
		this.body.next(Streams.buffer(ANSWER + "\ndata: [DONE]".repeat(500_000)));
		this.body.complete();
		assertThat(failure().getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", CHUNK })
	void theMarkerEndsLinesThatAreChunks(String more) {
		ask();
		this.body.next(Streams.buffer(CHUNK + more + "data: [DONE]\n")).complete();
		assertThat(this.subscriber.getReceivedOnNext()).singleElement()
			.satisfies((completion) -> assertThat(completion.content()).startsWith("Hel"));
	}

	@ParameterizedTest
	@ValueSource(strings = { CHUNK, CHUNK + CHUNK, "{\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}" })
	void linesThatAreChunksEndWithAFinishReason(String lines) {
		ask();
		this.body.next(Streams.buffer(lines)).complete();
		assertThat(failure().getKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
	}

	@Test
	void oneChunkWithAFinishReasonIsAnAnswer() {
		ask();
		this.body
			.next(Streams.buffer("{\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n"))
			.complete();
		assertThat(this.subscriber.getReceivedOnNext()).singleElement()
			.satisfies((completion) -> assertThat(completion.content()).isEqualTo("Hello"));
	}

	@Test
	void aBrokenConnectionIsTranslated() {
		ask();
		this.body.next(Streams.buffer(ANSWER)).error(new IOException("reset"));
		assertThat(failure().getKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
		assertThat(failure().getStatus()).isEqualTo(200);
		assertNothingIsLeft();
	}

}
