package io.github.deepseekboot.samples.chat;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;

/**
 * A message of a conversation as the page shows it.
 *
 * @param role the role of the author
 * @param content the text
 * @param reasoningContent the reasoning; {@code null} if there is none
 * @param images pictures that belong to the text, as {@code data:} addresses
 */
record SaidMessage(String role, String content, @Nullable String reasoningContent, List<String> images) {

	static SaidMessage of(ChatMessage message) {
		String content = (message.content() != null) ? message.content()
				: message.parts()
					.stream()
					.map(ContentPart::text)
					.filter(Objects::nonNull)
					.collect(Collectors.joining("\n"));
		List<String> images = message.parts().stream().map(ContentPart::imageUrl).filter(Objects::nonNull).toList();
		return new SaidMessage(message.role().value(), content, message.reasoningContent(), images);
	}

}
