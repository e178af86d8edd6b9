package io.github.deepseekboot.structured;

import java.io.CharArrayReader;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/**
 * Finds the JSON values in what a model wrote: among words, braces, fences and thinking,
 * which are distinguished from JSON by parsing. A value inside of another is not one of
 * its own.
 */
final class AnswerText {

	// an answer with more brackets that begin no JSON is none
	private static final int MAX_FAILURES = 1000;

	private final String text;

	private final char[] characters;

	private final ObjectReader reader;

	private final List<JsonNode> values = new ArrayList<>(1);

	// what stood before the end of reasoning that was never begun
	private List<JsonNode> reasoning = List.of();

	private int failures;

	private boolean unclosed;

	// no closing tag follows: a model that repeats the opening one is not looked through
	// each time
	private boolean endless;

	// other than behind a line feed: the beginning, and where reasoning ended
	private int lineStart;

	private AnswerText(String text, ObjectReader reader) {
		this.text = text;
		this.characters = text.toCharArray();
		this.reader = reader;
	}

	/**
	 * The values in a text.
	 * @param text the text
	 * @param reader reads JSON, and fails on trailing tokens
	 * @return the values in their order; none if the last is cut
	 */
	static List<JsonNode> values(String text, ObjectReader reader) {
		AnswerText answer = new AnswerText(text, reader);
		JsonNode complete = answer.read(0, text.length());
		if (complete != null) {
			return List.of(complete);
		}
		answer.find();
		return answer.values.isEmpty() ? answer.reasoning : answer.values;
	}

	private void find() {
		int position = 0;
		while (position < this.text.length() && this.failures < MAX_FAILURES) {
			char next = this.text.charAt(position);
			int tag = ReasoningTags.canBegin(next) ? ReasoningTags.at(this.text, position) : 0;
			if (tag != 0) {
				position = tag(position, tag);
				this.lineStart = position;
			}
			else if (next == '{' || next == '[') {
				position = bracket(position);
			}
			else {
				position = isLineStart(position) ? line(position) : position + 1;
			}
		}
		if (this.failures == MAX_FAILURES) {
			this.values.clear();
		}
	}

	private int tag(int position, int tag) {
		if (tag < 0) {
			if (!this.values.isEmpty()) {
				this.reasoning = List.copyOf(this.values);
				this.values.clear();
			}
			return position - tag;
		}
		int end = this.endless ? -1 : ReasoningTags.endOfReasoning(this.text, position + tag);
		if (end != -1) {
			return end;
		}
		this.endless = true;
		return this.values.isEmpty() ? position + tag : this.text.length();
	}

	private int bracket(int start) {
		int end;
		boolean begun = false;
		try (JsonParser parser = this.reader
			.createParser(new CharArrayReader(this.characters, start, this.text.length() - start))) {
			int depth = 0;
			do {
				JsonToken token = parser.nextToken();
				depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
				begun |= !token.isStructStart();
			}
			while (depth > 0);
			end = start + (int) parser.currentLocation().getCharOffset();
		}
		catch (JacksonException ex) {
			this.failures++;
			return failed(start, begun, ex);
		}
		JsonNode value = read(start, end);
		if (value != null) {
			this.values.add(value);
		}
		return end;
	}

	private int failed(int start, boolean begun, JacksonException failure) {
		if (!begun) {
			return start + 1;
		}
		if (failure instanceof UnexpectedEndOfInputException) {
			this.values.clear();
			return this.text.length();
		}
		int end = closingBracket(start);
		if (end != -1) {
			return end + 1;
		}
		TokenStreamLocation location = failure.getLocation();
		return start + Math.max(1, (location != null) ? (int) location.getCharOffset() : 1);
	}

	private int closingBracket(int start) {
		if (this.unclosed) {
			return -1;
		}
		int depth = 0;
		boolean inString = false;
		for (int i = start; i < this.text.length(); i++) {
			char next = this.text.charAt(i);
			if (inString) {
				i += (next == '\\') ? 1 : 0;
				inString = next != '"';
			}
			else if (next == '"') {
				inString = true;
			}
			else if (next == '{' || next == '[') {
				depth++;
			}
			else if ((next == '}' || next == ']') && --depth == 0) {
				return i;
			}
		}
		this.unclosed = true;
		return -1;
	}

	private boolean isLineStart(int position) {
		return position == this.lineStart || this.text.charAt(position - 1) == '\n';
	}

	// a number, a text or the like has a line for itself
	private int line(int start) {
		int newLine = this.text.indexOf('\n', start);
		int end = (newLine != -1) ? newLine : this.text.length();
		JsonNode value = this.text.substring(start, end).isBlank() ? null : read(start, end);
		if (value == null || value.isContainer()) {
			return start + 1;
		}
		this.values.add(value);
		return end;
	}

	private @Nullable JsonNode read(int start, int end) {
		try {
			JsonNode value = this.reader.readTree(this.text.substring(start, end));
			return value.isMissingNode() ? null : value;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

}
