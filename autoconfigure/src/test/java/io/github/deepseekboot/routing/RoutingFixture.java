package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.ProviderConnections;
import io.github.deepseekboot.transport.TransportClock;

/**
 * A routing client over real connections to servers of this machine, and what it reported
 * to its listeners. Providers are asked in the order in which they are added.
 */
final class RoutingFixture implements AutoCloseable {

	static final Duration PATIENCE = Duration.ofSeconds(10);

	private final List<ProviderClient> providers = new ArrayList<>();

	private final Map<String, RoutingSettings> settings = new LinkedHashMap<>();

	private final List<RoutingEvent> events = new CopyOnWriteArrayList<>();

	private final List<RoutingListener> listeners = new ArrayList<>(List.of(this.events::add));

	private ProviderTimeouts timeouts = timeouts(5000, 5000, 5000);

	private RoutingSettings defaults = settings(6, 10, 20);

	private int maxConnections = 500;

	private final AtomicLong bytesReceived = new AtomicLong();

	private final WebClient.Builder webClientBuilder = WebClient.builder();

	private @Nullable LoopResources loops;

	private @Nullable ProviderConnections connections;

	private @Nullable RoutingClient client;

	private @Nullable ProviderQuota quota;

	private TransportClock clock = TransportClock.system();

	/**
	 * Timeouts short enough for a test.
	 */
	static ProviderTimeouts timeouts(long firstToken, long idle, long total) {
		return ProviderTimeouts.builder()
			.connect(Duration.ofSeconds(1))
			.tls(Duration.ofSeconds(1))
			.acquire(Duration.ofSeconds(1))
			.idleBytes(Duration.ofMillis(idle))
			.firstToken(Duration.ofMillis(firstToken))
			.idleTokens(Duration.ofMillis(idle))
			.total(Duration.ofMillis(total))
			.build();
	}

	/**
	 * Short back-offs, and a circuit that stays closed.
	 */
	static RoutingSettings settings(int maxAttempts, int budget, int window) {
		return RoutingSettings.builder()
			.maxAttempts(maxAttempts)
			.backoff(Duration.ofMillis(5))
			.maxBackoff(Duration.ofMillis(20))
			.budget(budget)
			.failureRate(100)
			.window(window)
			.openFor(Duration.ofSeconds(30))
			.halfOpen(1)
			.maxConcurrent(1000)
			.maxWait(Duration.ofSeconds(5))
			.build();
	}

	RoutingFixture timeouts(ProviderTimeouts timeouts) {
		this.timeouts = timeouts;
		return this;
	}

	RoutingFixture settings(RoutingSettings settings) {
		this.defaults = settings;
		return this;
	}

	RoutingFixture maxConnections(int maxConnections) {
		this.maxConnections = maxConnections;
		return this;
	}

	/**
	 * Put a filter around all exchanges of the providers that are added afterwards.
	 */
	RoutingFixture filter(ExchangeFilterFunction filter) {
		this.webClientBuilder.filter(filter);
		return this;
	}

	/**
	 * Count the bytes of all bodies that reach the transport.
	 */
	RoutingFixture countBytes() {
		return filter(ExchangeFilterFunction.ofResponseProcessor((response) -> Mono.just(response.mutate()
			.body((body) -> body.doOnNext((buffer) -> this.bytesReceived.addAndGet(buffer.readableByteCount())))
			.build())));
	}

	long bytesReceived() {
		return this.bytesReceived.get();
	}

	RoutingFixture loops(LoopResources loops) {
		this.loops = loops;
		return this;
	}

	RoutingFixture quota(ProviderQuota quota) {
		this.quota = quota;
		return this;
	}

	RoutingFixture clock(TransportClock clock) {
		this.clock = clock;
		return this;
	}

	RoutingFixture listener(RoutingListener listener) {
		this.listeners.add(listener);
		return this;
	}

	/**
	 * Keep no events: for long runs.
	 */
	RoutingFixture recordNothing() {
		this.listeners.clear();
		return this;
	}

	RoutingFixture provider(String id, int port) {
		return provider(id, "http://127.0.0.1:" + port + "/v1");
	}

	RoutingFixture provider(String id, String baseUrl) {
		return provider(Provider.builder(id, ProviderPresets.get(ProviderPresets.OPENAI))
			.baseUrl(baseUrl)
			.apiKey(ApiKey.of("key-of-" + id))
			.models(Map.of("chat", ProviderModel.of(id + "-chat")))
			.timeouts(this.timeouts)
			.build());
	}

	RoutingFixture provider(Provider provider) {
		if (this.connections == null) {
			this.connections = new ProviderConnections(this.webClientBuilder, this.loops);
		}
		return provider(this.connections.client(provider, new ProviderConnections.Settings(this.maxConnections)));
	}

	RoutingFixture provider(ProviderClient provider) {
		this.providers.add(provider);
		this.settings.put(provider.provider().id(), this.defaults);
		return this;
	}

	RoutingClient client() {
		if (this.client == null) {
			this.client = RoutingClient
				.builder(this.providers,
						new ProviderChain(this.providers.stream().map((provider) -> provider.provider().id()).toList()))
				.settings(this.settings)
				.listeners(this.listeners)
				.quota(this.quota)
				.clock(this.clock)
				.build();
		}
		return this.client;
	}

	ProviderClient providerClient(String id) {
		return this.providers.stream()
			.filter((provider) -> provider.provider().id().equals(id))
			.findFirst()
			.orElseThrow();
	}

	/**
	 * Make a call and wait for its end.
	 */
	Result call(boolean stream) {
		return call(ChatRequest.of("hi"), stream);
	}

	Result call(ChatRequest request, boolean stream) {
		List<ChatDelta> deltas = new CopyOnWriteArrayList<>();
		try {
			if (stream) {
				Flux<ChatDelta> answer = client().stream(request).doOnNext(deltas::add);
				ChatDelta last = answer.blockLast(PATIENCE);
				return new Result(text(deltas), null, (last != null) ? last.attempts() : List.of(), deltas);
			}
			ChatCompletion completion = client().complete(request).block(PATIENCE);
			if (completion == null) {
				throw new AssertionError("a call completed without an answer");
			}
			return new Result(completion.content(), null, completion.attempts(), deltas);
		}
		catch (DeepSeekException ex) {
			return new Result(text(deltas), ex, ex.getAttempts(), deltas);
		}
	}

	static String text(List<ChatDelta> deltas) {
		StringBuilder text = new StringBuilder();
		for (ChatDelta delta : deltas) {
			text.append((delta.content() != null) ? delta.content() : "");
		}
		return text.toString();
	}

	List<RoutingEvent> events() {
		return this.events;
	}

	<T extends RoutingEvent> List<T> events(Class<T> type) {
		return this.events.stream().filter(type::isInstance).map(type::cast).toList();
	}

	ProviderStatus status(String id) {
		return client().states().status(id, providerClient(id).provider().apiKey());
	}

	/**
	 * Wait for something that another thread does.
	 */
	static void await(String what, BooleanSupplier condition) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() > deadline) {
				throw new AssertionError("waited in vain until " + what);
			}
			try {
				Thread.sleep(2);
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		}
	}

	@Override
	public void close() {
		if (this.connections != null) {
			this.connections.close();
		}
	}

	/**
	 * How a call ended.
	 *
	 * @param text what was delivered
	 * @param failure the exception, if it failed
	 * @param attempts the attempts that are listed on the last delta, the completion or
	 * the exception
	 * @param deltas the deltas that were delivered
	 */
	record Result(String text, @Nullable DeepSeekException failure, List<AttemptReport> attempts,
			List<ChatDelta> deltas) {

		/**
		 * The attempts as text: {@code a CONNECTION, b ok}.
		 */
		String path() {
			return String.join(", ",
					this.attempts.stream()
						.map((attempt) -> attempt.provider() + " "
								+ ((attempt.error() != null) ? attempt.error().name() : "ok"))
						.toList());
		}

		DeepSeekException error() {
			if (this.failure == null) {
				throw new AssertionError("expected an error, but the answer was '" + this.text + "'");
			}
			return this.failure;
		}

	}

}
