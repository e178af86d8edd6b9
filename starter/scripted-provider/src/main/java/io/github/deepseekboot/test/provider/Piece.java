package io.github.deepseekboot.test.provider;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One token's worth of text, beside its encoded JSON string.
 */
class Piece {

	private static final int LETTERS = 7;

	private static final String FILLER = " simulated text";

	/**
	 * Says when it is written.
	 */
	static final Piece SEND_TIME = new Piece("") {

		@Override
		byte[] json() {
			return ("\" " + System.nanoTime() + "\"").getBytes(StandardCharsets.US_ASCII);
		}

	};

	private final String text;

	private final byte[] json;

	private Piece(String text) {
		this(text, Json.writeBytes(text));
	}

	private Piece(String text, byte[] json) {
		this.text = text;
		this.json = json;
	}

	// half a character may stand in a piece
	static List<Piece> of(List<String> texts) {
		return texts.stream().map((text) -> new Piece(text, Json.writeAscii(text))).toList();
	}

	// cut a text into pieces about as long as a model's tokens: a short run of letters
	// with the white space before it, or one ideograph
	static List<Piece> split(String text) {
		List<Piece> pieces = new ArrayList<>();
		int start = 0;
		int letters = 0;
		boolean ideograph = false;
		for (int i = 0; i < text.length();) {
			int point = text.codePointAt(i);
			boolean space = Character.isWhitespace(point);
			boolean full = ideograph || letters >= LETTERS || (space && letters > 0);
			ideograph = Character.isIdeographic(point);
			if (full || (ideograph && letters > 0)) {
				pieces.add(new Piece(text.substring(start, i)));
				start = i;
				letters = 0;
			}
			letters += (space) ? 0 : 1;
			i += Character.charCount(point);
		}
		if (start < text.length()) {
			pieces.add(new Piece(text.substring(start)));
		}
		return pieces;
	}

	// pieces of exactly that many ASCII characters, which read on from one to the next
	static List<Piece> ofLength(int number, int length) {
		String text = FILLER.repeat(length / FILLER.length() + 2);
		Piece[] pieces = new Piece[FILLER.length()];
		for (int i = 0; i < pieces.length; i++) {
			int start = i * length % FILLER.length();
			pieces[i] = new Piece(text.substring(start, start + length));
		}
		return new AbstractList<>() {

			@Override
			public Piece get(int index) {
				return pieces[index % pieces.length];
			}

			@Override
			public int size() {
				return number;
			}

		};
	}

	static String join(List<Piece> pieces) {
		return pieces.stream().map((piece) -> piece.text).collect(Collectors.joining());
	}

	byte[] json() {
		return this.json;
	}

}
