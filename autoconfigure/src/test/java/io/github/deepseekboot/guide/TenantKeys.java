package io.github.deepseekboot.guide;

import java.util.Map;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ApiKeyResolver;

/**
 * The keys of tenants of docs/guide/hooks.md.
 */
@Configuration(proxyBeanMethods = false)
class TenantKeys {

	private final Map<String, String> keys = Map.of("green/deepseek", "test-key-of-green", "blue/deepseek",
			"test-key-of-blue", "blue/siliconflow", "test-key-of-blue-2");

	// tag::keys[]
	@Bean
	ApiKeyResolver keyOfTenant() {
		return (provider, request) -> Mono.deferContextual((context) -> {
			String tenant = context.get("tenant");
			return Mono.justOrEmpty(this.keys.get(tenant + "/" + provider)).map(ApiKey::of);
		});
	}
	// end::keys[]

}
