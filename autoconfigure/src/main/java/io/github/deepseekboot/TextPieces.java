package io.github.deepseekboot;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatDelta;

/**
 * Pieces of a text, each of complete characters: half a surrogate pair is held back until
 * the other half comes, since an encoder would make a question mark of either.
 */
final class TextPieces {

	private String held = "";

	@Nullable String next(ChatDelta delta) {
		String content = (delta.choiceIndex() == 0) ? delta.content() : null;
		if (content == null || content.isEmpty()) {
			return null;
		}
		String text = this.held.isEmpty() ? content : this.held + content;
		int end = text.length() - (Character.isHighSurrogate(text.charAt(text.length() - 1)) ? 1 : 0);
		this.held = text.substring(end);
		return (end > 0) ? text.substring(0, end) : null;
	}

	List<String> rest() {
		return this.held.isEmpty() ? List.of() : List.of(this.held);
	}

}
