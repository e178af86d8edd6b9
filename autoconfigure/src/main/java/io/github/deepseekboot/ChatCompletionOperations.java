package io.github.deepseekboot;

import java.util.Collection;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.tool.ToolLoop;
import io.github.deepseekboot.tool.ToolOptions;

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
	 * The same operations, with tools that are run when the model calls them, until it
	 * answers without calling any: at most 10 rounds, several calls at once, the model is
	 * told when a tool fails.
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
	 * The same operations, with tools that are run when the model calls them, until it
	 * answers without calling any.
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
