package io.github.deepseekboot.test.provider;

import java.util.LinkedHashMap;
import java.util.Map;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * The errors that one provider is known to answer with, by status and, where one status
 * has several, by variant.
 */
final class ProviderErrors {

	private final Map<String, ProviderError> known = new LinkedHashMap<>();

	ProviderErrors add(ProviderError error) {
		this.known.put(String.valueOf(error.status()), error);
		return this;
	}

	ProviderErrors add(String variant, ProviderError error) {
		this.known.put(error.status() + "/" + variant, error);
		return this;
	}

	// the provider's usual error of that status. A status the provider itself never sends
	// comes as the HTML page of a gateway before it
	ProviderError find(int status) {
		ProviderError error = this.known.get(String.valueOf(status));
		return (error != null) ? error : ProviderError.page(status, HttpResponseStatus.valueOf(status).toString());
	}

	ProviderError find(int status, String variant) {
		ProviderError error = this.known.get(status + "/" + variant);
		if (error == null) {
			throw new IllegalArgumentException(
					"No error '%s/%s', there are %s".formatted(status, variant, this.known.keySet()));
		}
		return error;
	}

}
