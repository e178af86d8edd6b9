package io.github.deepseekboot.guide;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.stereotype.Service;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;

/**
 * The templates of docs/guide/templates.md.
 */
final class Templates {

	private Templates() {
	}

	// tag::beans[]
	@Configuration(proxyBeanMethods = false)
	static class TemplatesConfiguration {

		@Bean
		ChatCompletionOperations cheap(ChatCompletionTemplate chat) {
			return chat.withProvider("siliconflow");
		}

		@Bean
		ChatCompletionTemplate exact(ChatCompletionTemplate chat) {
			return chat.toBuilder().defaults((request) -> request.model("reasoner").temperature(0.0)).build();
		}

	}
	// end::beans[]

	// tag::service[]
	@Service
	static class Reviewer {

		private final ChatCompletionOperations chat;

		private final ChatCompletionOperations cheap;

		Reviewer(ChatCompletionOperations chat, @Qualifier("cheap") ChatCompletionOperations cheap) {
			this.chat = chat;
			this.cheap = cheap;
		}

		String review(String text) {
			String summary = this.cheap.complete("Summarize: " + text).content();
			return this.chat.complete("Review this: " + summary).content();
		}

	}
	// end::service[]

}
