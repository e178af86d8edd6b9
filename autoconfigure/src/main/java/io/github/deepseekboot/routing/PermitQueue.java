package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.ProviderQuota.Permit;

/**
 * The permits of one provider, account and model: as many at once as a subclass allows,
 * in the order in which they were asked for. A permit is given on the scheduler, not on
 * the stack of whoever gave one back. Thread-safe; a subclass guards its state by this
 * object, too.
 */
public abstract class PermitQueue {

	private final String provider;

	private final Scheduler scheduler;

	// a set: a waiter in the middle that gives up is found at once
	private final Set<Waiter> waiting = new LinkedHashSet<>();

	private int inUse;

	private boolean closed;

	/**
	 * Create a queue.
	 * @param provider the provider's id, for failures
	 * @param scheduler gives permits and ends waits
	 */
	protected PermitQueue(String provider, Scheduler scheduler) {
		this.provider = provider;
		this.scheduler = scheduler;
	}

	/**
	 * Return how many permits may be in use now. Called under the lock.
	 * @return the number
	 */
	protected abstract int allowed();

	/**
	 * Return how long a permit is waited for.
	 * @return the longest wait
	 */
	protected abstract Duration maxWait();

	/**
	 * Return what a wait ends with that was too long.
	 * @return the failure
	 */
	protected abstract DeepSeekException tooLong();

	/**
	 * Return why nobody may wait now. Called under the lock.
	 * @return the failure, or {@code null} (as by default) to wait
	 */
	protected @Nullable DeepSeekException refusal() {
		return null;
	}

	/**
	 * A permit was asked for. Called outside of the lock.
	 * @param waits whether a call waits for it now
	 */
	protected void asked(boolean waits) {
	}

	/**
	 * A permit was given back, and those that wait were served. Called outside of the
	 * lock.
	 */
	protected void released() {
	}

	/**
	 * Return whether the queue may be forgotten when no permit is in use or waited for.
	 * Called under the lock.
	 * @return {@code true} by default
	 */
	protected boolean isForgettable() {
		return true;
	}

	/**
	 * Return how many permits are in use.
	 * @return the number
	 */
	protected final synchronized int inUse() {
		return this.inUse;
	}

	/**
	 * Return how many calls wait.
	 * @return the number
	 */
	protected final synchronized int waiting() {
		return this.waiting.size();
	}

	/**
	 * Close the queue if it is unused.
	 * @return {@code true} if it gives no permit from now on
	 */
	public final synchronized boolean close() {
		this.closed = this.inUse == 0 && this.waiting.isEmpty() && isForgettable();
		return this.closed;
	}

	/**
	 * Give what is free to those that wait longest.
	 */
	protected final void serve() {
		List<Waiter> served;
		synchronized (this) {
			served = next();
		}
		give(served);
	}

	/**
	 * Refuse all that wait.
	 * @param reason what their waits end with
	 */
	protected final void refuseAll(DeepSeekException reason) {
		List<Waiter> refused;
		synchronized (this) {
			refused = new ArrayList<>(this.waiting);
		}
		refused.forEach((waiter) -> refuse(waiter, reason));
	}

	// while calls wait, none is free; one that was released before it came is over
	private synchronized boolean take(QueuedPermit permit) {
		if (this.closed) {
			return false;
		}
		permit.queue = this;
		if (permit.abandoned) {
			permit.state = PermitState.OVER;
		}
		else if (this.waiting.isEmpty() && this.inUse < allowed()) {
			this.inUse++;
			permit.state = PermitState.GIVEN;
		}
		return true;
	}

	private boolean takeIfFree(QueuedPermit permit) {
		if (!take(permit)) {
			return false;
		}
		asked(false);
		return true;
	}

	private boolean enter(Waiter waiter) {
		DeepSeekException refusal = null;
		synchronized (this) {
			if (!take(waiter)) {
				return false;
			}
			if (waiter.state == PermitState.WAITING) {
				this.waiting.add(waiter);
				refusal = refusal();
			}
		}
		if (waiter.state != PermitState.WAITING) {
			asked(false);
			waiter.give();
			return true;
		}
		if (refusal != null) {
			refuse(waiter, refusal);
			return true;
		}
		try {
			waiter.sink.onDispose(this.scheduler.schedule(() -> refuse(waiter, tooLong()), maxWait().toMillis(),
					TimeUnit.MILLISECONDS));
		}
		catch (RejectedExecutionException ex) {
			refuse(waiter, stopped());
		}
		asked(true);
		return true;
	}

	private void leave(QueuedPermit permit) {
		List<Waiter> served;
		synchronized (this) {
			PermitState before = permit.state;
			permit.state = PermitState.OVER;
			if (before == PermitState.WAITING && permit instanceof Waiter waiter) {
				this.waiting.remove(waiter);
				return;
			}
			if (before != PermitState.GIVEN) {
				return;
			}
			this.inUse--;
			served = next();
		}
		give(served);
		released();
	}

	private List<Waiter> next() {
		if (this.waiting.isEmpty()) {
			return List.of();
		}
		List<Waiter> served = new ArrayList<>(1);
		Iterator<Waiter> waiters = this.waiting.iterator();
		while (waiters.hasNext() && this.inUse < allowed()) {
			Waiter next = waiters.next();
			waiters.remove();
			next.state = PermitState.GIVEN;
			this.inUse++;
			served.add(next);
		}
		return served;
	}

	private void give(List<Waiter> served) {
		for (int i = 0; i < served.size(); i++) {
			try {
				// not on this stack: the next call may end at once and give its permit on
				this.scheduler.schedule(served.get(i)::give);
			}
			catch (RejectedExecutionException ex) {
				stop(served.subList(i, served.size()));
				return;
			}
		}
	}

	// the others would not be woken either
	private void stop(List<Waiter> served) {
		List<Waiter> stopped = new ArrayList<>();
		synchronized (this) {
			for (Waiter next : served) {
				if (next.state == PermitState.GIVEN) {
					this.inUse--;
					stopped.add(next);
				}
			}
			stopped.addAll(this.waiting);
			this.waiting.clear();
			stopped.forEach((waiter) -> waiter.state = PermitState.OVER);
		}
		stopped.forEach((waiter) -> waiter.sink.error(stopped()));
	}

	private void refuse(Waiter waiter, DeepSeekException reason) {
		synchronized (this) {
			if (waiter.state != PermitState.WAITING) {
				return;
			}
			waiter.state = PermitState.OVER;
			this.waiting.remove(waiter);
		}
		waiter.sink.error(reason);
	}

	private DeepSeekException stopped() {
		return DeepSeekException
			.builder(ErrorKind.CANCELLED, "the scheduler stopped while the call waited for a permit")
			.provider(this.provider)
			.build();
	}

	/**
	 * A quota that has a queue for each provider, account and model.
	 */
	public abstract static class Quota implements ProviderQuota {

		/**
		 * Return the queue of what is asked for; another one when that was closed.
		 * @param request what a permit is for
		 * @return the queue
		 */
		protected abstract PermitQueue queue(PermitRequest request);

		@Override
		public final Mono<Permit> acquire(PermitRequest request) {
			return Mono.create((sink) -> {
				Waiter waiter = waiter(sink);
				// a cancellation may come before, while and after the permit is given: it
				// always gives it back
				sink.onCancel(waiter::release);
				PermitQueue queue = queue(request);
				while (!queue.enter(waiter)) {
					queue = queue(request);
				}
			});
		}

		// so that a test counts how often one is compared
		Waiter waiter(MonoSink<Permit> sink) {
			return new Waiter(sink);
		}

		@Override
		public final @Nullable Permit tryAcquire(PermitRequest request) {
			QueuedPermit permit = new QueuedPermit();
			PermitQueue queue = queue(request);
			while (!queue.takeIfFree(permit)) {
				queue = queue(request);
			}
			return (permit.state == PermitState.GIVEN) ? permit : null;
		}

	}

	private enum PermitState {

		WAITING, GIVEN, OVER

	}

	/**
	 * A permit. Its state is guarded by the queue.
	 */
	private static class QueuedPermit implements Permit {

		volatile @Nullable PermitQueue queue;

		// released before it came to a queue
		volatile boolean abandoned;

		volatile PermitState state = PermitState.WAITING;

		@Override
		public void release() {
			this.abandoned = true;
			PermitQueue queue = this.queue;
			if (queue != null) {
				queue.leave(this);
			}
		}

	}

	/**
	 * A place in the queue, and later the permit.
	 */
	static class Waiter extends QueuedPermit {

		private final MonoSink<Permit> sink;

		Waiter(MonoSink<Permit> sink) {
			this.sink = sink;
		}

		void give() {
			this.sink.success(this);
		}

	}

}
