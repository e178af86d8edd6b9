package io.github.deepseekboot.samples.chat;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.ToolCall;

/**
 * A message of a conversation as the page shows it.
 *
 * @param role the role of the author
 * @param content the text
 * @param reasoningContent the reasoning; {@code null} if there is none
 * @param images pictures that belong to the text, as {@code data:} addresses
 * @param toolCalls the tools that the model called
 */
record SaidMessage(String role, String content, @Nullable String reasoningContent, List<String> images,
		List<SaidToolCall> toolCalls) {

	static SaidMessage of(ChatMessage message) {
		String content = (message.content() != null) ? message.content()
				: message.parts()
					.stream()
					.map(ContentPart::text)
					.filter(Objects::nonNull)
					.collect(Collectors.joining("\n"));
		List<String> images = message.parts().stream().map(ContentPart::imageUrl).filter(Objects::nonNull).toList();
		return new SaidMessage(message.role().value(), content, message.reasoningContent(), images,
				message.toolCalls().stream().map(SaidToolCall::of).toList());
	}

	/**
	 * The call of a tool.
	 *
	 * @param name the tool's name
	 * @param arguments its arguments, as the model wrote them
	 */
	record SaidToolCall(String name, String arguments) {

		static SaidToolCall of(ToolCall call) {
			return new SaidToolCall(call.name(), call.arguments());
		}

	}

}
