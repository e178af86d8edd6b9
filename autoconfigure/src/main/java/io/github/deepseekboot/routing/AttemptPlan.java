package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.routing.FailureRule.Same;
import io.github.deepseekboot.routing.ProviderState.Availability;
import io.github.deepseekboot.routing.ProviderState.Entry;

/**
 * What a call does next: which provider of its chain it asks, after which wait, or with
 * which failure it ends. A plan belongs to one call and is asked for one step after the
 * other. It looks at the providers, and changes nothing but itself.
 *
 * <p>
 * Where a failure's rule lets another attempt follow, the order of preference is
 * <ol>
 * <li>the same provider once more, for a failure that the rule retries first,</li>
 * <li>the first usable provider that was not asked yet,</li>
 * <li>a provider that was not asked yet, although it cools down or its circuit is open,
 * the soonest usable one first; within the time for which it asked only if no other
 * attempt probes it,</li>
 * <li>the shortest wait: for a provider that asked for time, or the back-off before one
 * that was asked before and may be asked again,</li>
 * <li>a provider that was not asked yet and whose account or model is at fault, or whose
 * model refused lately what the call asks for.</li>
 * </ol>
 */
final class AttemptPlan {

	/**
	 * The longest wait for a provider that asked for time.
	 */
	static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

	private static final long SHORTEST_WAIT = TimeUnit.MILLISECONDS.toNanos(1);

	private final List<? extends Target> targets;

	private final boolean pinned;

	private final RoutingSettings settings;

	private final long deadline;

	private final LongSupplier nanos;

	private final LongUnaryOperator random;

	private final Place[] places;

	private @Nullable DeepSeekException lastFailure;

	private int attempts;

	private int ambiguousFailures;

	private int retries;

	// for providers that asked for time, since the latest attempt
	private long waited;

	/**
	 * Create a plan.
	 * @param targets the providers of the chain, in its order; not empty
	 * @param pinned whether the application has chosen the first and only provider
	 * @param settings how calls are tried again
	 * @param deadline when the call ends at the latest, by the clock
	 * @param nanos the clock
	 * @param random returns a number from 0 to less than its argument
	 */
	AttemptPlan(List<? extends Target> targets, boolean pinned, RoutingSettings settings, long deadline,
			LongSupplier nanos, LongUnaryOperator random) {
		this.targets = targets;
		this.pinned = pinned;
		this.settings = settings;
		this.deadline = deadline;
		this.nanos = nanos;
		this.random = random;
		this.places = new Place[targets.size()];
		for (int i = 0; i < this.places.length; i++) {
			this.places[i] = new Place();
		}
	}

	/**
	 * The first step.
	 * @return an attempt, or the end of the call if every provider asked for too much
	 * time
	 */
	Step first() {
		return this.pinned ? new Step(0, 0, Entry.PINNED, null) : next();
	}

	/**
	 * An attempt begins.
	 * @param target its provider
	 */
	void begun(int target) {
		this.places[target].asked = true;
		this.attempts++;
		this.waited = 0;
		for (Place place : this.places) {
			place.turnedAway = null;
		}
	}

	/**
	 * The step that takes the place of one whose attempt could not begin, since the
	 * provider changed while the call waited.
	 * @param step the step
	 * @return another step
	 */
	Step turnedAway(Step step) {
		this.places[step.target()].turnedAway = step.entry();
		return next();
	}

	/**
	 * The step after a failed attempt that has delivered nothing.
	 * @param target its provider
	 * @param failure why it failed
	 * @return another attempt, or the end of the call
	 */
	Step failed(int target, DeepSeekException failure) {
		FailureRule rule = FailureRule.of(failure);
		Place place = this.places[target];
		this.lastFailure = failure;
		place.rule = rule;
		this.ambiguousFailures += rule.ambiguous() ? 1 : 0;
		if (!rule.next() || this.ambiguousFailures > this.settings.extraSends()
				|| this.attempts >= this.settings.maxAttempts() || left() <= 0) {
			return end(failure);
		}
		if (rule.same() == Same.ONCE && !place.retriedOnce && mayRetry(availability(target))) {
			place.retriedOnce = true;
			long wait = backoff();
			if (wait < left()) {
				return retry(target, wait);
			}
		}
		return next();
	}

	/**
	 * Whether a provider was asked.
	 * @param target its place in the chain
	 * @return {@code true} from its first attempt on
	 */
	boolean isAsked(int target) {
		return this.places[target].asked;
	}

	/**
	 * Whether another provider could take over if the attempt that has begun failed.
	 * @return {@code true} if one is usable
	 */
	boolean canTakeOver() {
		if (this.ambiguousFailures >= this.settings.extraSends() || this.attempts >= this.settings.maxAttempts()) {
			return false;
		}
		for (int i = 0; i < this.places.length; i++) {
			if (!this.places[i].asked && availability(i).usable()) {
				return true;
			}
		}
		return false;
	}

	private Step next() {
		for (int i = 0; i < this.places.length; i++) {
			if (!this.places[i].asked && this.places[i].turnedAway == null && availability(i).usable()) {
				return new Step(i, 0, Entry.USABLE, null);
			}
		}
		Step step = soonest(false);
		if (step == null) {
			step = shortestWait();
		}
		if (step == null) {
			step = soonest(true);
		}
		if (step != null) {
			return step;
		}
		return end((this.lastFailure != null) ? this.lastFailure : everybodyAskedForTime());
	}

	// an attempt now at a provider that is not usable
	private @Nullable Step soonest(boolean accountAtFault) {
		Step soonest = null;
		long soonestUsable = Long.MAX_VALUE;
		for (int i = 0; i < this.places.length; i++) {
			Place place = this.places[i];
			if (place.asked || place.turnedAway == Entry.LAST_RESORT) {
				continue;
			}
			Availability available = availability(i);
			boolean taken = available.hardLeft() > 0 && available.probed();
			if (available.accountAtFault() == accountAtFault && !taken && available.usableIn() < soonestUsable) {
				soonestUsable = available.usableIn();
				soonest = new Step(i, 0, Entry.LAST_RESORT, null);
			}
		}
		return soonest;
	}

	private @Nullable Step shortestWait() {
		int shortest = -1;
		long shortestWait = Long.MAX_VALUE;
		long usableIn = Long.MAX_VALUE;
		long backoff = backoff();
		for (int i = 0; i < this.places.length; i++) {
			Place place = this.places[i];
			Availability available = availability(i);
			boolean retry = place.rule != null && place.rule.same() == Same.WHEN_LAST && mayRetry(available);
			boolean wait = !place.asked && !available.accountAtFault();
			long left = Math.max(available.hardLeft(), retry ? backoff : SHORTEST_WAIT);
			boolean shorter = left < shortestWait || (left == shortestWait && available.usableIn() < usableIn);
			if ((retry || wait) && shorter) {
				shortest = i;
				shortestWait = left;
				usableIn = available.usableIn();
			}
		}
		if (shortest < 0 || this.waited + shortestWait > LONGEST_WAIT.toNanos() || shortestWait >= left()) {
			return null;
		}
		if (this.places[shortest].asked) {
			return retry(shortest, shortestWait);
		}
		this.waited += shortestWait;
		this.places[shortest].turnedAway = null;
		return new Step(shortest, shortestWait, Entry.LAST_RESORT, null);
	}

	private boolean mayRetry(Availability available) {
		return available.retryBudget() && (this.pinned || available.circuitReady());
	}

	private Step retry(int target, long wait) {
		this.retries++;
		return new Step(target, wait, this.pinned ? Entry.PINNED : Entry.RETRY, null);
	}

	private long backoff() {
		long full = this.settings.backoff().toNanos();
		long capped = this.settings.maxBackoff().toNanos();
		for (int i = 0; i < this.retries && full < capped; i++) {
			full *= 2;
		}
		capped = Math.max(Math.min(full, capped), SHORTEST_WAIT);
		return capped - this.random.applyAsLong(capped / 2 + 1);
	}

	private long left() {
		return this.deadline - this.nanos.getAsLong();
	}

	private Availability availability(int target) {
		return this.targets.get(target).availability();
	}

	private DeepSeekException everybodyAskedForTime() {
		Target soonest = this.targets.get(0);
		for (Target target : this.targets) {
			if (target.availability().hardLeft() < soonest.availability().hardLeft()) {
				soonest = target;
			}
		}
		Availability available = soonest.availability();
		return DeepSeekException.builder(available.hardReason(), "every provider asked for a wait; nothing was sent")
			.provider(soonest.provider())
			.retryAfter(Duration.ofNanos(available.hardLeft()))
			.neverProcessed(true)
			.build();
	}

	/**
	 * The step that ends the call.
	 * @param failure what it ends with
	 * @return the step
	 */
	static Step end(DeepSeekException failure) {
		return new Step(-1, 0, Entry.USABLE, failure);
	}

	/**
	 * A provider as the plan sees it.
	 */
	interface Target {

		/**
		 * The provider's id.
		 * @return the id
		 */
		String provider();

		/**
		 * What the provider is like right now.
		 * @return the availability
		 */
		Availability availability();

	}

	/**
	 * What to do.
	 *
	 * @param target the place in the chain of the provider to ask; -1 for the end
	 * @param delay how long to wait before, in nanoseconds
	 * @param entry what the attempt need not mind
	 * @param failure what the call ends with; {@code null} for another attempt
	 */
	record Step(int target, long delay, Entry entry, @Nullable DeepSeekException failure) {

	}

	/**
	 * A provider's place in the chain, and what came of it.
	 */
	private static final class Place {

		private boolean asked;

		private boolean retriedOnce;

		private @Nullable Entry turnedAway;

		private @Nullable FailureRule rule;

	}

}
