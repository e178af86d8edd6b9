package io.github.deepseekboot.routing;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import javax.net.ssl.SSLHandshakeException;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ApiKeyResolver;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.AttemptEnded;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallEnded;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;
import io.github.deepseekboot.hook.RoutingEvent.CallStarted;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingEvent.Outcome;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.observation.ChatMeters;
import io.github.deepseekboot.observation.ChatObservations;
import io.github.deepseekboot.observation.DefaultChatAttemptObservationConvention;
import io.github.deepseekboot.observation.DefaultChatCallObservationConvention;
import io.github.deepseekboot.observation.MeterConvention;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.routing.SimulatedBody.Piece;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

/**
 * One run of many calls over providers that have every trouble there is, decided by a
 * seed: without sockets, without threads, in a time of its own. Everything from
 * {@link RoutingClient} to the decoding of bytes is the real thing. What must hold is
 * checked while it happens, and at the end.
 */
final class RoutingSimulation {

	private static final Set<ErrorKind> ENDS_THE_CALL = EnumSet.of(ErrorKind.INVALID_REQUEST, ErrorKind.CONTEXT_LENGTH,
			ErrorKind.CONTENT_FILTERED, ErrorKind.CANCELLED, ErrorKind.STREAM_INTERRUPTED);

	private static final Set<ErrorKind> AMBIGUOUS = EnumSet.of(ErrorKind.TIMEOUT, ErrorKind.SERVER_ERROR,
			ErrorKind.MALFORMED_RESPONSE, ErrorKind.STREAM_CLOSED, ErrorKind.STREAM_INTERRUPTED);

	private static final Set<ErrorKind> COUNTS = EnumSet.of(ErrorKind.OVERLOADED, ErrorKind.CONNECTION,
			ErrorKind.EMPTY_RESPONSE, ErrorKind.TLS, ErrorKind.TIMEOUT, ErrorKind.SERVER_ERROR,
			ErrorKind.MALFORMED_RESPONSE, ErrorKind.STREAM_CLOSED);

	private static final long TOTAL = TimeUnit.SECONDS.toNanos(40);

	private static final long SHORTEST_TIMEOUT = TimeUnit.SECONDS.toNanos(3);

	// how long the rest of a body is read behind its marker
	private static final long DRAIN = TimeUnit.SECONDS.toNanos(1);

	private static final long FIRST_TOKEN = TimeUnit.SECONDS.toNanos(5);

	private final Random random;

	private final SimulatedTime time;

	private final RoutingClient client;

	private final RoutingSettings settings;

	private final List<SimulatedHost> hosts = new ArrayList<>();

	private final List<SimulatedCall> calls = new ArrayList<>();

	private final Map<CallInfo, SimulatedCall> byInfo = new IdentityHashMap<>();

	private final Map<ChatRequest, SimulatedCall> byRequest = new IdentityHashMap<>();

	private final List<Throwable> dropped = new ArrayList<>();

	private final @Nullable MeterRegistry meters;

	private boolean foreignCodeThrows;

	private boolean reentrant;

	// new calls are refused; then those that run are ended
	private boolean closing;

	private long abortAt;

	private boolean aborting;

	private long abortStep;

	private boolean resolves;

	private int permits;

	private int observations;

	private int attempts;

	private @Nullable SimulatedCall starting;

	private @Nullable SimulationError broken;

	RoutingSimulation(long seed) {
		this.random = new Random(seed * 0x9E3779B97F4A7C15L);
		this.time = new SimulatedTime(this.random);
		this.foreignCodeThrows = chance(4);
		this.reentrant = chance(4);
		this.resolves = chance(4);
		this.settings = RoutingSettings.builder()
			.maxAttempts(1 + this.random.nextInt(7))
			.extraSends(chance(2) ? 1 : this.random.nextInt(3))
			.budget(this.random.nextInt(12))
			.failureRate(30 + this.random.nextInt(71))
			.window(1 + this.random.nextInt(20))
			.openFor(Duration.ofMillis(100 + this.random.nextInt(8000)))
			.halfOpen(1 + this.random.nextInt(3))
			.maxConcurrent(chance(2) ? 500 : 1 + this.random.nextInt(5))
			.maxWait(Duration.ofMillis(1 + this.random.nextInt(5000)))
			.build();
		int size = 1 + this.random.nextInt(4);
		Map<String, RoutingSettings> all = new HashMap<>();
		for (int i = 0; i < size; i++) {
			SimulatedHost host = new SimulatedHost("p" + i);
			this.hosts.add(host);
			all.put(host.id, this.settings);
		}
		List<RoutingListener> listeners = new ArrayList<>();
		listeners.add(this::note);
		List<CallDecorator> decorators = new ArrayList<>();
		if (chance(3)) {
			ChatObservations observer = observer();
			listeners.add(observer);
			decorators.add(observer);
		}
		this.meters = chance(8) ? new SimpleMeterRegistry() : null;
		if (this.meters != null) {
			listeners.add(new ChatMeters(this.meters, MeterConvention.DEEPSEEK, providers()));
		}
		listeners.add(this::meddle);
		decorators.add(new ThrowingDecorator());
		this.client = RoutingClient
			.builder(this.hosts.stream().map((host) -> host.client).toList(),
					new ProviderChain(this.hosts.stream().map((host) -> host.id).toList()))
			.settings(all)
			.clock(TransportClock.of(this.time))
			.random((bound) -> Math.floorMod(this.random.nextLong(), bound))
			.listeners(listeners)
			.decorator(CallDecorators.of(decorators))
			.quota(quota())
			.apiKeyResolver(this.resolves ? resolver() : null)
			.build();
	}

	private Map<String, Provider> providers() {
		return this.hosts.stream().collect(Collectors.toMap((host) -> host.id, (host) -> host.client.provider()));
	}

	private boolean chance(int oneIn) {
		return this.random.nextInt(oneIn) == 0;
	}

	private ChatObservations observer() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new ObservationHandler<>() {

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

			@Override
			public void onStart(Observation.Context context) {
				RoutingSimulation.this.observations++;
			}

			@Override
			public void onStop(Observation.Context context) {
				RoutingSimulation.this.observations--;
			}

		});
		return new ChatObservations(registry, new DefaultChatCallObservationConvention(0),
				new DefaultChatAttemptObservationConvention(), 0);
	}

	/**
	 * Run it to its end.
	 * @return the number of calls
	 * @throws AssertionError if something does not hold
	 */
	int run() {
		int size = switch (this.random.nextInt(50)) {
			case 0 -> 60 + this.random.nextInt(240);
			case 1, 2, 3, 4, 5, 6, 7, 8 -> 8 + this.random.nextInt(24);
			default -> 1 + this.random.nextInt(8);
		};
		int span = 1 + this.random.nextInt(20_000);
		for (int i = 0; i < size; i++) {
			SimulatedCall call = new SimulatedCall(i);
			this.calls.add(call);
			at(this.random.nextInt(span), call::start);
		}
		for (int i = this.random.nextInt(4); i > 0; i--) {
			at(this.random.nextInt(span), this::operate);
		}
		if (chance(6)) {
			Duration drain = Duration.ofMillis(this.random.nextInt(4000));
			at(this.random.nextInt(span), () -> shutDown(drain));
		}
		for (int steps = 0; runNext(); steps++) {
			check(steps < 2_000_000, "the run does not end");
			this.hosts.forEach(SimulatedHost::checkCircuit);
			this.calls.forEach(SimulatedCall::checkPermit);
		}
		atTheEnd();
		return size;
	}

	// a subscriber's fatal error reaches whoever runs it
	private boolean runNext() {
		try {
			return this.time.runNext();
		}
		catch (SimulatedDeath death) {
			return true;
		}
	}

	private void at(long millis, Runnable work) {
		this.time.schedule(work, millis, TimeUnit.MILLISECONDS);
	}

	private void shutDown(Duration drain) {
		this.closing = true;
		this.abortAt = this.time.nanos() + drain.toNanos();
		this.client.shutdown(drain).subscribe();
		this.time.schedule(this::checkAborted, drain.toNanos() + 1, TimeUnit.NANOSECONDS);
		if (chance(2)) {
			at(drain.toMillis() + 1500, this::reopen);
		}
	}

	private void reopen() {
		this.closing = false;
		this.aborting = false;
		this.calls.forEach((call) -> call.aborted = false);
		this.client.reopen();
	}

	// a call was ended by the shutdown: none of those that ran begins anything more
	private void aborted() {
		check(this.time.step() != this.abortStep, "a call ended on the stack of another's end");
		this.abortStep = this.time.step();
		if (!this.aborting) {
			this.aborting = true;
			this.calls.forEach((call) -> call.aborted = call.info != null && call.ends == 0);
		}
	}

	// a moment after the shutdown has ended them
	private void checkAborted() {
		for (SimulatedCall call : this.calls) {
			check(call.info == null || call.ends == 1, "call " + call.id + " outlived the shutdown");
		}
		check(this.permits == 0, "the shutdown left permits out: " + this.permits);
		this.hosts.forEach((host) -> check(host.running == 0, "the shutdown left attempts at " + host.id));
	}

	private boolean isAborting() {
		return this.closing && this.time.nanos() - this.abortAt >= 0;
	}

	private void operate() {
		SimulatedHost host = anyHost();
		switch (this.random.nextInt(3)) {
			case 0 -> reset(host);
			case 1 -> this.client.providerSwitch().switchTo(host.id);
			default -> this.client.providerSwitch().reorder(List.of(host.id, anyHost().id));
		}
	}

	private void reset(SimulatedHost host) {
		host.circuit().reset();
		host.resetWhileAdmitting |= host.admitting;
		host.hardUntil = this.time.nanos();
		this.client.states().reset(host.id);
	}

	private SimulatedHost anyHost() {
		return this.hosts.get(this.random.nextInt(this.hosts.size()));
	}

	private void atTheEnd() {
		for (SimulatedCall call : this.calls) {
			call.atTheEnd();
		}
		this.hosts.forEach(SimulatedHost::atTheEnd);
		check(this.permits == 0, "permits are out: " + this.permits);
		check(this.observations == 0, "observations run: " + this.observations);
		check(this.dropped.isEmpty(), "errors were dropped: " + this.dropped);
		boolean[] idle = new boolean[1];
		this.client.shutdown(Duration.ZERO).doOnSuccess((nothing) -> idle[0] = true).subscribe();
		check(idle[0], "the client takes calls for running");
		if (this.meters != null) {
			double active = this.meters.find("deepseek.client.streams.active")
				.gauges()
				.stream()
				.mapToDouble((gauge) -> gauge.value())
				.sum();
			check(active == 0, "active calls: " + active);
		}
	}

	void dropped(Throwable failure) {
		// what a dead subscriber died of has nowhere else to go
		if (!"simulated".equals(failure.getMessage())) {
			this.dropped.add(failure);
		}
	}

	private void check(boolean holds, String what) {
		if (!holds) {
			SimulationError error = new SimulationError(what);
			// whoever it is thrown at may be guarded against it
			this.broken = (this.broken != null) ? this.broken : error;
			throw error;
		}
	}

	private SimulatedCall call(CallInfo info) {
		SimulatedCall call = this.byInfo.get(info);
		if (call == null) {
			throw new SimulationError("an event of an unknown call");
		}
		return call;
	}

	private SimulatedHost host(String id) {
		return this.hosts.get(Integer.parseInt(id.substring(1)));
	}

	@Nullable SimulationError broken() {
		return this.broken;
	}

	private void note(RoutingEvent event) {
		if (event instanceof CallStarted started) {
			SimulatedCall call = this.starting;
			check(call != null && call.info == null, "a call started that nobody made");
			call.info = started.call();
			this.byInfo.put(started.call(), call);
		}
		else if (event instanceof AttemptStarted started) {
			call(started.call()).attemptStarted(started);
		}
		else if (event instanceof RoutingEvent.FirstToken token) {
			SimulatedCall call = call(token.call());
			call.committed = true;
			host(token.provider()).circuit().committed(call.attempt());
		}
		else if (event instanceof AttemptEnded ended) {
			call(ended.call()).attemptEnded(ended.report());
		}
		else if (event instanceof CallEnded ended) {
			call(ended.call()).callEnded(ended);
		}
		else if (event instanceof RoutingEvent.CircuitChanged changed && changed.to() == CircuitState.HALF_OPEN) {
			host(changed.provider()).admitting = true;
		}
		else if (event instanceof RoutingEvent.Retried retried) {
			check(retried.delay().compareTo(Duration.ofSeconds(30)) <= 0, "a wait of " + retried.delay());
		}
	}

	private void meddle(RoutingEvent event) {
		if (this.reentrant && chance(10)) {
			switch (this.random.nextInt(4)) {
				case 0 -> reset(anyHost());
				case 1 -> this.client.providerSwitch().switchTo(anyHost().id);
				default -> this.calls.get(this.random.nextInt(this.calls.size())).cancel();
			}
		}
		mayThrow();
	}

	private void mayThrow() {
		if (this.foreignCodeThrows && chance(12)) {
			switch (this.random.nextInt(3)) {
				case 0 -> throw new NoClassDefFoundError("simulated");
				case 1 -> throw new AssertionError("simulated");
				default -> throw new IllegalStateException("simulated");
			}
		}
	}

	private ApiKeyResolver resolver() {
		return (provider, request) -> {
			mayThrow();
			ApiKey key = ApiKey.of("key-of-" + provider);
			return switch (this.random.nextInt(8)) {
				case 0 -> Mono.empty();
				case 1 -> this.foreignCodeThrows ? Mono.error(new IOException("simulated")) : Mono.empty();
				case 2, 3 -> Mono.delay(Duration.ofMillis(this.random.nextInt(3000)), this.time).map((tick) -> key);
				default -> Mono.just(key);
			};
		};
	}

	private ProviderQuota quota() {
		ProviderQuota local = new LocalProviderQuota((provider) -> this.settings, TransportClock.of(this.time));
		return new ProviderQuota() {

			@Override
			public @Nullable Permit tryAcquire(PermitRequest request) {
				mayThrow();
				if (chance(5)) {
					return null;
				}
				Permit permit = local.tryAcquire(request);
				return (permit != null) ? count(permit, request) : null;
			}

			@Override
			public Mono<Permit> acquire(PermitRequest request) {
				mayThrow();
				Mono<Permit> permit = local.acquire(request).map((granted) -> count(granted, request));
				if (!RoutingSimulation.this.foreignCodeThrows) {
					return permit;
				}
				return switch (RoutingSimulation.this.random.nextInt(8)) {
					case 0 -> Mono.error(new IOException("simulated"));
					case 1 -> Mono.empty();
					case 2 -> Mono.error(new DeepSeekException(ErrorKind.LOCAL_LIMIT, "simulated"));
					case 3 -> deaf(request);
					default -> permit;
				};
			}

		};
	}

	private ProviderQuota.Permit count(ProviderQuota.Permit permit, PermitRequest request) {
		SimulatedCall call = this.byRequest.get(request.request());
		check(call != null, "a permit for nobody");
		this.permits++;
		call.permits++;
		boolean[] released = new boolean[1];
		return () -> {
			check(!released[0], "a permit was given back twice");
			released[0] = true;
			this.permits--;
			call.permits--;
			permit.release();
			mayThrow();
		};
	}

	// listens to no cancellation
	private Mono<ProviderQuota.Permit> deaf(PermitRequest request) {
		return new Mono<>() {

			@Override
			public void subscribe(CoreSubscriber<? super ProviderQuota.Permit> actual) {
				actual.onSubscribe(Operators.emptySubscription());
				at(RoutingSimulation.this.random.nextInt(3000), () -> {
					actual.onNext(count(() -> {
					}, request));
					actual.onComplete();
				});
			}

		};
	}

	/**
	 * What does not hold.
	 */
	static final class SimulationError extends AssertionError {

		SimulationError(String message) {
			super(message);
		}

	}

	/**
	 * A subscriber's fatal error.
	 */
	private static final class SimulatedDeath extends VirtualMachineError {

		SimulatedDeath() {
			super("simulated");
		}

		@Override
		public synchronized Throwable fillInStackTrace() {
			return this;
		}

	}

	private final class ThrowingDecorator implements CallDecorator {

		@Override
		public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
			mayThrow();
			return answer;
		}

		@Override
		public Flux<ChatDelta> decorate(CallInfo call, Flux<ChatDelta> deltas) {
			mayThrow();
			return deltas;
		}

		@Override
		public Context inside(AttemptStarted attempt, Context context) {
			mayThrow();
			return context;
		}

	}

	/**
	 * A provider and its troubles.
	 */
	private final class SimulatedHost {

		private final String id;

		private final ProviderClient client;

		private final ReferenceCircuit circuit;

		private final ProviderTimeouts timeouts;

		// one in so many requests goes well
		private final int health;

		private final int favourite;

		private long hardUntil;

		private @Nullable ProviderState state;

		private int running;

		private int probes;

		// a listener that resets the circuit which the attempt about to start has just
		// made half-open: its permission is from before the reset
		private boolean admitting;

		private boolean resetWhileAdmitting;

		// interrupted streams of unknown cause: a listener that meddles may change the
		// order of the events until the end of the call
		private int pending;

		private boolean unsure;

		private @Nullable SimulatedCall asking;

		SimulatedHost(String id) {
			RoutingSimulation simulation = RoutingSimulation.this;
			this.id = id;
			this.health = simulation.random.nextInt(10);
			this.favourite = simulation.random.nextInt(30);
			this.hardUntil = simulation.time.nanos();
			this.circuit = new ReferenceCircuit(simulation.settings, simulation.time::nanos);
			this.timeouts = ProviderTimeouts.builder()
				.idleBytes(Duration.ofNanos(SHORTEST_TIMEOUT + simulation.random.nextInt(2_000_000_000)))
				.idleTokens(Duration.ofNanos(SHORTEST_TIMEOUT + simulation.random.nextInt(2_000_000_000)))
				.firstToken(Duration.ofNanos(FIRST_TOKEN))
				.finishGrace(Duration.ofNanos(simulation.random.nextInt(2_000_000_000)))
				.total(Duration.ofNanos(TOTAL))
				.build();
			Provider provider = Provider.builder(id, ProviderPresets.get(ProviderPresets.OPENAI))
				.baseUrl("http://" + id + ".invalid/v1")
				.apiKey(ApiKey.of("key-of-" + id))
				.models(Map.of("chat", ProviderModel.of(id + "-chat")))
				.timeouts(this.timeouts)
				.build();
			this.client = new ProviderClient(provider, WebClient.builder().exchangeFunction(this::exchange).build(),
					TransportClock.of(simulation.time));
		}

		private Mono<ClientResponse> exchange(ClientRequest request) {
			RoutingSimulation simulation = RoutingSimulation.this;
			SimulatedCall call = this.asking;
			this.asking = null;
			if (call == null) {
				throw new SimulationError("a request without an attempt");
			}
			SimulatedAttempt attempt = call.attempt();
			simulation.check(!attempt.sent, "an attempt sent two requests");
			attempt.sent = true;
			Mono<ClientResponse> answer = Mono.defer(() -> answer(request, attempt));
			int latency = simulation.random.nextInt(4);
			return switch (latency) {
				case 0 -> answer;
				default -> Mono.delay(Duration.ofMillis(simulation.random.nextInt(1 << (latency * 4))), simulation.time)
					.then(answer);
			};
		}

		private Mono<ClientResponse> answer(ClientRequest request, SimulatedAttempt attempt) {
			Random random = RoutingSimulation.this.random;
			if (random.nextInt(10) < this.health) {
				return body(attempt, 0);
			}
			return switch ((random.nextInt(3) == 0) ? this.favourite : random.nextInt(30)) {
				case 0, 1 -> thrown(request, attempt, ErrorKind.CONNECTION, new ConnectException("simulated"));
				case 2 -> thrown(request, attempt, ErrorKind.TLS, new SSLHandshakeException("simulated"));
				case 3 -> thrown(request, attempt, ErrorKind.STREAM_CLOSED, new IOException("simulated"));
				case 4 -> thrown(request, attempt, ErrorKind.TIMEOUT, new TimeoutException("simulated"));
				case 5 -> status(attempt, 400, ErrorKind.INVALID_REQUEST);
				case 6 -> status(attempt, 401, ErrorKind.AUTHENTICATION);
				case 7 -> status(attempt, 402, ErrorKind.OUT_OF_CREDIT);
				case 8 -> status(attempt, 404, ErrorKind.MODEL_NOT_FOUND);
				case 9, 10, 11 -> status(attempt, 429, ErrorKind.RATE_LIMITED);
				case 12, 13 -> status(attempt, 503, ErrorKind.OVERLOADED);
				case 14, 15, 16 -> status(attempt, 500, ErrorKind.SERVER_ERROR);
				case 17 -> status(attempt, 307, ErrorKind.REDIRECTED);
				case 18 -> Mono.never();
				default -> body(attempt, 1 + random.nextInt(8));
			};
		}

		private Mono<ClientResponse> thrown(ClientRequest request, SimulatedAttempt attempt, ErrorKind kind,
				Throwable failure) {
			attempt.expects(kind);
			return Mono.error(new WebClientRequestException(failure, request.method(),
					URI.create("http://" + this.id + ".invalid/v1"), new HttpHeaders()));
		}

		private Mono<ClientResponse> status(SimulatedAttempt attempt, int status, ErrorKind kind) {
			Random random = RoutingSimulation.this.random;
			attempt.expects(kind);
			ClientResponse.Builder response = ClientResponse.create(HttpStatusCode.valueOf(status))
				.header(HttpHeaders.CONTENT_TYPE, "application/json");
			if ((kind == ErrorKind.RATE_LIMITED || kind == ErrorKind.OVERLOADED) && random.nextInt(3) == 0) {
				attempt.retryAfter = new int[] { 0, 50, 1000, 2500, 8000, 31_000, 90_000 }[random.nextInt(7)];
				response.header("retry-after-ms", String.valueOf(attempt.retryAfter));
			}
			return Mono.just(response.body("{\"error\":{\"message\":\"simulated\"}}").build());
		}

		/*
		 * Troubles: 1 cut by a failure, 2 cut by an end, 3 silence, 4 an error in the
		 * stream, 5 no JSON, 6 nothing at all, 7 chunks without a token, 8 a wrong type.
		 * Between the tokens there may be what is none.
		 */
		private Mono<ClientResponse> body(SimulatedAttempt attempt, int trouble) {
			RoutingSimulation simulation = RoutingSimulation.this;
			Random random = simulation.random;
			List<Piece> pieces = new ArrayList<>();
			int tokens = random.nextInt(6);
			if (attempt.call.stream) {
				addNoTokens(pieces);
				for (int i = 0; i < tokens && trouble != 6 && trouble != 7; i++) {
					pieces.add(piece(MisbehavingServer.delta(attempt.id + "." + i + " ")));
					addNoTokens(pieces);
				}
			}
			switch (trouble) {
				case 1 -> pieces.add(new Piece(latency(), null, new IOException("simulated"), false));
				case 3 -> pieces.add(new Piece(0, null, null, false));
				case 4 -> pieces.add(piece(error(attempt)));
				case 5 -> pieces.add(piece(attempt.call.stream ? "data: {oops\n\n" : "{oops"));
				case 7 -> pieces.add(piece(attempt.call.stream
						? "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n"
						: "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"}}]}"));
				case 0 -> whole(attempt, tokens, pieces);
				default -> {
				}
			}
			attempt.expects(switch (trouble) {
				case 0 -> null;
				case 1 -> ErrorKind.STREAM_CLOSED;
				case 4 -> ErrorKind.OVERLOADED;
				default -> null;
			});
			attempt.well = trouble == 0;
			pieces.add(new Piece(latency(), null, null, trouble != 3));
			String type = (trouble == 8) ? "text/html" : attempt.call.stream ? "text/event-stream" : "application/json";
			return Mono.just(ClientResponse.create(HttpStatusCode.valueOf(200))
				.header(HttpHeaders.CONTENT_TYPE, type)
				.body(new SimulatedBody(simulation.time, pieces, attempt::received))
				.build());
		}

		private void whole(SimulatedAttempt attempt, int tokens, List<Piece> pieces) {
			if (!attempt.call.stream) {
				String text = MisbehavingServer.completion(attempt.id + ".0 ");
				int half = RoutingSimulation.this.random.nextInt(text.length());
				pieces.add(piece(text.substring(0, half)));
				pieces.add(piece(text.substring(half)));
				return;
			}
			String end = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + attempt.id + "." + tokens
					+ " \"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
			pieces.add(piece(end));
			while (RoutingSimulation.this.random.nextInt(4) == 0) {
				pieces.add(piece(": keep-alive\n\n"));
			}
			if (RoutingSimulation.this.random.nextInt(4) != 0) {
				pieces.add(piece("data: [DONE]\n\n"));
			}
		}

		private void addNoTokens(List<Piece> pieces) {
			Random random = RoutingSimulation.this.random;
			for (int i = (random.nextInt(8) == 0) ? 4 : random.nextInt(2); i > 0; i--) {
				pieces.add(piece(random.nextBoolean() ? ": keep-alive\n\n"
						: "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{}]}}]}\n\n"));
			}
		}

		private String error(SimulatedAttempt attempt) {
			String error = "{\"error\":{\"message\":\"simulated\",\"code\":\"503\"}}";
			return attempt.call.stream ? "data: " + error + "\n\n" : error;
		}

		private Piece piece(String text) {
			return new Piece(latency(), text, null, false);
		}

		private int latency() {
			Random random = RoutingSimulation.this.random;
			return (random.nextInt(40) == 0) ? random.nextInt(6000) : random.nextBoolean() ? 0 : random.nextInt(1200);
		}

		ReferenceCircuit circuit() {
			this.unsure |= this.pending > 0;
			return this.circuit;
		}

		private ProviderState state() {
			if (this.state == null) {
				this.state = RoutingSimulation.this.client.states().get(this.id, this.client.provider().apiKey());
			}
			return this.state;
		}

		void checkCircuit() {
			CircuitState state = state().circuitState();
			RoutingSimulation.this.check(this.unsure || state == this.circuit.state(),
					"the circuit of " + this.id + " is " + state + " and should be " + this.circuit.state());
		}

		void atTheEnd() {
			ProviderStatus status = state().status();
			RoutingSimulation.this.check(status.inFlight() == 0 && this.running == 0,
					this.id + " has calls in flight: " + status.inFlight() + ", " + this.running);
			ProviderState.Availability available = state().availability(this.id + "-chat");
			RoutingSimulation.this.check(!available.probed(), this.id + " is probed for ever");
			RoutingSimulation.this.check(this.unsure || available.circuitReady() == this.circuit.isReady(),
					"a permission of " + this.id + " was lost");
		}

	}

	/**
	 * What is known of an attempt.
	 */
	private final class SimulatedAttempt {

		private final SimulatedCall call;

		private final SimulatedHost host;

		private final int id;

		private final int number;

		private final long startedAt;

		private boolean admitted;

		private boolean probe;

		private boolean sent;

		private boolean well;

		private int retryAfter = -1;

		private @Nullable ErrorKind expected;

		private SimulatedAttempt(SimulatedCall call, SimulatedHost host, int id, int number, long startedAt) {
			this.call = call;
			this.host = host;
			this.id = id;
			this.number = number;
			this.startedAt = startedAt;
		}

		private void expects(@Nullable ErrorKind kind) {
			this.expected = kind;
		}

		// what the timeouts go by, as docs/reliability.md says it

		private long bytesAt;

		private boolean bodyBegun;

		private boolean bodyEnded;

		private long tokenAt;

		private boolean tokens;

		private long finishedAt;

		private boolean finished;

		private long markedAt;

		private boolean marked;

		// pieces of which each is a delta
		private int deltas;

		private boolean over;

		void received(Piece piece) {
			if (this.over) {
				return;
			}
			checkInTime();
			long now = RoutingSimulation.this.time.nanos();
			String text = piece.text();
			if (text == null) {
				this.bodyEnded = true;
				return;
			}
			this.bytesAt = now;
			this.bodyBegun = true;
			if (this.call.stream && text.contains("\"content\":\"")) {
				this.tokens = true;
				this.tokenAt = now;
				this.deltas++;
			}
			if (this.call.stream && text.contains("\"finish_reason\":\"stop\"")) {
				this.finished = true;
				this.finishedAt = now;
			}
			if (this.call.stream && text.contains("[DONE]")) {
				this.marked = true;
				this.markedAt = now;
			}
		}

		void ended() {
			// the last delta, which the end of the answer makes, waits for the subscriber
			// without a timeout
			boolean waited = isTaken() && (this.call.askedAt == RoutingSimulation.this.time.nanos() || this.call.gone
					|| RoutingSimulation.this.isAborting());
			if (!waited) {
				checkInTime();
			}
			this.over = true;
		}

		private void checkInTime() {
			long left = isTaken() ? leftOfTaken() : isSlow() ? totalLeft() : left();
			RoutingSimulation.this.check(this.bodyEnded || left >= 0,
					"attempt " + this.id + " should have ended " + -left + " ns ago");
		}

		// a slow subscriber holds up all but the total timeout
		private boolean isSlow() {
			return this.call.stream && this.call.character == 6;
		}

		/**
		 * Whether a slow subscriber has taken all but the last delta of a complete
		 * answer: it holds up no timeout any more.
		 */
		private boolean isTaken() {
			return isSlow() && this.finished && this.call.signals >= this.deltas;
		}

		/**
		 * Whether nothing is left to receive of what a slow subscriber has yet to take.
		 */
		boolean isReceived() {
			return this.bodyEnded || (isTaken() && this.marked);
		}

		// no more is read, be the last delta requested or not
		private long leftOfTaken() {
			long now = RoutingSimulation.this.time.nanos();
			if (!this.marked) {
				return Math.min(totalLeft(), this.host.timeouts.finishGrace().toNanos() - (now - this.call.takenAt));
			}
			return DRAIN - Math.min(now - this.markedAt, now - this.call.takenAt);
		}

		/**
		 * Whether a timeout may end it now.
		 */
		boolean isTimedOut() {
			return !this.bodyEnded && left() <= 0;
		}

		private long totalLeft() {
			return TOTAL - (RoutingSimulation.this.time.nanos() - this.call.startedAt);
		}

		private long left() {
			long now = RoutingSimulation.this.time.nanos();
			ProviderTimeouts timeouts = this.host.timeouts;
			long left = totalLeft();
			if (this.finished) {
				return Math.min(left, timeouts.finishGrace().toNanos() - (now - this.finishedAt));
			}
			if (this.call.stream && !this.tokens) {
				left = Math.min(left, FIRST_TOKEN - (now - this.startedAt));
			}
			if (this.bodyBegun) {
				left = Math.min(left, timeouts.idleBytes().toNanos() - (now - this.bytesAt));
			}
			if (this.tokens) {
				left = Math.min(left, timeouts.idleTokens().toNanos() - (now - this.tokenAt));
			}
			return left;
		}

	}

	/**
	 * A call, its subscriber, and what came of it.
	 */
	private final class SimulatedCall implements CoreSubscriber<Object> {

		private final int id;

		private final boolean stream = RoutingSimulation.this.random.nextInt(3) != 0;

		private final @Nullable String pinned = chance(12) ? anyHost().id : null;

		// 0-2: takes all and asks for more; 3-5: takes all; 6: slow; 7: cancels later;
		// 8: cancels at a delta; 9: dies
		private final int character = RoutingSimulation.this.random.nextInt(10);

		private final int patience = RoutingSimulation.this.random.nextInt(4);

		private final StringBuilder text = new StringBuilder();

		private final List<ErrorKind> errors = new ArrayList<>();

		private @Nullable CallInfo info;

		private @Nullable Subscription subscription;

		private @Nullable SimulatedAttempt attempt;

		private boolean attemptRuns;

		private int permits;

		private boolean started;

		private boolean committed;

		private boolean gone;

		// the shutdown let it not begin
		private boolean refused;

		// the shutdown lets it begin nothing more
		private boolean aborted;

		private int signals;

		// when a delta was taken that is not the last, and when one was asked for

		private long takenAt;

		private long askedAt;

		private int terminals;

		private int ends;

		private long startedAt;

		private int ambiguous;

		private @Nullable DeepSeekException failure;

		private @Nullable Outcome outcome;

		SimulatedCall(int id) {
			this.id = id;
		}

		void start() {
			RoutingSimulation simulation = RoutingSimulation.this;
			this.started = true;
			this.refused = simulation.closing;
			this.startedAt = simulation.time.nanos();
			ChatRequest request = ChatRequest.builder().user("hi").provider(this.pinned).build();
			simulation.byRequest.put(request, this);
			SimulatedCall before = simulation.starting;
			simulation.starting = this;
			try {
				if (this.stream) {
					simulation.client.stream(request).subscribe(this);
				}
				else {
					simulation.client.complete(request).subscribe(this);
				}
			}
			finally {
				simulation.starting = before;
			}
			if (this.character == 7) {
				at(simulation.random.nextInt(6000), this::cancel);
			}
		}

		SimulatedAttempt attempt() {
			if (this.attempt == null) {
				throw new SimulationError("a call without an attempt");
			}
			return this.attempt;
		}

		void cancel() {
			Subscription subscription = this.subscription;
			if (subscription != null && this.terminals == 0) {
				this.gone = true;
				subscription.cancel();
			}
		}

		void attemptStarted(AttemptStarted started) {
			RoutingSimulation simulation = RoutingSimulation.this;
			simulation.check(this.ends == 0, "an attempt after the end of its call");
			simulation.check(!this.refused, "an attempt of a call that the shutdown refuses");
			simulation.check(!this.aborted, "an attempt after the shutdown began to end calls");
			simulation.check(!this.attemptRuns, "two attempts at once");
			simulation.check(!this.committed && this.signals == 0, "an attempt after something was delivered");
			int before = this.errors.size();
			simulation.check(started.number() == before + 1, "attempt " + started.number() + " after " + before);
			simulation.check(before < simulation.settings.maxAttempts(), "too many attempts");
			simulation.check(this.ambiguous <= simulation.settings.extraSends(), "too many extra sends");
			if (before > 0) {
				simulation.check(!ENDS_THE_CALL.contains(this.errors.get(before - 1)),
						"an attempt after " + this.errors.get(before - 1));
			}
			SimulatedHost host = host(started.provider());
			simulation.check(this.pinned == null || this.pinned.equals(host.id), "a pinned call went elsewhere");
			SimulatedAttempt attempt = new SimulatedAttempt(this, host, ++simulation.attempts, started.number(),
					simulation.time.nanos());
			this.attempt = attempt;
			this.attemptRuns = true;
			host.asking = this;
			attempt.admitted = host.state().status().inFlight() == host.running + 1;
			if (!attempt.admitted) {
				// the quota gave no permit
				return;
			}
			if (!host.resetWhileAdmitting) {
				host.circuit().started(attempt);
			}
			host.admitting = false;
			host.resetWhileAdmitting = false;
			host.running++;
			if (this.pinned == null && host.hardUntil - simulation.time.nanos() > 0) {
				attempt.probe = true;
				simulation.check(++host.probes == 1, "two attempts probe " + host.id);
			}
		}

		void attemptEnded(AttemptReport report) {
			RoutingSimulation simulation = RoutingSimulation.this;
			simulation.check(this.attemptRuns, "an attempt ended that did not run");
			SimulatedAttempt attempt = attempt();
			this.attemptRuns = false;
			attempt.ended();
			SimulatedHost host = attempt.host;
			host.running -= attempt.admitted ? 1 : 0;
			host.probes -= attempt.probe ? 1 : 0;
			ErrorKind error = report.error();
			if (error != null) {
				this.errors.add(error);
				this.ambiguous += AMBIGUOUS.contains(error) ? 1 : 0;
				checkKind(attempt, error);
			}
			if (error == ErrorKind.STREAM_INTERRUPTED) {
				// what broke it is on the exception only: it comes when the call ends
				simulation.check(this.committed, "interrupted before the commit");
				this.pendingVerdict = attempt;
				host.pending++;
				return;
			}
			boolean servedTillTheEnd = error == ErrorKind.CANCELLED && this.committed && this.gone;
			Boolean failed = null;
			if (error == null || servedTillTheEnd) {
				failed = false;
			}
			else if (attempt.sent && COUNTS.contains(error)) {
				failed = true;
			}
			host.circuit().ended(attempt, failed);
			noteHard(attempt, error);
		}

		// a subscriber that pauses keeps nothing that the provider counts
		void checkPermit() {
			if (this.attemptRuns && attempt().isReceived()) {
				RoutingSimulation.this.check(this.permits == 0,
						"call " + this.id + " keeps the permit of an answer that was received");
			}
		}

		private @Nullable SimulatedAttempt pendingVerdict;

		private void noteHard(SimulatedAttempt attempt, @Nullable ErrorKind error) {
			if (error != null && attempt.retryAfter > 0 && error == attempt.expected) {
				long until = RoutingSimulation.this.time.nanos() + TimeUnit.MILLISECONDS.toNanos(attempt.retryAfter);
				if (until - attempt.host.hardUntil > 0) {
					attempt.host.hardUntil = until;
				}
			}
		}

		private void checkKind(SimulatedAttempt attempt, ErrorKind error) {
			RoutingSimulation simulation = RoutingSimulation.this;
			long elapsed = simulation.time.nanos() - attempt.startedAt;
			boolean timeout = error == ErrorKind.TIMEOUT
					&& (attempt.sent ? attempt.isTimedOut() : attempt.totalLeft() <= 0);
			boolean ended = error == ErrorKind.CANCELLED && (this.gone || simulation.isAborting());
			boolean local = error == ErrorKind.LOCAL_LIMIT && !attempt.sent;
			boolean interrupted = error == ErrorKind.STREAM_INTERRUPTED && !attempt.well;
			boolean slow = error == ErrorKind.STREAM_INTERRUPTED && (elapsed >= SHORTEST_TIMEOUT
					|| simulation.isAborting() || simulation.time.nanos() - this.startedAt >= TOTAL);
			boolean content = attempt.sent && attempt.expected == null && !attempt.well
					&& Set.of(ErrorKind.STREAM_CLOSED, ErrorKind.EMPTY_RESPONSE, ErrorKind.MALFORMED_RESPONSE)
						.contains(error);
			simulation.check(timeout || ended || local || interrupted || slow || content || error == attempt.expected,
					"attempt " + attempt.id + " ended with " + error + ", expected " + attempt.expected);
		}

		void callEnded(CallEnded ended) {
			RoutingSimulation simulation = RoutingSimulation.this;
			this.ends++;
			this.outcome = ended.outcome();
			simulation.check(this.ends == 1, "a call ended twice");
			simulation.check(!this.attemptRuns, "a call ended before its attempt");
			simulation.check(
					ended.attempts().size() == this.errors.size() + ((ended.outcome() == Outcome.SUCCESS) ? 1 : 0),
					"attempts are missing");
			DeepSeekException failure = ended.failure();
			ErrorKind reason = (failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
					: (failure != null) ? failure.getKind() : null;
			if (reason == ErrorKind.CANCELLED && !this.refused) {
				simulation.aborted();
			}
			simulation.check((failure != null) == (ended.outcome() == Outcome.ERROR), "outcome and failure");
			if (ended.outcome() == Outcome.CANCEL) {
				simulation.check(this.gone, "a call was cancelled by nobody");
			}
			if (failure == null) {
				return;
			}
			if (this.pendingVerdict != null) {
				this.pendingVerdict.host.pending--;
				simulation.check(reason != ErrorKind.TIMEOUT || this.pendingVerdict.isTimedOut(),
						"attempt " + this.pendingVerdict.id + " was interrupted by a timeout that had not expired");
				simulation.check(reason != ErrorKind.CANCELLED || simulation.isAborting(),
						"interrupted by CANCELLED without a shutdown");
				this.pendingVerdict.host.circuit.ended(this.pendingVerdict,
						(reason != null && COUNTS.contains(reason)) ? Boolean.TRUE : null);
			}
			checkEnd(failure);
		}

		private void checkEnd(DeepSeekException failure) {
			RoutingSimulation simulation = RoutingSimulation.this;
			ErrorKind kind = failure.getKind();
			if (kind == ErrorKind.CANCELLED) {
				simulation.check(this.refused || simulation.isAborting(), "CANCELLED without a shutdown");
				simulation.check(!this.committed, "CANCELLED in place of an interruption");
				return;
			}
			ErrorKind last = this.errors.isEmpty() ? null : this.errors.get(this.errors.size() - 1);
			if (last == null) {
				boolean noKey = kind == ErrorKind.AUTHENTICATION;
				boolean hint = failure.getRetryAfter() != null && this.pinned == null;
				simulation.check(noKey || hint, "a call failed with " + kind + " before it began");
				return;
			}
			simulation.check(kind == last, "the call ended with " + kind + " after " + last);
			long left = TOTAL - (simulation.time.nanos() - this.startedAt);
			boolean over = ENDS_THE_CALL.contains(last) || failure.getScope() == FailureScope.APPLICATION
					|| this.errors.size() >= simulation.settings.maxAttempts()
					|| this.ambiguous > simulation.settings.extraSends() || left <= 0 || this.pinned != null
					|| simulation.reentrant || simulation.resolves;
			if (over) {
				return;
			}
			Set<String> asked = failure.getAttempts().stream().map(AttemptReport::provider).collect(Collectors.toSet());
			for (String id : this.chain) {
				SimulatedHost host = host(id);
				simulation.check(asked.contains(id) || !host.state().availability(id + "-chat").usable(),
						"the call ended with " + kind + " though " + id + " was usable");
			}
		}

		private List<String> chain = List.of();

		@Override
		public void onSubscribe(Subscription subscription) {
			this.subscription = subscription;
			this.chain = RoutingSimulation.this.client.providerSwitch().chain().providers();
			if (this.character == 6) {
				request();
			}
			else if (this.character > 2) {
				subscription.request(Long.MAX_VALUE);
			}
			else {
				subscription.request(1000);
				for (int i = 0; i < 3; i++) {
					at(RoutingSimulation.this.random.nextInt(10_000), this::request);
				}
			}
		}

		private void request() {
			if (this.subscription != null && !this.gone && this.terminals == 0) {
				this.askedAt = RoutingSimulation.this.time.nanos();
				this.subscription.request(1);
			}
		}

		@Override
		public void onNext(Object signal) {
			RoutingSimulation simulation = RoutingSimulation.this;
			simulation.check(this.terminals == 0, "a signal after the end");
			if (this.gone) {
				return;
			}
			this.signals++;
			if (!(signal instanceof ChatDelta delta && delta.isLast())) {
				this.takenAt = simulation.time.nanos();
			}
			String content = (signal instanceof ChatDelta delta) ? delta.content()
					: ((ChatCompletion) signal).content();
			if (content != null) {
				this.text.append(content);
			}
			if (this.character == 8 && this.signals > this.patience) {
				cancel();
			}
			if (this.character == 9 && this.signals > this.patience) {
				this.gone = true;
				if (this.id % 2 == 0) {
					throw new SimulatedDeath();
				}
				throw new IllegalStateException("simulated");
			}
			if (this.character == 6) {
				int pause = simulation.random.nextInt(20);
				at(simulation.random.nextInt((pause == 0) ? 60_000 : (pause > 9) ? 10 : 2000), this::request);
			}
		}

		@Override
		public void onError(Throwable thrown) {
			// one that meets the cancellation may still come, where there was no attempt
			RoutingSimulation.this.check(!this.gone || this.attempt == null, "an error after the subscriber went");
			this.terminals += this.gone ? 0 : 1;
			RoutingSimulation.this.check(thrown instanceof DeepSeekException, "an error of the wrong class: " + thrown);
			this.failure = (DeepSeekException) thrown;
		}

		@Override
		public void onComplete() {
			// one that meets the cancellation may still come
			this.terminals += this.gone ? 0 : 1;
		}

		void atTheEnd() {
			RoutingSimulation simulation = RoutingSimulation.this;
			simulation.check(this.started, "a call never started");
			simulation.check(this.gone || this.terminals == 1,
					"call " + this.id + " had " + this.terminals + " terminal signals");
			simulation.check((this.info == null) ? this.gone : this.ends == 1,
					"call " + this.id + " ended " + this.ends + " times");
			if (this.terminals == 1) {
				simulation.check((this.failure != null) == (this.outcome == Outcome.ERROR),
						"call " + this.id + " ended for its subscriber unlike for listeners");
			}
			checkText();
		}

		// all of one attempt, each piece once
		private void checkText() {
			String[] tokens = this.text.isEmpty() ? new String[0] : this.text.toString().split(" ");
			for (int i = 0; i < tokens.length; i++) {
				RoutingSimulation.this.check(tokens[i].equals(attempt().id + "." + i),
						"call " + this.id + " got the text " + this.text);
			}
			if (this.outcome == Outcome.SUCCESS && this.terminals == 1) {
				RoutingSimulation.this.check(tokens.length > 0, "call " + this.id + " got an answer without text");
			}
		}

	}

}
