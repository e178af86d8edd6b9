package io.github.deepseekboot.guide;

import org.springframework.stereotype.Service;

import io.github.deepseekboot.ChatCompletionOperations;

// tag::shop[]
@Service
class PoetryShop {

	private final ChatCompletionOperations chat;

	PoetryShop(ChatCompletionOperations chat) {
		this.chat = chat;
	}

	String sell(String topic) {
		return "One poem: " + this.chat.complete("Write a poem about " + topic).content();
	}

}
// end::shop[]
