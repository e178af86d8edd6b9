package io.github.deepseekboot.codec;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.hook.ApiKey;

/**
 * Makes what a provider wrote safe to show: hides the key, which some providers repeat,
 * escapes control characters, which would forge lines of a log, and cuts what is long.
 */
public final class KeyMask {

	private static final int MIN_KEY = 8;

	private static final int MAX_SNIPPET = 200;

	private static final String MASK = "****";

	private static final String UNENCODED = "-_.*";

	private static final Pattern KEY_LIKE = Pattern
		.compile("\\bsk-[\\w-]{4,}([.*…]+[\\w-]+)?|(?i:bearer) [\\w.~+/=-]{16,}|\\*{3,}[\\w-]*");

	private final @Nullable String key;

	private final @Nullable String encodedKey;

	/**
	 * Create a mask.
	 * @param apiKey the key to hide; one with fewer than eight characters is left alone,
	 * since words have it, too
	 */
	public KeyMask(@Nullable ApiKey apiKey) {
		String value = (apiKey != null && apiKey.value().length() >= MIN_KEY) ? apiKey.value() : null;
		this.key = value;
		this.encodedKey = (value != null && isChangedByEncoding(value))
				? URLEncoder.encode(value, StandardCharsets.UTF_8) : null;
	}

	// there is a mask for each answer, and hardly any key is
	private static boolean isChangedByEncoding(String key) {
		for (int i = 0; i < key.length(); i++) {
			char character = key.charAt(i);
			boolean kept = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
					|| (character >= '0' && character <= '9') || UNENCODED.indexOf(character) >= 0;
			if (!kept) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Hide the key.
	 * @param text the text
	 * @return the text, with asterisks in place of the key
	 */
	public String mask(String text) {
		String masked = (this.key != null) ? text.replace(this.key, MASK) : text;
		return (this.encodedKey != null) ? masked.replace(this.encodedKey, MASK) : masked;
	}

	/**
	 * Hide the key in what may be absent.
	 * @param text the text, or {@code null}
	 * @return the text without the key, or {@code null}
	 */
	public @Nullable String maskNullable(@Nullable String text) {
		return (text != null) ? mask(text) : null;
	}

	/**
	 * Hide the key and whatever looks like one, escape and cut.
	 * @param text the text
	 * @param max the most characters to keep
	 * @return the text, fit for a message and a log
	 */
	public String shown(String text, int max) {
		String start = (text.length() > 16 * max) ? text.substring(0, 16 * max) : text;
		String masked = KEY_LIKE.matcher(mask(start)).replaceAll(MASK);
		StringBuilder shown = new StringBuilder(Math.min(masked.length(), max) + 8);
		int position = 0;
		while (position < masked.length()) {
			int codePoint = masked.codePointAt(position);
			String character = escaped(codePoint);
			if (shown.length() + character.length() > max) {
				break;
			}
			shown.append(character);
			position += Character.charCount(codePoint);
		}
		if (position < masked.length()) {
			int end = Math.min(shown.length(), max - 1);
			shown.setLength(Character.isHighSurrogate(shown.charAt(end - 1)) ? end - 1 : end);
			shown.append('…');
		}
		return shown.toString();
	}

	/**
	 * The beginning of a text that is not what it should be.
	 * @param text the text
	 * @return at most 200 characters
	 */
	public String snippet(String text) {
		return shown(text, MAX_SNIPPET);
	}

	/**
	 * Make sure that no message of a failure shows the key.
	 * @param failure the failure
	 * @return the failure, or one with its masked message and its stack trace, if the key
	 * is in its message or in one of its causes
	 */
	public Throwable safe(Throwable failure) {
		return shows(failure, Collections.newSetFromMap(new IdentityHashMap<>())) ? masked(failure) : failure;
	}

	private boolean shows(@Nullable Throwable failure, Set<Throwable> seen) {
		if (failure == null || !seen.add(failure)) {
			return false;
		}
		String text = failure.toString();
		if (!mask(text).equals(text) || shows(failure.getCause(), seen)) {
			return true;
		}
		for (Throwable suppressed : failure.getSuppressed()) {
			if (shows(suppressed, seen)) {
				return true;
			}
		}
		return false;
	}

	// the original is dropped with all that hangs on it: one of them shows the key
	private Throwable masked(Throwable failure) {
		Throwable masked = new IllegalStateException(mask(failure.toString()));
		masked.setStackTrace(failure.getStackTrace());
		return masked;
	}

	private static String escaped(int codePoint) {
		return switch (codePoint) {
			case '\n' -> "\\n";
			case '\r' -> "\\r";
			case '\t' -> "\\t";
			default -> switch (Character.getType(codePoint)) {
				case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
						Character.SURROGATE ->
					String.format("\\u%04x", codePoint);
				default -> Character.toString(codePoint);
			};
		};
	}

}
