package io.github.deepseekboot.autoconfigure.container;

import java.util.Map;

import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.testcontainers.containers.GenericContainer;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;

/**
 * Connects to a {@link GenericContainer} of Ollama that is a
 * {@link org.springframework.boot.testcontainers.service.connection.ServiceConnection}.
 */
class OllamaContainerConnectionDetailsFactory
		extends ContainerConnectionDetailsFactory<GenericContainer<?>, DeepSeekConnectionDetails> {

	OllamaContainerConnectionDetailsFactory() {
		super(ContainerHost.OLLAMA_IMAGE);
	}

	@Override
	protected DeepSeekConnectionDetails getContainerConnectionDetails(
			ContainerConnectionSource<GenericContainer<?>> source) {
		return new OllamaContainerConnectionDetails(source);
	}

	private static final class OllamaContainerConnectionDetails extends ContainerConnectionDetails<GenericContainer<?>>
			implements DeepSeekConnectionDetails {

		private OllamaContainerConnectionDetails(ContainerConnectionSource<GenericContainer<?>> source) {
			super(source);
		}

		@Override
		public Map<String, Connection> getProviders() {
			GenericContainer<?> container = getContainer();
			return ContainerHost.OLLAMA.connections(container.getHost(),
					container.getMappedPort(ContainerHost.OLLAMA.port()), container.getEnvMap(), container.getLabels());
		}

	}

}
