package io.github.deepseekboot.routing;

import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * A scheduler without threads: runs its tasks on the thread that asks, one after the
 * other, and lets no time pass but that to the next. Tasks of the same moment run in an
 * order of chance, which the seed decides.
 */
final class SimulatedTime implements Scheduler {

	private final PriorityQueue<Task> tasks = new PriorityQueue<>();

	private final Random random;

	private long now;

	private long sequence;

	private long step;

	SimulatedTime(Random random) {
		this.random = random;
		// near the end of what a long holds, as a clock may be
		this.now = random.nextBoolean() ? random.nextLong() : Long.MAX_VALUE - random.nextInt(1_000_000_000);
	}

	long nanos() {
		return this.now;
	}

	/**
	 * Return how many tasks have begun: what happens in one step happens on one stack.
	 * @return the number of the task that runs
	 */
	long step() {
		return this.step;
	}

	/**
	 * Run the next task.
	 * @return whether there was one
	 */
	boolean runNext() {
		Task task = this.tasks.poll();
		if (task == null) {
			return false;
		}
		if (!task.disposed) {
			if (task.at - this.now > 0) {
				this.now = task.at;
			}
			task.disposed = true;
			this.step++;
			task.work.run();
			if (task.period > 0 && !task.stopped) {
				add(task.work, task.period, task.period, task);
			}
		}
		return true;
	}

	@Override
	public Disposable schedule(Runnable work) {
		return add(work, 0, 0, null);
	}

	@Override
	public Disposable schedule(Runnable work, long delay, TimeUnit unit) {
		return add(work, unit.toNanos(delay), 0, null);
	}

	@Override
	public Disposable schedulePeriodically(Runnable work, long delay, long period, TimeUnit unit) {
		return add(work, unit.toNanos(delay), unit.toNanos(period), null);
	}

	private Task add(Runnable work, long delay, long period, @Nullable Task before) {
		Task task = (before != null) ? before : new Task(work, period);
		task.at = this.now + Math.max(0, delay);
		task.tie = this.random.nextInt(4);
		task.sequence = this.sequence++;
		task.disposed = false;
		this.tasks.add(task);
		return task;
	}

	@Override
	public long now(TimeUnit unit) {
		return unit.convert(this.now, TimeUnit.NANOSECONDS);
	}

	@Override
	public Worker createWorker() {
		return new Worker() {

			private final Disposable.Composite all = Disposables.composite();

			private Disposable keep(Disposable task) {
				this.all.add(task);
				return task;
			}

			@Override
			public Disposable schedule(Runnable work) {
				return keep(SimulatedTime.this.schedule(work));
			}

			@Override
			public Disposable schedule(Runnable work, long delay, TimeUnit unit) {
				return keep(SimulatedTime.this.schedule(work, delay, unit));
			}

			@Override
			public Disposable schedulePeriodically(Runnable work, long delay, long period, TimeUnit unit) {
				return keep(SimulatedTime.this.schedulePeriodically(work, delay, period, unit));
			}

			@Override
			public void dispose() {
				this.all.dispose();
			}

			@Override
			public boolean isDisposed() {
				return this.all.isDisposed();
			}

		};
	}

	private final class Task implements Disposable, Comparable<Task> {

		private final Runnable work;

		private final long period;

		private long at;

		private int tie;

		private long sequence;

		private boolean disposed;

		private boolean stopped;

		Task(Runnable work, long period) {
			this.work = work;
			this.period = period;
		}

		@Override
		public int compareTo(Task other) {
			if (this.at != other.at) {
				return (this.at - other.at < 0) ? -1 : 1;
			}
			return (this.tie != other.tie) ? Integer.compare(this.tie, other.tie)
					: Long.compare(this.sequence, other.sequence);
		}

		@Override
		public void dispose() {
			this.stopped = true;
			if (!this.disposed) {
				this.disposed = true;
				SimulatedTime.this.tasks.remove(this);
			}
		}

		@Override
		public boolean isDisposed() {
			return this.disposed;
		}

	}

}
