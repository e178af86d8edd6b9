package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * Lets the turns of one conversation follow each other, in the order in which they came.
 */
final class TurnQueue {

	private static final int MAX_WAITING = 100;

	private final Duration maxWait;

	private final Scheduler scheduler;

	// guarded by itself; the first place of a queue has the turn
	private final Map<String, Set<Place>> queues = new HashMap<>();

	TurnQueue(Duration maxWait, Scheduler scheduler) {
		this.maxWait = maxWait;
		this.scheduler = scheduler;
	}

	/**
	 * Take a place at the end. It must be left, however the turn ends.
	 * @param id the conversation's id
	 * @return the place
	 * @throws DeepSeekException if too many wait already
	 */
	Place enter(String id) {
		Place place = new Place(id);
		synchronized (this.queues) {
			Set<Place> queue = this.queues.computeIfAbsent(id, (key) -> new LinkedHashSet<>(2));
			if (queue.size() > MAX_WAITING) {
				throw busy(id, queue.size() - 1 + " turns are waiting already");
			}
			queue.add(place);
		}
		return place;
	}

	int size() {
		synchronized (this.queues) {
			return this.queues.size();
		}
	}

	private static DeepSeekException busy(String id, String reason) {
		return new DeepSeekException(ErrorKind.LOCAL_LIMIT, "conversation '" + id + "' is busy: " + reason);
	}

	/**
	 * Limit how long a turn waits.
	 * @param <T> what it waits for
	 * @param wait the wait
	 * @param id the conversation's id
	 * @param before the turn that is waited for, as the failure names it
	 * @param maxWait the longest wait
	 * @param scheduler ends it
	 * @return the wait; fails when it takes too long
	 */
	static <T> Mono<T> limit(Mono<T> wait, String id, String before, Duration maxWait, Scheduler scheduler) {
		return wait
			.timeout(maxWait,
					Mono.error(() -> scheduler.isDisposed() ? stopped(id)
							: busy(id,
									before + " did not end within " + DurationText.of(maxWait)
											+ " (deepseek.conversation.max-wait)")),
					scheduler)
			.onErrorMap(RejectedExecutionException.class, (rejected) -> stopped(id));
	}

	private static DeepSeekException stopped(String id) {
		return new DeepSeekException(ErrorKind.CANCELLED,
				"the scheduler stopped while a turn of conversation '" + id + "' waited");
	}

	/**
	 * A place in a queue.
	 */
	final class Place {

		private final String id;

		private final Sinks.Empty<Void> turn = Sinks.empty();

		private Place(String id) {
			this.id = id;
		}

		/**
		 * Wait for the turn.
		 * @return completes when it is there; fails when it takes too long
		 */
		Mono<Void> turn() {
			// the next turn does not run on the stack of the one that ended
			Scheduler scheduler = TurnQueue.this.scheduler;
			return limit(this.turn.asMono().publishOn(scheduler), this.id, "the turn before", TurnQueue.this.maxWait,
					scheduler);
		}

		/**
		 * Return whether the turn is there without a wait.
		 * @return {@code true} if no turn is before
		 */
		boolean isFirst() {
			synchronized (TurnQueue.this.queues) {
				Set<Place> queue = TurnQueue.this.queues.get(this.id);
				return queue != null && queue.iterator().next() == this;
			}
		}

		/**
		 * End the turn, or give the place up. Further calls have no effect.
		 */
		void leave() {
			Place next;
			synchronized (TurnQueue.this.queues) {
				Set<Place> queue = TurnQueue.this.queues.get(this.id);
				if (queue == null || !queue.remove(this)) {
					return;
				}
				if (queue.isEmpty()) {
					TurnQueue.this.queues.remove(this.id);
					return;
				}
				next = queue.iterator().next();
			}
			// without an effect if it has the turn already
			next.turn.tryEmitEmpty();
		}

	}

}
