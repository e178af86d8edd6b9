package io.github.deepseekboot.samples.frameworks;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

/**
 * The application over two providers on loopback, of which the first has DeepSeek's ways,
 * and the second those of a host that holds to JSON schemas. A {@link ModelDouble}
 * answers for both.
 */
final class Routed implements AutoCloseable {

	private final ScriptedServer server = ScriptedServer.start();

	private final ScriptedProvider deepseek = this.server.addProvider("deepseek", "deepseek");

	private final ScriptedProvider second = this.server.addProvider("second", "openai");

	private final ConfigurableApplicationContext context;

	Routed(String... properties) {
		providers().forEach((provider) -> provider.reply().always().pace(Duration.ZERO).decides(new ModelDouble()));
		this.context = new SpringApplicationBuilder(FrameworksApplication.class).web(WebApplicationType.NONE)
			.logStartupInfo(false)
			.run(Stream.concat(
					Stream.of("--deepseek.provider=deepseek", "--deepseek.fallback=deepseek,second",
							"--deepseek.providers.deepseek.base-url=" + this.deepseek.baseUrl(),
							"--deepseek.providers.deepseek.api-key=test-key",
							"--deepseek.providers.deepseek.models.chat.id=deepseek-chat",
							"--deepseek.providers.second.preset=openai",
							"--deepseek.providers.second.base-url=" + this.second.baseUrl(),
							"--deepseek.providers.second.api-key=test-key",
							"--deepseek.providers.second.models.chat.id=second-chat", "--spring.main.banner-mode=off"),
					Stream.of(properties).map((property) -> "--" + property))
				.toArray(String[]::new));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	ChatCompletionClient client() {
		return bean(ChatCompletionClient.class);
	}

	ChatCompletionTemplate template() {
		return bean(ChatCompletionTemplate.class);
	}

	ScriptedProvider deepseek() {
		return this.deepseek;
	}

	ScriptedProvider second() {
		return this.second;
	}

	List<ScriptedProvider> providers() {
		return List.of(this.deepseek, this.second);
	}

	@Override
	public void close() {
		this.context.close();
		this.server.close();
	}

}
