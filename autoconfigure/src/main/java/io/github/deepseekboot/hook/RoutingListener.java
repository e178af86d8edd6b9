package io.github.deepseekboot.hook;

/**
 * Listener for routing events. Beans of this type receive every event, in their order, on
 * the thread where it happens, often an event loop: they must be quick and must not
 * block. An exception from a listener is logged and changes nothing.
 */
@FunctionalInterface
public interface RoutingListener {

	/**
	 * Handle an event.
	 * @param event what happened
	 */
	void onEvent(RoutingEvent event);

}
