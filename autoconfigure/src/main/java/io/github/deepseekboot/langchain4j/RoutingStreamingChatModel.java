package io.github.deepseekboot.langchain4j;

import java.util.List;
import java.util.Set;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import org.springframework.util.Assert;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.DeepSeekException;

/**
 * LangChain4j's streaming chat model that a {@link ChatCompletionClient} answers for:
 * with its providers, failover, timeouts and retries. Thread-safe.
 *
 * <ul>
 * <li>It runs no tools: complete tool calls are for LangChain4j's own loop.</li>
 * <li>It does not retry: the client does, until the first piece of an answer. A failure
 * is one of LangChain4j's exceptions with the {@link DeepSeekException} as its
 * cause.</li>
 * <li>The reasoning comes as partial thinking, is the message's {@code thinking()} in the
 * end, and goes back with it.</li>
 * <li>The handle that comes with each piece cancels the call and closes the connection to
 * the provider. Nothing is called back from then on.</li>
 * <li>The handler is called on one thread of the scheduler, where it may block; while it
 * does, the provider is not read from.</li>
 * </ul>
 */
public final class RoutingStreamingChatModel implements StreamingChatModel {

	private final ChatCompletionClient client;

	private final RoutingChatRequestParameters defaultRequestParameters;

	private final List<ChatModelListener> listeners;

	private final Scheduler scheduler;

	private RoutingStreamingChatModel(Builder builder) {
		this.client = builder.client;
		this.defaultRequestParameters = builder.defaultRequestParameters;
		this.listeners = builder.listeners;
		this.scheduler = builder.scheduler;
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
	public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
		this.client.stream(RequestMapper.request(request))
			.contextCapture()
			.publishOn(this.scheduler)
			.subscribe(new ResponseStream(handler));
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

		private Scheduler scheduler = Schedulers.boundedElastic();

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
		 * Where handlers are called.
		 * @param scheduler a scheduler whose threads may block;
		 * {@link Schedulers#boundedElastic()} by default
		 * @return this builder
		 */
		public Builder scheduler(Scheduler scheduler) {
			Assert.notNull(scheduler, "'scheduler' must not be null");
			this.scheduler = scheduler;
			return this;
		}

		/**
		 * Make the model.
		 * @return the model
		 */
		public RoutingStreamingChatModel build() {
			return new RoutingStreamingChatModel(this);
		}

	}

}
