package io.github.deepseekboot.simulator;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.channel.ChannelOption;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * A server on loopback that answers chat completions as several providers would, each
 * under a path of its own and in its own words: {@code deepseek}, {@code siliconflow} and
 * {@code alayanew}. No model is behind it; each {@link SimulatedProvider} answers by its
 * {@link Script}.
 */
public final class ProviderSimulator implements AutoCloseable {

	private static final String HOST = "127.0.0.1";

	private static final int BACKLOG = 8192;

	private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

	private final Map<String, SimulatedProvider> providers = new ConcurrentHashMap<>();

	private final LoopResources loops = LoopResources.create("provider-simulator",
			LoopResources.DEFAULT_IO_WORKER_COUNT, true);

	private final DisposableServer server;

	private final AtomicBoolean closed = new AtomicBoolean();

	private ProviderSimulator(int port) {
		try {
			this.server = HttpServer.create()
				.host(HOST)
				.port(port)
				.runOn(this.loops)
				.option(ChannelOption.SO_BACKLOG, BACKLOG)
				.handle(this::handle)
				.bindNow();
		}
		catch (RuntimeException ex) {
			dispose(this.loops);
			throw ex;
		}
		add(new DeepSeekDialect());
		add(new SiliconFlowDialect());
		add(new AlayaDialect());
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
	 * Return the base URL of a provider, to which a client appends
	 * {@code /chat/completions}.
	 * @param id the provider's id
	 * @return the base URL
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
	public SimulatedProvider provider(String id) {
		SimulatedProvider provider = this.providers.get(id);
		if (provider == null) {
			throw new IllegalArgumentException("No provider '%s', there are %s".formatted(id, this.providers.keySet()));
		}
		return provider;
	}

	/**
	 * Return all providers.
	 * @return the providers, in no order
	 */
	public List<SimulatedProvider> providers() {
		return List.copyOf(this.providers.values());
	}

	/**
	 * Add a provider that answers in the plain OpenAI shape.
	 * @param id its id, of letters, digits, dots and dashes
	 * @param models the models it has; none if any will do
	 * @return the new provider
	 * @throws IllegalArgumentException if there is one of that id
	 */
	public SimulatedProvider addProvider(String id, String... models) {
		if (!id.matches("[A-Za-z0-9.-]+")) {
			throw new IllegalArgumentException("'id' must be of letters, digits, dots and dashes");
		}
		return add(new Dialect(id, List.of(models)));
	}

	private SimulatedProvider add(Dialect dialect) {
		SimulatedProvider provider = new SimulatedProvider(dialect, "http://" + HOST + ":" + port());
		if (this.providers.putIfAbsent(provider.id(), provider) != null) {
			throw new IllegalArgumentException("There is a provider '%s' already".formatted(provider.id()));
		}
		return provider;
	}

	private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
		String path = request.path();
		int slash = path.indexOf('/');
		SimulatedProvider provider = this.providers.get((slash < 0) ? path : path.substring(0, slash));
		if (provider == null) {
			return response.sendNotFound();
		}
		String rest = (slash < 0) ? "" : withoutBasePath(provider.dialect(), path.substring(slash));
		if (rest.equals("/chat/completions") && request.method().name().equals("POST")) {
			return new Exchange(provider, provider.nextScript(), request, response).chat();
		}
		return new Exchange(provider, provider.script(), request, response).page(rest);
	}

	private static String withoutBasePath(Dialect dialect, String path) {
		for (String alias : dialect.aliasPaths()) {
			if (path.startsWith(alias + "/")) {
				return path.substring(alias.length());
			}
		}
		return (path.startsWith(dialect.basePath() + "/")) ? path.substring(dialect.basePath().length()) : "";
	}

	/**
	 * Close all connections, whatever is going on, and release the port and the threads.
	 */
	@Override
	public void close() {
		if (this.closed.compareAndSet(false, true)) {
			this.server.dispose();
			dispose(this.loops);
		}
	}

	private static void dispose(LoopResources loops) {
		loops.disposeLater(Duration.ZERO, CLOSE_TIMEOUT).timeout(CLOSE_TIMEOUT, Mono.empty()).block();
	}

}
