package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.DelayParameters;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.routing.BoundedMap;
import io.github.deepseekboot.routing.LocalRateBuckets;
import io.github.deepseekboot.routing.RateBuckets;

/**
 * {@link RateBuckets} of all instances together, on Bucket4j. An instance takes small
 * amounts without asking, and reports to Redis at the latest after a second. While Redis
 * is gone, each instance has its part of the rates.
 */
public final class RedisRateBuckets implements RateBuckets, AutoCloseable {

	private static final int MAX_BUCKETS = 10_000;

	// a hundredth of what fits in, so that a hundred instances take at most twice of it
	private static final int UNTOLD_PART = 100;

	private static final Duration MAX_UNTOLD = Duration.ofSeconds(1);

	private final SharedRedis redis;

	private final LettuceConnectionFactory connectionFactory;

	private final RateBuckets local;

	private volatile @Nullable Connected connected;

	/**
	 * Create buckets.
	 * @param redis the Redis that instances share
	 * @param connectionFactory connects to it
	 */
	public RedisRateBuckets(SharedRedis redis, LettuceConnectionFactory connectionFactory) {
		this.redis = redis;
		this.connectionFactory = connectionFactory;
		this.local = new LocalRateBuckets(redis.clock());
		redis.addListener((available) -> {
			if (available && this.connected == null) {
				// the first connection blocks
				Schedulers.boundedElastic().schedule(this::connect);
			}
		});
	}

	private synchronized void connect() {
		if (this.connected != null) {
			return;
		}
		try {
			this.connected = Connected.to(this.connectionFactory.getRequiredNativeClient(), new RedisTime(this.redis));
		}
		catch (RuntimeException ex) {
			this.redis.failed(ex);
		}
	}

	boolean isShared() {
		return this.connected != null;
	}

	@Override
	public CompletionStage<Long> take(String bucket, long perMinute, long amount) {
		SharedSettings settings = this.redis.settings();
		Connected connected = this.connected;
		if (connected == null || !this.redis.isAvailable()) {
			return unshared(bucket, perMinute, amount);
		}
		CompletableFuture<Long> taken = connected.bucket(settings.keyPrefix() + "rate:" + bucket, perMinute)
			.consumeIgnoringRateLimits(amount);
		if (taken.isDone() && !taken.isCompletedExceptionally()) {
			return taken;
		}
		return taken.copy().orTimeout(settings.maxWait().toMillis(), TimeUnit.MILLISECONDS).handle((wait, failure) -> {
			if (failure == null) {
				return CompletableFuture.completedFuture(wait);
			}
			// questions that hang must not be asked again when Redis is back
			connected.forget();
			this.redis.failed(failure);
			return unshared(bucket, perMinute, amount);
		}).thenCompose((result) -> result);
	}

	@Override
	public void giveBack(String bucket, long perMinute, long amount) {
		SharedSettings settings = this.redis.settings();
		Connected connected = this.connected;
		if (connected != null && this.redis.isAvailable()) {
			connected.bucket(settings.keyPrefix() + "rate:" + bucket, perMinute).addTokens(amount);
		}
		else if (settings.whenUnavailable() == SharedSettings.WhenUnavailable.LOCAL) {
			this.local.giveBack(bucket, settings.share(perMinute), amount);
		}
	}

	private CompletionStage<Long> unshared(String bucket, long perMinute, long amount) {
		SharedSettings settings = this.redis.settings();
		return switch (settings.whenUnavailable()) {
			case LOCAL -> this.local.take(bucket, settings.share(perMinute), amount);
			// of closed, the permits take care
			case OPEN, CLOSED -> CompletableFuture.completedFuture(0L);
		};
	}

	@Override
	public synchronized void close() {
		Connected connected = this.connected;
		if (connected != null) {
			connected.connection().close();
		}
	}

	/**
	 * Buckets behind one connection.
	 */
	private record Connected(AutoCloseableConnection connection, AsyncProxyManager<String> manager,
			BoundedMap<String, AsyncBucketProxy> buckets) {

		static Connected to(AbstractRedisClient client, TimeMeter time) {
			RedisCodec<String, byte[]> codec = RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
			if (client instanceof RedisClusterClient cluster) {
				var connection = cluster.connect(codec);
				return new Connected(connection::close,
						Bucket4jLettuce.casBasedBuilder(connection)
							.clientClock(time)
							.expirationAfterWrite(expiration())
							.build()
							.asAsync(),
						noBuckets());
			}
			var connection = ((RedisClient) client).connect(codec);
			RedisAsyncCommands<String, byte[]> commands = connection.async();
			return new Connected(connection::close,
					Bucket4jLettuce.casBasedBuilder(commands)
						.clientClock(time)
						.expirationAfterWrite(expiration())
						.build()
						.asAsync(),
					noBuckets());
		}

		private static ExpirationAfterWriteStrategy expiration() {
			return ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofMinutes(1));
		}

		private static BoundedMap<String, AsyncBucketProxy> noBuckets() {
			return new BoundedMap<>(MAX_BUCKETS, (bucket) -> false, (bucket) -> true);
		}

		AsyncBucketProxy bucket(String key, long perMinute) {
			return this.buckets.get(key, (name) -> {
				long capacity = RateBuckets.capacity(perMinute);
				BucketConfiguration configuration = BucketConfiguration.builder()
					.addLimit((limit) -> limit.capacity(capacity).refillGreedy(perMinute, Duration.ofMinutes(1)))
					.build();
				return this.manager.builder()
					.withOptimization(Optimizations
						.delaying(new DelayParameters(Math.max(1, capacity / UNTOLD_PART), MAX_UNTOLD)))
					.build(name, () -> CompletableFuture.completedFuture(configuration));
			});
		}

		void forget() {
			this.buckets.clear();
		}

	}

	@FunctionalInterface
	private interface AutoCloseableConnection {

		void close();

	}

	/**
	 * The clock of Redis, on which instances agree.
	 */
	private record RedisTime(SharedRedis redis) implements TimeMeter {

		@Override
		public long currentTimeNanos() {
			return this.redis.timeNanos();
		}

		@Override
		public boolean isWallClockBased() {
			return true;
		}

	}

}
