package io.github.deepseekboot.readme;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.DeepSeekException;

class PatientPoet {

	private final ChatCompletionTemplate chat;

	PatientPoet(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	// tag::errors[]
	String poem(String topic) {
		try {
			return this.chat.complete("Write a poem about " + topic).content();
		}
		catch (DeepSeekException ex) {
			return switch (ex.getKind()) {
				case CONTENT_FILTERED -> "Let us speak of something else.";
				case RATE_LIMITED, OVERLOADED -> "The poets are busy; please come back later.";
				default -> throw ex;
			};
		}
	}
	// end::errors[]

}
