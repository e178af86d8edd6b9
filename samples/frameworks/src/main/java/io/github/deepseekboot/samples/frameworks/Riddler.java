package io.github.deepseekboot.samples.frameworks;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.stereotype.Component;

import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.springai.RoutingChatOptions;

/**
 * Thinks before it answers.
 */
@Component
public class Riddler {

	private final ChatClient chat;

	Riddler(ChatClient.Builder builder) {
		this.chat = builder.build();
	}

	// tag::options[]
	public @Nullable String thorough(String riddle) {
		return this.chat.prompt()
			.user(riddle)
			.options(RoutingChatOptions.builder().model("reasoner").reasoningEffort(ReasoningEffort.HIGH).userId("ida"))
			.call()
			.content();
	}
	// end::options[]

}
