package io.github.deepseekboot.routing;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Publishes events in the order in which things happened: an event is added under the
 * lock of what changes, and published when the lock is free. One thread at a time
 * publishes, for all that add meanwhile.
 */
final class EventQueue {

	private final RoutingListener listener;

	private final Queue<RoutingEvent> events = new ConcurrentLinkedQueue<>();

	private final AtomicInteger publishing = new AtomicInteger();

	/**
	 * Create a queue.
	 * @param listener gets the events; must not throw
	 */
	EventQueue(RoutingListener listener) {
		this.listener = listener;
	}

	/**
	 * Add an event.
	 * @param event the event
	 */
	void add(RoutingEvent event) {
		this.events.add(event);
	}

	/**
	 * Publish what was added, outside of any lock. When another thread publishes already,
	 * it does so, too, with what was added now.
	 */
	void publish() {
		if (this.events.isEmpty() || this.publishing.getAndIncrement() != 0) {
			return;
		}
		int missed = 1;
		while (missed != 0) {
			for (RoutingEvent event = this.events.poll(); event != null; event = this.events.poll()) {
				this.listener.onEvent(event);
			}
			missed = this.publishing.addAndGet(-missed);
		}
	}

}
