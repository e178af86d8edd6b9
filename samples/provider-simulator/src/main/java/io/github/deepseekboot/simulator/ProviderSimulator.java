package io.github.deepseekboot.simulator;

import java.util.List;

import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

/**
 * Stand-ins for several providers on one port of loopback, each under a path of its own:
 * {@code deepseek}, {@code siliconflow} and {@code alayanew}. They have the models of
 * their hosts, and make up answers until they get a script.
 */
public final class ProviderSimulator implements AutoCloseable {

	private final ScriptedServer server;

	private ProviderSimulator(int port) {
		this.server = ScriptedServer.start(port);
		List.of("deepseek", "siliconflow", "alayanew").forEach(this.server::simulateProvider);
	}

	/**
	 * Start a simulator on a free port.
	 * @return the running simulator
	 */
	public static ProviderSimulator start() {
		return start(0);
	}

	/**
	 * Start a simulator.
	 * @param port the port on loopback, 0 for a free one
	 * @return the running simulator
	 * @throws reactor.netty.ChannelBindException if the port is taken
	 */
	public static ProviderSimulator start(int port) {
		return new ProviderSimulator(port);
	}

	/**
	 * Return the port.
	 * @return the port
	 */
	public int port() {
		return this.server.port();
	}

	/**
	 * Return the base URL of a provider.
	 * @param id the provider's id
	 * @return the base URL, to which a client appends {@code /chat/completions}
	 */
	public String baseUrl(String id) {
		return provider(id).baseUrl();
	}

	/**
	 * Return a provider.
	 * @param id its id
	 * @return the provider
	 * @throws IllegalArgumentException if there is none of that id
	 */
	public ScriptedProvider provider(String id) {
		return this.server.provider(id);
	}

	/**
	 * Return all providers.
	 * @return the providers, in no order
	 */
	public List<ScriptedProvider> providers() {
		return this.server.providers();
	}

	/**
	 * Close all connections, and release the port and the threads.
	 */
	@Override
	public void close() {
		this.server.close();
	}

}
