package io.github.deepseekboot.chat;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Strategy interface of clients that answer chat requests. The seam below the template:
 * an application may supply a bean of its own, as a test double or in place of the
 * providers.
 */
public interface ChatCompletionClient {

	/**
	 * Ask for a complete answer. Nothing is sent before the subscription; each
	 * subscription is a call of its own.
	 * @param request the request
	 * @return the completion, or a {@link DeepSeekException}
	 */
	Mono<ChatCompletion> complete(ChatRequest request);

	/**
	 * Ask for an answer as it is made. Nothing is sent before the subscription; each
	 * subscription is a call of its own, and a cancellation closes the connection to the
	 * provider.
	 * @param request the request
	 * @return the deltas, of which the last one, and only that, is
	 * {@linkplain ChatDelta#isLast() last} and carries the usage; or a
	 * {@link DeepSeekException}
	 */
	Flux<ChatDelta> stream(ChatRequest request);

}
