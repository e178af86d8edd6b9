package io.github.deepseekboot.guide;

import java.util.stream.Stream;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;

@RestController
class WaitingPoems {

	private final ChatCompletionTemplate chat;

	WaitingPoems(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	// tag::waiting[]
	@GetMapping("/poem/whole")
	String completePoem(@RequestParam String topic) {
		return this.chat.complete("Write a poem about " + topic).content();
	}
	// end::waiting[]

	// tag::first-line[]
	String firstLine(String topic) {
		try (Stream<ChatDelta> deltas = this.chat.stream("Write a poem about " + topic).toStream()) {
			StringBuilder line = new StringBuilder();
			for (ChatDelta delta : (Iterable<ChatDelta>) deltas::iterator) {
				line.append((delta.content() != null) ? delta.content() : "");
				if (line.indexOf("\n") >= 0) {
					break; // closing the stream cancels the call
				}
			}
			return line.toString().lines().findFirst().orElse("");
		}
	}
	// end::first-line[]

}
