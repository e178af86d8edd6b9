package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.MessageRole;

/**
 * A question with all that was said before it, as who keeps no conversation asks it.
 *
 * @param messages the messages in their order
 * @param provider the only provider to ask; {@code null} for all in their order
 * @param model the logical name of a model; {@code null} for the configured one
 * @param thinking whether to think; {@code null} for what the model does by itself
 */
record Dialogue(List<Message> messages, @Nullable String provider, @Nullable String model, @Nullable Boolean thinking) {

	Dialogue {
		Assert.notEmpty(messages, "'messages' must not be empty");
		Assert.noNullElements(messages, "'messages' must not contain null");
		provider = StringUtils.hasText(provider) ? provider : null;
		model = StringUtils.hasText(model) ? model : null;
	}

	ChatRequest toRequest() {
		return ChatRequest.builder()
			.messages(this.messages.stream().map(Message::toChatMessage).toList())
			.provider(this.provider)
			.model(this.model)
			.thinking(this.thinking)
			.build();
	}

	/**
	 * One message. The page sends the user's message and repeats those of the model;
	 * instructions to the model are none of its business.
	 *
	 * @param role the role of the author
	 * @param content the text
	 * @param reasoningContent the reasoning of an earlier answer; the starter knows which
	 * providers want it back
	 */
	record Message(MessageRole role, String content, @Nullable String reasoningContent) {

		Message {
			Assert.isTrue(role == MessageRole.USER || role == MessageRole.ASSISTANT,
					"'role' must be 'user' or 'assistant'");
			Assert.notNull(content, "'content' must not be null");
		}

		ChatMessage toChatMessage() {
			return ChatMessage.builder(this.role).content(this.content).reasoningContent(this.reasoningContent).build();
		}

	}

}
