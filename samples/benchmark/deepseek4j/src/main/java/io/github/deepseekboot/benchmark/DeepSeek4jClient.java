package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.github.pigmesh.ai.deepseek.core.DeepSeekClient;
import io.github.pigmesh.ai.deepseek.core.chat.ChatCompletionRequest;
import io.github.pigmesh.ai.deepseek.core.shared.StreamOptions;

/**
 * deepseek4j.
 */
public final class DeepSeek4jClient implements ClientUnderTest {

	private final DeepSeekClient client;

	/**
	 * Create the client.
	 * @param baseUrl the base URL of the provider
	 */
	public DeepSeek4jClient(String baseUrl) {
		this.client = DeepSeekClient.builder().baseUrl(baseUrl).openAiApiKey(API_KEY).model(MODEL).build();
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		ChatCompletionRequest request = ChatCompletionRequest.builder()
			.model(MODEL)
			.addUserMessage(QUESTION)
			.stream(true)
			.streamOptions(StreamOptions.builder().includeUsage(true).build())
			.build();
		return this.client.chatFluxCompletion(request).doOnNext((chunk) -> {
			String content = chunk.choices().get(0).delta().content();
			if (content != null) {
				text.accept(content);
			}
		}).then().toFuture();
	}

	@Override
	public String complete() {
		ChatCompletionRequest request = ChatCompletionRequest.builder().model(MODEL).addUserMessage(QUESTION).build();
		return this.client.chatCompletion(new DeepSeekClient.OpenAiClientContext(), request).execute().content();
	}

}
