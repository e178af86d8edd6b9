package io.github.deepseekboot.transport;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.NameResolverProvider;
import reactor.netty.transport.ProxyProvider;

import io.github.deepseekboot.hook.ChatAttemptInterceptor;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderTimeouts;

/**
 * Makes the clients of providers, each with a connection pool of its own, and closes the
 * pools.
 */
public final class ProviderConnections implements AutoCloseable {

	private static final int MAX_PING_CONNECTIONS = 2;

	private static final Duration MAX_IDLE = Duration.ofSeconds(30);

	private static final Duration MAX_LIFE = Duration.ofMinutes(5);

	private final WebClient.Builder webClientBuilder;

	private final @Nullable LoopResources loopResources;

	private final AddressResolverGroup<InetSocketAddress> resolvers;

	private final List<ChatAttemptInterceptor> interceptors;

	private final List<ConnectionProvider> pools = new CopyOnWriteArrayList<>();

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
		this.loopResources = loopResources;
		this.interceptors = List.copyOf(interceptors);
		this.resolvers = NameResolverProvider.builder()
			.build()
			.newNameResolverGroup((loopResources != null) ? loopResources : HttpResources.get(),
					LoopResources.DEFAULT_NATIVE);
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
		WebClient webClient = webClient(provider, settings, "deepseek-" + provider.id(), settings.maxConnections());
		// a ping must not wait for a connection behind the calls whose state it shows
		WebClient pingClient = webClient(provider, settings, "deepseek-ping-" + provider.id(), MAX_PING_CONNECTIONS);
		return new ProviderClient(provider, webClient, pingClient, limits, clock, this.interceptors);
	}

	private WebClient webClient(Provider provider, Settings settings, String poolName, int maxConnections) {
		ProviderTimeouts timeouts = provider.timeouts();
		ConnectionProvider pool = ConnectionProvider.builder(poolName)
			.maxConnections(maxConnections)
			.pendingAcquireMaxCount(-1)
			.pendingAcquireTimeout(timeouts.acquire())
			.maxIdleTime(MAX_IDLE)
			.maxLifeTime(MAX_LIFE)
			.evictInBackground(MAX_IDLE)
			.build();
		this.pools.add(pool);
		HttpClientSettings httpSettings = HttpClientSettings.defaults()
			.withConnectTimeout(timeouts.connect())
			.withRedirects(HttpRedirects.DONT_FOLLOW)
			.withSslBundle(settings.sslBundle());
		return this.webClientBuilder.clone()
			.clientConnector(ClientHttpConnectorBuilder.reactor()
				.withHttpClientFactory(() -> HttpClient.create(pool))
				.withHttpClientCustomizer((client) -> customize(client, timeouts, settings))
				.build(httpSettings))
			// it would take the place of ours
			.defaultHeaders((headers) -> headers.remove(HttpHeaders.ACCEPT_ENCODING))
			// request details would be logged with the key
			.codecs((codecs) -> codecs.defaultCodecs().enableLoggingRequestDetails(false))
			.build();
	}

	private HttpClient customize(HttpClient client, ProviderTimeouts timeouts, Settings settings) {
		// a retry below us would send a prompt twice, and a decompressor has no size
		// limit
		HttpClient customized = client.disableRetry(true)
			.compress(false)
			.headers((headers) -> headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY))
			.doOnChannelInit((observer, channel, address) -> {
				SslHandler ssl = channel.pipeline().get(SslHandler.class);
				if (ssl != null) {
					ssl.setHandshakeTimeoutMillis(timeouts.tls().toMillis());
				}
				SendState.watch(channel);
			})
			.doOnRequest(SendState::begin);
		if (this.loopResources != null) {
			customized = customized.runOn(this.loopResources);
		}
		return (settings.proxy() != null) ? customized.proxy(proxy(settings.proxy()))
				: customized.resolver(new BoundedResolverGroup(this.resolvers, timeouts.connect()));
	}

	private static Consumer<ProxyProvider.TypeSpec> proxy(URI uri) {
		return (spec) -> {
			ProxyProvider.Builder builder = spec
				.type("socks5".equals(uri.getScheme()) ? ProxyProvider.Proxy.SOCKS5 : ProxyProvider.Proxy.HTTP)
				.socketAddress(InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort()));
			String userInfo = uri.getUserInfo();
			if (userInfo != null) {
				int colon = userInfo.indexOf(':');
				builder.username((colon < 0) ? userInfo : userInfo.substring(0, colon));
				builder.password((name) -> (colon < 0) ? "" : userInfo.substring(colon + 1));
			}
		};
	}

	@Override
	public void close() {
		this.pools.forEach(ConnectionProvider::dispose);
		this.resolvers.close();
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
