package io.github.deepseekboot.transport;

import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * Wakes an attempt when the next of its clocks could run out: one task at a time, however
 * many clocks there are.
 */
final class Alarm {

	private final Scheduler scheduler;

	private final Runnable wake;

	private @Nullable Disposable task;

	private boolean off;

	Alarm(Scheduler scheduler, Runnable wake) {
		this.scheduler = scheduler;
		this.wake = wake;
	}

	/**
	 * Set it for the first time, or again when it went off.
	 * @param nanos when to wake, from now
	 * @throws java.util.concurrent.RejectedExecutionException if the scheduler has
	 * stopped
	 */
	synchronized void set(long nanos) {
		// under the lock: the task may run, and set the next, before it is known here
		if (!this.off) {
			this.task = this.scheduler.schedule(this.wake, nanos, TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * Turn it off for good.
	 */
	synchronized void off() {
		this.off = true;
		if (this.task != null) {
			this.task.dispose();
		}
	}

}
