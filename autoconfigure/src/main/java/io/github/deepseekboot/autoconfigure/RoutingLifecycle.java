package io.github.deepseekboot.autoconfigure;

import java.time.Duration;

import org.springframework.context.SmartLifecycle;

import io.github.deepseekboot.routing.RoutingClient;

/**
 * Lets running calls end when the application stops: after the web server, whose requests
 * may wait for them, and before the connections are closed.
 */
final class RoutingLifecycle implements SmartLifecycle {

	// after the web server's graceful stop (- 1024) and its stop (- 2048)
	private static final int PHASE = DEFAULT_PHASE - 3072;

	private final RoutingClient client;

	private final Duration drain;

	private volatile boolean running;

	RoutingLifecycle(RoutingClient client, Duration drain) {
		this.client = client;
		this.drain = drain;
	}

	@Override
	public void start() {
		this.client.reopen();
		this.running = true;
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	@Override
	public void stop(Runnable callback) {
		this.running = false;
		this.client.shutdown(this.drain).doFinally((signal) -> callback.run()).subscribe();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
