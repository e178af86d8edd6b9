package io.github.deepseekboot.structured;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tags between which models write their reasoning into the answer.
 */
final class ReasoningTags {

	/**
	 * The most characters that a tag has.
	 */
	static final int MAX_LENGTH = 16;

	private static final String NAMES = "(think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad)";

	private static final Pattern TAG = Pattern.compile("[<◁](/?)" + NAMES + "[>▷]|\\[(/?)(think)]",
			Pattern.CASE_INSENSITIVE);

	private ReasoningTags() {
	}

	/**
	 * Return whether a tag can begin with this character.
	 * @param character the character
	 * @return {@code true} for an opening bracket
	 */
	static boolean canBegin(char character) {
		return character == '<' || character == '[' || character == '◁';
	}

	/**
	 * Return whether a tag can end with this character.
	 * @param character the character
	 * @return {@code true} for a closing bracket
	 */
	static boolean canEnd(char character) {
		return character == '>' || character == ']' || character == '▷';
	}

	/**
	 * The tag that begins at a position.
	 * @param text the text
	 * @param position the position
	 * @return the length of the tag, negative for a closing one; 0 if there is none
	 */
	static int at(CharSequence text, int position) {
		Matcher matcher = TAG.matcher(text).region(position, Math.min(text.length(), position + MAX_LENGTH));
		if (!matcher.lookingAt()) {
			return 0;
		}
		boolean closing = "/".equals(matcher.group(1)) || "/".equals(matcher.group(3));
		int length = matcher.end() - position;
		return closing ? -length : length;
	}

	/**
	 * Where the next closing tag ends.
	 * @param text the text
	 * @param from where to begin
	 * @return the position behind it, or -1 if there is none
	 */
	static int endOfReasoning(CharSequence text, int from) {
		Matcher matcher = TAG.matcher(text).region(from, text.length());
		while (matcher.find()) {
			if ("/".equals(matcher.group(1)) || "/".equals(matcher.group(3))) {
				return matcher.end();
			}
		}
		return -1;
	}

}
