package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Scheduler that keeps the tasks that wait in an order of its own and has one task at
 * another scheduler, for the earliest of them. Nearly all timeouts are cancelled: a
 * scheduler wakes a thread for each, this one only for a task that is earlier than all
 * others. That one task has a thread that runs nothing else: behind a task that blocks,
 * all timeouts would wait.
 */
final class TimerScheduler implements Scheduler {

	private final Scheduler delegate;

	private final Scheduler alarms;

	private final LongSupplier nanos;

	// guarded by this

	private final TreeSet<WaitingTask> waiting = new TreeSet<>();

	private long count;

	private @Nullable Disposable alarm;

	private long alarmAt;

	/**
	 * Create the scheduler.
	 * @param delegate runs the tasks
	 * @param alarms wakes up when a task is due; runs no task itself
	 * @param nanos the time in nanoseconds that both go by
	 */
	TimerScheduler(Scheduler delegate, Scheduler alarms, LongSupplier nanos) {
		this.delegate = delegate;
		this.alarms = alarms;
		this.nanos = nanos;
	}

	@Override
	public Disposable schedule(Runnable task) {
		return this.delegate.schedule(task);
	}

	@Override
	public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
		if (delay <= 0) {
			return schedule(task);
		}
		if (this.delegate.isDisposed()) {
			throw Exceptions.failWithRejected();
		}
		Runnable decorated = Schedulers.onSchedule(task);
		synchronized (this) {
			// under the lock, so that an alarm whose time has come is not set anew
			long now = this.nanos.getAsLong();
			WaitingTask waiting = new WaitingTask(decorated, now + unit.toNanos(delay), this.count++);
			if (this.alarm == null || waiting.at - this.alarmAt < 0) {
				setAlarm(waiting.at, now);
			}
			this.waiting.add(waiting);
			return waiting;
		}
	}

	private void setAlarm(long at, long now) {
		Disposable previous = this.alarm;
		this.alarm = this.alarms.schedule(this::ring, Math.max(0, at - now), TimeUnit.NANOSECONDS);
		this.alarmAt = at;
		if (previous != null) {
			previous.dispose();
		}
	}

	private void ring() {
		List<WaitingTask> due = new ArrayList<>();
		synchronized (this) {
			long now = this.nanos.getAsLong();
			while (!this.waiting.isEmpty() && this.waiting.first().at - now <= 0) {
				due.add(this.waiting.pollFirst());
			}
			this.alarm = null;
			try {
				if (!this.waiting.isEmpty()) {
					setAlarm(this.waiting.first().at, now);
				}
				// each on its own: one that takes long must not hold up the others
				due.forEach(this.delegate::schedule);
			}
			catch (RejectedExecutionException ex) {
				// the delegate has stopped, and runs nothing any more
			}
		}
	}

	private synchronized void remove(WaitingTask task) {
		this.waiting.remove(task);
	}

	@Override
	public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
		return this.delegate.schedulePeriodically(task, initialDelay, period, unit);
	}

	@Override
	public Worker createWorker() {
		return this.delegate.createWorker();
	}

	@Override
	public long now(TimeUnit unit) {
		return this.delegate.now(unit);
	}

	@Override
	public boolean isDisposed() {
		return this.delegate.isDisposed();
	}

	/**
	 * A task that waits for its time.
	 */
	private final class WaitingTask implements Runnable, Disposable, Comparable<WaitingTask> {

		private final long at;

		private final long number;

		private volatile @Nullable Runnable task;

		WaitingTask(Runnable task, long at, long number) {
			this.task = task;
			this.at = at;
			this.number = number;
		}

		@Override
		public void run() {
			Runnable task = this.task;
			this.task = null;
			if (task != null) {
				task.run();
			}
		}

		@Override
		public void dispose() {
			if (this.task != null) {
				this.task = null;
				remove(this);
			}
		}

		@Override
		public boolean isDisposed() {
			return this.task == null;
		}

		// the time may have any origin, also one from which it overflows
		@Override
		public int compareTo(WaitingTask other) {
			long difference = this.at - other.at;
			return (difference != 0) ? Long.signum(difference) : Long.compare(this.number, other.number);
		}

	}

}
