package io.github.deepseekboot.autoconfigure;

import org.springframework.context.ApplicationEventPublisher;

import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Publishes as application events what concerns more than a single call: retries,
 * failovers, and changes of providers and their order.
 */
final class RoutingEventPublisher implements RoutingListener {

	private final ApplicationEventPublisher publisher;

	RoutingEventPublisher(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public void onEvent(RoutingEvent event) {
		if (event instanceof RoutingEvent.Retried || event instanceof RoutingEvent.FailedOver
				|| event instanceof RoutingEvent.CoolDownStarted || event instanceof RoutingEvent.CircuitChanged
				|| event instanceof RoutingEvent.ChainChanged) {
			this.publisher.publishEvent(event);
		}
	}

}
