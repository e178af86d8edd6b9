package io.github.deepseekboot.transport.netty;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import org.springframework.http.client.reactive.ClientHttpConnector;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.NameResolverProvider;
import reactor.netty.transport.ProxyProvider;

import io.github.deepseekboot.provider.ProviderTimeouts;

/**
 * Makes connectors with a connection pool each, and closes the pools.
 */
public final class HttpConnections implements AutoCloseable {

	private static final Duration MAX_IDLE = Duration.ofSeconds(30);

	private static final Duration MAX_LIFE = Duration.ofMinutes(5);

	private final @Nullable LoopResources loopResources;

	// of these, guarded by this, none is made before the first request

	private final List<ConnectionProvider> pools = new ArrayList<>();

	private @Nullable AddressResolverGroup<InetSocketAddress> resolvers;

	private boolean closed;

	/**
	 * Create the maker of connectors.
	 * @param loopResources the event loops to run on; {@code null} for the shared ones
	 */
	public HttpConnections(@Nullable LoopResources loopResources) {
		this.loopResources = loopResources;
	}

	/**
	 * Make a connector with a pool of its own. It follows no redirect, sends no request a
	 * second time and asks for no compression; a {@link SendState} in the context of an
	 * exchange learns how far its request gets. Its pool, name resolver and event loops
	 * are made for the first request, unless there are keys and certificates, which may
	 * turn out to be unusable.
	 * @param poolName the name of the pool
	 * @param maxConnections the most connections at once
	 * @param timeouts for connecting, TLS and the wait for a connection
	 * @param sslBundle the keys and certificates to use; {@code null} for the JDK's
	 * @param proxy the proxy to go through, {@code http} or {@code socks5} with a port;
	 * {@code null} for none
	 * @return the connector
	 */
	public ClientHttpConnector connector(String poolName, int maxConnections, ProviderTimeouts timeouts,
			@Nullable SslBundle sslBundle, @Nullable URI proxy) {
		if (sslBundle != null) {
			ClientHttpConnector connector = create(poolName, maxConnections, timeouts, sslBundle, proxy);
			return new PooledConnector(() -> connector);
		}
		return new PooledConnector(() -> create(poolName, maxConnections, timeouts, null, proxy));
	}

	private ClientHttpConnector create(String poolName, int maxConnections, ProviderTimeouts timeouts,
			@Nullable SslBundle sslBundle, @Nullable URI proxy) {
		ConnectionProvider pool = ConnectionProvider.builder(poolName)
			.maxConnections(maxConnections)
			.pendingAcquireMaxCount(-1)
			// the one used last: it is warm, and those that are too many become idle
			.lifo()
			.pendingAcquireTimeout(timeouts.acquire())
			.maxIdleTime(MAX_IDLE)
			.maxLifeTime(MAX_LIFE)
			.evictInBackground(MAX_IDLE)
			.build();
		add(pool);
		HttpClientSettings httpSettings = HttpClientSettings.defaults()
			.withConnectTimeout(timeouts.connect())
			.withRedirects(HttpRedirects.DONT_FOLLOW)
			.withSslBundle(sslBundle);
		return ClientHttpConnectorBuilder.reactor()
			// as Spring Boot does itself from 4.1 on
			.withHttpClientFactory(() -> HttpClient.create(pool).proxyWithSystemProperties())
			.withHttpClientCustomizer((client) -> customize(client, timeouts, proxy))
			.build(httpSettings);
	}

	// the pool would open connections that nothing closes
	private synchronized void add(ConnectionProvider pool) {
		if (this.closed) {
			pool.dispose();
			throw new IllegalStateException("the connections are closed");
		}
		this.pools.add(pool);
	}

	private synchronized AddressResolverGroup<InetSocketAddress> resolvers() {
		AddressResolverGroup<InetSocketAddress> resolvers = this.resolvers;
		if (resolvers == null) {
			resolvers = NameResolverProvider.builder()
				.build()
				.newNameResolverGroup((this.loopResources != null) ? this.loopResources : HttpResources.get(),
						LoopResources.DEFAULT_NATIVE);
			this.resolvers = resolvers;
		}
		return resolvers;
	}

	private HttpClient customize(HttpClient client, ProviderTimeouts timeouts, @Nullable URI proxy) {
		// Netty's retry would send a prompt twice; its decompressor has no size limit
		HttpClient customized = client.disableRetry(true)
			.compress(false)
			.headers((headers) -> headers.set(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.IDENTITY))
			.doOnChannelInit((observer, channel, address) -> {
				SslHandler ssl = channel.pipeline().get(SslHandler.class);
				if (ssl != null) {
					ssl.setHandshakeTimeoutMillis(timeouts.tls().toMillis());
				}
				SendState.watch(channel);
				ProtocolWatch.watch(channel);
				ContentMerger.install(channel);
			})
			.doOnRequest(SendState::begin);
		if (this.loopResources != null) {
			customized = customized.runOn(this.loopResources);
		}
		if (proxy != null) {
			return customized.proxy(proxy(proxy));
		}
		// that of the JVM's system properties, which resolves the names itself
		return customized.configuration().hasProxy() ? customized
				: customized.resolver(new BoundedResolverGroup(resolvers(), timeouts.connect()));
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
	public synchronized void close() {
		this.closed = true;
		this.pools.forEach(ConnectionProvider::dispose);
		if (this.resolvers != null) {
			this.resolvers.close();
		}
	}

}
