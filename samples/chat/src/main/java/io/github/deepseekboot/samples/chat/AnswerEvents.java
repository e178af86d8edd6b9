package io.github.deepseekboot.samples.chat;

import java.util.List;
import java.util.function.Function;

import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.samples.chat.PassedOverProviders.PassedOver;

/**
 * Turns an answer into the server-sent events that the page reads.
 */
@Component
class AnswerEvents {

	private final PassedOverProviders passedOver;

	AnswerEvents(PassedOverProviders passedOver) {
		this.passedOver = passedOver;
	}

	Flux<ServerSentEvent<Object>> of(ChatRequest request, Function<ChatRequest, Flux<ChatDelta>> answer) {
		return Flux.concat(beginning(request), answer.apply(request).map((delta) -> event("delta", delta)))
			.onErrorResume(DeepSeekException.class, (ex) -> Mono.just(event("error", ChatFailure.of(ex))));
	}

	private Flux<ServerSentEvent<Object>> beginning(ChatRequest request) {
		// the first byte says that the question arrived, however long its answer takes
		ServerSentEvent<Object> asked = ServerSentEvent.builder().comment("asked").build();
		// a request that names its provider passes over nobody
		List<PassedOver> passed = (request.provider() == null) ? this.passedOver.now() : List.of();
		return passed.isEmpty() ? Flux.just(asked) : Flux.just(asked, event("passed-over", passed));
	}

	private static ServerSentEvent<Object> event(String name, Object data) {
		return ServerSentEvent.builder(data).event(name).build();
	}

}
