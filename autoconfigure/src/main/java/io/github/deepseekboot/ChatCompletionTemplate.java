package io.github.deepseekboot;

import java.util.function.Consumer;

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
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.structured.AnswerValidator;
import io.github.deepseekboot.structured.TypedAnswers;

/**
 * Talks to chat models: blocking, reactive and streaming. Thread-safe; one bean serves
 * the whole application.
 */
public class ChatCompletionTemplate implements ChatCompletionOperations {

	private final ChatCompletionClient client;

	private final Consumer<ChatRequest.Builder> defaults;

	private final @Nullable String provider;

	private final TypedAnswers typedAnswers;

	/**
	 * Create a template without defaults.
	 * @param client answers the requests
	 */
	public ChatCompletionTemplate(ChatCompletionClient client) {
		this(client, (request) -> {
		});
	}

	/**
	 * Create a template.
	 * @param client answers the requests
	 * @param defaults sets what holds for a request that does not say otherwise
	 */
	public ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults) {
		this(client, defaults, plainTypedAnswers());
	}

	/**
	 * Create a template.
	 * @param client answers the requests
	 * @param defaults sets what holds for a request that does not say otherwise
	 * @param typedAnswers asks for typed answers and reads them
	 */
	public ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults,
			TypedAnswers typedAnswers) {
		this(client, defaults, typedAnswers, null);
	}

	private ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults,
			TypedAnswers typedAnswers, @Nullable String provider) {
		Assert.notNull(client, "'client' must not be null");
		Assert.notNull(defaults, "'defaults' must not be null");
		Assert.notNull(typedAnswers, "'typedAnswers' must not be null");
		this.client = client;
		this.defaults = defaults;
		this.provider = provider;
		this.typedAnswers = typedAnswers;
	}

	private static TypedAnswers plainTypedAnswers() {
		JsonMapper mapper = JsonMapper.shared();
		return new TypedAnswers(mapper, JsonSchemaGenerator.create(mapper), AnswerValidator.NONE);
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
		return this.client.complete(prepare(request));
	}

	@Override
	public <T> Mono<T> completeAsync(ChatRequest request, ParameterizedTypeReference<T> type) {
		return this.typedAnswers.complete(this.client, this.client, prepare(request), type.getType());
	}

	@Override
	public <T> Flux<T> streamList(ChatRequest request, Class<T> item) {
		return this.typedAnswers.streamList(this.client, this.client, prepare(request), item);
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		return this.client.stream(prepare(request));
	}

	@Override
	public ChatCompletionTemplate withProvider(String provider) {
		Assert.hasText(provider, "'provider' must not be empty");
		return new ChatCompletionTemplate(this.client, this.defaults, this.typedAnswers, provider);
	}

	private ChatRequest prepare(ChatRequest request) {
		Assert.notNull(request, "'request' must not be null");
		ChatRequest.Builder builder = ChatRequest.builder();
		this.defaults.accept(builder);
		builder.from(request);
		if (request.reasoningEffort() != null && request.thinking() == null) {
			// an effort asks for thinking, and a default must not take it back
			builder.thinking(null);
		}
		return ((this.provider != null) ? builder.provider(this.provider) : builder).build();
	}

}
