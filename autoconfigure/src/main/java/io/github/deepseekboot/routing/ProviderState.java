package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * What is known of a provider as one key sees it: its circuit, its cool-downs, its retry
 * budget. One tenant's empty account says nothing of another's.
 *
 * <p>
 * There are two cool-downs. The <em>hard</em> one was asked for by the provider
 * ({@code Retry-After} and kin) and is kept to its end: until then one attempt at a time
 * probes the provider. The <em>soft</em> one is our own: of half a second after the first
 * failure, doubled with each consecutive one up to 30 s (of minutes for an account at
 * fault), and gone with a success.
 */
final class ProviderState {

	static final Duration FIRST_COOL_DOWN = Duration.ofMillis(500);

	static final Duration LONGEST_COOL_DOWN = Duration.ofSeconds(30);

	private static final Duration LONGEST_ASKED = Duration.ofHours(1);

	private static final double BUDGET_PER_SUCCESS = 0.1;

	private static final int MAX_MISSING_MODELS = 100;

	private static final int MAX_REFUSALS = 32;

	private final String provider;

	private final String credential;

	private final LongSupplier nanos;

	private final int maxBudget;

	private final Circuit circuit;

	private final EventQueue events;

	private final AtomicInteger inFlight = new AtomicInteger();

	private final AtomicBoolean probed = new AtomicBoolean();

	private final BoundedMap<String, MissingModel> missingModels = new BoundedMap<>(MAX_MISSING_MODELS,
			(model) -> left(model.coolDown, now()) <= 0, (model) -> true);

	private final BoundedMap<Refused, Refusal> refusals;

	private final long refusalMemory;

	private volatile @Nullable CoolDown hard;

	private volatile @Nullable CoolDown soft;

	// consecutive failures that started a growing cool-down
	private int stumbles;

	private double budget;

	private volatile @Nullable AttemptReport lastError;

	private volatile long lastErrorAt;

	private volatile @Nullable Long lastSuccessAt;

	ProviderState(String provider, String credential, RoutingSettings settings, LongSupplier nanos,
			RoutingListener listener) {
		this.provider = provider;
		this.credential = credential;
		this.nanos = nanos;
		this.maxBudget = settings.budget();
		this.budget = settings.budget();
		this.events = new EventQueue(listener);
		this.refusalMemory = settings.refusalMemory().toNanos();
		this.refusals = new BoundedMap<>(MAX_REFUSALS, (refusal) -> refusal.until - nanos.getAsLong() <= 0,
				(refusal) -> true);
		this.circuit = new Circuit(settings, nanos,
				(from, to) -> this.events.add(RoutingEvent.CircuitChanged.of(provider, from, to)));
	}

	private long now() {
		return this.nanos.getAsLong();
	}

	String provider() {
		return this.provider;
	}

	String credential() {
		return this.credential;
	}

	/**
	 * What the provider is like for a call right now. Changes nothing.
	 * @param model the provider's id of the model
	 * @return the availability
	 */
	Availability availability(String model) {
		long now = now();
		CoolDown hard = this.hard;
		long hardLeft = left(hard, now);
		CoolDown soft = this.soft;
		long softLeft = left(soft, now);
		long missingLeft = missingLeft(model, now);
		long accountLeft = Math.max(missingLeft, (soft != null && !soft.growing()) ? softLeft : 0);
		boolean circuitReady = this.circuit.isReady();
		long usableIn = Math.max(Math.max(hardLeft, softLeft), Math.max(missingLeft, this.circuit.openLeft()));
		return new Availability(usableIn <= 0 && circuitReady, Math.max(0, usableIn), Math.max(0, hardLeft),
				(hard != null) ? hard.reason() : ErrorKind.RATE_LIMITED, accountLeft > 0, this.probed.get(),
				circuitReady, hasRetryBudget());
	}

	private static long left(@Nullable CoolDown coolDown, long now) {
		return (coolDown != null) ? coolDown.until() - now : 0;
	}

	/**
	 * Why a call does not go to the provider right now.
	 * @param model the provider's id of the model
	 * @param demands what the request asks for
	 * @return the reason, for a message, or {@code null} if it does
	 */
	@Nullable String obstacle(String model, Demands demands) {
		long now = now();
		long missingLeft = missingLeft(model, now);
		if (missingLeft > 0) {
			return obstacle(ErrorKind.MODEL_NOT_FOUND.name(), missingLeft);
		}
		long refusedLeft = refusedLeft(model, demands);
		if (refusedLeft > 0) {
			return obstacle("refused lately what is asked for", refusedLeft);
		}
		CoolDown hard = this.hard;
		CoolDown soft = this.soft;
		CoolDown coolDown = (left(hard, now) >= left(soft, now)) ? hard : soft;
		if (coolDown != null && left(coolDown, now) > 0) {
			return obstacle(coolDown.reason().name(), left(coolDown, now));
		}
		long openLeft = this.circuit.openLeft();
		return (openLeft > 0) ? obstacle("circuit open", openLeft) : null;
	}

	private static String obstacle(String reason, long nanos) {
		return reason + ", for " + DurationText.of(Duration.ofNanos(nanos));
	}

	/**
	 * Begin an attempt, if the provider may be asked.
	 * @param model the provider's id of the model
	 * @param entry what the attempt need not mind
	 * @return the attempt's hold on this state, which must be ended; {@code null} if the
	 * provider must not be asked now
	 */
	@Nullable Admission tryBegin(String model, Entry entry) {
		long now = now();
		if (entry == Entry.USABLE && coolDownLeft(model, now) > 0) {
			return null;
		}
		boolean probe = entry != Entry.PINNED && left(this.hard, now) > 0;
		if (probe && !this.probed.compareAndSet(false, true)) {
			return null;
		}
		Circuit.Permission permission = this.circuit.tryAcquire();
		announce();
		if (permission == null && (entry == Entry.USABLE || entry == Entry.RETRY)) {
			if (probe) {
				this.probed.set(false);
			}
			return null;
		}
		this.inFlight.incrementAndGet();
		return new Admission(model, permission, probe, now);
	}

	/**
	 * Take note of what a model refused, since it cannot do it.
	 * @param model the provider's id of the model
	 * @param demands what the request asks for; nothing is remembered without
	 */
	void refused(String model, Demands demands) {
		if (this.refusalMemory > 0 && !demands.names().isEmpty()) {
			this.refusals.get(new Refused(model, Set.copyOf(demands.names())), Refusal::new).until = now()
					+ this.refusalMemory;
		}
	}

	/**
	 * Take note of what a model answered.
	 * @param model the provider's id of the model
	 * @param demands what the request asks for
	 */
	void answered(String model, Demands demands) {
		if (this.refusals.size() > 0) {
			this.refusals.values()
				.stream()
				.filter((refusal) -> refusal.what.isPartOf(model, demands))
				.forEach((refusal) -> refusal.until = this.nanos.getAsLong());
		}
	}

	/**
	 * For how long a request is passed over that asks for what the model refused lately.
	 * @param model the provider's id of the model
	 * @param demands what the request asks for
	 * @return nanoseconds; 0 for one that is not
	 */
	long refusedLeft(String model, Demands demands) {
		if (this.refusals.size() == 0) {
			return 0;
		}
		long now = this.nanos.getAsLong();
		long longest = 0;
		for (Refusal refusal : this.refusals.values()) {
			if (refusal.until - now > longest && refusal.what.isPartOf(model, demands)) {
				longest = refusal.until - now;
			}
		}
		return longest;
	}

	private long coolDownLeft(String model, long now) {
		return Math.max(Math.max(left(this.hard, now), left(this.soft, now)), missingLeft(model, now));
	}

	private long missingLeft(String model, long now) {
		MissingModel missing = this.missingModels.peek(model);
		return (missing != null) ? left(missing.coolDown, now) : 0;
	}

	private void count(Admission admission) {
		this.lastSuccessAt = now();
		synchronized (this) {
			this.budget = Math.min(this.maxBudget, this.budget + BUDGET_PER_SUCCESS);
		}
		serves(admission);
	}

	// an attempt from before a failure says nothing of what came after it
	private void serves(Admission admission) {
		CoolDown soft = this.soft;
		MissingModel model = this.missingModels.peek(admission.model);
		CoolDown missing = (model != null) ? model.coolDown : null;
		if (soft == null && missing == null) {
			return;
		}
		synchronized (this) {
			if (this.soft == soft && soft != null && soft.since() - admission.begunAt <= 0) {
				this.soft = null;
				this.stumbles = 0;
			}
			if (model != null && model.coolDown == missing && missing != null
					&& missing.since() - admission.begunAt <= 0) {
				model.coolDown = null;
			}
		}
	}

	private void count(Admission admission, DeepSeekException failure, AttemptReport report) {
		FailureRule rule = FailureRule.of(failure);
		this.lastErrorAt = now();
		this.lastError = report;
		if (!rule.counts() && !rule.cools()) {
			return;
		}
		ErrorKind reason = (failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
				: failure.getKind();
		synchronized (this) {
			this.budget = Math.max(0, this.budget - 1);
			RoutingEvent started = coolDown(admission, reason, rule, asked(failure));
			if (started != null) {
				this.events.add(started);
			}
		}
	}

	// an interceptor's failure may have any
	private static @Nullable Duration asked(DeepSeekException failure) {
		Duration asked = failure.getRetryAfter();
		if (asked == null || asked.isNegative()) {
			return null;
		}
		return (asked.compareTo(LONGEST_ASKED) > 0) ? LONGEST_ASKED : asked;
	}

	private RoutingEvent.@Nullable CoolDownStarted coolDown(Admission admission, ErrorKind reason, FailureRule rule,
			@Nullable Duration asked) {
		long now = now();
		if (reason == ErrorKind.MODEL_NOT_FOUND) {
			Duration duration = Objects.requireNonNullElse((asked != null) ? asked : rule.coolDown().fixed(),
					Duration.ZERO);
			this.missingModels.get(admission.model, MissingModel::new).coolDown = new CoolDown(reason, now,
					now + duration.toNanos(), false);
			return RoutingEvent.CoolDownStarted.builder(this.provider, reason)
				.model(admission.model)
				.duration(duration)
				.credential(this.credential)
				.build();
		}
		if (asked != null) {
			return hard(new CoolDown(reason, now, now + asked.toNanos(), false), asked);
		}
		if (!rule.cools()) {
			return null;
		}
		Duration fixed = rule.coolDown().fixed();
		boolean growing = fixed == null;
		CoolDown current = this.soft;
		// attempts that ran beside each other and failed together are one failure
		if (growing && current != null && current.growing() && admission.begunAt - current.since() < 0) {
			return null;
		}
		this.stumbles += growing ? 1 : 0;
		Duration duration = (fixed != null) ? fixed : growing(this.stumbles);
		CoolDown coolDown = new CoolDown(reason, now, now + duration.toNanos(), growing);
		if (current != null && current.until() - coolDown.until() >= 0) {
			return null;
		}
		this.soft = coolDown;
		return RoutingEvent.CoolDownStarted.builder(this.provider, reason)
			.duration(duration)
			.credential(this.credential)
			.build();
	}

	private RoutingEvent.@Nullable CoolDownStarted hard(CoolDown coolDown, Duration asked) {
		CoolDown current = this.hard;
		if (asked.isZero() || (current != null && current.until() - coolDown.until() >= 0)) {
			return null;
		}
		this.hard = coolDown;
		return RoutingEvent.CoolDownStarted.builder(this.provider, coolDown.reason())
			.duration(asked)
			.credential(this.credential)
			.asked(true)
			.build();
	}

	/**
	 * Take over a cool-down that the provider asked another instance for: it is extended
	 * by it, never shortened.
	 * @param reason why
	 * @param duration for how long it still holds
	 */
	void coolDown(ErrorKind reason, Duration duration) {
		long now = now();
		synchronized (this) {
			hard(new CoolDown(reason, now, now + duration.toNanos(), false), duration);
		}
	}

	private static Duration growing(int stumbles) {
		Duration duration = FIRST_COOL_DOWN.multipliedBy(1L << Math.min(stumbles - 1, 16));
		return (duration.compareTo(LONGEST_COOL_DOWN) > 0) ? LONGEST_COOL_DOWN : duration;
	}

	void reset() {
		synchronized (this) {
			this.hard = null;
			this.soft = null;
			this.stumbles = 0;
			this.missingModels.clear();
			this.refusals.clear();
			this.budget = this.maxBudget;
		}
		this.circuit.reset();
		announce();
	}

	/**
	 * Announce what has changed, in the order in which it did. Calls code of the
	 * application: for whoever has done what it must.
	 */
	void announce() {
		this.events.publish();
	}

	private synchronized boolean hasRetryBudget() {
		return this.budget >= 1;
	}

	CircuitState circuitState() {
		return this.circuit.state();
	}

	boolean isInUse() {
		return this.inFlight.get() != 0;
	}

	boolean isIdle() {
		return !isInUse() && coolDownLeft("", now()) <= 0 && this.circuit.state() == CircuitState.CLOSED
				&& this.refusals.size() == 0;
	}

	ProviderStatus status() {
		long now = now();
		CoolDown hard = this.hard;
		CoolDown soft = this.soft;
		CoolDown coolDown = (left(hard, now) >= left(soft, now)) ? hard : soft;
		long left = left(coolDown, now);
		Long lastSuccessAt = this.lastSuccessAt;
		AttemptReport lastError = this.lastError;
		return ProviderStatus.builder(this.provider, this.credential)
			.circuit(this.circuit.state())
			.coolDown((coolDown != null && left > 0) ? coolDown.reason() : null)
			.coolDownLeft((left > 0) ? Duration.ofNanos(left) : null)
			.missingModels(this.missingModels.values()
				.stream()
				.filter((missing) -> left(missing.coolDown, now) > 0)
				.map((missing) -> missing.model)
				.sorted()
				.toList())
			.refusals(this.refusals.values()
				.stream()
				.filter((refusal) -> refusal.until - now > 0)
				.map((refusal) -> refusal.what.toString())
				.sorted()
				.toList())
			.inFlight(this.inFlight.get())
			.lastError(lastError)
			.lastErrorAge((lastError != null) ? Duration.ofNanos(now - this.lastErrorAt) : null)
			.lastSuccessAge((lastSuccessAt != null) ? Duration.ofNanos(now - lastSuccessAt) : null)
			.build();
	}

	/**
	 * What an attempt need not mind.
	 */
	enum Entry {

		/**
		 * The provider must be usable: no cool-down, and its circuit gives a permission.
		 */
		USABLE,

		/**
		 * A retry at the same provider, which has waited: soft cool-downs do not matter.
		 */
		RETRY,

		/**
		 * There is no usable provider: neither soft cool-downs nor the circuit matter.
		 * While a hard cool-down runs, it must be the only probe.
		 */
		LAST_RESORT,

		/**
		 * The application has chosen the provider: nothing matters.
		 */
		PINNED

	}

	/**
	 * What a provider is like for a call.
	 *
	 * @param usable whether it may be asked without further ado
	 * @param usableIn nanoseconds until its cool-downs and the wait of its circuit are
	 * over
	 * @param hardLeft nanoseconds until the time is over for which it asked; 0 for none
	 * @param hardReason why it asked for that time
	 * @param accountAtFault whether its account or the model is at fault, or the model
	 * refused lately what the call asks for
	 * @param probed whether an attempt probes it within the time for which it asked
	 * @param circuitReady whether its circuit would give a permission
	 * @param retryBudget whether it has budget left for a retry
	 */
	record Availability(boolean usable, long usableIn, long hardLeft, ErrorKind hardReason, boolean accountAtFault,
			boolean probed, boolean circuitReady, boolean retryBudget) {

		/**
		 * The availability for a call that asks for what the model refused lately.
		 * @param left nanoseconds until that is forgotten
		 * @return another availability
		 */
		Availability refused(long left) {
			return new Availability(false, Math.max(this.usableIn, left), this.hardLeft, this.hardReason, true,
					this.probed, this.circuitReady, this.retryBudget);
		}

	}

	/**
	 * What a model refused.
	 *
	 * @param model the provider's id of the model
	 * @param demands what the request asked for
	 */
	private record Refused(String model, Set<String> demands) {

		boolean isPartOf(String model, Demands demands) {
			return this.model.equals(model) && demands.names().containsAll(this.demands);
		}

		@Override
		public String toString() {
			return this.model + ": " + String.join(", ", new TreeSet<>(this.demands));
		}

	}

	/**
	 * How long a refusal is remembered.
	 */
	private static final class Refusal {

		private final Refused what;

		private volatile long until;

		Refusal(Refused what) {
			this.what = what;
		}

	}

	/**
	 * A cool-down.
	 *
	 * @param reason why the provider is passed over
	 * @param since when it began
	 * @param until when it ends
	 * @param growing whether the next one is longer
	 */
	private record CoolDown(ErrorKind reason, long since, long until, boolean growing) {

	}

	/**
	 * A model that the provider did not have.
	 */
	private static final class MissingModel {

		private final String model;

		// written under the lock of the state; looked at without
		private volatile @Nullable CoolDown coolDown;

		MissingModel(String model) {
			this.model = model;
		}

	}

	/**
	 * One attempt's hold on the state, from its beginning to its end: its place among the
	 * calls in flight, the circuit's permission and the probe. It ends once; later ends
	 * have no effect. What its signals change is announced by {@link #announce()}.
	 */
	final class Admission {

		private final String model;

		private final Circuit.@Nullable Permission permission;

		private final boolean probe;

		private final long begunAt;

		private final AtomicBoolean over = new AtomicBoolean();

		private volatile boolean committed;

		private Admission(String model, Circuit.@Nullable Permission permission, boolean probe, long begunAt) {
			this.model = model;
			this.permission = permission;
			this.probe = probe;
			this.begunAt = begunAt;
		}

		/**
		 * The attempt has begun to deliver: the provider serves again.
		 */
		void committed() {
			if (this.over.get() || this.committed) {
				return;
			}
			this.committed = true;
			serves(this);
			if (this.permission != null) {
				this.permission.committed();
			}
		}

		/**
		 * The attempt succeeded.
		 */
		void succeeded() {
			if (!end()) {
				return;
			}
			count(this);
			if (this.permission != null) {
				this.permission.succeeded();
			}
		}

		/**
		 * The attempt failed.
		 * @param failure why
		 * @param report the attempt
		 */
		void failed(DeepSeekException failure, AttemptReport report) {
			if (!end()) {
				return;
			}
			if (this.permission != null && FailureRule.of(failure).counts()) {
				this.permission.failed();
			}
			else if (this.permission != null) {
				this.permission.released();
			}
			count(this, failure, report);
		}

		/**
		 * The subscriber ended the attempt: a success if it had begun to deliver, else it
		 * says nothing of the provider.
		 */
		void cancelled() {
			if (this.committed) {
				succeeded();
			}
			else if (end() && this.permission != null) {
				this.permission.released();
			}
		}

		private boolean end() {
			if (!this.over.compareAndSet(false, true)) {
				return false;
			}
			ProviderState.this.inFlight.decrementAndGet();
			if (this.probe) {
				ProviderState.this.probed.set(false);
			}
			return true;
		}

	}

}
