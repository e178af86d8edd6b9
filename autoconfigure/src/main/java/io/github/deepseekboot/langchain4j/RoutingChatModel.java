package io.github.deepseekboot.langchain4j;

import java.util.List;
import java.util.Set;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import org.springframework.util.Assert;
import reactor.core.Exceptions;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * LangChain4j's chat model that a {@link ChatCompletionClient} answers for: with its
 * providers, failover, timeouts and retries. Thread-safe.
 *
 * <ul>
 * <li>It runs no tools: requests to execute one are for LangChain4j's own loop.</li>
 * <li>It does not retry: the client does. A failure is one of LangChain4j's exceptions
 * with the {@link DeepSeekException} as its cause.</li>
 * <li>The reasoning is the message's {@code thinking()}, and goes back with it.</li>
 * <li>A JSON schema is asked for by whatever means the provider that answers has.</li>
 * </ul>
 */
public final class RoutingChatModel implements ChatModel {

	private final ChatCompletionClient client;

	private final RoutingChatRequestParameters defaultRequestParameters;

	private final List<ChatModelListener> listeners;

	private RoutingChatModel(Builder builder) {
		this.client = builder.client;
		this.defaultRequestParameters = builder.defaultRequestParameters;
		this.listeners = builder.listeners;
	}

	/**
	 * Create a builder for a model.
	 * @param client answers the requests
	 * @return a builder
	 */
	public static Builder builder(ChatCompletionClient client) {
		return new Builder(client);
	}

	@Override
	public ChatResponse doChat(ChatRequest request) {
		if (Schedulers.isInNonBlockingThread()) {
			throw new IllegalStateException("chat() waits for the answer and must not be called on the event-loop"
					+ " thread '" + Thread.currentThread().getName()
					+ "'; use a StreamingChatModel, or call it on Schedulers.boundedElastic()");
		}
		try {
			ChatCompletion completion = this.client.complete(RequestMapper.request(request)).block();
			Assert.state(completion != null, "the client completed without an answer");
			return ResponseMapper.response(completion);
		}
		catch (DeepSeekException ex) {
			throw ModelExceptions.of(ex);
		}
		catch (RuntimeException ex) {
			if (Exceptions.unwrap(ex) instanceof InterruptedException) {
				throw ModelExceptions
					.of(DeepSeekException.builder(ErrorKind.CANCELLED, "the wait for the answer was interrupted")
						.cause(ex)
						.build());
			}
			throw ex;
		}
	}

	@Override
	public RoutingChatRequestParameters defaultRequestParameters() {
		return this.defaultRequestParameters;
	}

	@Override
	public List<ChatModelListener> listeners() {
		return this.listeners;
	}

	@Override
	public Set<Capability> supportedCapabilities() {
		return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
	}

	/**
	 * Builds a model.
	 */
	public static final class Builder {

		private final ChatCompletionClient client;

		private RoutingChatRequestParameters defaultRequestParameters = RoutingChatRequestParameters.EMPTY;

		private List<ChatModelListener> listeners = List.of();

		private Builder(ChatCompletionClient client) {
			Assert.notNull(client, "'client' must not be null");
			this.client = client;
		}

		/**
		 * What holds for a request that does not say otherwise.
		 * @param parameters the parameters; none by default
		 * @return this builder
		 */
		public Builder defaultRequestParameters(ChatRequestParameters parameters) {
			Assert.notNull(parameters, "'parameters' must not be null");
			this.defaultRequestParameters = RoutingChatRequestParameters.EMPTY.overrideWith(parameters);
			return this;
		}

		/**
		 * Who learns of requests, responses and errors.
		 * @param listeners the listeners in their order; none by default
		 * @return this builder
		 */
		public Builder listeners(List<ChatModelListener> listeners) {
			Assert.notNull(listeners, "'listeners' must not be null");
			Assert.noNullElements(listeners, "'listeners' must not contain null");
			this.listeners = List.copyOf(listeners);
			return this;
		}

		/**
		 * Make the model.
		 * @return the model
		 */
		public RoutingChatModel build() {
			return new RoutingChatModel(this);
		}

	}

}
