package io.github.deepseekboot.routing;

import java.util.BitSet;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.hook.RoutingEvent.CircuitState;

/**
 * A circuit breaker. Closed, it counts the results of the latest attempts and opens when
 * too many of them failed. Open, it lets nothing through for a while; then, half-open, a
 * few trials, whose results close it or open it again.
 *
 * <p>
 * An attempt has a say only through its {@link Permission}: that of the state in which it
 * was given. One that was given before the circuit opened says nothing of the trials, and
 * a trial of an earlier round nothing of the next. Each permission has one verdict.
 * Looking at a circuit does not change it.
 */
final class Circuit {

	// fewer results than these say nothing
	private static final int MIN_RESULTS = 10;

	private final int failureRate;

	private final int window;

	private final long openNanos;

	private final int maxTrials;

	private final LongSupplier nanos;

	private final BiConsumer<CircuitState, CircuitState> listener;

	// what follows is guarded by this; the state and its end may be looked at without

	private volatile CircuitState state = CircuitState.CLOSED;

	private volatile long openUntil;

	// trials that run or have a verdict
	private volatile int trials;

	private final BitSet failed = new BitSet();

	private int results;

	private int nextResult;

	private int failures;

	private int generation;

	/**
	 * Create a closed circuit.
	 * @param settings when it opens, for how long, and how many trials follow
	 * @param nanos the time in nanoseconds
	 * @param listener called with the state before and after each change, in the order in
	 * which they happen, under the lock of the circuit: it must do no more than note them
	 */
	Circuit(RoutingSettings settings, LongSupplier nanos, BiConsumer<CircuitState, CircuitState> listener) {
		this.failureRate = settings.failureRate();
		this.window = settings.window();
		this.openNanos = settings.openFor().toNanos();
		this.maxTrials = settings.halfOpen();
		this.nanos = nanos;
		this.listener = listener;
	}

	/**
	 * The state as it would meet a call: an open circuit whose time is over is half-open.
	 * @return the state
	 */
	CircuitState state() {
		CircuitState state = this.state;
		return (state == CircuitState.OPEN && openLeft() <= 0) ? CircuitState.HALF_OPEN : state;
	}

	/**
	 * Whether {@link #tryAcquire()} would give a permission.
	 * @return {@code false} while the circuit is open, and while its trials run
	 */
	boolean isReady() {
		return switch (this.state) {
			case CLOSED -> true;
			case OPEN -> openLeft() <= 0;
			case HALF_OPEN -> this.trials < this.maxTrials;
		};
	}

	/**
	 * How long the circuit is still open.
	 * @return nanoseconds; 0 or less if it is not
	 */
	long openLeft() {
		return (this.state == CircuitState.OPEN) ? this.openUntil - this.nanos.getAsLong() : 0;
	}

	/**
	 * Take the permission to make an attempt. It must get a verdict.
	 * @return the permission, or {@code null} if the circuit gives none now
	 */
	@Nullable Permission tryAcquire() {
		if (!isReady()) {
			return null;
		}
		synchronized (this) {
			if (this.state == CircuitState.OPEN && openLeft() <= 0) {
				enter(CircuitState.HALF_OPEN);
			}
			if (this.state == CircuitState.CLOSED) {
				return new Permission(this.generation, false);
			}
			if (this.state == CircuitState.HALF_OPEN && this.trials < this.maxTrials) {
				this.trials++;
				return new Permission(this.generation, true);
			}
		}
		return null;
	}

	/**
	 * Close the circuit and forget all results. Permissions that were given before have
	 * no say any more.
	 */
	synchronized void reset() {
		enter(CircuitState.CLOSED);
	}

	// a new state begins without results
	private void enter(CircuitState state) {
		this.generation++;
		this.failed.clear();
		this.results = 0;
		this.nextResult = 0;
		this.failures = 0;
		this.trials = 0;
		if (state == CircuitState.OPEN) {
			this.openUntil = this.nanos.getAsLong() + this.openNanos;
		}
		CircuitState before = this.state;
		this.state = state;
		if (before != state) {
			this.listener.accept(before, state);
		}
	}

	private void record(boolean failure) {
		int size = (this.state == CircuitState.HALF_OPEN) ? this.maxTrials : this.window;
		if (this.results == size) {
			this.failures -= this.failed.get(this.nextResult) ? 1 : 0;
		}
		else {
			this.results++;
		}
		this.failed.set(this.nextResult, failure);
		this.failures += failure ? 1 : 0;
		this.nextResult = (this.nextResult + 1) % size;
		decide();
	}

	private void decide() {
		boolean halfOpen = this.state == CircuitState.HALF_OPEN;
		if (this.results < (halfOpen ? this.maxTrials : Math.min(this.window, MIN_RESULTS))) {
			return;
		}
		boolean opens = this.failures * 100L >= (long) this.failureRate * this.results;
		if (opens || halfOpen) {
			enter(opens ? CircuitState.OPEN : CircuitState.CLOSED);
		}
	}

	/**
	 * The right to make one attempt, and to say once how it went.
	 */
	final class Permission {

		private int generation;

		private boolean trial;

		// where a trial's provisional success stands among the results; -1 for none
		private int provisional = -1;

		private boolean over;

		private Permission(int generation, boolean trial) {
			this.generation = generation;
			this.trial = trial;
		}

		/**
		 * The attempt has begun to deliver: a trial has passed, so that others need not
		 * wait for its end. How the attempt ends is still counted.
		 */
		void committed() {
			synchronized (Circuit.this) {
				if (this.over || !this.trial || isStale() || this.provisional >= 0) {
					return;
				}
				this.provisional = Circuit.this.nextResult;
				record(false);
				if (Circuit.this.state == CircuitState.CLOSED) {
					// the first result of the closed circuit will be this one's
					this.generation = Circuit.this.generation;
					this.trial = false;
				}
			}
		}

		/**
		 * The attempt succeeded.
		 */
		void succeeded() {
			verdict(false);
		}

		/**
		 * The attempt failed, and that is the provider's fault.
		 */
		void failed() {
			verdict(true);
		}

		/**
		 * The attempt says nothing of the provider. A trial may be made by another one.
		 */
		void released() {
			synchronized (Circuit.this) {
				if (!this.over && !isStale() && this.trial && this.provisional < 0) {
					Circuit.this.trials--;
				}
				this.over = true;
			}
		}

		private void verdict(boolean failure) {
			synchronized (Circuit.this) {
				if (!this.over && !isStale()) {
					if (this.trial && this.provisional >= 0) {
						correct(failure);
					}
					else {
						record(failure);
					}
				}
				this.over = true;
			}
		}

		// a trial that passed and ended while others still run: theirs is the decision
		private void correct(boolean failure) {
			if (failure) {
				Circuit.this.failed.set(this.provisional);
				Circuit.this.failures++;
			}
		}

		private boolean isStale() {
			return this.generation != Circuit.this.generation;
		}

	}

}
