package io.github.deepseekboot.routing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.ProviderOperations;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ApiKeyResolver;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.transport.AbortSignal;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Makes several providers behave like one that does not fail: chooses who is asked, tries
 * again or elsewhere as long as nothing was delivered, and keeps account of how providers
 * do. What it does when is in docs/reliability.md.
 */
public final class RoutingClient implements ChatCompletionClient, ProviderOperations {

	/**
	 * The logical model of a request that names none.
	 */
	public static final String DEFAULT_MODEL = "chat";

	// never a host's own id: a request for them says what is meant, not who has it
	private static final Set<String> LOGICAL_MODELS = Set.of(DEFAULT_MODEL, "reasoner");

	private static final Log logger = LogFactory.getLog(RoutingClient.class);

	private static final Duration DRAIN_CHECK = Duration.ofMillis(20);

	private static final Duration ABORT_GRACE = Duration.ofSeconds(1);

	private final Map<String, ProviderClient> clients = new LinkedHashMap<>();

	private final Map<String, RoutingSettings> settings;

	private final TransportClock clock;

	private final InstantSource instants;

	private final List<RoutingListener> listeners;

	private final ProviderQuota quota;

	private final CallDecorator decorator;

	private final @Nullable ApiKeyResolver apiKeyResolver;

	private final LongUnaryOperator random;

	private final ProviderStates states;

	private final ProviderSwitch providerSwitch;

	// each ends a call that runs, or waits for its keys
	// with how many began before
	private final Map<AbortSignal, Long> calls = new ConcurrentHashMap<>();

	private final AtomicLong begun = new AtomicLong();

	private volatile boolean closed;

	private RoutingClient(Builder builder) {
		builder.clients.forEach((client) -> this.clients.put(client.provider().id(), client));
		this.settings = Map.copyOf(builder.settings);
		this.clock = builder.clock;
		this.instants = builder.instants;
		this.listeners = List.copyOf(builder.listeners);
		this.decorator = (builder.decorator == CallDecorator.NONE) ? builder.decorator
				: CallDecorators.of(List.of(builder.decorator));
		this.random = builder.random;
		this.apiKeyResolver = builder.apiKeyResolver;
		this.quota = ProviderQuotas.create(builder.quota, builder.rates, this::settings, builder.tokens, builder.clock);
		this.states = new ProviderStates(this::settings, builder.clock.nanos(), this::publish);
		this.providerSwitch = new ProviderSwitch(this.clients.keySet(), builder.chain, this::publish);
	}

	/**
	 * Start to describe a client.
	 * @param clients the clients of all providers
	 * @param chain the order in which they are asked
	 * @return a builder
	 */
	public static Builder builder(Collection<ProviderClient> clients, ProviderChain chain) {
		return new Builder(clients, chain);
	}

	@Override
	public Mono<ChatCompletion> complete(ChatRequest request) {
		return Mono.defer(() -> {
			CallInfo info = CallInfo.of(request, false);
			return this.decorator.decorate(info, Mono.defer(() -> {
				Beginning beginning = begin(info);
				ApiKeyResolver resolver = this.apiKeyResolver;
				return (resolver != null)
						? keysOrAbort(beginning, resolver)
							.flatMap((keys) -> beginning.goOn() ? start(beginning, keys).complete() : Mono.empty())
						: start(beginning, Map.of()).complete();
			}));
		});
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		return Flux.defer(() -> {
			CallInfo info = CallInfo.of(request, true);
			return this.decorator.decorate(info, Flux.defer(() -> {
				Beginning beginning = begin(info);
				ApiKeyResolver resolver = this.apiKeyResolver;
				return (resolver != null)
						? keysOrAbort(beginning, resolver)
							.flatMapMany((keys) -> beginning.goOn() ? start(beginning, keys).stream() : Flux.empty())
						: start(beginning, Map.of()).stream();
			}));
		});
	}

	@Override
	public List<ProviderInfo> providers() {
		List<String> chain = this.providerSwitch.chain().providers();
		Set<String> ids = new LinkedHashSet<>(chain);
		ids.addAll(this.clients.keySet());
		return ids.stream().map((id) -> describe(client(id).provider(), chain.contains(id))).toList();
	}

	private static ProviderInfo describe(Provider provider, boolean inChain) {
		Map<String, ProviderInfo.Model> models = new LinkedHashMap<>();
		provider.models()
			.forEach((name, model) -> models.put(name,
					ProviderInfo.Model.builder(model.id()).thinking(model.thinking()).price(model.price()).build()));
		return ProviderInfo.builder(provider.id(), provider.preset().title()).inChain(inChain).models(models).build();
	}

	@Override
	public Mono<List<ModelInfo>> models(String provider) {
		return Mono.defer(() -> client(provider).models());
	}

	@Override
	public Mono<AccountBalance> balance(String provider) {
		return Mono.defer(() -> client(provider).balance());
	}

	/**
	 * Changes the order of providers at run time.
	 * @return the switch
	 */
	public ProviderSwitch providerSwitch() {
		return this.providerSwitch;
	}

	/**
	 * How the providers do.
	 * @return the states
	 */
	public ProviderStates states() {
		return this.states;
	}

	/**
	 * The clients of all providers, those outside of the chain too.
	 * @return the clients
	 */
	public Collection<ProviderClient> clients() {
		return Collections.unmodifiableCollection(this.clients.values());
	}

	/**
	 * Let no new call start, wait for those that run, and end those that still run after
	 * a while with an error of the kind {@code CANCELLED} (or, for a stream that has
	 * begun, a {@code StreamInterruptedException} caused by it).
	 * @param drain how long to wait
	 * @return completes when no call runs any more
	 */
	public Mono<Void> shutdown(Duration drain) {
		return Mono.defer(() -> {
			this.closed = true;
			return idle().timeout(drain, Mono.defer(this::abortCalls), this.clock.scheduler());
		});
	}

	/**
	 * Let calls start again after a {@link #shutdown(Duration)}: an application context
	 * may be stopped and started again.
	 */
	public void reopen() {
		this.closed = false;
	}

	private Mono<Void> idle() {
		return this.calls.isEmpty() ? Mono.empty()
				: Flux.interval(DRAIN_CHECK, this.clock.scheduler())
					.filter((tick) -> this.calls.isEmpty())
					.next()
					.then();
	}

	private Mono<Void> abortCalls() {
		// all of them first: a returned permit must not start another call's attempt
		List<AbortSignal> running = this.calls.entrySet()
			.stream()
			.sorted(Map.Entry.comparingByValue())
			.map(Map.Entry::getKey)
			.toList();
		running.forEach((call) -> call.prepare(aborted()));
		running.forEach(this::abort);
		return idle().timeout(ABORT_GRACE, Mono.empty(), this.clock.scheduler());
	}

	// each on its own: its subscriber may block, throw or take long
	private void abort(AbortSignal call) {
		Runnable abort = () -> Foreign.run(call, "end a call at the shutdown", call::deliver);
		try {
			this.clock.scheduler().schedule(abort);
		}
		catch (RejectedExecutionException ex) {
			abort.run();
		}
	}

	/**
	 * Let a call begin.
	 * @param beginning what is known of it
	 * @param keys the keys to use, by provider
	 * @return the call
	 * @throws DeepSeekException if no provider can be asked
	 */
	private Call start(Beginning beginning, Map<String, Key> keys) {
		try {
			List<String> excluded = new ArrayList<>(0);
			List<Call.Candidate> candidates = candidates(beginning.info().request(), keys, excluded);
			return new Call(this, beginning.info(), candidates, excluded, beginning.startedAt(), beginning.abort());
		}
		catch (DeepSeekException ex) {
			ended(beginning, Outcome.ERROR, ex);
			throw ex;
		}
	}

	private void ended(Beginning beginning, Outcome outcome, @Nullable DeepSeekException failure) {
		ended(beginning.abort());
		publish(RoutingEvent.CallEnded.builder(beginning.info(), outcome)
			.failure(failure)
			.attempts(List.of())
			.elapsed(Duration.ofNanos(now() - beginning.startedAt()))
			.build());
	}

	private Beginning begin(CallInfo info) {
		Beginning beginning = new Beginning(info, now(), new AbortSignal(), new AtomicBoolean());
		publish(RoutingEvent.CallStarted.of(info));
		// in this order, a shutdown either waits for the call or refuses it
		this.calls.put(beginning.abort(), this.begun.getAndIncrement());
		if (this.closed) {
			DeepSeekException refusal = new DeepSeekException(ErrorKind.CANCELLED,
					"the application shuts down; no new call starts");
			ended(beginning, Outcome.ERROR, refusal);
			throw refusal;
		}
		return beginning;
	}

	private List<Call.Candidate> candidates(ChatRequest request, Map<String, Key> keys, List<String> excluded) {
		String name = (request.model() != null) ? request.model() : DEFAULT_MODEL;
		List<String> chain = chain(request);
		boolean nativeId = !LOGICAL_MODELS.contains(name) && !isConfigured(name);
		List<Call.Candidate> candidates = new ArrayList<>(chain.size());
		ErrorKind kind = ErrorKind.UNSUPPORTED;
		Throwable cause = null;
		for (String id : chain) {
			ProviderClient client = client(id);
			Provider provider = client.provider();
			ProviderModel model = provider.models().get(name);
			if (model == null && nativeId && id.equals(chain.get(0))) {
				model = ProviderModel.of(name);
			}
			String reason = (model != null) ? provider.dialect().unsupported(request, model) : "has no model '" + name
					+ "'; set deepseek.providers." + id + ".models." + name + " to the provider's own id of one";
			if (model == null || reason != null) {
				excluded.add(id + ": " + reason);
				continue;
			}
			Key key = keys.getOrDefault(id, new Key(provider.apiKey(), null));
			if (key.problem() != null || (key.apiKey() == null && isKeyMissing(provider))) {
				kind = ErrorKind.AUTHENTICATION;
				cause = (cause != null) ? cause : key.problem();
				excluded.add(id + ": " + missing(id, key));
				continue;
			}
			candidates.add(new Call.Candidate(client, model, key.apiKey(), this.states.get(id, key.apiKey()),
					new Demands(request, provider.dialect(), model)));
		}
		if (candidates.isEmpty()) {
			throw DeepSeekException.builder(kind, "no provider can answer this request; " + String.join("; ", excluded))
				.cause(cause)
				.build();
		}
		return candidates;
	}

	private boolean isConfigured(String model) {
		for (ProviderClient client : this.clients.values()) {
			if (client.provider().models().containsKey(model)) {
				return true;
			}
		}
		return false;
	}

	// without a resolver, a missing key was noticed at the start
	private boolean isKeyMissing(Provider provider) {
		return this.apiKeyResolver != null && provider.preset().apiKeyRequired();
	}

	private static String missing(String provider, Key key) {
		return (key.problem() != null) ? "its key could not be resolved: " + key.problem()
				: "the ApiKeyResolver gave no key, and deepseek.providers." + provider + ".api-key is not set";
	}

	private List<String> chain(ChatRequest request) {
		return (request.provider() != null) ? List.of(request.provider()) : this.providerSwitch.chain().providers();
	}

	private Mono<Map<String, Key>> keysOrAbort(Beginning beginning, ApiKeyResolver resolver) {
		Mono<Map<String, Key>> aborted = beginning.abort().asMono().flatMap((reason) -> {
			if (!beginning.goOn()) {
				return Mono.never();
			}
			ended(beginning, Outcome.ERROR, reason);
			return Mono.error(reason);
		});
		return Mono.firstWithSignal(aborted, keys(beginning, resolver));
	}

	private Mono<Map<String, Key>> keys(Beginning beginning, ApiKeyResolver resolver) {
		ChatRequest request = beginning.info().request();
		List<String> chain = chain(request).stream().filter(this.clients::containsKey).toList();
		Duration patience = chain.isEmpty() ? Duration.ZERO : client(chain.get(0)).provider().timeouts().total();
		return Flux.fromIterable(chain)
			.flatMapSequential((id) -> Mono.defer(() -> resolve(resolver, id, request))
				.timeout(patience,
						Mono.error(() -> new DeepSeekException(ErrorKind.TIMEOUT,
								"the total timeout expired (deepseek.timeout.total)")),
						this.clock.scheduler())
				.map((apiKey) -> Map.entry(id, new Key(apiKey, null)))
				.onErrorResume((failure) -> Mono.just(Map.entry(id, unresolved(id, failure)))))
			.collectMap(Map.Entry::getKey, Map.Entry::getValue)
			.doOnCancel(() -> {
				if (beginning.goOn()) {
					ended(beginning, Outcome.CANCEL, null);
				}
			});
	}

	private static Mono<ApiKey> resolve(ApiKeyResolver resolver, String provider, ChatRequest request) {
		try {
			return Objects.requireNonNull(resolver.resolve(provider, request), "resolve returned null");
		}
		catch (Throwable ex) {
			// an error of the application's, too, must not leave the call without an end
			return Mono.error(new IllegalStateException(resolver.getClass().getName() + " failed: " + ex, ex));
		}
	}

	private static Key unresolved(String provider, Throwable failure) {
		logger.warn("The key of provider '" + provider + "' could not be resolved; the call continues without it: "
				+ failure);
		return new Key(null, failure);
	}

	private ProviderClient client(String id) {
		ProviderClient client = this.clients.get(id);
		if (client == null) {
			throw new DeepSeekException(ErrorKind.INVALID_REQUEST,
					"there is no provider '" + id + "'; configured are " + this.clients.keySet());
		}
		return client;
	}

	static DeepSeekException aborted() {
		return new DeepSeekException(ErrorKind.CANCELLED, "the application is shut down while the call runs");
	}

	RoutingSettings settings(String provider) {
		return this.settings.getOrDefault(provider, RoutingSettings.DEFAULTS);
	}

	Instant instant() {
		return this.instants.instant();
	}

	/**
	 * The time that waits go by.
	 * @return the clock
	 */
	public TransportClock clock() {
		return this.clock;
	}

	long now() {
		return this.clock.nanos().getAsLong();
	}

	LongUnaryOperator random() {
		return this.random;
	}

	ProviderQuota quota() {
		return this.quota;
	}

	CallDecorator decorator() {
		return this.decorator;
	}

	void ended(AbortSignal call) {
		this.calls.remove(call);
	}

	void publish(RoutingEvent event) {
		for (RoutingListener listener : this.listeners) {
			publish(event, listener);
		}
	}

	static void publish(RoutingEvent event, RoutingListener listener) {
		try {
			listener.onEvent(event);
		}
		catch (Throwable ex) {
			Foreign.failed(listener, "handle " + event.getClass().getSimpleName(), ex);
		}
	}

	/**
	 * A call before it is known who can be asked.
	 *
	 * @param info the call as listeners know it
	 * @param startedAt when it was subscribed to
	 * @param abort ends it from outside
	 * @param over set when the call begins, or is cancelled before
	 */
	private record Beginning(CallInfo info, long startedAt, AbortSignal abort, AtomicBoolean over) {

		boolean goOn() {
			return this.over.compareAndSet(false, true);
		}

	}

	private record Key(@Nullable ApiKey apiKey, @Nullable Throwable problem) {

	}

	/**
	 * Describes a client.
	 */
	public static final class Builder {

		private final Collection<ProviderClient> clients;

		private final ProviderChain chain;

		private Map<String, RoutingSettings> settings = Map.of();

		private List<RoutingListener> listeners = List.of();

		private TransportClock clock = TransportClock.system();

		private InstantSource instants = InstantSource.system();

		private @Nullable ProviderQuota quota;

		private @Nullable RateBuckets rates;

		private ToLongFunction<ChatRequest> tokens = (request) -> 1;

		private CallDecorator decorator = CallDecorator.NONE;

		private @Nullable ApiKeyResolver apiKeyResolver;

		private LongUnaryOperator random = (bound) -> ThreadLocalRandom.current().nextLong(bound);

		private Builder(Collection<ProviderClient> clients, ProviderChain chain) {
			this.clients = clients;
			this.chain = chain;
		}

		/**
		 * How calls are tried again, guarded and limited.
		 * @param settings the settings by provider id; a missing one has the defaults
		 * @return this builder
		 */
		public Builder settings(Map<String, RoutingSettings> settings) {
			this.settings = settings;
			return this;
		}

		/**
		 * The listeners of events.
		 * @param listeners the listeners in their order
		 * @return this builder
		 */
		public Builder listeners(List<RoutingListener> listeners) {
			this.listeners = listeners;
			return this;
		}

		/**
		 * What limits the calls that run at once.
		 * @param quota the quota; {@code null} for that of this application alone
		 * @return this builder
		 */
		public Builder quota(@Nullable ProviderQuota quota) {
			this.quota = quota;
			return this;
		}

		/**
		 * What counts requests and tokens by the minute.
		 * @param rates the counts; {@code null} for none
		 * @param tokens estimates the tokens of a request, its answer included; called
		 * for each attempt, so it must be quick
		 * @return this builder
		 */
		public Builder rates(@Nullable RateBuckets rates, ToLongFunction<ChatRequest> tokens) {
			this.rates = rates;
			this.tokens = tokens;
			return this;
		}

		/**
		 * What goes around calls and attempts.
		 * @param decorator the decorator
		 * @return this builder
		 */
		public Builder decorator(CallDecorator decorator) {
			this.decorator = decorator;
			return this;
		}

		/**
		 * What chooses the key of each call.
		 * @param apiKeyResolver the resolver; {@code null} for the configured keys
		 * @return this builder
		 */
		public Builder apiKeyResolver(@Nullable ApiKeyResolver apiKeyResolver) {
			this.apiKeyResolver = apiKeyResolver;
			return this;
		}

		/**
		 * The time that waits go by.
		 * @param clock the clock
		 * @return this builder
		 */
		public Builder clock(TransportClock clock) {
			this.clock = clock;
			return this;
		}

		/**
		 * The time of day, which decides about prices.
		 * @param instants the time
		 * @return this builder
		 */
		public Builder instants(InstantSource instants) {
			this.instants = instants;
			return this;
		}

		/**
		 * What shortens waits by chance.
		 * @param random returns a number from 0 to less than its argument
		 * @return this builder
		 */
		Builder random(LongUnaryOperator random) {
			this.random = random;
			return this;
		}

		/**
		 * Make the client.
		 * @return the client
		 */
		public RoutingClient build() {
			return new RoutingClient(this);
		}

	}

}
