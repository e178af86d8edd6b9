package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Keeps pieces of text from ending in half a character: a high surrogate at the end of a
 * piece waits for the next piece of the same text. Not thread-safe.
 */
final class SplitCharacters {

	private @Nullable SortedMap<Long, Character> held;

	/**
	 * The next piece of a text.
	 * @param text which text it belongs to
	 * @param piece the piece
	 * @return the piece with what was held of the text, without what is held now
	 */
	@Nullable String join(long text, @Nullable String piece) {
		if (piece == null || piece.isEmpty() || (this.held == null && !isSplit(piece))) {
			return piece;
		}
		this.held = (this.held != null) ? this.held : new TreeMap<>();
		Character half = this.held.remove(text);
		String joined = (half != null) ? half + piece : piece;
		if (!isSplit(joined)) {
			return joined;
		}
		int last = joined.length() - 1;
		this.held.put(text, joined.charAt(last));
		return joined.substring(0, last);
	}

	private static boolean isSplit(String piece) {
		return Character.isHighSurrogate(piece.charAt(piece.length() - 1));
	}

	/**
	 * The last piece of a text.
	 * @param text which text it belongs to
	 * @param piece the piece, joined before; {@code null} if none came
	 * @return the piece with what was held of the text
	 */
	@Nullable String end(long text, @Nullable String piece) {
		Character half = (this.held != null) ? this.held.remove(text) : null;
		if (half == null) {
			return piece;
		}
		return (piece != null) ? piece + half : half.toString();
	}

	/**
	 * Give back what is held of some texts.
	 * @param from the first of them
	 * @param to the one behind the last of them
	 * @param receiver gets each text and its half character
	 */
	void release(long from, long to, Receiver receiver) {
		if (this.held == null || this.held.isEmpty()) {
			return;
		}
		SortedMap<Long, Character> texts = this.held.subMap(from, to);
		for (Map.Entry<Long, Character> text : new ArrayList<>(texts.entrySet())) {
			receiver.receive(text.getKey(), text.getValue().toString());
		}
		texts.clear();
	}

	/**
	 * Takes half characters whose other half did not come.
	 */
	interface Receiver {

		void receive(long text, String half);

	}

}
