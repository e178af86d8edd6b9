package io.github.deepseekboot;

import java.util.Collection;

import org.springframework.core.ParameterizedTypeReference;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.InvalidAnswerException;
import io.github.deepseekboot.chat.TypedCompletion;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.tool.ToolLoop;
import io.github.deepseekboot.tool.ToolOptions;

/**
 * Interface that specifies the operations on chat models. It is implemented by
 * {@link ChatCompletionTemplate}; inject the interface where a test is to mock it. A
 * method whose name ends in {@code Async} is the reactive counterpart of the blocking one
 * without it.
 */
public interface ChatCompletionOperations {

	/**
	 * Send a prompt and wait for the complete answer.
	 * @param prompt the user's message
	 * @return the answer
	 * @throws IllegalArgumentException if the prompt is blank
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	default ChatCompletion complete(String prompt) {
		return complete(ChatRequest.of(prompt));
	}

	/**
	 * Send a request and wait for the complete answer.
	 * @param request what to ask
	 * @return the answer
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if called on an event-loop thread, which must not
	 * wait
	 */
	ChatCompletion complete(ChatRequest request);

	/**
	 * Ask for a typed answer and wait for it.
	 * @param <T> the type of the answer
	 * @param prompt the user's message
	 * @param type the type of the answer, such as a record
	 * @return the answer
	 * @see #complete(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> T complete(String prompt, Class<T> type) {
		return complete(ChatRequest.of(prompt), type);
	}

	/**
	 * Ask for a typed answer and wait for it.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a record
	 * @return the answer
	 * @see #complete(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> T complete(ChatRequest request, Class<T> type) {
		return complete(request, ParameterizedTypeReference.forType(type));
	}

	/**
	 * Ask for a typed answer and wait for it. The model gets the type's JSON Schema by
	 * whatever means the provider that answers has. A blank or broken answer is asked for
	 * again once, by a call of its own, with the mistake described to the model.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a list of records
	 * @return the answer, checked by Bean Validation where that is present
	 * @throws InvalidAnswerException if the model does not give such an answer
	 * @throws DeepSeekException if the call fails
	 * @throws IllegalStateException if nothing on the class path can make the schema, or
	 * if called on an event-loop thread, which must not wait
	 */
	default <T> T complete(ChatRequest request, ParameterizedTypeReference<T> type) {
		return completeTyped(request, type).value();
	}

	/**
	 * Ask for a typed answer and wait for it.
	 * @param <T> the type of the answer
	 * @param prompt the user's message
	 * @param type the type of the answer, such as a list of records
	 * @return the answer
	 * @see #complete(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> T complete(String prompt, ParameterizedTypeReference<T> type) {
		return complete(ChatRequest.of(prompt), type);
	}

	/**
	 * Ask for a typed answer and wait for it, together with its usage, attempts and
	 * provider.
	 * @param <T> the type of the answer
	 * @param prompt the user's message
	 * @param type the type of the answer, such as a record
	 * @return the answer with its completion
	 * @see #completeTyped(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> TypedCompletion<T> completeTyped(String prompt, Class<T> type) {
		return completeTyped(ChatRequest.of(prompt), type);
	}

	/**
	 * Ask for a typed answer and wait for it, together with its usage, attempts and
	 * provider.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a record
	 * @return the answer with its completion
	 * @see #completeTyped(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> TypedCompletion<T> completeTyped(ChatRequest request, Class<T> type) {
		return completeTyped(request, ParameterizedTypeReference.forType(type));
	}

	/**
	 * Ask for a typed answer and wait for it, together with its usage, attempts and
	 * provider. Fails as {@link #complete(ChatRequest, ParameterizedTypeReference)} does.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a list of records
	 * @return the answer with its completion; if it was asked for twice, with the usage
	 * and the attempts of both calls
	 */
	<T> TypedCompletion<T> completeTyped(ChatRequest request, ParameterizedTypeReference<T> type);

	/**
	 * Ask for the complete answer. Nothing is sent before the subscription, and each
	 * subscription is a call of its own.
	 * @param prompt the user's message
	 * @return the answer, or a {@link DeepSeekException}
	 */
	default Mono<ChatCompletion> completeAsync(String prompt) {
		return completeAsync(ChatRequest.of(prompt));
	}

	/**
	 * Ask for the complete answer. Nothing is sent before the subscription, and each
	 * subscription is a call of its own.
	 * @param request what to ask
	 * @return the answer, or a {@link DeepSeekException}
	 */
	Mono<ChatCompletion> completeAsync(ChatRequest request);

	/**
	 * Ask for a typed answer. Nothing is sent before the subscription.
	 * @param <T> the type of the answer
	 * @param prompt the user's message
	 * @param type the type of the answer, such as a record
	 * @return the answer
	 * @see #completeAsync(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> Mono<T> completeAsync(String prompt, Class<T> type) {
		return completeAsync(ChatRequest.of(prompt), type);
	}

	/**
	 * Ask for a typed answer. Nothing is sent before the subscription.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a record
	 * @return the answer
	 * @see #completeAsync(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> Mono<T> completeAsync(ChatRequest request, Class<T> type) {
		return completeAsync(request, ParameterizedTypeReference.forType(type));
	}

	/**
	 * Ask for a typed answer. Nothing is sent before the subscription, and each
	 * subscription is a call of its own, or two: a blank or broken answer is asked for
	 * again once, with the mistake described to the model.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a list of records
	 * @return the answer, checked by Bean Validation where that is present; an
	 * {@link InvalidAnswerException} if the model does not give such an answer, another
	 * {@link DeepSeekException} if the call fails, or an {@link IllegalStateException} if
	 * nothing on the class path can make the schema
	 */
	default <T> Mono<T> completeAsync(ChatRequest request, ParameterizedTypeReference<T> type) {
		return completeTypedAsync(request, type).map(TypedCompletion::value);
	}

	/**
	 * Ask for a typed answer. Nothing is sent before the subscription.
	 * @param <T> the type of the answer
	 * @param prompt the user's message
	 * @param type the type of the answer, such as a list of records
	 * @return the answer
	 * @see #completeAsync(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> Mono<T> completeAsync(String prompt, ParameterizedTypeReference<T> type) {
		return completeAsync(ChatRequest.of(prompt), type);
	}

	/**
	 * Ask for a typed answer, together with its usage, attempts and provider. Nothing is
	 * sent before the subscription.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a record
	 * @return the answer with its completion
	 * @see #completeTypedAsync(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> Mono<TypedCompletion<T>> completeTypedAsync(ChatRequest request, Class<T> type) {
		return completeTypedAsync(request, ParameterizedTypeReference.forType(type));
	}

	/**
	 * Ask for a typed answer, together with its usage, attempts and provider. Fails as
	 * {@link #completeAsync(ChatRequest, ParameterizedTypeReference)} does.
	 * @param <T> the type of the answer
	 * @param request what to ask; its response format is replaced
	 * @param type the type of the answer, such as a list of records
	 * @return the answer with its completion; if it was asked for twice, with the usage
	 * and the attempts of both calls
	 */
	<T> Mono<TypedCompletion<T>> completeTypedAsync(ChatRequest request, ParameterizedTypeReference<T> type);

	/**
	 * Ask for a list, item by item.
	 * @param <T> the type of an item
	 * @param prompt the user's message
	 * @param item the type of an item, such as a record
	 * @return the items
	 * @see #streamList(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> Flux<T> streamList(String prompt, Class<T> item) {
		return streamList(ChatRequest.of(prompt), item);
	}

	/**
	 * Ask for a list, item by item.
	 * @param <T> the type of an item
	 * @param request what to ask; its response format is replaced
	 * @param item the type of an item, such as a record
	 * @return the items
	 * @see #streamList(ChatRequest, ParameterizedTypeReference)
	 */
	default <T> Flux<T> streamList(ChatRequest request, Class<T> item) {
		return streamList(request, ParameterizedTypeReference.forType(item));
	}

	/**
	 * Ask for a list, item by item: each is emitted as soon as it is complete, while the
	 * rest is still made. Nothing is sent before the subscription, and a cancellation
	 * closes the connection. A blank or broken answer is asked for again once, unless an
	 * item was emitted.
	 * @param <T> the type of an item
	 * @param request what to ask; its response format is replaced
	 * @param item the type of an item, such as a record or a list of them
	 * @return the items, each checked by Bean Validation where that is present; after
	 * those that are right, an {@link InvalidAnswerException} if one is not or the list
	 * is cut, or another {@link DeepSeekException} if the call fails
	 */
	<T> Flux<T> streamList(ChatRequest request, ParameterizedTypeReference<T> item);

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
	 * Ask for the text of the answer as it is made, without anything beside it.
	 * @param prompt the user's message
	 * @return the pieces of the text, none of which is empty or ends within a character;
	 * or a {@link DeepSeekException}
	 */
	default Flux<String> streamText(String prompt) {
		return streamText(ChatRequest.of(prompt));
	}

	/**
	 * Ask for the text of the answer as it is made, without anything beside it.
	 * @param request what to ask
	 * @return the pieces of the text of the first choice, none of which is empty or ends
	 * within a character; or a {@link DeepSeekException}
	 */
	default Flux<String> streamText(ChatRequest request) {
		return Flux.defer(() -> {
			TextPieces pieces = new TextPieces();
			return stream(request).mapNotNull(pieces::next)
				.concatWith(Flux.defer(() -> Flux.fromIterable(pieces.rest())));
		});
	}

	/**
	 * Return the same operations, answered by one provider only.
	 * @param provider the provider's id, as configured
	 * @return operations pinned to that provider; a call fails if there is none of that
	 * id
	 */
	ChatCompletionOperations withProvider(String provider);

	/**
	 * Return a conversation, whose history is kept and sent along. It lives in the
	 * {@code ConversationStore}; this makes or stores nothing.
	 * @param id the conversation's id, chosen by the application; whoever knows it can
	 * continue with the conversation
	 * @return the conversation, answered by these operations
	 */
	Conversation conversation(String id);

	/**
	 * Return the same operations, with tools that are run when the model calls them,
	 * until it answers without calling any: at most 10 rounds, several calls at once, the
	 * model is informed when a tool fails.
	 * @param tools the tools, in addition to those that these operations have already
	 * @return operations with these tools; the options are those that these operations
	 * have
	 * @throws IllegalArgumentException if there are two tools of one name
	 * @throws IllegalStateException if a tool's schema must be made and nothing on the
	 * class path can
	 * @see ToolLoop
	 */
	ChatCompletionOperations withTools(Tool... tools);

	/**
	 * Return the same operations, with tools that are run when the model calls them,
	 * until it answers without calling any.
	 * @param tools the tools, in addition to those that these operations have already
	 * @param options how the tools are run, all of them
	 * @return operations with these tools
	 * @throws IllegalArgumentException if there are two tools of one name
	 * @throws IllegalStateException if a tool's schema must be made and nothing on the
	 * class path can
	 * @see ToolLoop
	 */
	ChatCompletionOperations withTools(Collection<Tool> tools, ToolOptions options);

}
