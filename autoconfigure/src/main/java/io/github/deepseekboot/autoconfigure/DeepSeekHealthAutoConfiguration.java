package io.github.deepseekboot.autoconfigure;

import java.time.Duration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.health.HealthSettings;
import io.github.deepseekboot.health.ProvidersHealthContributor;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * Auto-configuration for the health of the providers.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class,
		beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({ ReactiveHealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(RoutingClient.class)
@ConditionalOnEnabledHealthIndicator("deepseek")
public final class DeepSeekHealthAutoConfiguration {

	private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);

	private static final Duration MAX = Duration.ofDays(24);

	@Bean
	@ConditionalOnMissingBean(name = { "deepseekHealthIndicator", "deepseekHealthContributor" })
	ProvidersHealthContributor deepseekHealthContributor(RoutingClient client, DeepSeekProperties properties) {
		Duration ttl = properties.health().ttl();
		Duration timeout = properties.health().timeout();
		if (ttl.isNegative() || ttl.compareTo(MAX) > 0) {
			throw InvalidDeepSeekConfigurationException.outOfRange("deepseek.health.ttl", ttl,
					"Write a time from 0s to 24d, like 60s");
		}
		if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX) > 0) {
			throw InvalidDeepSeekConfigurationException.outOfRange("deepseek.health.timeout", timeout,
					"Write a time from 1ms to 24d, like 5s");
		}
		return new ProvidersHealthContributor(client, new HealthSettings(ttl, timeout));
	}

}
