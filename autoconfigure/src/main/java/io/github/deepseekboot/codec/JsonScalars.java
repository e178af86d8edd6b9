package io.github.deepseekboot.codec;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads scalars leniently: a value of another kind is skipped.
 */
final class JsonScalars {

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

	static int index(JsonParser parser, JsonToken value, int otherwise) {
		if (!value.isNumeric()) {
			parser.skipChildren();
			return otherwise;
		}
		double number = parser.getDoubleValue();
		if (number < 0 || number > Integer.MAX_VALUE) {
			throw new AnswerReader.NotAnAnswerException("an index is out of range");
		}
		return (int) number;
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
