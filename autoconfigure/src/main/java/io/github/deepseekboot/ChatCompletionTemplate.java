package io.github.deepseekboot;

import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.TypedCompletion;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.conversation.ConversationClient;
import io.github.deepseekboot.conversation.Conversations;
import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.hook.ChatRequestCustomizer;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.structured.TypedAnswers;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.tool.ToolLoop;
import io.github.deepseekboot.tool.ToolOptions;

/**
 * Template for calls of chat models: blocking, reactive and streaming. Thread-safe; one
 * bean serves the whole application.
 */
public class ChatCompletionTemplate implements ChatCompletionOperations {

	private final Builder settings;

	private final ChatCompletionClient client;

	private final TypedAnswers typedAnswers;

	/**
	 * Create a template without defaults.
	 * @param client answers the requests
	 */
	public ChatCompletionTemplate(ChatCompletionClient client) {
		this(builder(client));
	}

	/**
	 * Create a template.
	 * @param client answers the requests
	 * @param defaults sets the fields that a request leaves open
	 */
	public ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults) {
		this(builder(client).defaults(defaults));
	}

	private ChatCompletionTemplate(Builder builder) {
		this.settings = new Builder(builder);
		JsonSchemaGenerator schemaGenerator = (builder.schemaGenerator != null) ? builder.schemaGenerator
				: JsonSchemaGenerator.create(builder.jsonMapper);
		this.settings.schemaGenerator = schemaGenerator;
		this.client = builder.tools.isEmpty() ? builder.client
				: new ToolLoop(builder.client, builder.tools, builder.toolOptions, builder.jsonMapper, schemaGenerator);
		this.typedAnswers = new TypedAnswers(builder.jsonMapper, schemaGenerator, builder.answerValidator);
	}

	/**
	 * Create a builder for a template.
	 * @param client answers the requests
	 * @return a builder
	 */
	public static Builder builder(ChatCompletionClient client) {
		return new Builder(client);
	}

	@Override
	public ChatCompletion complete(ChatRequest request) {
		checkMayWait();
		return await(completeAsync(request));
	}

	@Override
	public <T> TypedCompletion<T> completeTyped(ChatRequest request, ParameterizedTypeReference<T> type) {
		checkMayWait();
		return await(completeTypedAsync(request, type));
	}

	private static void checkMayWait() {
		if (Schedulers.isInNonBlockingThread()) {
			throw new IllegalStateException("complete() waits for the answer and must not be called on the event-loop"
					+ " thread '" + Thread.currentThread().getName()
					+ "'; use completeAsync() or stream(), or call it on Schedulers.boundedElastic()");
		}
	}

	private static <T> T await(Mono<T> answer) {
		try {
			T completion = answer.block();
			Assert.state(completion != null, "the client completed without an answer");
			return completion;
		}
		catch (RuntimeException ex) {
			if (Exceptions.unwrap(ex) instanceof InterruptedException) {
				throw DeepSeekException.builder(ErrorKind.CANCELLED, "the wait for the answer was interrupted")
					.cause(ex)
					.build();
			}
			throw ex;
		}
	}

	@Override
	public Mono<ChatCompletion> completeAsync(ChatRequest request) {
		Assert.notNull(request, "'request' must not be null");
		return Mono.defer(() -> this.client.complete(prepare(request)));
	}

	@Override
	public <T> Mono<TypedCompletion<T>> completeTypedAsync(ChatRequest request, ParameterizedTypeReference<T> type) {
		Assert.notNull(request, "'request' must not be null");
		Assert.notNull(type, "'type' must not be null");
		return Mono.defer(
				() -> this.typedAnswers.complete(this.client, this.settings.client, prepare(request), type.getType()));
	}

	@Override
	public <T> Flux<T> streamList(ChatRequest request, ParameterizedTypeReference<T> item) {
		Assert.notNull(request, "'request' must not be null");
		Assert.notNull(item, "'item' must not be null");
		return Flux.defer(() -> this.typedAnswers.streamList(this.client, this.settings.client, prepare(request),
				item.getType()));
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		Assert.notNull(request, "'request' must not be null");
		return Flux.defer(() -> this.client.stream(prepare(request)));
	}

	@Override
	public ChatCompletionTemplate withProvider(String provider) {
		Assert.hasText(provider, "'provider' must not be empty");
		Builder pinned = new Builder(this.settings);
		pinned.provider = provider;
		return new ChatCompletionTemplate(pinned);
	}

	@Override
	public ChatCompletionTemplate withTools(Tool... tools) {
		Assert.noNullElements(tools, "'tools' must not contain null");
		return withTools(List.of(tools), this.settings.toolOptions);
	}

	@Override
	public ChatCompletionTemplate withTools(Collection<Tool> tools, ToolOptions options) {
		Assert.notEmpty(tools, "'tools' must not be empty");
		Assert.noNullElements(tools, "'tools' must not contain null");
		Assert.notNull(options, "'options' must not be null");
		Builder equipped = new Builder(this.settings);
		equipped.tools = Stream.concat(equipped.tools.stream(), tools.stream()).toList();
		equipped.toolOptions = options;
		return new ChatCompletionTemplate(equipped);
	}

	/**
	 * Create a builder with all that this template has, for one that differs from it.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		return new Builder(this.settings);
	}

	@Override
	public Conversation conversation(String id) {
		return this.settings.conversations.conversation(id, new ConversationTurns());
	}

	private ChatRequest prepare(ChatRequest request) {
		ChatRequest.Builder builder = ChatRequest.builder();
		this.settings.defaults.accept(builder);
		builder.from(request);
		if (request.reasoningEffort() != null && request.thinking() == null) {
			// an effort asks for thinking, and a default must not take it back
			builder.thinking(null);
		}
		String provider = this.settings.provider;
		ChatRequest prepared = ((provider != null) ? builder.provider(provider) : builder).build();
		for (ChatRequestCustomizer customizer : this.settings.customizers) {
			prepared = customizer.customize(prepared);
			Assert.state(prepared != null, () -> customizer.getClass().getName() + " returned no request");
		}
		return prepared;
	}

	/**
	 * Answers the turns of conversations.
	 */
	private final class ConversationTurns implements ConversationClient {

		@Override
		public Mono<ChatCompletion> complete(ChatRequest request) {
			return completeAsync(request);
		}

		@Override
		public Flux<ChatDelta> stream(ChatRequest request) {
			return ChatCompletionTemplate.this.stream(request);
		}

		@Override
		public <T> Mono<TypedCompletion<T>> completeTyped(ChatRequest request, Type type) {
			return completeTypedAsync(request, ParameterizedTypeReference.forType(type));
		}

		@Override
		public <T> Flux<T> streamList(ChatRequest request, Type item, Consumer<ChatCompletion> answer) {
			ChatCompletionTemplate template = ChatCompletionTemplate.this;
			ChatCompletionClient client = new ObservedClient(template.client, answer);
			ChatCompletionClient plain = (template.client != template.settings.client)
					? new ObservedClient(template.settings.client, answer) : client;
			return Flux.defer(() -> template.typedAnswers.streamList(client, plain, prepare(request), item));
		}

		@Override
		public <T> T await(Mono<T> answer) {
			checkMayWait();
			return ChatCompletionTemplate.await(answer);
		}

	}

	/**
	 * Passes streams on, and what they come to.
	 *
	 * @param client answers the requests
	 * @param answer is given the complete answer of a stream
	 */
	private record ObservedClient(ChatCompletionClient client,
			Consumer<ChatCompletion> answer) implements ChatCompletionClient {

		@Override
		public Mono<ChatCompletion> complete(ChatRequest request) {
			return this.client.complete(request);
		}

		@Override
		public Flux<ChatDelta> stream(ChatRequest request) {
			return Flux.defer(() -> {
				ChatDeltaAccumulator collected = new ChatDeltaAccumulator();
				return this.client.stream(request)
					.doOnNext(collected::add)
					.doOnComplete(() -> this.answer.accept(collected.toCompletion()));
			});
		}

	}

	/**
	 * Builder for a {@link ChatCompletionTemplate}.
	 */
	public static final class Builder {

		private final ChatCompletionClient client;

		private Consumer<ChatRequest.Builder> defaults = (request) -> {
		};

		private JsonMapper jsonMapper = JsonMapper.shared();

		private @Nullable JsonSchemaGenerator schemaGenerator;

		private AnswerValidator answerValidator = AnswerValidator.NONE;

		private List<ChatRequestCustomizer> customizers = List.of();

		private Conversations conversations = Conversations.builder().build();

		private @Nullable String provider;

		private List<Tool> tools = List.of();

		private ToolOptions toolOptions = ToolOptions.DEFAULTS;

		private Builder(ChatCompletionClient client) {
			Assert.notNull(client, "'client' must not be null");
			this.client = client;
		}

		private Builder(Builder other) {
			this.client = other.client;
			this.defaults = other.defaults;
			this.jsonMapper = other.jsonMapper;
			this.schemaGenerator = other.schemaGenerator;
			this.answerValidator = other.answerValidator;
			this.customizers = other.customizers;
			this.conversations = other.conversations;
			this.provider = other.provider;
			this.tools = other.tools;
			this.toolOptions = other.toolOptions;
		}

		/**
		 * Set the defaults of requests.
		 * @param defaults sets the defaults; none by default
		 * @return this builder
		 */
		public Builder defaults(Consumer<ChatRequest.Builder> defaults) {
			Assert.notNull(defaults, "'defaults' must not be null");
			this.defaults = defaults;
			return this;
		}

		/**
		 * Set the mapper of the application's JSON: typed answers, and arguments and
		 * results of tools. Requests to providers and their responses have a mapper of
		 * their own.
		 * @param jsonMapper the application's mapper; a plain one by default
		 * @return this builder
		 */
		public Builder jsonMapper(JsonMapper jsonMapper) {
			Assert.notNull(jsonMapper, "'jsonMapper' must not be null");
			this.jsonMapper = jsonMapper;
			return this;
		}

		/**
		 * Set the generator of schemas of Java types.
		 * @param schemaGenerator the generator; by default one that names properties as
		 * the mapper does
		 * @return this builder
		 */
		public Builder schemaGenerator(JsonSchemaGenerator schemaGenerator) {
			Assert.notNull(schemaGenerator, "'schemaGenerator' must not be null");
			this.schemaGenerator = schemaGenerator;
			return this;
		}

		/**
		 * Set the validator of typed answers.
		 * @param answerValidator the validator; none by default
		 * @return this builder
		 */
		public Builder answerValidator(AnswerValidator answerValidator) {
			Assert.notNull(answerValidator, "'answerValidator' must not be null");
			this.answerValidator = answerValidator;
			return this;
		}

		/**
		 * Set the customizers of each request, which has the defaults applied.
		 * @param customizers the customizers in their order; none by default
		 * @return this builder
		 */
		public Builder customizers(List<ChatRequestCustomizer> customizers) {
			this.customizers = copy(customizers, "customizers");
			return this;
		}

		/**
		 * Set the conversations, with their store.
		 * @param conversations the conversations; in memory by default
		 * @return this builder
		 */
		public Builder conversations(Conversations conversations) {
			Assert.notNull(conversations, "'conversations' must not be null");
			this.conversations = conversations;
			return this;
		}

		/**
		 * Set the one provider that answers.
		 * @param provider its id; {@code null} for the configured chain, the default
		 * @return this builder
		 */
		public Builder provider(@Nullable String provider) {
			Assert.isTrue(provider == null || !provider.isBlank(), "'provider' must not be blank");
			this.provider = provider;
			return this;
		}

		/**
		 * Set the tools that are run when the model calls them.
		 * @param tools the tools; none by default
		 * @return this builder
		 */
		public Builder tools(Tool... tools) {
			Assert.notNull(tools, "'tools' must not be null");
			return tools(Arrays.asList(tools), ToolOptions.DEFAULTS);
		}

		/**
		 * Set the tools that are run when the model calls them, and how they are run.
		 * @param tools the tools; none by default
		 * @param options how they are run
		 * @return this builder
		 */
		public Builder tools(Collection<Tool> tools, ToolOptions options) {
			Assert.notNull(options, "'options' must not be null");
			this.tools = copy(tools, "tools");
			this.toolOptions = options;
			return this;
		}

		private static <T> List<T> copy(Collection<T> values, String name) {
			Assert.notNull(values, () -> "'" + name + "' must not be null");
			Assert.noNullElements(values, () -> "'" + name + "' must not contain null");
			return List.copyOf(values);
		}

		/**
		 * Build the template. The builder may be used again.
		 * @return the template
		 */
		public ChatCompletionTemplate build() {
			return new ChatCompletionTemplate(this);
		}

	}

}
