package io.github.deepseekboot;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.conversation.Conversation;

/**
 * What an application does with chat models. {@link ChatCompletionTemplate} implements
 * it; tests may mock it.
 */
public interface ChatCompletionOperations {

	/**
	 * Ask and wait for the whole answer.
	 * @param prompt the user's message
	 * @return the answer
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	default ChatCompletion complete(String prompt) {
		return complete(ChatRequest.of(prompt));
	}

	/**
	 * Ask and wait for the whole answer.
	 * @param request what to ask
	 * @return the answer
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	ChatCompletion complete(ChatRequest request);

	/**
	 * Ask for the whole answer. Nothing is sent before the subscription, and each
	 * subscription is a call of its own.
	 * @param prompt the user's message
	 * @return the answer, or a {@link DeepSeekException}
	 */
	default Mono<ChatCompletion> completeAsync(String prompt) {
		return completeAsync(ChatRequest.of(prompt));
	}

	/**
	 * Ask for the whole answer. Nothing is sent before the subscription, and each
	 * subscription is a call of its own.
	 * @param request what to ask
	 * @return the answer, or a {@link DeepSeekException}
	 */
	Mono<ChatCompletion> completeAsync(ChatRequest request);

	/**
	 * Ask for the answer as it is made. Nothing is sent before the subscription, each
	 * subscription is a call of its own, and a cancellation closes the connection.
	 * @param prompt the user's message
	 * @return the deltas, the last one with the usage; or a {@link DeepSeekException}
	 */
	default Flux<ChatDelta> stream(String prompt) {
		return stream(ChatRequest.of(prompt));
	}

	/**
	 * Ask for the answer as it is made. Nothing is sent before the subscription, each
	 * subscription is a call of its own, and a cancellation closes the connection.
	 * @param request what to ask
	 * @return the deltas, the last one with the usage; or a {@link DeepSeekException}
	 */
	Flux<ChatDelta> stream(ChatRequest request);

	/**
	 * The same operations, answered by one provider only.
	 * @param provider the provider's id, as configured
	 * @return operations pinned to that provider; a call fails if there is none of that
	 * id
	 */
	ChatCompletionOperations withProvider(String provider);

	/**
	 * A conversation, whose history is kept and sent along. It lives in the
	 * {@code ConversationStore}; this makes or stores nothing.
	 * @param id the conversation's id, chosen by the application; who knows it can go on
	 * with the conversation
	 * @return the conversation, answered by these operations
	 */
	Conversation conversation(String id);

}
