package io.github.deepseekboot.actuate;

import java.util.Map;
import java.util.function.Supplier;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} of the endpoint that tells which
 * providers there are when another one is named: Spring Boot leaves the reason out of
 * what it answers by default.
 */
@EndpointWebExtension(endpoint = DeepSeekEndpoint.class)
public class DeepSeekEndpointWebExtension {

	private final DeepSeekEndpoint endpoint;

	/**
	 * Create an extension.
	 * @param endpoint the endpoint
	 */
	public DeepSeekEndpointWebExtension(DeepSeekEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * Make a provider the default one, for calls that start from now on.
	 * @param provider the provider's id
	 * @return the chain and all providers, or the status 400 and the reason
	 */
	@WriteOperation
	public WebEndpointResponse<Object> switchTo(String provider) {
		return answer(() -> this.endpoint.switchTo(provider));
	}

	/**
	 * Forget cool-downs, circuit and failures of a provider.
	 * @param provider the provider's id
	 * @return the chain and all providers, or the status 400 and the reason
	 */
	@DeleteOperation
	public WebEndpointResponse<Object> reset(@Selector String provider) {
		return answer(() -> this.endpoint.reset(provider));
	}

	private static WebEndpointResponse<Object> answer(Supplier<Object> operation) {
		try {
			return new WebEndpointResponse<>(operation.get());
		}
		catch (InvalidEndpointRequestException ex) {
			return new WebEndpointResponse<>(Map.of("status", WebEndpointResponse.STATUS_BAD_REQUEST, "error",
					String.valueOf(ex.getMessage()), "message", ex.getReason()),
					WebEndpointResponse.STATUS_BAD_REQUEST);
		}
	}

}
