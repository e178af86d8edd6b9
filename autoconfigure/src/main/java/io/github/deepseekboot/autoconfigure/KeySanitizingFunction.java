package io.github.deepseekboot.autoconfigure;

import java.util.Locale;
import java.util.Objects;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

import io.github.deepseekboot.provider.Provider;

/**
 * Hides the secrets under our names, in every spelling, and any value that contains a
 * configured key, wherever an application keeps it: in {@code DEEPSEEK_API_KEY}, say.
 */
final class KeySanitizingFunction implements SanitizingFunction {

	private final ObjectProvider<ConfiguredProviders> configured;

	KeySanitizingFunction(ObjectProvider<ConfiguredProviders> configured) {
		this.configured = configured;
	}

	@Override
	public SanitizableData apply(SanitizableData data) {
		return (isSecret(data.getKey()) || containsKey(Objects.toString(data.getValue(), "")))
				? data.withSanitizedValue() : data;
	}

	private static boolean isSecret(String key) {
		String name = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
		return name.contains("deepseekproviders")
				&& (name.endsWith("apikey") || name.contains("headers") || name.endsWith("proxy"));
	}

	private boolean containsKey(String value) {
		return !value.isEmpty() && this.configured.stream()
			.flatMap((configured) -> configured.providers().values().stream())
			.map(Provider::apiKey)
			.filter(Objects::nonNull)
			.anyMatch((apiKey) -> value.contains(apiKey.value()));
	}

}
