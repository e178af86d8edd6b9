package io.github.deepseekboot.springai;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.observation.conventions.AiProvider;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.util.Assert;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.observation.ChatCallContext;

/**
 * Spring AI's chat model that a {@link ChatCompletionClient} answers for: with its
 * providers, failover, timeouts and retries. Thread-safe.
 *
 * <ul>
 * <li>It runs no tools: a response with tool calls is for Spring AI's own loop.</li>
 * <li>It does not retry: the client does, until the first piece of an answer. A failure
 * is a {@code TransientAiException} or a {@code NonTransientAiException} with the
 * {@link DeepSeekException} as its cause (that exception itself where
 * {@code spring-ai-retry} is not on the class path).</li>
 * <li>The reasoning is metadata of the assistant's message, and is sent back with it:
 * complete as {@link #REASONING_CONTENT} on a complete answer and on the last response of
 * a stream, piece by piece as {@link #REASONING_DELTA} on a stream.</li>
 * <li>Usage is on a complete answer and on the last response of a stream, and on no
 * other.</li>
 * </ul>
 */
public final class RoutingChatModel implements ChatModel {

	/**
	 * Key of an assistant message's metadata: the complete reasoning.
	 */
	public static final String REASONING_CONTENT = "reasoningContent";

	/**
	 * Key of a streamed assistant message's metadata: the next piece of the reasoning.
	 */
	public static final String REASONING_DELTA = "reasoningDelta";

	/**
	 * Key of an assistant message's metadata: fields of the host's own, as a map by their
	 * names on the wire. They go back with the message, since some hosts want them for a
	 * turn with tools.
	 */
	public static final String EXTRA = "extra";

	/**
	 * Key of an assistant message's metadata: set to {@code true} on the last message of
	 * a prompt, the answer must begin with its text.
	 */
	public static final String PREFIX = "prefix";

	/**
	 * Key of an assistant message's metadata: which of several choices it is.
	 */
	public static final String INDEX = "index";

	/**
	 * Key of a generation's metadata: the log probabilities, where asked for.
	 */
	public static final String LOGPROBS = "logprobs";

	/**
	 * Key of a response's metadata: the id of the provider that answered.
	 */
	public static final String PROVIDER = "provider";

	/**
	 * Key of a response's metadata: the provider's id of the request.
	 */
	public static final String REQUEST_ID = "requestId";

	/**
	 * Key of a response's metadata: the attempts made for it, as a list of
	 * {@code AttemptReport}.
	 */
	public static final String ATTEMPTS = "attempts";

	private static final ChatModelObservationConvention DEFAULT_CONVENTION = new DefaultChatModelObservationConvention();

	private final ChatCompletionClient client;

	private final RoutingChatOptions options;

	private final ToolCallingManager toolCallingManager;

	private final ObservationRegistry observationRegistry;

	private final @Nullable ChatModelObservationConvention observationConvention;

	private RoutingChatModel(Builder builder) {
		this.client = builder.client;
		this.options = builder.options;
		this.toolCallingManager = (builder.toolCallingManager != null) ? builder.toolCallingManager
				: ToolCallingManager.builder().build();
		this.observationRegistry = builder.observationRegistry;
		this.observationConvention = builder.observationConvention;
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
	public RoutingChatOptions getOptions() {
		return this.options;
	}

	@Override
	public ChatResponse call(Prompt prompt) {
		if (Schedulers.isInNonBlockingThread()) {
			throw new IllegalStateException("call() waits for the answer and must not be called on the event-loop"
					+ " thread '" + Thread.currentThread().getName()
					+ "'; use stream(), or call it on Schedulers.boundedElastic()");
		}
		Prompt complete = withOptions(prompt);
		ChatModelObservationContext context = context(complete, false);
		Observation observation = observation(context);
		observation.start();
		try (Observation.Scope scope = observation.openScope()) {
			ChatResponse response = ResponseMapper.response(await(complete, observation), true);
			context.setResponse(response);
			return response;
		}
		catch (RuntimeException ex) {
			observation.error(AiExceptions.withoutWords(ex));
			throw ex;
		}
		finally {
			observation.stop();
		}
	}

	private ChatCompletion await(Prompt prompt, Observation observation) {
		try {
			Mono<ChatCompletion> answer = this.client.complete(request(prompt));
			ChatCompletion completion = (observation.isNoop() ? answer
					: answer.contextWrite((reactor) -> reactor.put(ObservationThreadLocalAccessor.KEY, observation)))
				.block();
			Assert.state(completion != null, "the client completed without an answer");
			return completion;
		}
		catch (DeepSeekException ex) {
			throw AiExceptions.of(ex);
		}
		catch (RuntimeException ex) {
			if (Exceptions.unwrap(ex) instanceof InterruptedException) {
				throw AiExceptions
					.of(DeepSeekException.builder(ErrorKind.CANCELLED, "the wait for the answer was interrupted")
						.cause(ex)
						.build());
			}
			throw ex;
		}
	}

	@Override
	public Flux<ChatResponse> stream(Prompt prompt) {
		return Flux.deferContextual((reactor) -> {
			Prompt complete = withOptions(prompt);
			ResponseStream responses = new ResponseStream();
			Flux<ChatResponse> stream = Flux.defer(() -> this.client.stream(request(complete)))
				.handle(responses)
				.onErrorMap(DeepSeekException.class, AiExceptions::of);
			ChatModelObservationContext context = context(complete, true);
			Observation observation = observation(context);
			if (observation.isNoop()) {
				return stream;
			}
			Observation parent = reactor.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
			if (parent != null) {
				observation.parentObservation(parent);
			}
			observation.start();
			AtomicBoolean stopped = new AtomicBoolean();
			Runnable stop = () -> {
				if (stopped.compareAndSet(false, true)) {
					observation.stop();
				}
			};
			return stream.doOnComplete(() -> responses.complete().ifPresent(context::setResponse))
				.doOnError((ex) -> observation.error(AiExceptions.withoutWords(ex)))
				// before the caller learns of the end, and once
				.doOnTerminate(stop)
				.doOnCancel(stop)
				.contextWrite((inner) -> inner.put(ObservationThreadLocalAccessor.KEY, observation));
		});
	}

	private Prompt withOptions(Prompt prompt) {
		ChatOptions given = prompt.getOptions();
		if (given instanceof RoutingChatOptions) {
			// as of ChatClient, which puts these options under its own
			return prompt;
		}
		RoutingChatOptions merged = this.options;
		if (given != null) {
			merged = this.options.mutate().combineWith(given.mutate()).build();
		}
		return prompt.mutate().chatOptions(merged).build();
	}

	private ChatRequest request(Prompt prompt) {
		List<ToolDefinition> tools = (prompt.getOptions() instanceof ToolCallingChatOptions tooling)
				? this.toolCallingManager.resolveToolDefinitions(tooling) : List.of();
		return PromptMapper.request(prompt, tools);
	}

	private static ChatModelObservationContext context(Prompt prompt, boolean streaming) {
		ChatModelObservationContext context = ChatModelObservationContext.builder()
			.prompt(prompt)
			.provider(AiProvider.DEEPSEEK.value())
			.streaming(streaming)
			.build();
		context.put(ChatCallContext.USAGE_REPORTED, true);
		return context;
	}

	private Observation observation(ChatModelObservationContext context) {
		return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(this.observationConvention,
				DEFAULT_CONVENTION, () -> context, this.observationRegistry);
	}

	/**
	 * Builds a model.
	 */
	public static final class Builder {

		private final ChatCompletionClient client;

		private RoutingChatOptions options = RoutingChatOptions.builder().build();

		private @Nullable ToolCallingManager toolCallingManager;

		private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;

		private @Nullable ChatModelObservationConvention observationConvention;

		private Builder(ChatCompletionClient client) {
			Assert.notNull(client, "'client' must not be null");
			this.client = client;
		}

		/**
		 * What holds for a prompt that does not say otherwise.
		 * @param options the options; empty by default
		 * @return this builder
		 */
		public Builder options(RoutingChatOptions options) {
			Assert.notNull(options, "'options' must not be null");
			this.options = options;
			return this;
		}

		/**
		 * What finds the definitions of tools.
		 * @param toolCallingManager the manager; Spring AI's default by default
		 * @return this builder
		 */
		public Builder toolCallingManager(ToolCallingManager toolCallingManager) {
			Assert.notNull(toolCallingManager, "'toolCallingManager' must not be null");
			this.toolCallingManager = toolCallingManager;
			return this;
		}

		/**
		 * Where Spring AI's observations go. Those of the client nest in them.
		 * @param observationRegistry the registry; none by default
		 * @return this builder
		 */
		public Builder observationRegistry(ObservationRegistry observationRegistry) {
			Assert.notNull(observationRegistry, "'observationRegistry' must not be null");
			this.observationRegistry = observationRegistry;
			return this;
		}

		/**
		 * How Spring AI's observations are named and described.
		 * @param observationConvention the convention; {@code null} for Spring AI's
		 * default
		 * @return this builder
		 */
		public Builder observationConvention(@Nullable ChatModelObservationConvention observationConvention) {
			this.observationConvention = observationConvention;
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
