package io.github.deepseekboot.autoconfigure.container;

import java.util.Map;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;

/**
 * Connects to a service of vLLM in Docker Compose.
 */
class VllmDockerComposeConnectionDetailsFactory
		extends DockerComposeConnectionDetailsFactory<DeepSeekConnectionDetails> {

	VllmDockerComposeConnectionDetailsFactory() {
		super(ContainerHost.VLLM_IMAGE);
	}

	@Override
	protected DeepSeekConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new VllmDockerComposeConnectionDetails(source.getRunningService());
	}

	private static final class VllmDockerComposeConnectionDetails extends DockerComposeConnectionDetails
			implements DeepSeekConnectionDetails {

		private final Map<String, Connection> connections;

		private VllmDockerComposeConnectionDetails(RunningService service) {
			super(service);
			this.connections = ContainerHost.VLLM.connections(service.host(),
					service.ports().get(ContainerHost.VLLM.port()), service.env(), service.labels());
		}

		@Override
		public Map<String, Connection> getProviders() {
			return this.connections;
		}

	}

}
