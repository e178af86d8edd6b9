package io.github.deepseekboot.guide;

import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ReasoningEffort;

// tag::riddler[]
@Service
class Riddler {

	private final ChatCompletionTemplate chat;

	Riddler(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	String quick(String riddle) {
		ChatRequest request = ChatRequest.builder().user(riddle).thinking(false).build();
		return this.chat.complete(request).content();
	}

	String thorough(String riddle) {
		ChatRequest request = ChatRequest.builder().user(riddle).reasoningEffort(ReasoningEffort.HIGH).build();
		ChatCompletion completion = this.chat.complete(request);
		return completion.content() + " (because: " + completion.reasoningContent() + ")";
	}

	Flux<String> aloud(String riddle) {
		ChatRequest request = ChatRequest.builder().user(riddle).model("reasoner").build();
		return this.chat.stream(request).mapNotNull((delta) -> {
			if (delta.reasoningContent() != null) {
				return "[" + delta.reasoningContent() + "]";
			}
			return delta.content();
		});
	}

}
// end::riddler[]
