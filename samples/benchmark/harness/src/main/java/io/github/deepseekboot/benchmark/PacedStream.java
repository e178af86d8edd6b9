package io.github.deepseekboot.benchmark;

import java.util.function.Consumer;

/**
 * Takes one stream of send times, and notes how late each comes and how long the stream
 * was silent.
 */
final class PacedStream implements Consumer<String> {

	private final Latencies latencies;

	private volatile int tokens;

	private volatile long maxGapNanos;

	private long latest;

	PacedStream(Latencies latencies) {
		this.latencies = latencies;
	}

	// called by one thread at a time, read by another
	@Override
	@SuppressWarnings("NonAtomicVolatileUpdate")
	public void accept(String piece) {
		String time = piece.strip();
		if (time.isEmpty()) {
			return;
		}
		long now = System.nanoTime();
		this.latencies.add(now - Long.parseLong(time));
		if (this.tokens > 0) {
			this.maxGapNanos = Math.max(this.maxGapNanos, now - this.latest);
		}
		this.latest = now;
		this.tokens++;
	}

	int tokens() {
		return this.tokens;
	}

	long maxGapNanos() {
		return this.maxGapNanos;
	}

}
