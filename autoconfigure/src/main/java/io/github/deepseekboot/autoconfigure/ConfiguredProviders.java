package io.github.deepseekboot.autoconfigure;

import java.util.Map;

import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.routing.RoutingSettings;

/**
 * What the properties and the connection details come to.
 *
 * @param providers the providers that can be used, by id, those outside of the chain too
 * @param chain the order in which they are asked
 * @param routing how calls are routed, by provider
 */
record ConfiguredProviders(Map<String, Provider> providers, ProviderChain chain, Map<String, RoutingSettings> routing) {

	RoutingSettings routing(String provider) {
		return this.routing.getOrDefault(provider, RoutingSettings.DEFAULTS);
	}

}
