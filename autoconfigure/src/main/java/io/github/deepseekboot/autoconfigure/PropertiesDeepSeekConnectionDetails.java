package io.github.deepseekboot.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Connection details from {@code deepseek.providers.*}.
 */
final class PropertiesDeepSeekConnectionDetails implements DeepSeekConnectionDetails {

	private final DeepSeekProperties properties;

	PropertiesDeepSeekConnectionDetails(DeepSeekProperties properties) {
		this.properties = properties;
	}

	@Override
	public Map<String, Connection> getProviders() {
		Map<String, Connection> connections = new LinkedHashMap<>();
		this.properties.providers()
			.forEach((id, provider) -> connections.put(id, new Connection(provider.baseUrl(), provider.apiKey())));
		return connections;
	}

}
