package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;

/**
 * Reads the JSON of answers, complete ones and chunks alike: they differ only in whether
 * a choice has a {@code message} or a {@code delta}. Knows every provider's spelling and
 * is lenient: unknown fields are skipped, a null or missing one is no error. What stays
 * the same in all chunks of a stream is kept from the first and skipped from then on; not
 * thread-safe.
 */
public final class AnswerReader {

	// of an error that has no object of its own

	private static final Set<String> ERROR_WORDS = Set.of("message", "msg", "detail", "title", "error_msg",
			"error_message", "errmsg", "errorMessage", "errorMsg", "err_msg", "Message", "error_description");

	private static final Set<String> FLAT_ERROR = Stream
		.of(ERROR_WORDS, ErrorBody.CODES, ErrorBody.TYPES, List.of("request_id", "retry_after"))
		.flatMap(Collection::stream)
		.collect(Collectors.toUnmodifiableSet());

	private static final Pattern ERROR_TYPE = Pattern.compile("(?i).*(error|exception|failed)");

	// around a complete answer or chunk, with a code and words for success beside it
	private static final Set<String> WRAPPERS = Set.of("data", "result", "response", "Response", "body", "output");

	private static final Set<String> OF_AN_ANSWER = Set.of("choices", "usage", "id", "object", "model", "created");

	// what some hosts send while the answer is being made
	private static final Pattern PROGRESS = Pattern.compile(
			"(?i)ping|pong|keep[-_]?alive|heart[-_]?beat|queued|pending|processing|in[-_]progress|running|waiting|info");

	private @Nullable String id;

	private @Nullable String model;

	private @Nullable Instant created;

	private @Nullable String systemFingerprint;

	private @Nullable Usage usage;

	private boolean envelopeChanged;

	private boolean usageReported;

	private boolean wrapped;

	private @Nullable JsonNode error;

	private @Nullable Map<String, JsonNode> knownExtra;

	private @Nullable Map<String, Object> extra;

	private final ChoiceReader choices;

	private final @Nullable ChunkEnvelope envelope;

	AnswerReader(@Nullable ChunkEnvelope envelope) {
		this.envelope = envelope;
		this.choices = new ChoiceReader(envelope);
	}

	/**
	 * A reader of complete answers, which has every one parsed.
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
	 * Limit the tool calls of one answer.
	 * @param maxToolCalls the most; 128 by default
	 * @return this reader
	 */
	public AnswerReader maxToolCalls(int maxToolCalls) {
		this.choices.maxToolCalls(maxToolCalls);
		return this;
	}

	/**
	 * Read one answer or chunk.
	 * @param bytes holds the JSON
	 * @param offset where it begins
	 * @param length how long it is
	 * @throws JacksonException if it is not JSON in UTF-8, or not an object
	 * @throws DeepSeekException if it has more tool calls or JSON tokens than it may have
	 */
	public void read(byte[] bytes, int offset, int length) {
		this.choices.clear();
		this.error = null;
		this.envelopeChanged = false;
		this.usageReported = false;
		this.wrapped = false;
		ChunkEnvelope envelope = this.envelope;
		if (envelope != null && envelope.matches(bytes, offset, length)) {
			this.choices.restore(envelope);
			return;
		}
		if (!Utf8.isValid(bytes, offset, offset + length)) {
			throw new NotAnAnswerException("it is not UTF-8");
		}
		try (JsonParser parser = WireJson.parser(bytes, offset, length)) {
			try {
				if (parser.nextToken() != JsonToken.START_OBJECT) {
					readNonObject(parser);
					return;
				}
				readAnswer(parser);
				if (parser.nextToken() != null) {
					throw new NotAnAnswerException("there is more behind the JSON object");
				}
			}
			catch (StreamConstraintsException ex) {
				if (parser.currentTokenCount() > WireJson.MAX_TOKENS) {
					throw new DeepSeekException(ErrorKind.LOCAL_LIMIT,
							"the answer has more than " + WireJson.MAX_TOKENS + " JSON tokens");
				}
				throw ex;
			}
		}
		if (envelope != null && this.choices.count() == 1 && this.error == null && !this.wrapped) {
			envelope.learn(bytes, offset, length, this.choices.choice(0), this.choices.fragments());
		}
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
		if (this.envelope != null && this.envelope.unreadUsageLength() > 0) {
			try (JsonParser parser = WireJson.MAPPER.createParser(this.envelope.unreadUsage(), 0,
					this.envelope.unreadUsageLength())) {
				readUsage(parser, parser.nextToken());
			}
			this.envelope.forgetUsage();
		}
		return this.usage;
	}

	/**
	 * Whether the last answer read has a new id, model and the like.
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
		return this.choices.count();
	}

	/**
	 * Whether the last answer read is a piece of a stream, behind which more has to come.
	 * @return {@code true} if its first choice is a {@code delta} without finish reason
	 */
	public boolean isUnfinishedChunk() {
		return choiceCount() > 0 && choice(0).delta && choice(0).finishReason == null;
	}

	/**
	 * One of the choices of the last answer read; valid until the next is read.
	 * @param position its position, not its index
	 * @return the choice
	 */
	public AnswerChoice choice(int position) {
		return this.choices.choice(position);
	}

	private void readNonObject(JsonParser parser) {
		if (parser.currentToken() == null) {
			throw new NotAnAnswerException("there is no JSON");
		}
		JsonNode node = WireJson.readNested(parser);
		if (node.isString() && node.stringValue().startsWith("{\"")) {
			readEncoded(node);
			return;
		}
		if (node.isString() || node.isArray()) {
			this.error = ErrorBody.isNone(node) ? null : node;
			return;
		}
		if (node.isNull() && this.envelope != null) {
			// an event that says nothing
			return;
		}
		throw new NotAnAnswerException("the JSON is not an object");
	}

	// a gateway may have encoded an answer again
	private void readEncoded(JsonNode text) {
		byte[] bytes = text.stringValue().getBytes(StandardCharsets.UTF_8);
		try (JsonParser parser = WireJson.parser(bytes, 0, bytes.length)) {
			parser.nextToken();
			readAnswer(parser);
		}
		catch (JacksonException ex) {
			this.choices.clear();
			this.error = text;
		}
	}

	private void readAnswer(JsonParser parser) {
		ObjectNode flat = null;
		JsonNode wrapped = null;
		List<ToolCallReader.Fragment> toolCalls = null;
		boolean answer = false;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			answer |= OF_AN_ANSWER.contains(name);
			switch (name) {
				case "choices" -> this.choices.read(parser, value);
				case "id" ->
					this.id = (this.id == null) ? envelope(JsonScalars.string(parser, value)) : skip(parser, this.id);
				case "model" -> this.model = (this.model == null) ? envelope(JsonScalars.string(parser, value))
						: skip(parser, this.model);
				case "system_fingerprint" -> this.systemFingerprint = (this.systemFingerprint == null)
						? envelope(JsonScalars.string(parser, value)) : skip(parser, this.systemFingerprint);
				case "created" -> this.created = (this.created == null) ? envelope(JsonScalars.time(parser, value))
						: skip(parser, this.created);
				case "usage" -> readUsage(parser, value);
				case "x_groq", "bot_usage" -> readNestedUsage(parser, value);
				case "tool_calls" -> toolCalls = ToolCallReader.read(parser, value, this.choices.maxToolCalls());
				case "error", "errors", "Error", "ErrorMsg", "base_resp" -> error(WireJson.readNested(parser));
				default -> {
					if (value == JsonToken.START_OBJECT && WRAPPERS.contains(name)) {
						JsonNode inner = WireJson.readNested(parser);
						error(inner.path("Error"));
						if (inner.has("choices") || inner.has("error")) {
							wrapped = inner;
						}
						else {
							extra(name, inner);
						}
					}
					else if (FLAT_ERROR.contains(name)) {
						flat = (flat != null) ? flat : WireJson.MAPPER.createObjectNode();
						flat.set(name, WireJson.readNested(parser));
					}
					else if (value == JsonToken.START_ARRAY || value == JsonToken.START_OBJECT) {
						extra(name, WireJson.readNested(parser));
					}
				}
			}
		}
		if (wrapped != null && !this.wrapped && this.choices.count() == 0) {
			readWrapped(wrapped);
			answer = true;
		}
		if (flat != null && this.choices.count() == 0 && isError(flat, answer)) {
			if (this.error != null && this.error.isValueNode()) {
				// a word, or true, beside what explains it
				flat.set("error", this.error);
				this.error = flat;
			}
			error(flat);
		}
		for (int i = 0; i < this.choices.count(); i++) {
			JsonNode ofChoice = this.choices.choice(i).error;
			if (ofChoice != null) {
				error(ofChoice);
			}
		}
		if (toolCalls != null) {
			this.choices.take(toolCalls);
		}
		Usage ofChoice = this.choices.usage();
		if (ofChoice != null && !this.usageReported) {
			report(ofChoice);
		}
	}

	private void readWrapped(JsonNode answer) {
		this.wrapped = true;
		try (JsonParser parser = WireJson.MAPPER.treeAsTokens(answer)) {
			parser.nextToken();
			readAnswer(parser);
		}
	}

	// some hosts send an empty one, or a code for success, with each good answer
	private void error(JsonNode error) {
		if (this.error == null && !ErrorBody.isNone(error)) {
			this.error = error;
		}
	}

	// streams repeat it with each chunk, or let it grow
	private void extra(String name, JsonNode value) {
		if (value.isEmpty()) {
			return;
		}
		this.knownExtra = (this.knownExtra != null) ? this.knownExtra : new HashMap<>(2);
		JsonNode before = this.knownExtra.put(name, value);
		if (value.equals(before)) {
			return;
		}
		this.extra = (this.extra != null) ? this.extra : new LinkedHashMap<>(4);
		this.extra.put(name, WireJson.MAPPER.treeToValue(addedTo(before, value), Object.class));
	}

	private static JsonNode addedTo(@Nullable JsonNode before, JsonNode value) {
		if (before == null || !before.isArray() || !value.isArray() || before.size() >= value.size()) {
			return value;
		}
		ArrayNode added = WireJson.MAPPER.createArrayNode();
		for (int i = 0; i < value.size(); i++) {
			if (i >= before.size()) {
				added.add(value.get(i));
			}
			else if (!before.get(i).equals(value.get(i))) {
				return value;
			}
		}
		return added;
	}

	/**
	 * Take the objects and lists of the answer that have no place of their own, such as
	 * citations; of a stream those that are new since they were taken last.
	 * @param ofChoice those of the choice that gets them; {@code null} for none
	 * @return both by their names, or {@code null} for none
	 */
	public @Nullable Map<String, Object> takeExtra(@Nullable Map<String, Object> ofChoice) {
		Map<String, Object> taken = this.extra;
		if (taken == null) {
			return ofChoice;
		}
		this.extra = null;
		if (ofChoice != null) {
			taken.putAll(ofChoice);
		}
		return taken;
	}

	// by its words, or by a code alone if there is nothing of an answer
	private boolean isError(ObjectNode flat, boolean answer) {
		if (PROGRESS.matcher(flat.path("type").asString("")).matches()
				|| PROGRESS.matcher(flat.path("status").asString("")).matches()) {
			return false;
		}
		boolean words = ERROR_WORDS.stream().anyMatch((name) -> {
			JsonNode text = flat.path(name);
			return (text.isContainer() || text.isString()) && !ErrorBody.isNone(text);
		});
		return words || (!answer && (ErrorBody.CODES.stream().anyMatch((name) -> !ErrorBody.isNone(flat.path(name)))
				|| ERROR_TYPE.matcher(flat.path("type").asString("")).matches()));
	}

	private <T> T skip(JsonParser parser, T known) {
		parser.skipChildren();
		return known;
	}

	private <T> @Nullable T envelope(@Nullable T value) {
		this.envelopeChanged |= value != null;
		return value;
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
		Usage reported = UsageReader.read(parser);
		if (reported != null) {
			this.usageReported = true;
			report(reported);
			if (this.envelope != null) {
				this.envelope.foundUsage(from, (int) parser.currentLocation().getByteOffset());
			}
		}
	}

	// some hosts fill each chunk without a number with zeros
	private void report(Usage reported) {
		boolean zero = isZero(reported);
		if (this.usage == null || !zero) {
			this.usage = reported;
		}
		if (this.envelope != null && !zero) {
			this.envelope.forgetUsage();
		}
	}

	private static boolean isZero(Usage usage) {
		return isZero(usage.promptTokens()) && isZero(usage.completionTokens()) && isZero(usage.totalTokens());
	}

	private static boolean isZero(@Nullable Long tokens) {
		return tokens == null || tokens == 0;
	}

	/**
	 * The JSON is well-formed, but no answer.
	 */
	static final class NotAnAnswerException extends JacksonException {

		NotAnAnswerException(String message) {
			super(message);
		}

	}

}
