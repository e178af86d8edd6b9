package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.codec.ToolCallReader.Fragment;

/**
 * Reads the choices of answers and chunks.
 */
final class ChoiceReader {

	// what OpenAI allows for n
	private static final int MAX_CHOICES = 128;

	// of a message, but read elsewhere or of no use
	private static final Set<String> NOT_EXTRA = Set.of("role", "type", "tool_call_id", "id", "object");

	private final List<AnswerChoice> choices = new ArrayList<>(1);

	private final ToolCallReader toolCalls = new ToolCallReader();

	private final @Nullable ChunkEnvelope envelope;

	private int maxToolCalls = 128;

	private int count;

	// of the choice being read
	private @Nullable List<Fragment> fragments;

	// a delta of the stream brought text or tool calls
	private boolean streamed;

	// of a host that reports it there
	private @Nullable Usage usage;

	/**
	 * Create a reader.
	 * @param envelope learns where texts stand; {@code null} for complete answers
	 */
	ChoiceReader(@Nullable ChunkEnvelope envelope) {
		this.envelope = envelope;
	}

	void maxToolCalls(int maxToolCalls) {
		this.maxToolCalls = maxToolCalls;
	}

	int maxToolCalls() {
		return this.maxToolCalls;
	}

	int count() {
		return this.count;
	}

	AnswerChoice choice(int position) {
		return this.choices.get(position);
	}

	/**
	 * The fragments of tool calls in the choice last read, as they were read.
	 * @return the fragments, or {@code null} for none
	 */
	@Nullable List<Fragment> fragments() {
		return this.fragments;
	}

	/**
	 * The usage that stands in a choice of the answer last read.
	 * @return the usage, or {@code null} for none
	 */
	@Nullable Usage usage() {
		return this.usage;
	}

	void clear() {
		this.count = 0;
		this.fragments = null;
		this.usage = null;
	}

	/**
	 * Take what a chunk says that was recognised.
	 * @param envelope recognised it
	 */
	void restore(ChunkEnvelope envelope) {
		AnswerChoice choice = next();
		List<Fragment> fragments = envelope.restore(choice);
		if (fragments != null) {
			choice.toolCalls = this.toolCalls.number(choice.index, fragments, this.maxToolCalls);
		}
	}

	/**
	 * The next choice of the answer.
	 * @return the choice, without anything
	 */
	AnswerChoice next() {
		if (this.count == MAX_CHOICES) {
			throw new AnswerReader.NotAnAnswerException("there are more than " + MAX_CHOICES + " choices");
		}
		if (this.choices.size() == this.count) {
			this.choices.add(new AnswerChoice());
		}
		AnswerChoice choice = this.choices.get(this.count);
		choice.clear(this.count);
		this.count++;
		return choice;
	}

	/**
	 * Read the list of choices.
	 * @param parser the parser
	 * @param start what it stands at
	 */
	void read(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_ARRAY) {
			parser.skipChildren();
			return;
		}
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element == JsonToken.START_OBJECT) {
				readChoice(parser, next());
			}
			else {
				parser.skipChildren();
			}
		}
	}

	/**
	 * Take tool calls that stand beside the choices.
	 * @param fragments the calls
	 */
	void take(List<Fragment> fragments) {
		if (this.count > 0 && this.choices.get(0).toolCalls == null) {
			AnswerChoice first = this.choices.get(0);
			first.toolCalls = number(first, fragments);
		}
	}

	private void readChoice(JsonParser parser, AnswerChoice choice) {
		this.fragments = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "delta" -> {
					if (value == JsonToken.START_OBJECT) {
						// a message beside it repeats what earlier chunks brought
						choice.clearMessage();
						this.fragments = null;
						choice.delta = true;
					}
					readMessage(parser, value, choice);
				}
				case "message" -> {
					if (choice.delta || this.streamed) {
						// all that came before, once more
						parser.skipChildren();
					}
					else {
						readMessage(parser, value, choice);
						if (this.envelope != null) {
							// another such chunk may be one to skip
							this.envelope.foundText(ChunkEnvelope.NOWHERE);
						}
					}
				}
				case "index" -> choice.index = JsonScalars.index(parser, value, choice.index);
				case "native_finish_reason" -> choice.nativeFinishReason = JsonScalars.word(parser, value);
				case "error" -> readError(parser, choice);
				case "finish_reason" -> {
					String reason = (value == JsonToken.START_OBJECT) ? typeOf(parser)
							: JsonScalars.word(parser, value);
					choice.finishReason = (reason != null) ? FinishReason.of(reason) : null;
				}
				case "usage" -> {
					Usage reported = (value == JsonToken.START_OBJECT) ? UsageReader.read(parser) : null;
					this.usage = (reported != null) ? reported : this.usage;
					if (value == JsonToken.START_ARRAY) {
						parser.skipChildren();
					}
				}
				case "logprobs" -> choice.logprobs = LogprobsReader.read(parser, value);
				default -> parser.skipChildren();
			}
		}
		this.streamed |= choice.delta && (choice.hasContent() || choice.hasReasoning() || this.fragments != null);
		if (this.fragments != null) {
			choice.toolCalls = number(choice, this.fragments);
			if (this.envelope != null) {
				for (Fragment fragment : this.fragments) {
					if (fragment.hasArguments()) {
						this.envelope.foundText(fragment.argumentsAt());
					}
				}
			}
		}
	}

	// a host's engine has its reasons as objects
	private static @Nullable String typeOf(JsonParser parser) {
		JsonNode type = WireJson.readNested(parser).path("type");
		return type.isString() ? type.stringValue() : null;
	}

	private List<ToolCallDelta> number(AnswerChoice choice, List<Fragment> fragments) {
		boolean inPieces = choice.delta || this.envelope != null;
		return inPieces ? this.toolCalls.number(choice.index, fragments, this.maxToolCalls)
				: ToolCallReader.number(fragments);
	}

	private void readMessage(JsonParser parser, JsonToken start, AnswerChoice choice) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return;
		}
		String thought = null;
		String reasoning = null;
		String details = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "content" -> {
					if (isText(value)) {
						choice.content = text(parser, value);
					}
					else {
						ContentReader parts = new ContentReader();
						parts.read(parser, value);
						choice.content = unplaced(parts.text());
						thought = unplaced(parts.thought());
						choice.refusal = (parts.refusal() != null) ? parts.refusal() : choice.refusal;
					}
				}
				case "reasoning_content" -> choice.reasoning = anyText(parser, value);
				case "reasoning", "thinking", "reasoning_text", "thinking_content" -> {
					String text = anyText(parser, value);
					reasoning = (text != null) ? text : reasoning;
				}
				case "reasoning_details" -> details = readDetails(parser, value, choice);
				case "refusal" -> {
					String refusal = JsonScalars.string(parser, value);
					choice.refusal = (refusal != null) ? refusal : choice.refusal;
				}
				case "tool_calls" -> {
					List<Fragment> calls = ToolCallReader.read(parser, value, this.maxToolCalls);
					this.fragments = (calls != null) ? calls : this.fragments;
				}
				case "function_call" -> {
					List<Fragment> calls = ToolCallReader.readFunction(parser, value);
					this.fragments = (this.fragments != null) ? this.fragments : calls;
				}
				case "error" -> readError(parser, choice);
				default -> readExtra(parser, name, value, choice);
			}
		}
		if (choice.reasoning == null || choice.reasoning.isEmpty()) {
			String other = (reasoning != null) ? reasoning : (details != null) ? details : thought;
			choice.reasoning = (other != null) ? other : choice.reasoning;
		}
	}

	private static void readError(JsonParser parser, AnswerChoice choice) {
		JsonNode error = WireJson.readNested(parser);
		choice.error = (choice.error != null || ErrorBody.isNone(error)) ? choice.error : error;
	}

	private static boolean isText(JsonToken value) {
		return value != JsonToken.START_ARRAY && value != JsonToken.START_OBJECT;
	}

	private @Nullable String text(JsonParser parser, JsonToken value) {
		String text = JsonScalars.stringOrEmpty(parser, value);
		if (this.envelope != null && text != null && !text.isEmpty()) {
			this.envelope.foundText((value == JsonToken.VALUE_STRING)
					? (int) parser.currentTokenLocation().getByteOffset() : ChunkEnvelope.NOWHERE);
		}
		return text;
	}

	private @Nullable String anyText(JsonParser parser, JsonToken value) {
		if (isText(value)) {
			return text(parser, value);
		}
		ContentReader parts = new ContentReader();
		parts.read(parser, value);
		String thought = parts.thought();
		String text = parts.text();
		return unplaced((text != null && thought != null) ? thought + text : (text != null) ? text : thought);
	}

	private @Nullable String unplaced(@Nullable String text) {
		if (this.envelope != null && text != null && !text.isEmpty()) {
			this.envelope.foundText(ChunkEnvelope.NOWHERE);
		}
		return text;
	}

	// kept as they are, too: a host may want them back
	private @Nullable String readDetails(JsonParser parser, JsonToken value, AnswerChoice choice) {
		if (isText(value)) {
			return text(parser, value);
		}
		JsonNode details = WireJson.readNested(parser);
		if (details.isEmpty()) {
			return null;
		}
		extra(choice, "reasoning_details", details);
		try (JsonParser again = WireJson.MAPPER.treeAsTokens(details)) {
			return anyText(again, again.nextToken());
		}
	}

	private void readExtra(JsonParser parser, String name, JsonToken value, AnswerChoice choice) {
		boolean empty = value == JsonToken.VALUE_NULL
				|| (value == JsonToken.VALUE_STRING && parser.getStringLength() == 0);
		if (empty || NOT_EXTRA.contains(name)) {
			parser.skipChildren();
			return;
		}
		JsonNode node = WireJson.readNested(parser);
		if (!node.isContainer() || !node.isEmpty()) {
			extra(choice, name, node);
		}
	}

	private static void extra(AnswerChoice choice, String name, JsonNode value) {
		Map<String, Object> extra = choice.extra;
		if (extra == null) {
			extra = new LinkedHashMap<>(4);
			choice.extra = extra;
		}
		extra.put(name, WireJson.MAPPER.treeToValue(value, Object.class));
	}

}
