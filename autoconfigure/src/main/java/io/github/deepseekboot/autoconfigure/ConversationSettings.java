package io.github.deepseekboot.autoconfigure;

import java.time.Duration;

import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Conversation;
import io.github.deepseekboot.conversation.ConversationWindow;
import io.github.deepseekboot.conversation.InMemoryConversationStore;
import io.github.deepseekboot.conversation.TokenEstimator;

/**
 * Checks {@code deepseek.conversation.*}.
 */
final class ConversationSettings {

	private final Conversation properties;

	ConversationSettings(Conversation properties) {
		this.properties = properties;
		check("max-tokens", properties.maxTokens());
		check("max-messages", (properties.maxMessages() != null) ? properties.maxMessages() : 1);
		check("max-conversations", properties.maxConversations());
		check("max-characters", properties.maxCharacters());
		if (properties.maxWait().isZero() || properties.maxWait().isNegative()) {
			throw invalid("max-wait", properties.maxWait(), "Write a time like 30s or 1m, or leave the property out.");
		}
	}

	private static void check(String name, long value) {
		if (value < 1) {
			throw invalid(name, value, "Write a number from 1 on, or leave the property out.");
		}
	}

	private static InvalidDeepSeekConfigurationException invalid(String name, Object value, String action) {
		return new InvalidDeepSeekConfigurationException("deepseek.conversation." + name, value + " is out of range",
				action);
	}

	ConversationWindow window(TokenEstimator estimator) {
		Integer maxMessages = this.properties.maxMessages();
		return new ConversationWindow(this.properties.maxTokens(),
				(maxMessages != null) ? maxMessages : Integer.MAX_VALUE, estimator);
	}

	InMemoryConversationStore store() {
		return new InMemoryConversationStore(this.properties.maxConversations(), this.properties.maxCharacters());
	}

	Duration maxWait() {
		return this.properties.maxWait();
	}

}
