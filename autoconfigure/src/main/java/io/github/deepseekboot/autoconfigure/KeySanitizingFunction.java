package io.github.deepseekboot.autoconfigure;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.provider.Provider;

/**
 * Hides the secrets under our names, in every spelling, and any value that contains a
 * configured key, wherever an application keeps it: in {@code DEEPSEEK_API_KEY}, say.
 */
final class KeySanitizingFunction implements SanitizingFunction {

	private static final Pattern SECRET_HEADER = Pattern.compile("auth|key|token|secret|cookie",
			Pattern.CASE_INSENSITIVE);

	// a shorter one ("none", "EMPTY") may be a part of anything
	private static final int MIN_SECRET = 8;

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
			.flatMap(KeySanitizingFunction::secrets)
			.anyMatch((secret) -> value.equals(secret) || (secret.length() >= MIN_SECRET && value.contains(secret)));
	}

	private static Stream<String> secrets(Provider provider) {
		Stream<String> headers = provider.headers()
			.entrySet()
			.stream()
			.filter((header) -> SECRET_HEADER.matcher(header.getKey()).find())
			.map(Map.Entry::getValue)
			// "Bearer <token>": the token may stand alone elsewhere
			.map((header) -> header.substring(header.lastIndexOf(' ') + 1))
			.filter((secret) -> !secret.isEmpty());
		ApiKey apiKey = provider.apiKey();
		return (apiKey != null) ? Stream.concat(Stream.of(apiKey.value()), headers) : headers;
	}

}
