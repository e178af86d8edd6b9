package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

/**
 * Tests for {@link TimerScheduler}.
 */
class TimerSchedulerTests {

	private final VirtualTimeScheduler time = VirtualTimeScheduler.create();

	private final Scheduler delegate = Mockito.spy(this.time);

	private final TimerScheduler timer = new TimerScheduler(this.delegate, this.delegate,
			() -> this.time.now(TimeUnit.NANOSECONDS));

	private final List<String> run = new ArrayList<>();

	private Disposable schedule(String name, long seconds) {
		return this.timer.schedule(() -> this.run.add(name), seconds, TimeUnit.SECONDS);
	}

	@Test
	void tasksRunAtTheirTimesInTheirOrder() {
		schedule("third", 30);
		schedule("first", 10);
		schedule("second", 20);
		schedule("second too", 20);
		this.time.advanceTimeBy(Duration.ofSeconds(9));
		assertThat(this.run).isEmpty();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.run).containsExactly("first");
		this.time.advanceTimeBy(Duration.ofSeconds(10));
		assertThat(this.run).containsExactly("first", "second", "second too");
		this.time.advanceTimeBy(Duration.ofSeconds(10));
		assertThat(this.run).containsExactly("first", "second", "second too", "third");
	}

	@Test
	void aTimeoutThatIsCancelledNeverRunsAndCostsTheDelegateNothing() {
		for (int i = 0; i < 1000; i++) {
			Disposable timeout = schedule("timeout", 60);
			assertThat(timeout.isDisposed()).isFalse();
			timeout.dispose();
			assertThat(timeout.isDisposed()).isTrue();
			this.time.advanceTimeBy(Duration.ofMillis(10));
		}
		verify(this.delegate, times(1)).schedule(any(), anyLong(), any());
		this.time.advanceTimeBy(Duration.ofHours(1));
		assertThat(this.run).isEmpty();
		verify(this.delegate, times(1)).schedule(any(), anyLong(), any());
	}

	@Test
	void aTaskThatWaitsLongerThanTheAlarmIsNotForgotten() {
		schedule("cancelled", 60).dispose();
		this.time.advanceTimeBy(Duration.ofSeconds(30));
		schedule("kept", 60);
		this.time.advanceTimeBy(Duration.ofSeconds(59));
		assertThat(this.run).isEmpty();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.run).containsExactly("kept");
	}

	@Test
	void aTaskMayScheduleTheNext() {
		this.timer.schedule(() -> schedule("next", 5), 5, TimeUnit.SECONDS);
		this.time.advanceTimeBy(Duration.ofSeconds(9));
		assertThat(this.run).isEmpty();
		this.time.advanceTimeBy(Duration.ofSeconds(1));
		assertThat(this.run).containsExactly("next");
	}

	@Test
	void withoutADelayATaskRunsAtOnce() {
		this.timer.schedule(() -> this.run.add("now"));
		schedule("no delay", 0);
		schedule("late", -1);
		this.time.advanceTime();
		assertThat(this.run).containsExactly("now", "no delay", "late");
	}

	@Test
	void timesMayOverflow() {
		long[] nanos = { Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5) };
		TimerScheduler timer = new TimerScheduler(this.delegate, this.delegate, () -> nanos[0]);
		timer.schedule(() -> this.run.add("after"), 10, TimeUnit.SECONDS);
		timer.schedule(() -> this.run.add("before"), 2, TimeUnit.SECONDS);
		nanos[0] += TimeUnit.SECONDS.toNanos(2);
		this.time.advanceTimeBy(Duration.ofSeconds(2));
		assertThat(this.run).containsExactly("before");
		nanos[0] += TimeUnit.SECONDS.toNanos(8);
		this.time.advanceTimeBy(Duration.ofSeconds(8));
		assertThat(this.run).containsExactly("before", "after");
	}

	@Test
	void aSchedulerThatHasStoppedRefusesTasks() {
		Scheduler stopped = Schedulers.newSingle("stopped");
		TimerScheduler timer = new TimerScheduler(stopped, stopped, System::nanoTime);
		timer.schedule(() -> this.run.add("never"), 1, TimeUnit.HOURS);
		stopped.dispose();
		assertThat(timer.isDisposed()).isTrue();
		assertThatExceptionOfType(RejectedExecutionException.class)
			.isThrownBy(() -> timer.schedule(() -> this.run.add("never"), 2, TimeUnit.HOURS));
	}

	@Test
	void aTaskThatTakesLongHoldsUpNoOther() throws InterruptedException {
		Scheduler two = Schedulers.newParallel("two", 2);
		Scheduler alarms = Schedulers.newSingle("alarms", true);
		try {
			TimerScheduler timer = new TimerScheduler(two, alarms, System::nanoTime);
			CountDownLatch goOn = new CountDownLatch(1);
			CountDownLatch done = new CountDownLatch(1);
			timer.schedule(() -> await(goOn), 1, TimeUnit.MILLISECONDS);
			timer.schedule(done::countDown, 1, TimeUnit.MILLISECONDS);
			assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
			goOn.countDown();
		}
		finally {
			two.dispose();
			alarms.dispose();
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await(60, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void aDecoratedTaskSeesWhatItsSchedulerSaw() {
		ThreadLocal<String> caller = new ThreadLocal<>();
		Schedulers.onScheduleHook("test", (task) -> {
			String seen = caller.get();
			return () -> {
				String before = caller.get();
				caller.set(seen);
				task.run();
				caller.set(before);
			};
		});
		try {
			caller.set("caller");
			this.timer.schedule(() -> this.run.add(caller.get()), 1, TimeUnit.SECONDS);
			caller.set("other");
			this.time.advanceTimeBy(Duration.ofSeconds(1));
		}
		finally {
			Schedulers.resetOnScheduleHook("test");
		}
		assertThat(this.run).containsExactly("caller");
	}

	@Test
	void operatorsWaitOnIt() {
		assertThat(Mono.delay(Duration.ofMillis(20), TransportClock.system().scheduler()).block(Duration.ofSeconds(30)))
			.isZero();
	}

}
