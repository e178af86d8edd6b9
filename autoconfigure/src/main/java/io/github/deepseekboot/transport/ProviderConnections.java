package io.github.deepseekboot.transport;

import java.net.URI;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.resources.LoopResources;

import io.github.deepseekboot.hook.ChatAttemptInterceptor;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.transport.netty.HttpConnections;

/**
 * Makes the clients of providers, each with a connection pool of its own, and closes the
 * pools.
 */
public final class ProviderConnections implements AutoCloseable {

	private static final int MAX_PING_CONNECTIONS = 2;

	private final WebClient.Builder webClientBuilder;

	private final HttpConnections connections;

	private final List<ChatAttemptInterceptor> interceptors;

	/**
	 * Create the maker of clients.
	 * @param webClientBuilder the application's builder; it is cloned, never changed
	 * @param loopResources the event loops to run on; {@code null} for the shared ones
	 */
	public ProviderConnections(WebClient.Builder webClientBuilder, @Nullable LoopResources loopResources) {
		this(webClientBuilder, loopResources, List.of());
	}

	/**
	 * Create the maker of clients.
	 * @param webClientBuilder the application's builder; it is cloned, never changed
	 * @param loopResources the event loops to run on; {@code null} for the shared ones
	 * @param interceptors see each attempt, in this order
	 */
	public ProviderConnections(WebClient.Builder webClientBuilder, @Nullable LoopResources loopResources,
			List<ChatAttemptInterceptor> interceptors) {
		this.webClientBuilder = webClientBuilder;
		this.connections = new HttpConnections(loopResources);
		this.interceptors = List.copyOf(interceptors);
	}

	/**
	 * Make the client of a provider.
	 * @param provider the provider
	 * @param settings how to connect
	 * @return the client
	 */
	public ProviderClient client(Provider provider, Settings settings) {
		return client(provider, settings, ResponseLimits.DEFAULTS.withMaxToolCalls(settings.maxToolCalls()),
				TransportClock.system());
	}

	ProviderClient client(Provider provider, Settings settings, ResponseLimits limits, TransportClock clock) {
		ClientHttpConnector connector = connector(provider, settings, "deepseek-" + provider.id(),
				settings.maxConnections());
		// a ping must not wait for a connection behind the calls whose state it shows
		ClientHttpConnector pingConnector = connector(provider, settings, "deepseek-ping-" + provider.id(),
				MAX_PING_CONNECTIONS);
		return new ProviderClient(provider, webClient(connector), () -> webClient(pingConnector), limits, clock,
				this.interceptors);
	}

	private ClientHttpConnector connector(Provider provider, Settings settings, String poolName, int maxConnections) {
		return this.connections.connector(poolName, maxConnections, provider.timeouts(), settings.sslBundle(),
				settings.proxy());
	}

	private WebClient webClient(ClientHttpConnector connector) {
		return this.webClientBuilder.clone()
			.clientConnector(connector)
			// it would take the place of ours
			.defaultHeaders((headers) -> headers.remove(HttpHeaders.ACCEPT_ENCODING))
			// request details would be logged with the key
			.codecs((codecs) -> codecs.defaultCodecs().enableLoggingRequestDetails(false))
			.build();
	}

	@Override
	public void close() {
		this.connections.close();
	}

	/**
	 * How to connect to a provider.
	 *
	 * @param maxConnections the most connections at once
	 * @param maxToolCalls the most tool calls of one answer
	 * @param sslBundle the keys and certificates to use; {@code null} for the JDK's
	 * @param proxy the proxy to go through, {@code http} or {@code socks5} with a port;
	 * {@code null} for none
	 */
	public record Settings(int maxConnections, int maxToolCalls, @Nullable SslBundle sslBundle, @Nullable URI proxy) {

		/**
		 * The most tool calls of one answer unless configured, which is what OpenAI
		 * allows for tools of a request.
		 */
		public static final int DEFAULT_MAX_TOOL_CALLS = 128;

		/**
		 * Settings with the default number of tool calls, for a direct connection.
		 * @param maxConnections the most connections at once
		 */
		public Settings(int maxConnections) {
			this(maxConnections, DEFAULT_MAX_TOOL_CALLS, null, null);
		}

	}

}
