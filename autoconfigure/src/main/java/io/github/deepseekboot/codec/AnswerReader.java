package io.github.deepseekboot.codec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.TokenLogprob;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;

/**
 * Reads the JSON of answers, whole ones and chunks alike: they differ only in whether a
 * choice has a {@code message} or a {@code delta}. Knows every provider's spelling and is
 * lenient: unknown fields are skipped, a null or missing one is no error. What stays the
 * same in all chunks of a stream is kept from the first and skipped from then on; not
 * thread-safe.
 */
public final class AnswerReader {

	// what OpenAI allows for n
	private static final int MAX_CHOICES = 128;

	private @Nullable String id;

	private @Nullable String model;

	private @Nullable Instant created;

	private @Nullable String systemFingerprint;

	private @Nullable Usage usage;

	private boolean envelopeChanged;

	private @Nullable JsonNode error;

	private final List<Choice> choices = new ArrayList<>(1);

	private int choiceCount;

	private final @Nullable ChunkEnvelope envelope;

	// of the chunk that the envelope was learnt from

	private int knownIndex;

	private boolean knownReasoning;

	private @Nullable String knownOther;

	private byte[] unreadUsage = new byte[0];

	private int unreadUsageLength;

	// of the chunk being parsed: its texts that are not empty, and where the last stands

	private int texts;

	private int textAt;

	private int usageFrom;

	private int usageTo;

	AnswerReader(@Nullable ChunkEnvelope envelope) {
		this.envelope = envelope;
	}

	/**
	 * A reader of whole answers, which has every one parsed.
	 */
	public AnswerReader() {
		this(null);
	}

	/**
	 * A reader of the chunks of one stream, which has parsed only what it does not
	 * recognise.
	 * @return the reader
	 */
	public static AnswerReader ofStream() {
		return new AnswerReader(new ChunkEnvelope());
	}

	/**
	 * Read one answer or chunk.
	 * @param octets holds the JSON
	 * @param offset where it begins
	 * @param length how long it is
	 * @throws JacksonException if it is not JSON, or not an object
	 */
	public void read(byte[] octets, int offset, int length) {
		this.choiceCount = 0;
		this.error = null;
		this.envelopeChanged = false;
		if (this.envelope != null && recognise(this.envelope, octets, offset, length)) {
			return;
		}
		this.texts = 0;
		this.usageTo = 0;
		try (JsonParser parser = WireJson.MAPPER.createParser(octets, offset, length)) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				readNonObject(parser);
				return;
			}
			readAnswer(parser);
			if (parser.nextToken() != null) {
				throw new NotAnAnswerException("there is more behind the JSON object");
			}
		}
		if (this.envelope != null && this.envelope.isLearning() && isTextOnly()) {
			Choice choice = this.choices.get(0);
			this.knownIndex = choice.index;
			this.knownReasoning = choice.hasReasoning();
			this.knownOther = this.knownReasoning ? choice.content : choice.reasoning;
			this.envelope.learn(octets, offset, length, this.textAt, this.usageFrom, this.usageTo);
		}
	}

	private boolean recognise(ChunkEnvelope envelope, byte[] octets, int offset, int length) {
		String text = envelope.text(octets, offset, length);
		if (text == null) {
			return false;
		}
		this.choiceCount = 1;
		Choice choice = this.choices.get(0);
		choice.clear(this.knownIndex);
		choice.content = this.knownReasoning ? this.knownOther : text;
		choice.reasoning = this.knownReasoning ? text : this.knownOther;
		int usage = envelope.usageLength();
		if (usage > 0) {
			// many providers report a growing usage with every chunk; the last one counts
			if (usage > this.unreadUsage.length) {
				this.unreadUsage = new byte[usage + 32];
			}
			System.arraycopy(octets, envelope.usageOffset(), this.unreadUsage, 0, usage);
			this.unreadUsageLength = usage;
		}
		return true;
	}

	// whether another text in the place of its only one is all that a chunk can differ by
	private boolean isTextOnly() {
		if (this.choiceCount != 1 || this.texts != 1 || this.textAt < 0 || this.error != null) {
			return false;
		}
		Choice choice = this.choices.get(0);
		return (choice.hasContent() || choice.hasReasoning()) && choice.toolCalls == null && choice.finishReason == null
				&& choice.logprobs == null;
	}

	public @Nullable String id() {
		return this.id;
	}

	public @Nullable String model() {
		return this.model;
	}

	public @Nullable Instant created() {
		return this.created;
	}

	public @Nullable String systemFingerprint() {
		return this.systemFingerprint;
	}

	/**
	 * The latest usage that was reported: some providers report it often, growing.
	 * @return the usage, or {@code null} for none so far
	 */
	public @Nullable Usage usage() {
		if (this.unreadUsageLength > 0) {
			try (JsonParser parser = WireJson.MAPPER.createParser(this.unreadUsage, 0, this.unreadUsageLength)) {
				readUsage(parser, parser.nextToken());
			}
		}
		return this.usage;
	}

	/**
	 * Whether the last answer read told something new of id, model and the like.
	 * @return {@code true} mostly for the first chunk of a stream
	 */
	public boolean envelopeChanged() {
		return this.envelopeChanged;
	}

	/**
	 * The error that came in place of an answer, or within it.
	 * @return the error, or {@code null}
	 */
	public @Nullable JsonNode error() {
		return this.error;
	}

	/**
	 * How many choices the last answer read has.
	 * @return the number
	 */
	public int choiceCount() {
		return this.choiceCount;
	}

	/**
	 * One of the choices of the last answer read; valid until the next is read.
	 * @param position its position, not its index
	 * @return the choice
	 */
	public Choice choice(int position) {
		return this.choices.get(position);
	}

	private void readNonObject(JsonParser parser) {
		if (parser.currentToken() == null) {
			throw new NotAnAnswerException("there is no JSON");
		}
		JsonNode node = WireJson.readNested(parser);
		if (node.isString() || node.isArray()) {
			this.error = node;
			return;
		}
		throw new NotAnAnswerException("the JSON is not an object");
	}

	private void readAnswer(JsonParser parser) {
		JsonNode code = null;
		JsonNode message = null;
		List<ToolCallDelta> toolCalls = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "choices" -> readChoices(parser, value);
				case "id" -> this.id = (this.id == null) ? envelope(string(parser, value)) : skip(parser, this.id);
				case "model" ->
					this.model = (this.model == null) ? envelope(string(parser, value)) : skip(parser, this.model);
				case "system_fingerprint" -> this.systemFingerprint = (this.systemFingerprint == null)
						? envelope(string(parser, value)) : skip(parser, this.systemFingerprint);
				case "created" ->
					this.created = (this.created == null) ? envelope(time(parser, value)) : skip(parser, this.created);
				case "usage" -> readUsage(parser, value);
				case "x_groq", "bot_usage" -> readNestedUsage(parser, value);
				case "tool_calls" -> toolCalls = toolCalls(parser, value);
				case "error" -> this.error = (value != JsonToken.VALUE_NULL) ? WireJson.readNested(parser) : null;
				case "code" -> code = WireJson.readNested(parser);
				case "message" -> message = WireJson.readNested(parser);
				default -> parser.skipChildren();
			}
		}
		if (this.error == null && this.choiceCount == 0 && message != null && message.isString()) {
			ObjectNode flat = WireJson.MAPPER.createObjectNode();
			flat.set("code", code);
			flat.set("message", message);
			this.error = flat;
		}
		if (toolCalls != null && this.choiceCount > 0 && this.choices.get(0).toolCalls == null) {
			this.choices.get(0).toolCalls = toolCalls;
		}
	}

	private <T> T skip(JsonParser parser, T known) {
		parser.skipChildren();
		return known;
	}

	private <T> @Nullable T envelope(@Nullable T value) {
		this.envelopeChanged |= value != null;
		return value;
	}

	private void readChoices(JsonParser parser, JsonToken value) {
		if (value != JsonToken.START_ARRAY) {
			parser.skipChildren();
			return;
		}
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element != JsonToken.START_OBJECT) {
				parser.skipChildren();
				continue;
			}
			if (this.choiceCount == MAX_CHOICES) {
				throw new NotAnAnswerException("there are more than " + MAX_CHOICES + " choices");
			}
			if (this.choices.size() == this.choiceCount) {
				this.choices.add(new Choice());
			}
			Choice choice = this.choices.get(this.choiceCount);
			choice.clear(this.choiceCount);
			this.choiceCount++;
			readChoice(parser, choice);
		}
	}

	private void readChoice(JsonParser parser, Choice choice) {
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "delta" -> {
					if (value == JsonToken.START_OBJECT) {
						// a message beside it repeats what earlier chunks brought
						choice.clearMessage();
						choice.hasDelta = true;
					}
					readMessage(parser, value, choice);
				}
				case "message" -> {
					if (choice.hasDelta) {
						parser.skipChildren();
					}
					else {
						readMessage(parser, value, choice);
					}
				}
				case "index" -> choice.index = integer(parser, value, choice.index);
				case "finish_reason" -> {
					String reason = string(parser, value);
					choice.finishReason = (reason != null) ? FinishReason.of(reason) : null;
				}
				case "logprobs" -> choice.logprobs = logprobs(parser, value);
				default -> parser.skipChildren();
			}
		}
	}

	private void readMessage(JsonParser parser, JsonToken start, Choice choice) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return;
		}
		String reasoning = null;
		String details = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "content" -> choice.content = text(parser, value);
				case "reasoning_content" -> choice.reasoning = text(parser, value);
				case "reasoning" -> reasoning = text(parser, value);
				case "reasoning_details" -> details = text(parser, value);
				case "tool_calls" -> choice.toolCalls = toolCalls(parser, value);
				default -> parser.skipChildren();
			}
		}
		if (choice.reasoning == null || choice.reasoning.isEmpty()) {
			String other = (reasoning != null) ? reasoning : details;
			choice.reasoning = (other != null) ? other : choice.reasoning;
		}
	}

	private @Nullable String text(JsonParser parser, JsonToken value) {
		String text = (value == JsonToken.START_ARRAY) ? textOfParts(parser) : stringOrEmpty(parser, value);
		if (text != null && !text.isEmpty()) {
			this.texts++;
			this.textAt = (value == JsonToken.VALUE_STRING && this.envelope != null)
					? (int) parser.currentTokenLocation().getByteOffset() : -1;
		}
		return text;
	}

	private @Nullable String textOfParts(JsonParser parser) {
		StringBuilder text = null;
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element != JsonToken.START_OBJECT) {
				parser.skipChildren();
				continue;
			}
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken value = parser.nextToken();
				if (name.equals("text") && value == JsonToken.VALUE_STRING) {
					text = ((text != null) ? text : new StringBuilder()).append(parser.getString());
				}
				else {
					parser.skipChildren();
				}
			}
		}
		return (text != null) ? text.toString() : null;
	}

	private @Nullable List<ToolCallDelta> toolCalls(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_ARRAY) {
			parser.skipChildren();
			return null;
		}
		List<ToolCallDelta> calls = null;
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element != JsonToken.START_OBJECT) {
				parser.skipChildren();
				continue;
			}
			calls = (calls != null) ? calls : new ArrayList<>(2);
			calls.add(toolCall(parser, calls.size()));
		}
		return calls;
	}

	private ToolCallDelta toolCall(JsonParser parser, int position) {
		int index = position;
		String id = null;
		String functionName = null;
		String arguments = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			if (name.equals("index")) {
				index = integer(parser, value, position);
			}
			else if (name.equals("id")) {
				id = string(parser, value);
			}
			else if (name.equals("function") && value == JsonToken.START_OBJECT) {
				while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
					String field = parser.currentName();
					JsonToken fieldValue = parser.nextToken();
					if (field.equals("name")) {
						functionName = string(parser, fieldValue);
					}
					else if (field.equals("arguments")) {
						arguments = (fieldValue == JsonToken.START_OBJECT)
								? WireJson.MAPPER.writeValueAsString(WireJson.readNested(parser))
								: stringOrEmpty(parser, fieldValue);
					}
					else {
						parser.skipChildren();
					}
				}
			}
			else {
				parser.skipChildren();
			}
		}
		return new ToolCallDelta(index, id, functionName, arguments);
	}

	private @Nullable Logprobs logprobs(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return null;
		}
		List<TokenLogprob> content = List.of();
		List<TokenLogprob> reasoning = List.of();
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "content" -> content = tokenLogprobs(parser, value);
				case "reasoning_content" -> reasoning = tokenLogprobs(parser, value);
				default -> parser.skipChildren();
			}
		}
		return (content.isEmpty() && reasoning.isEmpty()) ? null : new Logprobs(content, reasoning);
	}

	private List<TokenLogprob> tokenLogprobs(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_ARRAY) {
			parser.skipChildren();
			return List.of();
		}
		List<TokenLogprob> logprobs = new ArrayList<>();
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element == JsonToken.START_OBJECT) {
				logprobs.add(tokenLogprob(parser));
			}
			else {
				parser.skipChildren();
			}
		}
		return logprobs;
	}

	private TokenLogprob tokenLogprob(JsonParser parser) {
		String token = "";
		double logprob = Double.NaN;
		List<Integer> bytes = null;
		List<TokenLogprob> top = List.of();
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			if (name.equals("token") && value == JsonToken.VALUE_STRING) {
				token = parser.getString();
			}
			else if (name.equals("logprob") && value.isNumeric()) {
				logprob = parser.getDoubleValue();
			}
			else if (name.equals("bytes") && value == JsonToken.START_ARRAY) {
				bytes = new ArrayList<>();
				JsonToken element;
				while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
					bytes.add(integer(parser, element, 0));
				}
			}
			else if (name.equals("top_logprobs")) {
				top = tokenLogprobs(parser, value);
			}
			else {
				parser.skipChildren();
			}
		}
		return new TokenLogprob(token, logprob, bytes, top);
	}

	private void readNestedUsage(JsonParser parser, JsonToken start) {
		if (start == JsonToken.START_ARRAY) {
			JsonToken element;
			while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
				readUsage(parser, element);
			}
			return;
		}
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return;
		}
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "usage" -> readUsage(parser, value);
				case "model_usage" -> readNestedUsage(parser, value);
				default -> parser.skipChildren();
			}
		}
	}

	private void readUsage(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return;
		}
		int from = (int) parser.currentTokenLocation().getByteOffset();
		UsageReader reader = new UsageReader();
		reader.read(parser);
		Usage reported = reader.usage();
		if (reported != null) {
			this.usage = reported;
			this.unreadUsageLength = 0;
			this.usageFrom = from;
			this.usageTo = (int) parser.currentLocation().getByteOffset();
		}
	}

	private static @Nullable Instant time(JsonParser parser, JsonToken value) {
		if (!value.isNumeric()) {
			parser.skipChildren();
			return null;
		}
		double seconds = parser.getDoubleValue();
		return (seconds >= 1 && seconds < 1e11) ? Instant.ofEpochSecond((long) seconds) : null;
	}

	private static int integer(JsonParser parser, JsonToken value, int otherwise) {
		if (!value.isNumeric()) {
			parser.skipChildren();
			return otherwise;
		}
		double number = parser.getDoubleValue();
		if (number < 0 || number > Integer.MAX_VALUE) {
			throw new NotAnAnswerException("an index is out of range");
		}
		return (int) number;
	}

	private static @Nullable String string(JsonParser parser, JsonToken value) {
		String text = stringOrEmpty(parser, value);
		return (text == null || text.isEmpty()) ? null : text;
	}

	private static @Nullable String stringOrEmpty(JsonParser parser, JsonToken value) {
		if (value == JsonToken.VALUE_STRING) {
			return parser.getString();
		}
		if (value.isNumeric()) {
			return parser.getString();
		}
		parser.skipChildren();
		return null;
	}

	/**
	 * What was read of one choice. An empty text is kept apart from none.
	 */
	public static final class Choice {

		int index;

		@Nullable String content;

		@Nullable String reasoning;

		@Nullable List<ToolCallDelta> toolCalls;

		@Nullable FinishReason finishReason;

		@Nullable Logprobs logprobs;

		private boolean hasDelta;

		private void clear(int index) {
			this.index = index;
			this.hasDelta = false;
			clearMessage();
			this.finishReason = null;
			this.logprobs = null;
		}

		private void clearMessage() {
			this.content = null;
			this.reasoning = null;
			this.toolCalls = null;
		}

		public int index() {
			return this.index;
		}

		public @Nullable String content() {
			return this.content;
		}

		public @Nullable String reasoning() {
			return this.reasoning;
		}

		public @Nullable List<ToolCallDelta> toolCalls() {
			return this.toolCalls;
		}

		public @Nullable FinishReason finishReason() {
			return this.finishReason;
		}

		public @Nullable Logprobs logprobs() {
			return this.logprobs;
		}

		public boolean hasContent() {
			return this.content != null && !this.content.isEmpty();
		}

		public boolean hasReasoning() {
			return this.reasoning != null && !this.reasoning.isEmpty();
		}

		public boolean hasToolCalls() {
			return this.toolCalls != null && !this.toolCalls.isEmpty();
		}

	}

	/**
	 * The JSON is well-formed, but no answer.
	 */
	static final class NotAnAnswerException extends JacksonException {

		NotAnAnswerException(String message) {
			super(message);
		}

	}

	private static final class UsageReader {

		private @Nullable Long prompt;

		private @Nullable Long completion;

		private @Nullable Long total;

		private @Nullable Long hit;

		private @Nullable Long cached;

		private @Nullable Long miss;

		private @Nullable Long reasoning;

		private @Nullable Long topLevelReasoning;

		private boolean readable = true;

		void read(JsonParser parser) {
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken value = parser.nextToken();
				switch (name) {
					case "prompt_tokens" -> this.prompt = count(parser, value);
					case "completion_tokens" -> this.completion = count(parser, value);
					case "total_tokens" -> this.total = count(parser, value);
					case "prompt_cache_hit_tokens" -> this.hit = count(parser, value);
					case "prompt_cache_miss_tokens" -> this.miss = count(parser, value);
					case "prompt_tokens_details" -> {
						Long detail = detail(parser, value, "cached_tokens");
						this.cached = (detail != null) ? detail : this.cached;
					}
					case "cached_tokens" -> this.cached = (this.cached != null) ? this.cached : count(parser, value);
					case "completion_tokens_details" -> this.reasoning = detail(parser, value, "reasoning_tokens");
					case "reasoning_tokens" -> this.topLevelReasoning = count(parser, value);
					default -> parser.skipChildren();
				}
			}
		}

		@Nullable Usage usage() {
			if (this.readable && this.prompt == null && this.completion == null && this.total == null) {
				return null;
			}
			return Usage.builder()
				.promptTokens(this.prompt)
				.completionTokens(this.completion)
				.totalTokens(this.total)
				.cacheHitTokens((this.hit != null) ? this.hit : this.cached)
				.cacheMissTokens(this.miss)
				.reasoningTokens((this.reasoning != null) ? this.reasoning : this.topLevelReasoning)
				.consistent(this.readable)
				.build();
		}

		private @Nullable Long detail(JsonParser parser, JsonToken start, String wanted) {
			if (start != JsonToken.START_OBJECT) {
				parser.skipChildren();
				return null;
			}
			Long count = null;
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				String name = parser.currentName();
				JsonToken value = parser.nextToken();
				if (name.equals(wanted)) {
					count = count(parser, value);
				}
				else {
					parser.skipChildren();
				}
			}
			return count;
		}

		private @Nullable Long count(JsonParser parser, JsonToken value) {
			if (!value.isNumeric()) {
				parser.skipChildren();
				return null;
			}
			double number = parser.getDoubleValue();
			if (Math.abs(number) > 1e15) {
				this.readable = false;
				return null;
			}
			return (long) number;
		}

	}

}
