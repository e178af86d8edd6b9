package io.github.deepseekboot.samples.chat;

import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;

/**
 * Streams answers to the page. If the page closes the connection, the call to the
 * provider ends too.
 */
@RestController
class ChatController {

	private final ChatCompletionTemplate chat;

	ChatController(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	@PostMapping(path = "/api/chat", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ServerSentEvent<Object>> chat(@RequestBody Dialogue dialogue) {
		return events(this.chat.stream(dialogue.toRequest()));
	}

	static Flux<ServerSentEvent<Object>> events(Flux<ChatDelta> deltas) {
		// the first byte says that the question arrived, however long its answer takes
		return deltas.map((delta) -> event("delta", delta))
			.startWith(ServerSentEvent.builder().comment("asked").build())
			.onErrorResume(DeepSeekException.class, (ex) -> Mono.just(event("error", ChatFailure.of(ex))));
	}

	private static ServerSentEvent<Object> event(String name, Object data) {
		return ServerSentEvent.builder(data).event(name).build();
	}

}
