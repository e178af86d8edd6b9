package io.github.deepseekboot.autoconfigure;

import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Shared;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.redis.RedisProviderQuota;
import io.github.deepseekboot.redis.RedisRateBuckets;
import io.github.deepseekboot.redis.RedisRoutingSync;
import io.github.deepseekboot.redis.SharedRedis;
import io.github.deepseekboot.redis.SharedSettings;
import io.github.deepseekboot.redis.SharedSettings.WhenUnavailable;
import io.github.deepseekboot.routing.RateBuckets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Auto-configuration for limits and cool-downs that instances share in Redis.
 */
@AutoConfiguration(before = DeepSeekAutoConfiguration.class,
		afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnClass(ReactiveStringRedisTemplate.class)
@ConditionalOnBooleanProperty(name = "deepseek.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty("deepseek.shared.enabled")
@ConditionalOnBean(ReactiveRedisConnectionFactory.class)
@ConditionalOnMissingBean(ChatCompletionClient.class)
@EnableConfigurationProperties(DeepSeekProperties.class)
public final class DeepSeekSharedAutoConfiguration {

	@Bean
	SharedRedis deepSeekSharedRedis(ReactiveRedisConnectionFactory connectionFactory, DeepSeekProperties properties) {
		return new SharedRedis(connectionFactory, settings(properties.shared()), TransportClock.system());
	}

	private static SharedSettings settings(Shared shared) {
		check("key-prefix", shared.keyPrefix(), !shared.keyPrefix().contains("{}"), "Write a prefix without {}");
		check("max-wait", shared.maxWait(), shared.maxWait().toMillis() > 0, "Write a time like 50ms");
		check("lease", shared.lease(), shared.lease().toMillis() >= 1000, "Write a time of a second or more, like 10s");
		check("expected-instances", shared.expectedInstances(), shared.expectedInstances() > 0,
				"Write a number from 1 on");
		return new SharedSettings(shared.keyPrefix(), shared.maxWait(), shared.lease(),
				WhenUnavailable.valueOf(shared.whenUnavailable().name()), shared.expectedInstances());
	}

	private static void check(String name, Object value, boolean valid, String action) {
		if (!valid) {
			throw InvalidDeepSeekConfigurationException.outOfRange("deepseek.shared." + name, value, action);
		}
	}

	@Bean
	@ConditionalOnMissingBean(ProviderQuota.class)
	RedisProviderQuota deepSeekSharedQuota(SharedRedis redis, ConfiguredProviders providers) {
		return new RedisProviderQuota(redis, providers::routing);
	}

	@Bean
	@ConditionalOnMissingBean(CallLimiterFactory.class)
	QuotaCallLimiterFactory deepSeekSharedCallLimiterFactory(SharedRedis redis, RateSettings rates) {
		return new QuotaCallLimiterFactory(rates, (limits) -> new RedisProviderQuota(redis, limits));
	}

	@Bean
	RedisRoutingSync deepSeekSharedRouting(SharedRedis redis, ObjectProvider<RoutingClient> router) {
		return new RedisRoutingSync(redis, router::getObject);
	}

	/**
	 * Rates that instances share.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Bucket4jLettuce.class)
	@ConditionalOnMissingBean(RateBuckets.class)
	static class RateConfiguration {

		@Bean
		@ConditionalOnBean(LettuceConnectionFactory.class)
		RedisRateBuckets deepSeekSharedRates(SharedRedis redis, LettuceConnectionFactory connectionFactory) {
			return new RedisRateBuckets(redis, connectionFactory);
		}

	}

	/**
	 * A meter of whether Redis is there.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterBinder.class)
	static class MeterConfiguration {

		@Bean
		MeterBinder deepSeekSharedMeters(SharedRedis redis) {
			return (registry) -> Gauge
				.builder("deepseek.shared.available", redis, (shared) -> shared.isAvailable() ? 1 : 0)
				.description("Whether the Redis that instances share is available")
				.register(registry);
		}

	}

	/**
	 * Health indicator for the shared Redis. Calls work without it.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ReactiveHealthIndicator.class)
	static class HealthConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "deepSeekSharedHealthIndicator")
		ReactiveHealthIndicator deepSeekSharedHealthIndicator(SharedRedis redis, DeepSeekProperties properties) {
			return () -> Mono.fromSupplier(() -> Health.up()
				.withDetail("redis",
						redis.isAvailable() ? "available"
								: "unavailable; when-unavailable=" + properties.shared().whenUnavailable())
				.build());
		}

	}

}
