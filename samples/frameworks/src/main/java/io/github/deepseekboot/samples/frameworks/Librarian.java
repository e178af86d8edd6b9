package io.github.deepseekboot.samples.frameworks;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.client.advisor.vectorstore.QuestionAnswerAdvisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.vectorstore.VectorStore;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;

/**
 * Answers out of the catalogue, and remembers what a reader said.
 */
// tag::librarian[]
@Component
public class Librarian {

	private final ChatClient chat;

	Librarian(ChatClient.Builder builder, VectorStore catalogue) {
		this.chat = builder.defaultSystem("You are a librarian.")
			.defaultAdvisors(MessageChatMemoryAdvisor.builder(MessageWindowChatMemory.builder().build()).build(),
					QuestionAnswerAdvisor.builder(catalogue).build())
			.build();
	}

	public Flux<String> answer(String reader, String question) {
		return this.chat.prompt()
			.user(question)
			.advisors((advisors) -> advisors.param(ChatMemory.CONVERSATION_ID, reader))
			.stream()
			.content();
	}

}
// end::librarian[]
