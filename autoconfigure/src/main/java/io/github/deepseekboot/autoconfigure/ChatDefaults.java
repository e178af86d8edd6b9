package io.github.deepseekboot.autoconfigure;

import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Chat;
import io.github.deepseekboot.chat.ChatRequest;

/**
 * Puts {@code deepseek.chat.*} under each request.
 */
final class ChatDefaults implements Consumer<ChatRequest.Builder> {

	private final Chat chat;

	/**
	 * Check the defaults, so that a wrong one stops the start and not every call.
	 * @param chat the properties
	 */
	ChatDefaults(Chat chat) {
		this.chat = chat;
		accept(ChatRequest.builder());
	}

	@Override
	public void accept(ChatRequest.Builder request) {
		check("temperature", this.chat.temperature(), 0, 2);
		check("top-p", this.chat.topP(), 0, 1);
		check("presence-penalty", this.chat.presencePenalty(), -2, 2);
		check("frequency-penalty", this.chat.frequencyPenalty(), -2, 2);
		// method references cost each start and each call something
		String model = text(this.chat.model());
		if (model != null) {
			set("model", request::model, model);
		}
		if (this.chat.temperature() != null) {
			set("temperature", request::temperature, this.chat.temperature());
		}
		if (this.chat.topP() != null) {
			set("top-p", request::topP, this.chat.topP());
		}
		if (this.chat.topK() != null) {
			set("top-k", request::topK, this.chat.topK());
		}
		if (this.chat.maxTokens() != null) {
			set("max-tokens", request::maxTokens, this.chat.maxTokens());
		}
		if (this.chat.presencePenalty() != null) {
			set("presence-penalty", request::presencePenalty, this.chat.presencePenalty());
		}
		if (this.chat.frequencyPenalty() != null) {
			set("frequency-penalty", request::frequencyPenalty, this.chat.frequencyPenalty());
		}
		if (this.chat.thinking() != null) {
			set("thinking", request::thinking, this.chat.thinking());
		}
		if (this.chat.reasoningEffort() != null) {
			set("reasoning-effort", request::reasoningEffort, this.chat.reasoningEffort());
		}
		String userId = text(this.chat.userId());
		if (userId != null) {
			set("user-id", request::userId, userId);
		}
		request.stop(this.chat.stop());
	}

	private static void check(String name, @Nullable Double value, int min, int max) {
		if (value != null && !(value >= min && value <= max)) {
			throw new InvalidDeepSeekConfigurationException("deepseek.chat." + name, value + " is out of range",
					"Write a number from " + min + " to " + max + ", or leave the property out.");
		}
	}

	private static @Nullable String text(@Nullable String value) {
		return StringUtils.hasText(value) ? value : null;
	}

	private static <T> void set(String name, Consumer<T> setter, T value) {
		try {
			setter.accept(value);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidDeepSeekConfigurationException("deepseek.chat." + name, value + " is out of range",
					"It is a default of every request, and " + ex.getMessage() + ".");
		}
	}

}
