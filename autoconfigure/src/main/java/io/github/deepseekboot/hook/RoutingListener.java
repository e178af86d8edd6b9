package io.github.deepseekboot.hook;

/**
 * Watches calls being routed. Beans of this type receive every event, in their order, on
 * the thread where it happens, often an event loop: they must be quick and must not
 * block. An exception from a listener is logged and changes nothing.
 */
@FunctionalInterface
public interface RoutingListener {

	/**
	 * Something happened.
	 * @param event what happened
	 */
	void onEvent(RoutingEvent event);

}
