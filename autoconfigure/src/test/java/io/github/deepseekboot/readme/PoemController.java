package io.github.deepseekboot.readme;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;

// tag::controller[]
@RestController
class PoemController {

	private final ChatCompletionTemplate chat;

	PoemController(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	@GetMapping(path = "/poem", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ChatDelta> poem(@RequestParam String topic) {
		return this.chat.stream("Write a poem about " + topic);
	}

}
// end::controller[]
