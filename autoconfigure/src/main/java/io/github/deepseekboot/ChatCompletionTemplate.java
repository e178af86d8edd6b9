package io.github.deepseekboot;

import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.conversation.Conversations;

/**
 * Talks to chat models: blocking, reactive and streaming. Thread-safe; one bean serves
 * the whole application.
 */
public class ChatCompletionTemplate implements ChatCompletionOperations {

	private final ChatCompletionClient client;

	private final Consumer<ChatRequest.Builder> defaults;

	private final List<ChatRequestCustomizer> customizers;

	private final Conversations conversations;

	private final @Nullable String provider;

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
		this(client, defaults, List.of());
	}

	/**
	 * Create a template.
	 * @param client answers the requests
	 * @param defaults sets what holds for a request that does not say otherwise
	 * @param customizers change each request, one after the other
	 */
	public ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults,
			List<ChatRequestCustomizer> customizers) {
		this(client, defaults, customizers, new Conversations());
	}

	/**
	 * Create a template.
	 * @param client answers the requests
	 * @param defaults sets what holds for a request that does not say otherwise
	 * @param customizers change each request, one after the other
	 * @param conversations keep what was said
	 */
	public ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults,
			List<ChatRequestCustomizer> customizers, Conversations conversations) {
		this(client, defaults, customizers, conversations, null);
	}

	private ChatCompletionTemplate(ChatCompletionClient client, Consumer<ChatRequest.Builder> defaults,
			List<ChatRequestCustomizer> customizers, Conversations conversations, @Nullable String provider) {
		Assert.notNull(client, "'client' must not be null");
		Assert.notNull(defaults, "'defaults' must not be null");
		this.client = client;
		this.defaults = defaults;
		this.customizers = List.copyOf(customizers);
		this.conversations = conversations;
		this.provider = provider;
	}

	@Override
	public ChatCompletion complete(ChatRequest request) {
		return complete(completeAsync(request));
	}

	private static ChatCompletion complete(Mono<ChatCompletion> answer) {
		if (Schedulers.isInNonBlockingThread()) {
			throw new IllegalStateException("complete() waits for the answer and must not be called on the event-loop"
					+ " thread '" + Thread.currentThread().getName()
					+ "'; use completeAsync() or stream(), or call it on Schedulers.boundedElastic()");
		}
		ChatCompletion completion = await(answer);
		Assert.state(completion != null, "the client completed without an answer");
		return completion;
	}

	private static @Nullable ChatCompletion await(Mono<ChatCompletion> answer) {
		try {
			return answer.block();
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
	public Flux<ChatDelta> stream(ChatRequest request) {
		Assert.notNull(request, "'request' must not be null");
		return Flux.defer(() -> this.client.stream(prepare(request)));
	}

	@Override
	public ChatCompletionTemplate withProvider(String provider) {
		Assert.hasText(provider, "'provider' must not be empty");
		return new ChatCompletionTemplate(this.client, this.defaults, this.customizers, this.conversations, provider);
	}

	@Override
	public Conversation conversation(String id) {
		return this.conversations.conversation(id, new ChatCompletionClient() {

			@Override
			public Mono<ChatCompletion> complete(ChatRequest request) {
				return completeAsync(request);
			}

			@Override
			public Flux<ChatDelta> stream(ChatRequest request) {
				return ChatCompletionTemplate.this.stream(request);
			}

		}, ChatCompletionTemplate::complete);
	}

	private ChatRequest prepare(ChatRequest request) {
		ChatRequest.Builder builder = ChatRequest.builder();
		this.defaults.accept(builder);
		builder.from(request);
		if (request.reasoningEffort() != null && request.thinking() == null) {
			// an effort asks for thinking, and a default must not take it back
			builder.thinking(null);
		}
		ChatRequest prepared = ((this.provider != null) ? builder.provider(this.provider) : builder).build();
		for (ChatRequestCustomizer customizer : this.customizers) {
			prepared = customizer.customize(prepared);
			Assert.state(prepared != null, () -> customizer.getClass().getName() + " returned no request");
		}
		return prepared;
	}

}
