package io.github.deepseekboot.routing;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.hook.RoutingEvent.CircuitState;

/**
 * The contract of a circuit, written down a second time and as plainly as possible, from
 * what listeners learn of attempts.
 */
final class ReferenceCircuit {

	private final RoutingSettings settings;

	private final LongSupplier nanos;

	private CircuitState state = CircuitState.CLOSED;

	private long openedAt;

	private int era;

	private final Deque<Boolean> results = new ArrayDeque<>();

	// attempts with a permission, and the era in which it was given
	private final Map<Object, Integer> permitted = new HashMap<>();

	private final Set<Object> trials = new HashSet<>();

	private final Map<Object, Boolean> verdicts = new HashMap<>();

	ReferenceCircuit(RoutingSettings settings, LongSupplier nanos) {
		this.settings = settings;
		this.nanos = nanos;
	}

	private boolean waitIsOver() {
		return this.nanos.getAsLong() - this.openedAt >= this.settings.openFor().toNanos();
	}

	CircuitState state() {
		return (this.state == CircuitState.OPEN && waitIsOver()) ? CircuitState.HALF_OPEN : this.state;
	}

	boolean isReady() {
		return switch (this.state) {
			case CLOSED -> true;
			case OPEN -> waitIsOver();
			case HALF_OPEN -> this.trials.size() < this.settings.halfOpen();
		};
	}

	void started(Object attempt) {
		if (!isReady()) {
			return;
		}
		if (this.state == CircuitState.OPEN) {
			enter(CircuitState.HALF_OPEN);
		}
		this.permitted.put(attempt, this.era);
		if (this.state == CircuitState.HALF_OPEN) {
			this.trials.add(attempt);
		}
	}

	void committed(Object attempt) {
		if (hasSay(attempt) && this.trials.contains(attempt)) {
			this.verdicts.put(attempt, false);
			if (decideTrials() == CircuitState.CLOSED) {
				this.permitted.put(attempt, this.era);
			}
		}
	}

	/**
	 * An attempt has ended.
	 * @param attempt the attempt
	 * @param failed whether that counts as a failure; {@code null} for no verdict
	 */
	void ended(Object attempt, @Nullable Boolean failed) {
		boolean say = hasSay(attempt);
		this.permitted.remove(attempt);
		if (!say) {
			return;
		}
		if (this.trials.contains(attempt)) {
			if (failed != null) {
				this.verdicts.put(attempt, failed);
				decideTrials();
			}
			else if (!this.verdicts.containsKey(attempt)) {
				this.trials.remove(attempt);
			}
		}
		else if (failed != null && this.state == CircuitState.CLOSED) {
			this.results.add(failed);
			if (this.results.size() > this.settings.window()) {
				this.results.poll();
			}
			long failures = this.results.stream().filter((result) -> result).count();
			if (this.results.size() >= Math.min(10, this.settings.window())
					&& failures * 100 >= (long) this.settings.failureRate() * this.results.size()) {
				enter(CircuitState.OPEN);
			}
		}
	}

	void reset() {
		enter(CircuitState.CLOSED);
	}

	private boolean hasSay(Object attempt) {
		return Integer.valueOf(this.era).equals(this.permitted.get(attempt));
	}

	private @Nullable CircuitState decideTrials() {
		if (this.verdicts.size() < this.settings.halfOpen()) {
			return null;
		}
		long failures = this.verdicts.values().stream().filter((result) -> result).count();
		enter((failures * 100 >= (long) this.settings.failureRate() * this.verdicts.size()) ? CircuitState.OPEN
				: CircuitState.CLOSED);
		return this.state;
	}

	private void enter(CircuitState state) {
		this.state = state;
		this.era++;
		this.results.clear();
		this.trials.clear();
		this.verdicts.clear();
		this.openedAt = this.nanos.getAsLong();
	}

}
