package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * Lets the turns of one conversation follow each other, in the order in which they came.
 */
final class TurnQueue {

	private static final int MAX_WAITING = 100;

	private final Duration maxWait;

	// guarded by itself; the first place of a queue has the turn
	private final Map<String, Deque<Place>> queues = new HashMap<>();

	TurnQueue(Duration maxWait) {
		this.maxWait = maxWait;
	}

	/**
	 * Take a place at the end. It must be left, however the turn ends.
	 * @param id the conversation's id
	 * @return the place
	 */
	Place enter(String id) {
		Place place = new Place(id);
		synchronized (this.queues) {
			Deque<Place> queue = this.queues.computeIfAbsent(id, (key) -> new ArrayDeque<>(1));
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

	static DeepSeekException busy(String id, String reason) {
		return new DeepSeekException(ErrorKind.LOCAL_LIMIT, "conversation '" + id + "' is busy: " + reason);
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
			return this.turn.asMono()
				.publishOn(Schedulers.parallel())
				.timeout(TurnQueue.this.maxWait, Mono.error(() -> busy(this.id, "the turn before did not end within "
						+ TurnQueue.this.maxWait + " (deepseek.conversation.max-wait)")));
		}

		/**
		 * Whether the turn is there without a wait.
		 * @return {@code true} if nobody is before
		 */
		boolean isFirst() {
			synchronized (TurnQueue.this.queues) {
				Deque<Place> queue = TurnQueue.this.queues.get(this.id);
				return queue != null && queue.peek() == this;
			}
		}

		/**
		 * End the turn, or give the place up. Further calls have no effect.
		 */
		void leave() {
			Place next;
			synchronized (TurnQueue.this.queues) {
				Deque<Place> queue = TurnQueue.this.queues.get(this.id);
				if (queue == null || !queue.remove(this)) {
					return;
				}
				next = queue.peek();
				if (next == null) {
					TurnQueue.this.queues.remove(this.id);
				}
			}
			if (next != null) {
				next.turn.tryEmitEmpty();
			}
		}

	}

}
