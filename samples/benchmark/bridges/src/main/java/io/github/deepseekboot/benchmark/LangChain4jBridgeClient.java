package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.github.deepseekboot.langchain4j.RoutingChatModel;
import io.github.deepseekboot.langchain4j.RoutingStreamingChatModel;

/**
 * LangChain4j's chat models on top of the library.
 */
public final class LangChain4jBridgeClient implements ClientUnderTest {

	private final Models models;

	/**
	 * Start the application.
	 * @param baseUrl the base URL of the provider
	 */
	public LangChain4jBridgeClient(String baseUrl) {
		this.models = BridgeApplication.start(baseUrl, Models.class);
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		CompletableFuture<Void> end = new CompletableFuture<>();
		this.models.streaming().chat(QUESTION, new StreamingChatResponseHandler() {

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
		return this.models.complete().chat(QUESTION);
	}

	/**
	 * Both models.
	 *
	 * @param complete answers completely
	 * @param streaming answers as a stream
	 */
	record Models(RoutingChatModel complete, RoutingStreamingChatModel streaming) {

	}

	/**
	 * Brings both models together.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ModelsConfiguration {

		@Bean
		Models models(RoutingChatModel complete, RoutingStreamingChatModel streaming) {
			return new Models(complete, streaming);
		}

	}

}
