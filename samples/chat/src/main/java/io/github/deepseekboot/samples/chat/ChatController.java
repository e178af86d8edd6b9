package io.github.deepseekboot.samples.chat;

import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;

/**
 * Streams answers to the page. If the page closes the connection, the call to the
 * provider ends too.
 */
@RestController
class ChatController {

	private final ChatCompletionTemplate chat;

	private final AnswerEvents events;

	ChatController(ChatCompletionTemplate chat, AnswerEvents events) {
		this.chat = chat;
		this.events = events;
	}

	@PostMapping(path = "/api/chat", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ServerSentEvent<Object>> chat(@RequestBody Dialogue dialogue) {
		return this.events.of(dialogue.toRequest(), this.chat::stream);
	}

}
