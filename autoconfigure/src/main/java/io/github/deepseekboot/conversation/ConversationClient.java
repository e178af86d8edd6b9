package io.github.deepseekboot.conversation;

import java.lang.reflect.Type;
import java.util.function.Consumer;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.TypedCompletion;

/**
 * Client that answers the turns of a conversation. The template is one; applications need
 * none of their own.
 */
public interface ConversationClient extends ChatCompletionClient {

	/**
	 * Ask for a typed answer.
	 * @param <T> the type of the answer
	 * @param request what to ask, with the history
	 * @param type the type of the answer
	 * @return the answer with its completion
	 */
	<T> Mono<TypedCompletion<T>> completeTyped(ChatRequest request, Type type);

	/**
	 * Ask for a list, item by item.
	 * @param <T> the type of an item
	 * @param request what to ask, with the history
	 * @param item the type of an item
	 * @param answer is given the complete answer before the items end
	 * @return the items
	 */
	<T> Flux<T> streamList(ChatRequest request, Type item, Consumer<ChatCompletion> answer);

	/**
	 * Wait for an answer, or refuse to on a thread that must not wait.
	 * @param <T> the type of the answer
	 * @param answer the answer
	 * @return what it emits
	 */
	<T> T await(Mono<T> answer);

}
