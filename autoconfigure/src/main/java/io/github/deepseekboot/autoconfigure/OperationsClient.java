package io.github.deepseekboot.autoconfigure;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;

/**
 * A client that asks the template, so that the defaults and the customizers of the
 * application hold for what other frameworks ask too.
 *
 * @param chat the template
 */
record OperationsClient(ChatCompletionOperations chat) implements ChatCompletionClient {

	@Override
	public Mono<ChatCompletion> complete(ChatRequest request) {
		return this.chat.completeAsync(request);
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		return this.chat.stream(request);
	}

}
