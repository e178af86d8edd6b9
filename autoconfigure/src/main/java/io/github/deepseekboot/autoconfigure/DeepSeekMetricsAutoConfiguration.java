package io.github.deepseekboot.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.autoconfigure.DeepSeekProperties.MeterConventions;
import io.github.deepseekboot.observation.ChatMeters;
import io.github.deepseekboot.observation.MeterConvention;
import io.github.deepseekboot.observation.ProviderStateMeters;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * Auto-configuration for the meters of chat calls.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, ConfiguredProviders.class })
public final class DeepSeekMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ChatMeters deepSeekChatMeters(MeterRegistry registry, DeepSeekProperties properties,
			ConfiguredProviders configured) {
		MeterConvention convention = (properties.observations().conventions() != MeterConventions.GEN_AI)
				? MeterConvention.DEEPSEEK : MeterConvention.GEN_AI;
		return new ChatMeters(registry, convention, configured.providers());
	}

	@Bean
	@ConditionalOnMissingBean
	ProviderStateMeters deepSeekProviderStateMeters(RoutingClient client) {
		return new ProviderStateMeters(client);
	}

}
