package io.github.deepseekboot.codec;

import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads scalars leniently: a value of another kind is skipped.
 */
final class JsonScalars {

	private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}(\\.\\d{1,9})?");

	private JsonScalars() {
	}

	static @Nullable String string(JsonParser parser, JsonToken value) {
		String text = stringOrEmpty(parser, value);
		return (text == null || text.isEmpty()) ? null : text;
	}

	static @Nullable String stringOrEmpty(JsonParser parser, JsonToken value) {
		if (value == JsonToken.VALUE_STRING || value.isNumeric()) {
			return parser.getString();
		}
		parser.skipChildren();
		return null;
	}

	/**
	 * Read a word. Some hosts write what is none as text.
	 * @param parser the parser
	 * @param value what it stands at
	 * @return the word, or {@code null} for none
	 */
	static @Nullable String word(JsonParser parser, JsonToken value) {
		String text = stringOrEmpty(parser, value);
		return (text == null || text.isBlank() || switch (text.toLowerCase(Locale.ROOT)) {
			case "null", "none", "undefined" -> true;
			default -> false;
		}) ? null : text;
	}

	/**
	 * Read a number, which may be a text.
	 * @param parser the parser
	 * @param value what it stands at
	 * @return the number, or {@code null} if it is none
	 */
	static @Nullable Double number(JsonParser parser, JsonToken value) {
		if (value.isNumeric()) {
			return parser.getDoubleValue();
		}
		if (value == JsonToken.VALUE_STRING && NUMBER.matcher(parser.getString()).matches()) {
			return Double.valueOf(parser.getString());
		}
		parser.skipChildren();
		return null;
	}

	static int index(JsonParser parser, JsonToken value, int otherwise) {
		Double number = number(parser, value);
		if (number == null) {
			return otherwise;
		}
		if (number < 0 || number > Integer.MAX_VALUE) {
			throw new AnswerReader.NotAnAnswerException("an index is out of range");
		}
		return number.intValue();
	}

	static @Nullable Instant time(JsonParser parser, JsonToken value) {
		if (!value.isNumeric()) {
			parser.skipChildren();
			return null;
		}
		double seconds = parser.getDoubleValue();
		return (seconds >= 1 && seconds < 1e11) ? Instant.ofEpochSecond((long) seconds) : null;
	}

}
