package io.github.deepseekboot.routing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.routing.RoutingEvent.CircuitState;

/**
 * What is known of a provider as one key sees it: its circuit, its cool-downs, its retry
 * budget. One tenant's empty account says nothing of another's.
 */
final class ProviderState {

	private static final double BUDGET_PER_SUCCESS = 0.1;

	private static final int MAX_MISSING_MODELS = 100;

	private final String provider;

	private final String credential;

	private final LongSupplier nanos;

	private final int maxBudget;

	private final CircuitBreaker circuit;

	private final int maxTrials;

	// permissions given by the half-open circuit
	private final AtomicInteger trials = new AtomicInteger();

	private final AtomicInteger transitions = new AtomicInteger();

	private volatile long openUntil;

	private final RoutingListener listener;

	private final AtomicInteger inFlight = new AtomicInteger();

	private final Map<String, Long> missingModels = new ConcurrentHashMap<>();

	private double budget;

	private volatile @Nullable CoolDown coolDown;

	private volatile @Nullable AttemptReport lastError;

	private volatile long lastErrorAt;

	private volatile @Nullable Long lastSuccessAt;

	ProviderState(String provider, String credential, RoutingSettings settings, LongSupplier nanos,
			RoutingListener listener) {
		this.provider = provider;
		this.credential = credential;
		this.nanos = nanos;
		this.listener = listener;
		this.maxBudget = settings.budget();
		this.budget = settings.budget();
		this.maxTrials = settings.halfOpen();
		this.circuit = CircuitBreaker.of(provider,
				CircuitBreakerConfig.custom()
					.failureRateThreshold(settings.failureRate())
					.slidingWindow(settings.window(), Math.min(settings.window(), 10), SlidingWindowType.COUNT_BASED)
					.waitDurationInOpenState(settings.openFor())
					.permittedNumberOfCallsInHalfOpenState(settings.halfOpen())
					// a stream that thinks for minutes is not slow: only failures open
					// the circuit
					.slowCallRateThreshold(100)
					.slowCallDurationThreshold(Duration.ofDays(1))
					.clock(new NanoClock(nanos))
					.currentTimestampFunction((clock) -> nanos.getAsLong(), TimeUnit.NANOSECONDS)
					.writableStackTraceEnabled(false)
					.build());
		this.circuit.getEventPublisher().onStateTransition((event) -> {
			this.transitions.incrementAndGet();
			this.trials.set(0);
			this.openUntil = nanos.getAsLong() + settings.openFor().toNanos();
			listener.onEvent(
					RoutingEvent.CircuitChanged
						.builder(provider, circuitState(event.getStateTransition().getFromState()),
								circuitState(event.getStateTransition().getToState()))
						.build());
		});
	}

	String provider() {
		return this.provider;
	}

	String credential() {
		return this.credential;
	}

	/**
	 * Whether a call could be made now. Changes nothing.
	 * @param model the provider's id of the model
	 * @return {@code false} during a cool-down and while the circuit is open
	 */
	boolean isUsable(String model) {
		return coolDownLeft(model) <= 0 && isCircuitReady();
	}

	/**
	 * Whether the circuit would let a call through.
	 * @return {@code false} while it is open, and while the trial calls run
	 */
	boolean isCircuitReady() {
		return switch (circuitState()) {
			case CLOSED -> true;
			case OPEN -> this.nanos.getAsLong() - this.openUntil >= 0;
			case HALF_OPEN -> this.trials.get() < this.maxTrials;
		};
	}

	/**
	 * Take the permission to make a call, if there is one.
	 * @param model the provider's id of the model
	 * @param evenCooling whether a cool-down does not matter
	 * @return the permission, or {@code null} if the call must not be made
	 */
	@Nullable Permission tryBegin(String model, boolean evenCooling) {
		if ((!evenCooling && coolDownLeft(model) > 0) || !this.circuit.tryAcquirePermission()) {
			return null;
		}
		if (circuitState() == CircuitState.HALF_OPEN) {
			this.trials.incrementAndGet();
		}
		return new Permission(this.transitions.get());
	}

	/**
	 * How long it takes until a call could be made: for choosing the best of providers
	 * none of which is usable.
	 * @param model the provider's id of the model
	 * @return nanoseconds
	 */
	long unusableFor(String model) {
		long circuitWait = (circuitState() == CircuitState.OPEN) ? this.openUntil - this.nanos.getAsLong() : 0;
		return Math.max(coolDownLeft(model), circuitWait);
	}

	private long coolDownLeft(String model) {
		long now = this.nanos.getAsLong();
		CoolDown coolDown = this.coolDown;
		long left = (coolDown != null) ? coolDown.until() - now : 0;
		if (!this.missingModels.isEmpty()) {
			Long missingUntil = this.missingModels.get(model);
			left = (missingUntil != null) ? Math.max(left, missingUntil - now) : left;
		}
		return left;
	}

	void started() {
		this.inFlight.incrementAndGet();
	}

	void ended() {
		this.inFlight.decrementAndGet();
	}

	/**
	 * Take a successful attempt, or one that began to deliver, into account.
	 * @param elapsedNanos how long it took
	 * @param permission the circuit's permission, if it had one
	 */
	void succeeded(long elapsedNanos, @Nullable Permission permission) {
		this.lastSuccessAt = this.nanos.getAsLong();
		if (permission != null) {
			permission.settle();
		}
		this.circuit.onSuccess(elapsedNanos, TimeUnit.NANOSECONDS);
		synchronized (this) {
			this.budget = Math.min(this.maxBudget, this.budget + BUDGET_PER_SUCCESS);
		}
	}

	/**
	 * Give the circuit's permission back without a verdict on the provider.
	 * @param permission the permission, if there was one
	 */
	void withoutVerdict(@Nullable Permission permission) {
		// a circuit that has changed since does not miss it
		if (permission != null && permission.settle() && permission.transitions == this.transitions.get()) {
			this.circuit.releasePermission();
			if (circuitState() == CircuitState.HALF_OPEN) {
				this.trials.decrementAndGet();
			}
		}
	}

	/**
	 * Take a failed attempt into account.
	 * @param failure what went wrong
	 * @param report the attempt
	 * @param model the provider's id of the model
	 * @param elapsedNanos how long it took
	 * @param permission the circuit's permission, if it had one
	 */
	void failed(DeepSeekException failure, AttemptReport report, String model, long elapsedNanos,
			@Nullable Permission permission) {
		ErrorKind kind = (failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
				: failure.getKind();
		FailureRule rule = FailureRule.of(kind);
		this.lastErrorAt = this.nanos.getAsLong();
		this.lastError = report;
		if (rule.counts()) {
			if (permission != null) {
				permission.settle();
			}
			this.circuit.onError(elapsedNanos, TimeUnit.NANOSECONDS, failure);
		}
		else {
			withoutVerdict(permission);
		}
		if (rule.counts() || rule.coolDown() != null) {
			synchronized (this) {
				this.budget = Math.max(0, this.budget - 1);
			}
		}
		if (rule.coolDown() != null) {
			coolDown(kind, model, (failure.getRetryAfter() != null) ? failure.getRetryAfter() : rule.coolDown());
		}
	}

	private void coolDown(ErrorKind reason, String model, Duration duration) {
		if (duration.isZero()) {
			return;
		}
		long until = this.nanos.getAsLong() + duration.toNanos();
		if (reason == ErrorKind.MODEL_NOT_FOUND) {
			if (this.missingModels.size() >= MAX_MISSING_MODELS) {
				this.missingModels.clear();
			}
			this.missingModels.put(model, until);
			this.listener.onEvent(RoutingEvent.CoolDownStarted.builder(this.provider, reason)
				.model(model)
				.duration(duration)
				.build());
			return;
		}
		if (extendCoolDown(new CoolDown(reason, until))) {
			this.listener
				.onEvent(RoutingEvent.CoolDownStarted.builder(this.provider, reason).duration(duration).build());
		}
	}

	private synchronized boolean extendCoolDown(CoolDown coolDown) {
		CoolDown current = this.coolDown;
		if (current != null && current.until() - coolDown.until() >= 0) {
			return false;
		}
		this.coolDown = coolDown;
		return true;
	}

	void reset() {
		this.coolDown = null;
		this.missingModels.clear();
		this.circuit.reset();
		synchronized (this) {
			this.budget = this.maxBudget;
		}
	}

	synchronized boolean hasRetryBudget() {
		return this.budget >= 1;
	}

	CircuitState circuitState() {
		return circuitState(this.circuit.getState());
	}

	private static CircuitState circuitState(CircuitBreaker.State state) {
		return switch (state) {
			case OPEN, FORCED_OPEN -> CircuitState.OPEN;
			case HALF_OPEN -> CircuitState.HALF_OPEN;
			default -> CircuitState.CLOSED;
		};
	}

	boolean isInUse() {
		return this.inFlight.get() != 0;
	}

	boolean isIdle() {
		return !isInUse() && coolDownLeft("") <= 0 && circuitState() == CircuitState.CLOSED;
	}

	// the circuit notices the end of its wait only when a call asks it; a provider that
	// gets no traffic must not look broken for ever
	private CircuitState shownState() {
		CircuitState state = circuitState();
		return (state == CircuitState.OPEN && isCircuitReady()) ? CircuitState.HALF_OPEN : state;
	}

	ProviderStatus status() {
		long now = this.nanos.getAsLong();
		CoolDown coolDown = this.coolDown;
		boolean cooling = coolDown != null && coolDown.until() > now;
		Long lastSuccessAt = this.lastSuccessAt;
		return ProviderStatus.builder(this.provider, this.credential)
			.circuit(shownState())
			.coolDown((coolDown != null && cooling) ? coolDown.reason() : null)
			.coolDownLeft((coolDown != null && cooling) ? Duration.ofNanos(coolDown.until() - now) : null)
			.missingModels(this.missingModels.entrySet()
				.stream()
				.filter((entry) -> entry.getValue() > now)
				.map(Map.Entry::getKey)
				.sorted()
				.toList())
			.inFlight(this.inFlight.get())
			.lastError(this.lastError)
			.lastErrorAge((this.lastError != null) ? Duration.ofNanos(now - this.lastErrorAt) : null)
			.lastSuccessAge((lastSuccessAt != null) ? Duration.ofNanos(now - lastSuccessAt) : null)
			.build();
	}

	private record CoolDown(ErrorKind reason, long until) {

	}

	/**
	 * The circuit's permission for one attempt, which is settled once.
	 */
	static final class Permission extends AtomicBoolean {

		private final int transitions;

		private Permission(int transitions) {
			this.transitions = transitions;
		}

		private boolean settle() {
			return compareAndSet(false, true);
		}

	}

	private static final class NanoClock extends Clock {

		private final LongSupplier nanos;

		NanoClock(LongSupplier nanos) {
			this.nanos = nanos;
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

		@Override
		public Instant instant() {
			return Instant.EPOCH.plusNanos(this.nanos.getAsLong());
		}

	}

}
