package io.github.deepseekboot.test.provider;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.ChannelOption;
import org.reactivestreams.Publisher;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * A server on loopback that answers chat completions as several providers would, each
 * under a path of its own and in its own words. No model is behind it; each
 * {@link ScriptedProvider} answers by its script.
 */
public final class ScriptedServer implements AutoCloseable {

	private static final String HOST = "127.0.0.1";

	private static final int BACKLOG = 8192;

	private static final Duration PORT_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

	private final Map<String, ScriptedProvider> providers = new ConcurrentHashMap<>();

	private final LoopResources loops = LoopResources.create("scripted-provider", LoopResources.DEFAULT_IO_WORKER_COUNT,
			true);

	private final AtomicInteger accepted = new AtomicInteger();

	private final AtomicInteger open = new AtomicInteger();

	private final DisposableServer server;

	private final AtomicBoolean closed = new AtomicBoolean();

	private ScriptedServer(int port) {
		try {
			this.server = HttpServer.create()
				.host(HOST)
				.port(port)
				.runOn(this.loops)
				.option(ChannelOption.SO_BACKLOG, BACKLOG)
				.doOnConnection(this::count)
				.handle(this::handle)
				.bindNow();
		}
		catch (RuntimeException ex) {
			dispose(this.loops);
			throw ex;
		}
	}

	/**
	 * Start a server on a free port.
	 * @return the running server
	 */
	public static ScriptedServer start() {
		return start(0);
	}

	/**
	 * Start a server.
	 * @param port the port on loopback, 0 for a free one
	 * @return the running server
	 * @throws reactor.netty.ChannelBindException if the port is taken
	 */
	public static ScriptedServer start(int port) {
		return new ScriptedServer(port);
	}

	/**
	 * Return the port.
	 * @return the port
	 */
	public int port() {
		return this.server.port();
	}

	/**
	 * Return how many connections are open.
	 * @return the number of connections
	 */
	public int openConnections() {
		return this.open.get();
	}

	/**
	 * Return how many connections were made.
	 * @return the number of connections
	 */
	public int acceptedConnections() {
		return this.accepted.get();
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
	public ScriptedProvider provider(String id) {
		ScriptedProvider provider = this.providers.get(id);
		if (provider == null) {
			throw new IllegalArgumentException("No provider '%s', there are %s".formatted(id, this.providers.keySet()));
		}
		return provider;
	}

	/**
	 * Return all providers.
	 * @return the providers, in no order
	 */
	public List<ScriptedProvider> providers() {
		return List.copyOf(this.providers.values());
	}

	/**
	 * Add a provider without a script: whatever it is asked is unexpected until it gets
	 * one.
	 * @param id its id, of letters, digits, dots and dashes
	 * @param preset the id of the host's preset, which decides the shape of answers and
	 * errors; any that has no shape of its own gets the plain OpenAI one
	 * @return the new provider
	 * @throws IllegalArgumentException if there is one of that id
	 */
	public ScriptedProvider addProvider(String id, String preset) {
		return add(Dialect.of(id, preset, false), false);
	}

	/**
	 * Add a provider that stands in for a real one: it has the models of its host only,
	 * and makes up an answer to whatever it is asked until it gets a script.
	 * @param id its id, of letters, digits, dots and dashes, which is the id of the
	 * host's preset as well
	 * @param models the models that a host of the plain OpenAI shape has; none if any
	 * will do
	 * @return the new provider
	 * @throws IllegalArgumentException if there is one of that id
	 */
	public ScriptedProvider simulateProvider(String id, String... models) {
		return add((models.length == 0) ? Dialect.of(id, id, true) : new Dialect(id, List.of(models)), true);
	}

	private ScriptedProvider add(Dialect dialect, boolean simulated) {
		if (!dialect.id().matches("[A-Za-z0-9.-]+")) {
			throw new IllegalArgumentException("'id' must be of letters, digits, dots and dashes");
		}
		ScriptedProvider provider = new ScriptedProvider(dialect, "http://" + HOST + ":" + port(), simulated);
		if (this.providers.putIfAbsent(provider.id(), provider) != null) {
			throw new IllegalArgumentException("There is a provider '%s' already".formatted(provider.id()));
		}
		return provider;
	}

	private void count(Connection connection) {
		this.accepted.incrementAndGet();
		this.open.incrementAndGet();
		connection.onTerminate().subscribe(null, (failure) -> this.open.decrementAndGet(), this.open::decrementAndGet);
	}

	private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
		String path = request.path();
		int slash = path.indexOf('/');
		ScriptedProvider provider = this.providers.get((slash < 0) ? path : path.substring(0, slash));
		if (provider == null) {
			return response.sendNotFound();
		}
		String rest = (slash < 0) ? "" : withoutBasePath(provider.dialect(), path.substring(slash));
		// an application may have a path of its own for completions
		boolean chat = rest.equals("/chat/completions") || !provider.isSimulated();
		if (chat && request.method().name().equals("POST")) {
			return new HttpExchange(provider, request, response).chat();
		}
		return new HttpExchange(provider, request, response).page(rest);
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
			this.providers.values().forEach(ScriptedProvider::dispose);
			// the port is free when its channel has closed, however busy the threads are
			this.server.disposeNow(PORT_TIMEOUT);
			dispose(this.loops);
		}
	}

	private static void dispose(LoopResources loops) {
		loops.disposeLater(Duration.ZERO, CLOSE_TIMEOUT).timeout(CLOSE_TIMEOUT).onErrorComplete().block();
	}

}
