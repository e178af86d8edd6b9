package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;

import io.github.deepseekboot.transport.TransportClock;

/**
 * {@link RateBuckets} of this instance alone, on Bucket4j.
 */
public final class LocalRateBuckets implements RateBuckets {

	private static final int MAX_BUCKETS = 10_000;

	private final BoundedMap<String, LocalBucket> buckets = new BoundedMap<>(MAX_BUCKETS, LocalBucket::isFull,
			(bucket) -> true);

	private final TimeMeter time;

	/**
	 * Create buckets.
	 * @param clock what they fill by
	 */
	public LocalRateBuckets(TransportClock clock) {
		this.time = new TimeMeter() {

			@Override
			public long currentTimeNanos() {
				return clock.nanos().getAsLong();
			}

			@Override
			public boolean isWallClockBased() {
				return false;
			}

		};
	}

	@Override
	public CompletionStage<Long> take(String bucket, long perMinute, long amount) {
		return CompletableFuture.completedFuture(bucket(bucket, perMinute).consumeIgnoringRateLimits(amount));
	}

	@Override
	public void giveBack(String bucket, long perMinute, long amount) {
		bucket(bucket, perMinute).addTokens(amount);
	}

	private Bucket bucket(String name, long perMinute) {
		return this.buckets.get(name + '/' + perMinute, (key) -> create(perMinute)).bucket();
	}

	private LocalBucket create(long perMinute) {
		long capacity = RateBuckets.capacity(perMinute);
		return new LocalBucket(Bucket.builder()
			.addLimit((limit) -> limit.capacity(capacity).refillGreedy(perMinute, Duration.ofMinutes(1)))
			.withCustomTimePrecision(this.time)
			.build(), capacity);
	}

	private record LocalBucket(Bucket bucket, long capacity) {

		boolean isFull() {
			return this.bucket.getAvailableTokens() >= this.capacity;
		}

	}

}
