package io.github.deepseekboot.autoconfigure.container;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;

/**
 * A server of models that runs in containers. Which provider a container stands for is
 * the preset's id, unless the label {@value #PROVIDER_LABEL} names another.
 */
enum ContainerHost {

	/**
	 * Ollama.
	 */
	OLLAMA("ollama", 11434, null),

	/**
	 * vLLM.
	 */
	VLLM("vllm", 8000, "VLLM_API_KEY");

	static final String OLLAMA_IMAGE = "ollama/ollama";

	static final String VLLM_IMAGE = "vllm/vllm-openai";

	static final String PROVIDER_LABEL = "io.github.deepseekboot.provider";

	private final String preset;

	private final int port;

	private final @Nullable String keyVariable;

	ContainerHost(String preset, int port, @Nullable String keyVariable) {
		this.preset = preset;
		this.port = port;
		this.keyVariable = keyVariable;
	}

	int port() {
		return this.port;
	}

	Map<String, Connection> connections(String host, int port, Map<String, ? extends @Nullable String> variables,
			Map<String, String> labels) {
		String key = (this.keyVariable != null) ? variables.get(this.keyVariable) : null;
		return Map.of(labels.getOrDefault(PROVIDER_LABEL, this.preset),
				new Connection("http://" + host + ":" + port + "/v1", key));
	}

}
