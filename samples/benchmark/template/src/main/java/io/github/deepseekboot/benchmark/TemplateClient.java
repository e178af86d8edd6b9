package io.github.deepseekboot.benchmark;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ToolCallDelta;

/**
 * The {@link ChatCompletionTemplate} of an application with the starter, Actuator and a
 * Prometheus registry, all at their defaults but for the number of calls at once.
 */
public final class TemplateClient implements ClientUnderTest {

	private final ChatCompletionTemplate chat;

	/**
	 * Start the application.
	 * @param baseUrl the base URL of the provider
	 */
	public TemplateClient(String baseUrl) {
		this(start(baseUrl, Application.class).getBean(ChatCompletionTemplate.class));
	}

	TemplateClient(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	static ConfigurableApplicationContext start(String baseUrl, Class<?>... sources) {
		return new SpringApplicationBuilder(sources).run("--spring.main.banner-mode=off", "--logging.level.root=warn",
				"--deepseek.providers.deepseek.api-key=" + API_KEY, "--deepseek.providers.deepseek.base-url=" + baseUrl,
				// the simulator's name for what it answers to deepseek-chat
				"--deepseek.chat.model=deepseek-v4-flash", "--deepseek.chat.thinking=false",
				"--deepseek.limit.max-concurrent=20000");
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		return this.chat.stream(ChatRequest.of(QUESTION)).doOnNext((delta) -> {
			String content = delta.content();
			if (content != null) {
				text.accept(content);
			}
			List<ToolCallDelta> toolCalls = delta.toolCalls();
			for (int i = 0; i < toolCalls.size(); i++) {
				String arguments = toolCalls.get(i).arguments();
				if (arguments != null) {
					text.accept(arguments);
				}
			}
		}).then().toFuture();
	}

	@Override
	public String complete() {
		return this.chat.complete(QUESTION).content();
	}

	/**
	 * The application.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
