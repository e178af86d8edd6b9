package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mockito.stubbing.Answer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderTimeouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link StreamTimeouts}: idle bytes 60 s, first token 120 s, idle tokens 120
 * s, finish grace 2 s, total 20 min.
 */
class StreamTimeoutsTests implements StreamTimeouts.Listener {

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final List<String> expired = new ArrayList<>();

	@Override
	public void expired(ErrorKind kind, @Nullable String property, String message, @Nullable Throwable cause) {
		assertThat(kind == ErrorKind.TIMEOUT).isEqualTo(property != null && message.contains("(" + property + ")"));
		this.expired.add(kind + " " + message);
	}

	@Override
	public void graceExpired() {
		this.expired.add("grace");
	}

	private StreamTimeouts timeouts(Scheduler scheduler, TransportClock clock, boolean stream) {
		return timeouts(TestProviders.provider("deepseek"), clock, stream);
	}

	private StreamTimeouts timeouts(Provider provider, TransportClock clock, boolean stream) {
		ChatExchange exchange = new ChatExchange(provider, TestProviders.attempt(), ResponseLimits.DEFAULTS, clock,
				new LongAdder(), (head) -> Flux.empty());
		return new StreamTimeouts(exchange, stream, this);
	}

	private StreamTimeouts timeouts(boolean stream) {
		return timeouts(this.time, TransportClock.of(this.time), stream);
	}

	@Test
	void stoppedOnesNeverExpire() {
		StreamTimeouts timeouts = timeouts(true);
		timeouts.start();
		timeouts.stop();
		timeouts.commit();
		timeouts.complete();
		this.time.advanceTimeBy(Duration.ofHours(1));
		assertThat(this.expired).isEmpty();
	}

	@Test
	void theTotalSaysInWhichPhaseItExpired() {
		StreamTimeouts waiting = timeouts(false);
		waiting.start();
		this.time.advanceTimeBy(Duration.ofMinutes(20));
		assertThat(this.expired).singleElement()
			.asString()
			.isEqualTo("TIMEOUT the total timeout expired (deepseek.timeout.total) while waiting for the response");
		waiting.stop();
		this.expired.clear();
		StreamTimeouts receiving = timeouts(false);
		receiving.start();
		for (int i = 0; i < 30; i++) {
			receiving.bytesTaken();
			this.time.advanceTimeBy(Duration.ofSeconds(40));
		}
		assertThat(this.expired).singleElement()
			.asString()
			.endsWith("while receiving the response: the latest bytes came 40 s ago");
		receiving.stop();
	}

	@Test
	void theOthersSayHowLongTheyAre() {
		StreamTimeouts silent = timeouts(true);
		silent.start();
		this.time.advanceTimeBy(Duration.ofMinutes(2));
		silent.stop();
		StreamTimeouts stalled = timeouts(true);
		stalled.start();
		stalled.busy();
		stalled.commit();
		stalled.idle(true);
		this.time.advanceTimeBy(Duration.ofMinutes(2));
		stalled.stop();
		assertThat(this.expired).containsExactly(
				"TIMEOUT the first-token timeout expired after 2 min (deepseek.timeout.first-token)",
				"TIMEOUT the idle-bytes timeout expired after 1 min (deepseek.timeout.idle-bytes)");
	}

	@Test
	void theTotalOfAStalledStreamSaysSinceWhenItStalls() {
		StreamTimeouts timeouts = timeouts(true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		timeouts.idle(true);
		for (int i = 0; i < 12; i++) {
			this.time.advanceTimeBy(Duration.ofSeconds(50));
			timeouts.busy();
			this.time.advanceTimeBy(Duration.ofSeconds(48));
			timeouts.idle(true);
		}
		this.time.advanceTimeBy(Duration.ofSeconds(24));
		assertThat(this.expired).singleElement()
			.asString()
			.endsWith("(deepseek.timeout.total) while waiting for the next token: the latest came 24 s ago");
	}

	@Test
	void theTotalOfAPausedStreamNamesTheSubscriber() {
		StreamTimeouts timeouts = timeouts(true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		this.time.advanceTimeBy(Duration.ofMinutes(20));
		assertThat(this.expired).singleElement()
			.asString()
			.endsWith("while the subscriber had not asked for what was received");
	}

	@Test
	void aPauseOfTheSubscriberIsNoWaitForTokens() {
		StreamTimeouts timeouts = timeouts(true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		timeouts.pause();
		this.time.advanceTimeBy(Duration.ofMinutes(5));
		timeouts.resume();
		// what was taken was no token
		timeouts.idle(false);
		this.time.advanceTimeBy(Duration.ofSeconds(59));
		assertThat(this.expired).isEmpty();
	}

	@Test
	void theGraceRunsOnceWhateverComes() {
		StreamTimeouts timeouts = timeouts(true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		timeouts.idle(true);
		timeouts.complete();
		for (int i = 0; i < 3; i++) {
			this.time.advanceTimeBy(Duration.ofMillis(500));
			timeouts.busy();
			timeouts.idle(false);
			timeouts.complete();
		}
		assertThat(this.expired).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(500));
		assertThat(this.expired).containsExactly("grace");
	}

	@Test
	void theGraceIsNotLostToATaskThatRunsMeanwhile() throws InterruptedException {
		CountDownLatch looking = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicReference<Thread> task = new AtomicReference<>();
		StreamTimeouts timeouts = timeouts(this.time, new TransportClock(this.time, () -> {
			if (Thread.currentThread() == task.get()) {
				looking.countDown();
				awaitQuietly(goOn);
			}
			return this.time.now(TimeUnit.NANOSECONDS);
		}), true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		timeouts.idle(true);
		Thread thread = new Thread(() -> this.time.advanceTimeBy(Duration.ofSeconds(30)));
		task.set(thread);
		// the task of the first check, which is for the idle bytes, finds nothing expired
		this.time.advanceTimeBy(Duration.ofSeconds(30));
		timeouts.busy();
		timeouts.idle(true);
		thread.start();
		looking.await();
		synchronized (timeouts) {
			goOn.countDown();
			while (thread.getState() != Thread.State.BLOCKED) {
				Thread.onSpinWait();
			}
			timeouts.complete();
		}
		thread.join();
		assertThat(this.expired).isEmpty();
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		assertThat(this.expired).containsExactly("grace");
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void theGraceEndsWhenAnotherChoiceBegins() {
		StreamTimeouts timeouts = timeouts(true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		timeouts.idle(true);
		timeouts.complete();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		timeouts.incomplete();
		this.time.advanceTimeBy(Duration.ofSeconds(58));
		assertThat(this.expired).isEmpty();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.expired).singleElement().asString().contains("idle-bytes");
	}

	@Test
	void aLongGraceDoesNotPutOffTheTimeoutsOfAnotherChoice() {
		ProviderTimeouts limits = ProviderTimeouts.builder()
			.idleBytes(Duration.ofSeconds(3))
			.finishGrace(Duration.ofSeconds(20))
			.build();
		StreamTimeouts timeouts = timeouts(
				TestProviders.builder("deepseek", "http://127.0.0.1:1").timeouts(limits).build(),
				TransportClock.of(this.time), true);
		timeouts.start();
		timeouts.busy();
		timeouts.commit();
		timeouts.idle(true);
		timeouts.complete();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		timeouts.busy();
		timeouts.incomplete();
		timeouts.idle(true);
		this.time.advanceTimeBy(Duration.ofMillis(2999));
		assertThat(this.expired).isEmpty();
		this.time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(this.expired).singleElement().asString().contains("idle-bytes");
	}

	@Test
	void aStoppedSchedulerIsReported() {
		Scheduler scheduler = Schedulers.newSingle("stopped");
		scheduler.dispose();
		StreamTimeouts timeouts = timeouts(scheduler, new TransportClock(scheduler, System::nanoTime), true);
		timeouts.start();
		assertThat(this.expired).containsExactly("CANCELLED the scheduler of the timeouts has stopped");
		timeouts.complete();
		assertThat(this.expired).hasSize(2).last().isEqualTo("grace");
	}

	@Test
	void theNextTaskIsKeptEvenIfTheLastRunsBeforeItIsKnown() throws InterruptedException {
		List<Disposable> tasks = new CopyOnWriteArrayList<>();
		Scheduler scheduler = mock(Scheduler.class);
		Thread[] wake = new Thread[1];
		Answer<Disposable> hasty = (invocation) -> {
			Disposable task = Disposables.single();
			tasks.add(task);
			if (tasks.size() == 1) {
				wake[0] = new Thread((Runnable) invocation.getArgument(0));
				wake[0].start();
				// it gets on with it only where nothing holds it up
				wake[0].join(100);
			}
			return task;
		};
		given(scheduler.schedule(any(), anyLong(), any())).willAnswer(hasty);
		StreamTimeouts timeouts = timeouts(scheduler, new TransportClock(scheduler, System::nanoTime), true);
		timeouts.start();
		wake[0].join(10_000);
		assertThat(tasks).hasSize(2);
		assertThat(tasks.get(1).isDisposed()).isFalse();
		timeouts.stop();
		assertThat(tasks.get(1).isDisposed()).isTrue();
	}

}
