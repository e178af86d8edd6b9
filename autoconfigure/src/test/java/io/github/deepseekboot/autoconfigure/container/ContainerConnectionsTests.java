package io.github.deepseekboot.autoconfigure.container;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactory;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.boot.testcontainers.service.connection.ServiceConnectionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.testcontainers.containers.GenericContainer;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.routing.RoutingClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests of the contracts with Testcontainers and Docker Compose. No container runs.
 */
class ContainerConnectionsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(ServiceConnectionAutoConfiguration.class, DeepSeekAutoConfiguration.class));

	@Test
	void anOllamaContainerIsAProvider() {
		this.runner.withUserConfiguration(OllamaContainers.class)
			.withPropertyValues("deepseek.providers.ollama.models.chat=deepseek-r1:1.5b")
			.run((context) -> {
				assertThat(context).hasSingleBean(ChatCompletionTemplate.class);
				assertThat(addresses(context.getBean(RoutingClient.class)))
					.containsExactly("http://localhost:32768/v1/chat/completions");
			});
	}

	@Test
	void aVllmContainerIsTheProviderThatItsLabelNames() {
		this.runner.withUserConfiguration(VllmContainers.class)
			.withPropertyValues("deepseek.providers.lab.preset=vllm", "deepseek.providers.lab.models.chat=some-model")
			.run((context) -> {
				assertThat(addresses(context.getBean(RoutingClient.class)))
					.containsExactly("http://localhost:32769/v1/chat/completions");
				assertThat(context.getBean(DeepSeekConnectionDetails.class).getProviders())
					.containsExactlyEntriesOf(Map.of("lab", new Connection("http://localhost:32769/v1", "test-key")));
			});
	}

	@Test
	void beansOfConnectionDetailsAddUp() {
		this.runner.withUserConfiguration(OllamaContainers.class)
			.withBean("more", DeepSeekConnectionDetails.class,
					() -> () -> Map.of("ollama", new Connection("http://more.invalid/v1", null), "lab",
							new Connection("http://lab.invalid/v1", null)))
			.withPropertyValues("deepseek.provider=lab", "deepseek.providers.lab.preset=vllm",
					"deepseek.providers.lab.models.chat=some-model")
			.run((context) -> assertThat(addresses(context.getBean(RoutingClient.class)))
				.contains("http://lab.invalid/v1/chat/completions"));
	}

	private static List<String> addresses(RoutingClient router) {
		return router.clients().stream().map((client) -> client.provider().completionsUri().toString()).toList();
	}

	@Test
	void servicesOfDockerComposeAreProviders() {
		assertThat(new OllamaDockerComposeConnectionDetailsFactory()
			.getConnectionDetails(service("ollama/ollama:0.12", 11434, Map.of(), Map.of()))
			.getProviders())
			.containsExactlyEntriesOf(Map.of("ollama", new Connection("http://127.0.0.1:41000/v1", null)));
		assertThat(new VllmDockerComposeConnectionDetailsFactory()
			.getConnectionDetails(service("vllm/vllm-openai:v0.12.0", 8000, Map.of("VLLM_API_KEY", "test-key"),
					Map.of(ContainerHost.PROVIDER_LABEL, "lab")))
			.getProviders())
			.containsExactlyEntriesOf(Map.of("lab", new Connection("http://127.0.0.1:41000/v1", "test-key")));
	}

	@Test
	void otherServicesAreLeftAlone() {
		DockerComposeConnectionSource redis = service("redis:8", 6379, Map.of(), Map.of());
		assertThat(new OllamaDockerComposeConnectionDetailsFactory().getConnectionDetails(redis)).isNull();
		assertThat(new VllmDockerComposeConnectionDetailsFactory().getConnectionDetails(redis)).isNull();
	}

	private static DockerComposeConnectionSource service(String image, int port, Map<String, String> variables,
			Map<String, String> labels) {
		RunningService service = mock();
		ConnectionPorts ports = mock();
		given(ports.get(port)).willReturn(41000);
		given(service.image()).willReturn(ImageReference.of(image));
		given(service.host()).willReturn("127.0.0.1");
		given(service.ports()).willReturn(ports);
		given(service.env()).willReturn(variables);
		given(service.labels()).willReturn(labels);
		DockerComposeConnectionSource source = mock();
		given(source.getRunningService()).willReturn(service);
		return source;
	}

	@Test
	void allFactoriesAreRegistered() {
		assertThat(SpringFactoriesLoader.forDefaultResourceLocation().load(ConnectionDetailsFactory.class))
			.extracting((factory) -> factory.getClass().getName())
			.contains(OllamaContainerConnectionDetailsFactory.class.getName(),
					VllmContainerConnectionDetailsFactory.class.getName(),
					OllamaDockerComposeConnectionDetailsFactory.class.getName(),
					VllmDockerComposeConnectionDetailsFactory.class.getName());
	}

	@Test
	void neitherIsNeeded() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.testcontainers", "org.springframework.boot.testcontainers",
					"org.springframework.boot.docker.compose"))
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key")
			.run((context) -> assertThat(context).hasSingleBean(ChatCompletionTemplate.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class OllamaContainers {

		@Bean
		@ServiceConnection(name = "ollama/ollama")
		NoContainer ollama() {
			return new NoContainer("ollama/ollama:0.12", 11434, 32768);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class VllmContainers {

		@Bean
		@ServiceConnection(name = "vllm/vllm-openai")
		NoContainer vllm() {
			return new NoContainer("vllm/vllm-openai:v0.12.0", 8000, 32769).withEnv("VLLM_API_KEY", "test-key")
				.withLabel(ContainerHost.PROVIDER_LABEL, "lab");
		}

	}

	/**
	 * Says where it would run.
	 */
	static class NoContainer extends GenericContainer<NoContainer> {

		private final int port;

		private final int mappedPort;

		NoContainer(String image, int port, int mappedPort) {
			super(image);
			this.port = port;
			this.mappedPort = mappedPort;
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public String getHost() {
			return "localhost";
		}

		@Override
		public Integer getMappedPort(int originalPort) {
			assertThat(originalPort).isEqualTo(this.port);
			return this.mappedPort;
		}

	}

}
