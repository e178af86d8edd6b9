package io.github.deepseekboot.benchmark;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How often each latency was seen, to 10 µs, up to 5 seconds. Thread-safe.
 */
final class Latencies {

	private static final long STEP_NANOS = 10_000;

	private static final int STEPS = 500_000;

	private final AtomicIntegerArray counts = new AtomicIntegerArray(STEPS);

	private final AtomicLong total = new AtomicLong();

	private final AtomicLong max = new AtomicLong();

	void add(long nanos) {
		this.counts.incrementAndGet((int) Math.max(0, Math.min(STEPS - 1, nanos / STEP_NANOS)));
		this.total.incrementAndGet();
		this.max.accumulateAndGet(nanos, Math::max);
	}

	/**
	 * Return the latency that a share of all do not exceed.
	 * @param share the share, 0 to 1
	 * @return the latency in nanoseconds, rounded up to 10 µs
	 */
	long quantile(double share) {
		long rank = (long) Math.ceil(share * this.total.get());
		long seen = 0;
		// the last step has no end
		for (int i = 0; i < STEPS - 1; i++) {
			seen += this.counts.get(i);
			if (seen >= rank) {
				return Math.min((i + 1) * STEP_NANOS, this.max.get());
			}
		}
		return this.max.get();
	}

	long max() {
		return this.max.get();
	}

	long total() {
		return this.total.get();
	}

}
