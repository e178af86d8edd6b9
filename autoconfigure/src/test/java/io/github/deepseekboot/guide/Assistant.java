package io.github.deepseekboot.guide;

import java.util.List;

import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.conversation.Conversation;

/**
 * The assistant of docs/guide/conversations.md.
 */
// tag::assistant[]
class Assistant {

	private final ChatCompletionOperations chat;

	Assistant(ChatCompletionOperations chat) {
		this.chat = chat;
	}

	String greet(String session) {
		ChatRequest hello = ChatRequest.builder().system("You help in a shop for tea.").user("Hello").build();
		return this.chat.conversation(session).complete(hello).content();
	}

	String answer(String session, String question) {
		return this.chat.conversation(session).complete(question).content();
	}

	Flux<ChatDelta> stream(String session, String question) {
		return this.chat.conversation(session).stream(question);
	}

	List<ChatMessage> history(String session) {
		return this.chat.conversation(session).messages();
	}

	void goodbye(String session) {
		Conversation conversation = this.chat.conversation(session);
		conversation.clear();
	}

}
// end::assistant[]
