package io.github.deepseekboot.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/**
 * Connection details from {@code deepseek.providers.*}; where nothing is configured,
 * those of DeepSeek with the key in {@code DEEPSEEK_API_KEY}.
 */
final class PropertiesDeepSeekConnectionDetails implements DeepSeekConnectionDetails {

	static final String API_KEY = "DEEPSEEK_API_KEY";

	private final DeepSeekProperties properties;

	private final @Nullable String apiKey;

	/**
	 * Create connection details.
	 * @param properties the properties
	 * @param apiKey the value of {@code DEEPSEEK_API_KEY}; {@code null} for none
	 */
	PropertiesDeepSeekConnectionDetails(DeepSeekProperties properties, @Nullable String apiKey) {
		this.properties = properties;
		this.apiKey = apiKey;
	}

	@Override
	public Map<String, Connection> getProviders() {
		if (this.properties.providers().isEmpty() && StringUtils.hasText(this.apiKey)) {
			return Map.of("deepseek", new Connection(null, this.apiKey));
		}
		Map<String, Connection> connections = new LinkedHashMap<>();
		this.properties.providers()
			.forEach((id, provider) -> connections.put(id, new Connection(provider.baseUrl(), provider.apiKey())));
		return connections;
	}

}
