package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.provider.Provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * A subscriber that throws, whatever it throws, ends its call and leaves nothing behind
 * (fault 110); so does an error within the call itself.
 */
@NullUnmarked
class DyingSubscriberTests {

	private static final String EVENTS = Streams.content("a") + "\n\n" + Streams.content("b") + "\n\n";

	private final Provider provider = TestProviders.provider("deepseek");

	private final TestPublisher<DataBuffer> body = TestPublisher.create();

	private final AtomicReference<Throwable> told = new AtomicReference<>();

	private final List<Object> signals = new ArrayList<>();

	static Stream<Supplier<Throwable>> deaths() {
		return Stream.of(() -> new StackOverflowError("made up"), () -> new NoClassDefFoundError("made up"),
				() -> new OutOfMemoryError("made up"), () -> new AssertionError("made up"),
				() -> new IllegalStateException("made up"));
	}

	private static <T extends Throwable> void sneakyThrow(Throwable thrown) throws T {
		@SuppressWarnings("unchecked")
		T any = (T) thrown;
		throw any;
	}

	private Throwable send(String text) {
		try {
			this.body.next(Streams.buffer(text));
			return null;
		}
		catch (Throwable ex) {
			return ex;
		}
	}

	@ParameterizedTest
	@MethodSource("deaths")
	void deathInAnOperatorEndsTheStream(Supplier<Throwable> death) {
		Flux<ChatDelta> stream = Streams.of(this.provider, this.body.flux());
		stream.doOnError(this.told::set).map((delta) -> {
			sneakyThrow(death.get());
			return delta;
		}).subscribe((delta) -> {
		}, (failure) -> {
		});
		Throwable thrown = send(EVENTS);
		assertThat(thrown instanceof VirtualMachineError || thrown instanceof LinkageError)
			.isEqualTo(death.get() instanceof VirtualMachineError || death.get() instanceof LinkageError);
		this.body.assertCancelled();
		if (thrown != null) {
			assertInterrupted(this.told.get(), death.get());
		}
		assertThat(send(EVENTS)).isNull();
	}

	@ParameterizedTest
	@MethodSource("deaths")
	void deathOfAPlainSubscriberEndsTheStream(Supplier<Throwable> death) {
		Streams.of(this.provider, this.body.flux()).subscribe(plain(death));
		Throwable thrown = send(EVENTS);
		assertThat(thrown != null)
			.isEqualTo(death.get() instanceof VirtualMachineError || death.get() instanceof LinkageError);
		this.body.assertCancelled();
		assertThat(this.signals).first().isEqualTo("a");
		assertThat(this.signals).hasSize(2);
		assertInterrupted((Throwable) this.signals.get(1), death.get());
		assertThat(send(EVENTS)).isNull();
		assertThat(this.signals).hasSize(2);
	}

	private CoreSubscriber<ChatDelta> plain(Supplier<Throwable> death) {
		return new CoreSubscriber<>() {

			@Override
			public void onSubscribe(Subscription subscription) {
				subscription.request(Long.MAX_VALUE);
			}

			@Override
			public void onNext(ChatDelta delta) {
				DyingSubscriberTests.this.signals.add(delta.content());
				sneakyThrow(death.get());
			}

			@Override
			public void onError(Throwable failure) {
				DyingSubscriberTests.this.signals.add(failure);
			}

			@Override
			public void onComplete() {
				DyingSubscriberTests.this.signals.add("complete");
			}

		};
	}

	private static void assertInterrupted(Throwable failure, Throwable death) {
		assertThat(failure).isInstanceOf(StreamInterruptedException.class)
			.hasMessageContaining(death.getClass().getName());
		assertThat(((StreamInterruptedException) failure).getCauseKind()).isEqualTo(ErrorKind.CANCELLED);
		assertThat(((StreamInterruptedException) failure).getPartialContent()).isEqualTo("a");
	}

	@Test
	void deathAtTheErrorIsTheEndAllTheSame() {
		Subscriber<ChatDelta> subscriber = plain(() -> new IllegalStateException("made up"));
		Streams.of(this.provider, this.body.flux()).subscribe(new CoreSubscriber<>() {

			@Override
			public void onSubscribe(Subscription subscription) {
				subscriber.onSubscribe(subscription);
			}

			@Override
			public void onNext(ChatDelta delta) {
				subscriber.onNext(delta);
			}

			@Override
			public void onError(Throwable failure) {
				subscriber.onError(failure);
				throw new IllegalStateException("made up, too");
			}

			@Override
			public void onComplete() {
				subscriber.onComplete();
			}

		});
		assertThat(send(EVENTS)).isNull();
		this.body.assertCancelled();
		assertThat(send(EVENTS)).isNull();
		assertThat(this.signals).hasSize(2);
	}

	@Test
	void deathAtTheLastDeltaIsTheEndAllTheSame() {
		List<Throwable> failures = new ArrayList<>();
		Streams.of(this.provider, this.body.flux()).doOnError(failures::add).map((delta) -> {
			if (delta.isLast()) {
				throw new StackOverflowError("made up");
			}
			return delta;
		}).subscribe((delta) -> {
		}, (failure) -> {
		});
		assertThat(send(EVENTS + Streams.stop() + "\n\n" + Streams.done() + "\n\n"))
			.isInstanceOf(StackOverflowError.class);
		this.body.assertCancelled();
		assertThat(failures).hasSize(1);
	}

	@Test
	void errorBeforeTheFirstTokenIsNoInterruption() {
		DataBuffer poisoned = mock(DataBuffer.class);
		given(poisoned.readableByteCount()).willThrow(new OutOfMemoryError("made up"));
		Streams.of(this.provider, this.body.flux()).subscribe((delta) -> {
		}, this.told::set);
		try {
			this.body.next(poisoned);
		}
		catch (OutOfMemoryError ex) {
			this.signals.add(ex);
		}
		assertThat(this.signals).hasSize(1);
		this.body.assertCancelled();
		assertThat(this.told.get()).isInstanceOf(DeepSeekException.class);
		assertThat(((DeepSeekException) this.told.get()).getKind()).isEqualTo(ErrorKind.CANCELLED);
	}

	@Test
	void aSchedulerThatHasStoppedDoesNotKeepACompleteAnswerFromEnding() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		Scheduler scheduler = mock(Scheduler.class);
		given(scheduler.schedule(any(), anyLong(), any())).willReturn(mock(Disposable.class))
			.willThrow(new RejectedExecutionException("stopped"));
		TransportClock clock = new TransportClock(scheduler, () -> time.now(TimeUnit.NANOSECONDS));
		Streams.of(this.provider, this.body.flux(), ResponseLimits.DEFAULTS, clock, TestProviders.attempt())
			.subscribe((delta) -> this.signals.add(delta), this.told::set, () -> this.signals.add("complete"));
		assertThat(send(EVENTS + Streams.done() + "\n\n")).isNull();
		assertThat(this.told.get()).isNull();
		assertThat(this.signals).hasSize(4).last().isEqualTo("complete");
		this.body.assertCancelled();
	}

	@Test
	void deathOfWhoWaitsForAWholeAnswerEndsTheCall() {
		Mono<?> answer = new ChatAnswer(new ChatExchange(this.provider, TestProviders.attempt(),
				ResponseLimits.DEFAULTS, TransportClock.system(), new LongAdder(), (head) -> {
					head.set("request-1", 200, HttpHeaders.EMPTY);
					return this.body.flux();
				}));
		answer.subscribe(new CoreSubscriber<Object>() {

			@Override
			public void onSubscribe(Subscription subscription) {
				subscription.request(1);
			}

			@Override
			public void onNext(Object completion) {
				throw new StackOverflowError("made up");
			}

			@Override
			public void onError(Throwable failure) {
				DyingSubscriberTests.this.told.set(failure);
			}

			@Override
			public void onComplete() {
				DyingSubscriberTests.this.signals.add("complete");
			}

		});
		this.body.next(Streams.buffer("{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}"));
		try {
			this.body.complete();
		}
		catch (StackOverflowError ex) {
			this.signals.add(ex);
		}
		assertThat(this.signals).hasSize(1);
		assertThat(this.told.get()).isInstanceOf(DeepSeekException.class);
	}

}
