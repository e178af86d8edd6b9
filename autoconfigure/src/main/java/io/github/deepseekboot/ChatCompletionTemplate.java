package io.github.deepseekboot;

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
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.conversation.Conversations;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.structured.AnswerValidator;
import io.github.deepseekboot.structured.TypedAnswers;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.tool.ToolLoop;
import io.github.deepseekboot.tool.ToolOptions;

/**
 * Talks to chat models: blocking, reactive and streaming. Thread-safe; one bean serves
 * the whole application.
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
	 * @param defaults sets what holds for a request that does not say otherwise
	 */
	public ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults) {
		this(builder(client).defaults(defaults));
	}

	private ChatCompletionTemplate(Builder builder) {
		if (builder.schemaGenerator == null) {
			builder.schemaGenerator = JsonSchemaGenerator.create(builder.jsonMapper);
		}
		JsonSchemaGenerator schemaGenerator = builder.schemaGenerator;
		this.settings = new Builder(builder);
		this.client = builder.tools.isEmpty() ? builder.client
				: new ToolLoop(builder.client, builder.tools, builder.toolOptions, builder.jsonMapper, schemaGenerator);
		this.typedAnswers = new TypedAnswers(builder.jsonMapper, schemaGenerator, builder.answerValidator);
	}

	/**
	 * Start to describe a template.
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
	public <T> T complete(ChatRequest request, ParameterizedTypeReference<T> type) {
		checkMayWait();
		return await(completeAsync(request, type));
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
	public <T> Mono<T> completeAsync(ChatRequest request, ParameterizedTypeReference<T> type) {
		Assert.notNull(request, "'request' must not be null");
		return Mono.defer(
				() -> this.typedAnswers.complete(this.client, this.settings.client, prepare(request), type.getType()));
	}

	@Override
	public <T> Flux<T> streamList(ChatRequest request, Class<T> item) {
		Assert.notNull(request, "'request' must not be null");
		return Flux
			.defer(() -> this.typedAnswers.streamList(this.client, this.settings.client, prepare(request), item));
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
		return withTools(List.of(tools), this.settings.toolOptions);
	}

	@Override
	public ChatCompletionTemplate withTools(Collection<Tool> tools, ToolOptions options) {
		Assert.notEmpty(tools, "'tools' must not be empty");
		Assert.notNull(options, "'options' must not be null");
		Builder equipped = new Builder(this.settings);
		equipped.tools = Stream.concat(equipped.tools.stream(), tools.stream()).toList();
		equipped.toolOptions = options;
		return new ChatCompletionTemplate(equipped);
	}

	@Override
	public Conversation conversation(String id) {
		return this.settings.conversations.conversation(id, new ChatCompletionClient() {

			@Override
			public Mono<ChatCompletion> complete(ChatRequest request) {
				return completeAsync(request);
			}

			@Override
			public Flux<ChatDelta> stream(ChatRequest request) {
				return ChatCompletionTemplate.this.stream(request);
			}

		}, (answer) -> {
			checkMayWait();
			return await(answer);
		});
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
	 * Describes a template.
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
		 * What holds for a request that does not say otherwise.
		 * @param defaults sets the defaults; none by default
		 * @return this builder
		 */
		public Builder defaults(Consumer<ChatRequest.Builder> defaults) {
			Assert.notNull(defaults, "'defaults' must not be null");
			this.defaults = defaults;
			return this;
		}

		/**
		 * What reads and writes the JSON that is the application's: typed answers, and
		 * arguments and results of tools. The wire is not its concern.
		 * @param jsonMapper the application's mapper; a plain one by default
		 * @return this builder
		 */
		public Builder jsonMapper(JsonMapper jsonMapper) {
			Assert.notNull(jsonMapper, "'jsonMapper' must not be null");
			this.jsonMapper = jsonMapper;
			return this;
		}

		/**
		 * What makes the schemas of Java types.
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
		 * What checks typed answers.
		 * @param answerValidator the validator; none by default
		 * @return this builder
		 */
		public Builder answerValidator(AnswerValidator answerValidator) {
			Assert.notNull(answerValidator, "'answerValidator' must not be null");
			this.answerValidator = answerValidator;
			return this;
		}

		/**
		 * What changes each request, with the defaults under it.
		 * @param customizers the customizers in their order; none by default
		 * @return this builder
		 */
		public Builder customizers(List<ChatRequestCustomizer> customizers) {
			this.customizers = List.copyOf(customizers);
			return this;
		}

		/**
		 * What keeps conversations.
		 * @param conversations the conversations; in memory by default
		 * @return this builder
		 */
		public Builder conversations(Conversations conversations) {
			Assert.notNull(conversations, "'conversations' must not be null");
			this.conversations = conversations;
			return this;
		}

		/**
		 * Make the template.
		 * @return the template
		 */
		public ChatCompletionTemplate build() {
			return new ChatCompletionTemplate(this);
		}

	}

}
