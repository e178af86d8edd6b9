package io.github.deepseekboot.codec;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads content that is a list of parts: answer and reasoning, as objects of several
 * shapes or as strings. Parts of other kinds are skipped.
 */
final class ContentReader {

	private @Nullable StringBuilder text;

	private @Nullable StringBuilder thought;

	private @Nullable StringBuilder refusal;

	/**
	 * Read a list of parts, or one part.
	 * @param parser the parser
	 * @param start what it stands at
	 */
	void read(JsonParser parser, JsonToken start) {
		read(parser, start, Kind.TEXT);
	}

	@Nullable String text() {
		return string(this.text);
	}

	@Nullable String thought() {
		return string(this.thought);
	}

	@Nullable String refusal() {
		return string(this.refusal);
	}

	private void read(JsonParser parser, JsonToken value, Kind kind) {
		switch (value) {
			case VALUE_STRING -> append(kind, parser.getString());
			case START_ARRAY -> {
				JsonToken element;
				while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
					read(parser, element, kind);
				}
			}
			case START_OBJECT -> readPart(parser, kind);
			default -> parser.skipChildren();
		}
	}

	// the type may stand behind the text
	private void readPart(JsonParser parser, Kind outer) {
		ContentReader part = new ContentReader();
		String type = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "type" -> type = JsonScalars.string(parser, value);
				case "text", "content", "output_text", "value" -> part.read(parser, value, Kind.TEXT);
				case "thinking", "reasoning", "reasoning_content", "summary" -> part.read(parser, value, Kind.THOUGHT);
				case "refusal" -> part.read(parser, value, Kind.REFUSAL);
				default -> parser.skipChildren();
			}
		}
		append(kind(type, outer), part.text());
		append(Kind.THOUGHT, part.thought());
		append(Kind.REFUSAL, part.refusal());
	}

	private static Kind kind(@Nullable String type, Kind outer) {
		if (type == null || outer != Kind.TEXT) {
			return outer;
		}
		if (type.contains("thinking") || type.contains("thought") || type.contains("reasoning")) {
			return Kind.THOUGHT;
		}
		return type.equals("refusal") ? Kind.REFUSAL : Kind.TEXT;
	}

	private void append(Kind kind, @Nullable String text) {
		if (text == null) {
			return;
		}
		switch (kind) {
			case TEXT -> this.text = append(this.text, text);
			case THOUGHT -> this.thought = append(this.thought, text);
			case REFUSAL -> this.refusal = append(this.refusal, text);
		}
	}

	private static StringBuilder append(@Nullable StringBuilder builder, String text) {
		return ((builder != null) ? builder : new StringBuilder()).append(text);
	}

	private static @Nullable String string(@Nullable StringBuilder builder) {
		return (builder != null) ? builder.toString() : null;
	}

	private enum Kind {

		TEXT, THOUGHT, REFUSAL

	}

}
