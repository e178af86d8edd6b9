package io.github.deepseekboot.samples.chat;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;

/**
 * The next question of a conversation.
 *
 * @param text the question
 * @param images pictures that belong to it, as {@code data:} addresses
 * @param keep how many of the turns so far are kept
 * @param provider the only provider to ask; {@code null} for all in their order
 * @param model the logical name of a model; {@code null} for the configured one
 * @param thinking whether to think; {@code null} for what the model does by itself
 */
record Question(String text, List<String> images, int keep, @Nullable String provider, @Nullable String model,
		@Nullable Boolean thinking) {

	Question {
		Assert.hasText(text, "'text' must not be empty");
		Assert.isTrue(keep >= 0, "'keep' must not be negative");
		images = (images != null) ? List.copyOf(images) : List.of();
		Assert.isTrue(images.stream().allMatch((image) -> image.startsWith("data:image/")),
				"'images' must be data: addresses of images");
		provider = StringUtils.hasText(provider) ? provider : null;
		model = StringUtils.hasText(model) ? model : null;
	}

	ChatRequest toRequest() {
		return ChatRequest.builder()
			.message(message())
			.provider(this.provider)
			.model(this.model)
			.thinking(this.thinking)
			.build();
	}

	private ChatMessage message() {
		if (this.images.isEmpty()) {
			return ChatMessage.user(this.text);
		}
		List<ContentPart> parts = new ArrayList<>();
		this.images.forEach((image) -> parts.add(ContentPart.imageUrl(image)));
		parts.add(ContentPart.text(this.text));
		return ChatMessage.user(parts.toArray(ContentPart[]::new));
	}

}
