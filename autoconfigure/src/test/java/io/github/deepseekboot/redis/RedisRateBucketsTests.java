package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import redis.embedded.RedisServer;

import io.github.deepseekboot.redis.SharedSettings.WhenUnavailable;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RedisRateBuckets} with a real Redis.
 */
class RedisRateBucketsTests {

	private static final long PER_MINUTE = 600;

	private static long take(RedisRateBuckets buckets, long amount) throws Exception {
		return buckets.take("tokens:a/one/chat", PER_MINUTE, amount).toCompletableFuture().get(10, TimeUnit.SECONDS);
	}

	@Test
	void instancesShareARateAndHaveTheirPartWithoutRedis() throws Exception {
		RedisServer server = RedisServers.start();
		SharedSettings settings = new SharedSettings("test:", Duration.ofMillis(500), Duration.ofSeconds(2),
				WhenUnavailable.LOCAL, 2);
		LettuceConnectionFactory factory = RedisServers.connect(RedisServers.port(server));
		SharedRedis firstRedis = new SharedRedis(factory, settings, TransportClock.system());
		SharedRedis secondRedis = new SharedRedis(factory, settings, TransportClock.system());
		try (RedisRateBuckets first = new RedisRateBuckets(firstRedis, factory);
				RedisRateBuckets second = new RedisRateBuckets(secondRedis, factory)) {
			firstRedis.start();
			secondRedis.start();
			awaitShared(first, firstRedis);
			awaitShared(second, secondRedis);
			// 150 fit in
			assertThat(take(first, 150)).isZero();
			long wait = take(second, 20);
			assertThat(Duration.ofNanos(wait)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(2));
			server.stop();
			take(first, 50);
			assertThat(firstRedis.isAvailable()).isFalse();
			long begin = System.nanoTime();
			// of its part, 75 fit in
			assertThat(take(first, 20)).isZero();
			assertThat(take(first, 20)).isPositive();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(400));
		}
		finally {
			firstRedis.stop();
			secondRedis.stop();
			factory.destroy();
			server.stop();
		}
	}

	private static void awaitShared(RedisRateBuckets buckets, SharedRedis redis) {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while ((!redis.isAvailable() || !buckets.isShared()) && System.nanoTime() < deadline) {
			LockSupport.parkNanos(1_000_000);
		}
		assertThat(buckets.isShared()).isTrue();
	}

}
