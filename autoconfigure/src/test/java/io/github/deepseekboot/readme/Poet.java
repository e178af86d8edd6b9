package io.github.deepseekboot.readme;

import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;

// tag::poet[]
@Service
class Poet {

	private final ChatCompletionTemplate chat;

	Poet(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	String poem(String topic) { // waits
		return this.chat.complete("Write a poem about " + topic).content();
	}

	Mono<ChatCompletion> later(ChatRequest request) { // does not wait
		return this.chat.completeAsync(request);
	}

	Flux<ChatDelta> live(String topic) { // as it is made; 'reasoner' thinks first
		return this.chat.stream(ChatRequest.builder().system("You are a poet").user(topic).model("reasoner").build());
	}

	String elsewhere(String topic) { // whoever is the default
		return this.chat.withProvider("siliconflow").complete(topic).content();
	}

}
// end::poet[]
