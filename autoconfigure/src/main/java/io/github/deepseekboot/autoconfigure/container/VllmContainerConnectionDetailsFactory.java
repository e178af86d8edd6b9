package io.github.deepseekboot.autoconfigure.container;

import java.util.Map;

import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.testcontainers.containers.GenericContainer;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;

/**
 * Connects to a {@link GenericContainer} of vLLM that is a
 * {@link org.springframework.boot.testcontainers.service.connection.ServiceConnection}.
 */
class VllmContainerConnectionDetailsFactory
		extends ContainerConnectionDetailsFactory<GenericContainer<?>, DeepSeekConnectionDetails> {

	VllmContainerConnectionDetailsFactory() {
		super(ContainerHost.VLLM_IMAGE);
	}

	@Override
	protected DeepSeekConnectionDetails getContainerConnectionDetails(
			ContainerConnectionSource<GenericContainer<?>> source) {
		return new VllmContainerConnectionDetails(source);
	}

	private static final class VllmContainerConnectionDetails extends ContainerConnectionDetails<GenericContainer<?>>
			implements DeepSeekConnectionDetails {

		private VllmContainerConnectionDetails(ContainerConnectionSource<GenericContainer<?>> source) {
			super(source);
		}

		@Override
		public Map<String, Connection> getProviders() {
			GenericContainer<?> container = getContainer();
			return ContainerHost.VLLM.connections(container.getHost(),
					container.getMappedPort(ContainerHost.VLLM.port()), container.getEnvMap(), container.getLabels());
		}

	}

}
