package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;

import io.github.deepseekboot.springai.RoutingChatModel;

/**
 * Spring AI's chat model on top of the library.
 */
public final class SpringAiBridgeClient implements ClientUnderTest {

	private final RoutingChatModel model;

	/**
	 * Start the application.
	 * @param baseUrl the base URL of the provider
	 */
	public SpringAiBridgeClient(String baseUrl) {
		this.model = BridgeApplication.start(baseUrl, RoutingChatModel.class);
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		return this.model.stream(new Prompt(QUESTION)).doOnNext((response) -> {
			String content = content(response);
			if (content != null) {
				text.accept(content);
			}
		}).then().toFuture();
	}

	@Override
	public String complete() {
		return String.valueOf(content(this.model.call(new Prompt(QUESTION))));
	}

	private static @Nullable String content(ChatResponse response) {
		Generation result = response.getResult();
		return (result != null) ? result.getOutput().getText() : null;
	}

}
