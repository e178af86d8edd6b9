package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.mockito.stubbing.Answer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link Alarm}.
 */
class AlarmTests {

	private final List<Disposable> tasks = new CopyOnWriteArrayList<>();

	@Test
	void wakesWhenItIsSetAndNotWhenItIsOff() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		List<String> woken = new ArrayList<>();
		Alarm alarm = new Alarm(time, () -> woken.add("now"));
		alarm.set(1_000_000);
		time.advanceTimeBy(Duration.ofMillis(1));
		assertThat(woken).hasSize(1);
		alarm.set(1_000_000);
		alarm.off();
		alarm.set(1_000_000);
		time.advanceTimeBy(Duration.ofMillis(5));
		assertThat(woken).hasSize(1);
	}

	@Test
	void theNextTaskIsKeptEvenIfTheLastRunsBeforeItIsKnown() throws InterruptedException {
		Scheduler scheduler = mock(Scheduler.class);
		Alarm[] alarm = new Alarm[1];
		Thread[] wake = new Thread[1];
		Answer<Disposable> hasty = (invocation) -> {
			Disposable task = Disposables.single();
			this.tasks.add(task);
			if (this.tasks.size() == 1) {
				wake[0] = new Thread(() -> alarm[0].set(1));
				wake[0].start();
				// it gets on with it only where nothing holds it up
				wake[0].join(100);
			}
			return task;
		};
		given(scheduler.schedule(any(), anyLong(), any())).willAnswer(hasty);
		alarm[0] = new Alarm(scheduler, () -> {
		});
		alarm[0].set(1);
		wake[0].join(10_000);
		assertThat(this.tasks).hasSize(2);
		assertThat(this.tasks.get(1).isDisposed()).isFalse();
		alarm[0].off();
		assertThat(this.tasks.get(1).isDisposed()).isTrue();
	}

}
