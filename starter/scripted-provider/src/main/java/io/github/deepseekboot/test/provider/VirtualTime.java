package io.github.deepseekboot.test.provider;

import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * A scheduler whose time does not pass but jumps: once nothing is left to do now, to the
 * moment at which the next task is due. Tasks run one after the other on one thread. A
 * wait of a minute takes no minute, and what is due earlier still comes earlier.
 * <p>
 * All that waits must be subscribed to on this scheduler; what is scheduled from
 * elsewhere may find that time has gone on.
 */
public final class VirtualTime implements Scheduler {

	private final PriorityQueue<Task> tasks = new PriorityQueue<>();

	private final Thread thread = new VirtualThread(this::run);

	private long nanos;

	private long sequence;

	private boolean disposed;

	/**
	 * Create a scheduler, whose time begins at 0.
	 */
	public VirtualTime() {
		this.thread.start();
	}

	private void run() {
		Task task = next();
		while (task != null) {
			if (!task.isDisposed()) {
				task.run();
			}
			task = next();
		}
	}

	private synchronized @Nullable Task next() {
		try {
			while (this.tasks.isEmpty() && !this.disposed) {
				wait();
			}
		}
		catch (InterruptedException ex) {
			return null;
		}
		Task task = this.tasks.poll();
		if (task == null || this.disposed) {
			return null;
		}
		this.nanos = Math.max(this.nanos, task.due);
		return task;
	}

	@Override
	public synchronized long now(TimeUnit unit) {
		return unit.convert(this.nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public Disposable schedule(Runnable task) {
		return schedule(task, 0, TimeUnit.NANOSECONDS);
	}

	@Override
	public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
		return add(new Task(task, 0), Math.max(0, unit.toNanos(delay)));
	}

	@Override
	public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
		return add(new Task(task, Math.max(1, unit.toNanos(period))), Math.max(0, unit.toNanos(initialDelay)));
	}

	private synchronized Task add(Task task, long delay) {
		if (this.disposed) {
			throw new RejectedExecutionException("the scheduler is disposed");
		}
		task.due = this.nanos + delay;
		task.number = this.sequence++;
		this.tasks.add(task);
		notifyAll();
		return task;
	}

	@Override
	public Worker createWorker() {
		return new VirtualWorker();
	}

	@Override
	public synchronized boolean isDisposed() {
		return this.disposed;
	}

	@Override
	public synchronized void dispose() {
		this.disposed = true;
		notifyAll();
	}

	private static final class VirtualThread extends Thread implements NonBlocking {

		VirtualThread(Runnable target) {
			super(target, "virtual-time");
			setDaemon(true);
		}

	}

	private final class Task implements Disposable, Comparable<Task> {

		private final Runnable target;

		private final long period;

		private long due;

		private long number;

		private volatile boolean disposed;

		Task(Runnable target, long period) {
			this.target = target;
			this.period = period;
		}

		void run() {
			try {
				this.target.run();
			}
			catch (Throwable ex) {
				Operators.onErrorDropped(ex, Context.empty());
			}
			if (this.period > 0 && !this.disposed && !VirtualTime.this.isDisposed()) {
				add(this, this.period);
			}
		}

		@Override
		public void dispose() {
			this.disposed = true;
			synchronized (VirtualTime.this) {
				VirtualTime.this.tasks.remove(this);
			}
		}

		@Override
		public boolean isDisposed() {
			return this.disposed;
		}

		@Override
		public int compareTo(Task other) {
			int byTime = Long.compare(this.due, other.due);
			return (byTime != 0) ? byTime : Long.compare(this.number, other.number);
		}

	}

	private final class VirtualWorker implements Worker {

		private final Disposable.Composite scheduled = Disposables.composite();

		@Override
		public Disposable schedule(Runnable task) {
			return keep(VirtualTime.this.schedule(task));
		}

		@Override
		public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
			return keep(VirtualTime.this.schedule(task, delay, unit));
		}

		@Override
		public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
			return keep(VirtualTime.this.schedulePeriodically(task, initialDelay, period, unit));
		}

		private Disposable keep(Disposable task) {
			this.scheduled.add(task);
			return task;
		}

		@Override
		public void dispose() {
			this.scheduled.dispose();
		}

		@Override
		public boolean isDisposed() {
			return this.scheduled.isDisposed();
		}

	}

}
