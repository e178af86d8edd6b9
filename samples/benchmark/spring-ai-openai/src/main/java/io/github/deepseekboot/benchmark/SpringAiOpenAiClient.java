package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/**
 * Spring AI's model for hosts in the manner of OpenAI.
 */
public final class SpringAiOpenAiClient implements ClientUnderTest {

	private final OpenAiChatModel model;

	/**
	 * Create the client.
	 * @param baseUrl the base URL of the provider
	 */
	public SpringAiOpenAiClient(String baseUrl) {
		this.model = OpenAiChatModel.builder()
			.options(OpenAiChatOptions.builder().baseUrl(baseUrl).apiKey(API_KEY).model(MODEL).build())
			.build();
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
