package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;

/**
 * LangChain4j's models for hosts in the manner of OpenAI.
 */
public final class LangChain4jClient implements ClientUnderTest {

	private final OpenAiStreamingChatModel streaming;

	private final OpenAiChatModel model;

	/**
	 * Create the client.
	 * @param baseUrl the base URL of the provider
	 */
	public LangChain4jClient(String baseUrl) {
		this.streaming = OpenAiStreamingChatModel.builder().baseUrl(baseUrl).apiKey(API_KEY).modelName(MODEL).build();
		this.model = OpenAiChatModel.builder().baseUrl(baseUrl).apiKey(API_KEY).modelName(MODEL).build();
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		CompletableFuture<Void> end = new CompletableFuture<>();
		this.streaming.chat(QUESTION, new StreamingChatResponseHandler() {

			@Override
			public void onPartialResponse(String content) {
				text.accept(content);
			}

			@Override
			public void onCompleteResponse(ChatResponse response) {
				end.complete(null);
			}

			@Override
			public void onError(Throwable error) {
				end.completeExceptionally(error);
			}

		});
		return end;
	}

	@Override
	public String complete() {
		return this.model.chat(QUESTION);
	}

}
