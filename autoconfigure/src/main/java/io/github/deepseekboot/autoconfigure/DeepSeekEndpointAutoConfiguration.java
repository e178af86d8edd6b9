package io.github.deepseekboot.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.actuate.DeepSeekEndpoint;
import io.github.deepseekboot.actuate.DeepSeekEndpointWebExtension;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * Auto-configuration for the actuator endpoint, and for hiding keys in those of Spring
 * Boot.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class)
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
public final class DeepSeekEndpointAutoConfiguration {

	@Bean
	@ConditionalOnBean(RoutingClient.class)
	@ConditionalOnAvailableEndpoint
	@ConditionalOnMissingBean
	DeepSeekEndpoint deepSeekEndpoint(RoutingClient client) {
		return new DeepSeekEndpoint(client);
	}

	@Bean
	@ConditionalOnBean(DeepSeekEndpoint.class)
	@ConditionalOnAvailableEndpoint(endpoint = DeepSeekEndpoint.class, exposure = EndpointExposure.WEB)
	@ConditionalOnMissingBean
	DeepSeekEndpointWebExtension deepSeekEndpointWebExtension(DeepSeekEndpoint endpoint) {
		return new DeepSeekEndpointWebExtension(endpoint);
	}

	@Bean
	KeySanitizingFunction deepSeekKeySanitizingFunction(ObjectProvider<ConfiguredProviders> configured) {
		return new KeySanitizingFunction(configured);
	}

}
