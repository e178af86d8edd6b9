package io.github.deepseekboot.samples.gateway;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of the gateway.
 *
 * @param tenants who may call, by name
 */
@ConfigurationProperties("gateway")
record GatewayProperties(@DefaultValue Map<String, TenantProperties> tenants) {

	/**
	 * A tenant.
	 *
	 * @param keySha256 SHA-256 of its bearer key in hexadecimal digits; two while a key
	 * is being replaced
	 * @param models the models that it may ask for; none for all that providers declare
	 * @param maxConcurrent the most calls at once
	 * @param maxWait how long a call waits for its limits
	 * @param requestsPerMinute the most calls in a minute; 0 for no limit
	 * @param tokensPerMinute the most tokens in a minute; 0 for no limit
	 */
	record TenantProperties(@DefaultValue List<String> keySha256, @DefaultValue List<String> models,
			@DefaultValue("20") int maxConcurrent, @DefaultValue("1s") Duration maxWait,
			@DefaultValue("0") int requestsPerMinute, @DefaultValue("0") long tokensPerMinute) {

	}

}
