package io.github.deepseekboot.autoconfigure;

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

	@Bean
	@ConditionalOnMissingBean(name = { "deepseekHealthIndicator", "deepseekHealthContributor" })
	ProvidersHealthContributor deepseekHealthContributor(RoutingClient client, DeepSeekProperties properties) {
		return new ProvidersHealthContributor(client,
				new HealthSettings(properties.health().ttl(), properties.health().timeout()));
	}

}
