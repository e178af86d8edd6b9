package io.github.deepseekboot.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Recognises UTF-8, and refuses what only looks like it: overlong forms, surrogates and
 * what is beyond U+10FFFF, which parsers of JSON may let pass.
 */
final class Utf8 {

	private static final VarHandle EIGHT_BYTES = MethodHandles.byteArrayViewVarHandle(long[].class,
			ByteOrder.nativeOrder());

	private static final long HIGH_BITS = 0x8080808080808080L;

	private Utf8() {
	}

	/**
	 * Check a range.
	 * @param bytes holds it
	 * @param from where it begins
	 * @param to where it ends
	 * @return whether it is well-formed UTF-8
	 */
	static boolean isValid(byte[] bytes, int from, int to) {
		int i = from;
		while (i < to) {
			if (i + Long.BYTES <= to && ((long) EIGHT_BYTES.get(bytes, i) & HIGH_BITS) == 0) {
				i += Long.BYTES;
			}
			else if (bytes[i] >= 0) {
				i++;
			}
			else {
				int length = length(bytes, i, to);
				if (length == 0) {
					return false;
				}
				i += length;
			}
		}
		return true;
	}

	/**
	 * Where the last complete character ends, if the end was cut off within one.
	 * @param bytes holds the text
	 * @param to where it ends
	 * @return the end without the beginning of a character
	 */
	static int endOfCharacters(byte[] bytes, int to) {
		int first = to - 1;
		while (first > 0 && first > to - 3 && (bytes[first] & 0xC0) == 0x80) {
			first--;
		}
		return (first >= 0 && (bytes[first] & 0xC0) == 0xC0 && first + length(bytes[first] & 0xFF) > to) ? first : to;
	}

	// of a character beyond ASCII; 0 if it is none
	private static int length(byte[] bytes, int i, int to) {
		int first = bytes[i] & 0xFF;
		int length = length(first);
		if (first < 0xC2 || first > 0xF4 || i + length > to) {
			return 0;
		}
		for (int k = 1; k < length; k++) {
			if ((bytes[i + k] & 0xC0) != 0x80) {
				return 0;
			}
		}
		int second = bytes[i + 1] & 0xFF;
		boolean valid = switch (first) {
			case 0xE0 -> second >= 0xA0;
			case 0xED -> second < 0xA0;
			case 0xF0 -> second >= 0x90;
			case 0xF4 -> second < 0x90;
			default -> true;
		};
		return valid ? length : 0;
	}

	private static int length(int first) {
		return (first >= 0xF0) ? 4 : (first >= 0xE0) ? 3 : 2;
	}

}
