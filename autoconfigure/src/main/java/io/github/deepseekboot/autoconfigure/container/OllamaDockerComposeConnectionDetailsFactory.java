package io.github.deepseekboot.autoconfigure.container;

import java.util.Map;

import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;

/**
 * Connects to a service of Ollama in Docker Compose.
 */
class OllamaDockerComposeConnectionDetailsFactory
		extends DockerComposeConnectionDetailsFactory<DeepSeekConnectionDetails> {

	OllamaDockerComposeConnectionDetailsFactory() {
		super(ContainerHost.OLLAMA_IMAGE);
	}

	@Override
	protected DeepSeekConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
		return new OllamaDockerComposeConnectionDetails(source.getRunningService());
	}

	private static final class OllamaDockerComposeConnectionDetails extends DockerComposeConnectionDetails
			implements DeepSeekConnectionDetails {

		private final Map<String, Connection> connections;

		private OllamaDockerComposeConnectionDetails(RunningService service) {
			super(service);
			this.connections = ContainerHost.OLLAMA.connections(service.host(),
					service.ports().get(ContainerHost.OLLAMA.port()), service.env(), service.labels());
		}

		@Override
		public Map<String, Connection> getProviders() {
			return this.connections;
		}

	}

}
