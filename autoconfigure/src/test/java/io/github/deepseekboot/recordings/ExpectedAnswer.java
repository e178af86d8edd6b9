package io.github.deepseekboot.recordings;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A second opinion on what a provider said: reads a body slowly and plainly, as a tree,
 * with no code and no class of the library. Tests compare the library's answer with it.
 * <p>
 * A stream is read up to the first {@code [DONE]}; an event that is not ended by a blank
 * line does not count, unless it is that marker. What comes after an error object is
 * still read. Text stays as it is: a {@code <think>} block is content, unless
 * {@link #withThinkTags()} is asked for.
 *
 * @param id the first identifier that is not empty
 * @param model the first model that is not empty
 * @param created the first time that is not 0, cut to seconds; 0 if there are only zeros
 * @param systemFingerprint the first fingerprint that is not empty
 * @param choices the choices by their index
 * @param usage the last usage object
 * @param sawDone whether the stream ended with its marker
 * @param error the first error: the value of a top-level {@code error}, or the complete
 * object where it is flat ({@code code}, {@code message}, no {@code choices})
 * @param malformed whether the body or one event of it is not a JSON object
 */
public record ExpectedAnswer(@Nullable String id, @Nullable String model, @Nullable Long created,
		@Nullable String systemFingerprint, SortedMap<Integer, Choice> choices, @Nullable Usage usage, boolean sawDone,
		@Nullable JsonNode error, boolean malformed) {

	private static final String DONE = "[DONE]";

	private static final JsonMapper mapper = JsonMapper.builder().build();

	/**
	 * Reads the body of an exchange the way its content type asks for.
	 * @param exchange the exchange
	 * @return what it says
	 */
	public static ExpectedAnswer of(RecordedExchange exchange) {
		return read(exchange.bodyText(), exchange.isEventStream());
	}

	/**
	 * Reads a body.
	 * @param body the body
	 * @param eventStream whether it is server-sent events rather than one JSON document
	 * @return what it says
	 */
	public static ExpectedAnswer read(String body, boolean eventStream) {
		Reading reading = new Reading();
		if (!eventStream) {
			if (!body.isBlank()) {
				reading.payload(body);
			}
			return reading.answer(false);
		}
		List<String> events = events(body);
		int done = events.indexOf(DONE);
		events.subList(0, (done != -1) ? done : events.size()).forEach(reading::payload);
		return reading.answer(done != -1);
	}

	/**
	 * The payloads of a body of server-sent events.
	 * @param body the body
	 * @return the data of each event that has any
	 */
	static List<String> events(String body) {
		List<String> events = new ArrayList<>();
		List<String> data = new ArrayList<>();
		String text = body.startsWith("\uFEFF") ? body.substring(1) : body;
		for (String line : lines(text)) {
			if (line.isEmpty()) {
				add(events, data);
				data.clear();
			}
			else if (line.startsWith("data: ")) {
				data.add(line.substring("data: ".length()));
			}
			else if (line.startsWith("data:")) {
				data.add(line.substring("data:".length()));
			}
		}
		if (String.join("\n", data).strip().equals(DONE)) {
			events.add(DONE);
		}
		return events;
	}

	private static List<String> lines(String text) {
		List<String> lines = new ArrayList<>(List.of(text.split("\r\n|\r|\n", -1)));
		if (lines.get(lines.size() - 1).isEmpty()) {
			// what follows the last line end is no line
			lines.remove(lines.size() - 1);
		}
		return lines;
	}

	private static void add(List<String> events, List<String> data) {
		String event = String.join("\n", data).strip();
		if (!event.isEmpty()) {
			events.add(event);
		}
	}

	/**
	 * The choice with the lowest index.
	 * @return the choice, or {@code null} if there is none
	 */
	public @Nullable Choice firstChoice() {
		return this.choices.isEmpty() ? null : this.choices.get(this.choices.firstKey());
	}

	/**
	 * The same answer, read the way that fits hosts which leave the reasoning in the
	 * content: what stands before {@code </think>}, or all of it if the content begins
	 * with {@code <think>} and never closes it, is reasoning. Nothing is trimmed; only
	 * the tags, and blanks before the opening one, vanish. A choice that has reasoning of
	 * its own stays as it is.
	 * @return the answer read that way
	 */
	public ExpectedAnswer withThinkTags() {
		SortedMap<Integer, Choice> read = new TreeMap<>();
		this.choices.forEach((index, choice) -> read.put(index, choice.withThinkTags()));
		return new ExpectedAnswer(this.id, this.model, this.created, this.systemFingerprint, read, this.usage,
				this.sawDone, this.error, this.malformed);
	}

	private static boolean present(JsonNode node) {
		return !node.isMissingNode() && !node.isNull();
	}

	private static @Nullable Long number(JsonNode node) {
		if (!node.isNumber()) {
			return null;
		}
		BigDecimal value = node.decimalValue();
		boolean fits = value.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
		return fits ? value.longValue() : null;
	}

	private static @Nullable Long firstNumber(@Nullable Long first, JsonNode... others) {
		Long number = first;
		for (JsonNode other : others) {
			number = (number != null) ? number : number(other);
		}
		return number;
	}

	/**
	 * One answer among those that were asked for.
	 *
	 * @param index its index
	 * @param content all content; {@code null} if no string was ever there
	 * @param reasoning all reasoning; {@code null} if no string was ever there
	 * @param toolCalls the tool calls, by index
	 * @param finishReason the last one that is neither {@code null} nor empty
	 * @param contentLogprobs the tokens of the content; {@code null} if never a list
	 * @param reasoningLogprobs the tokens of the reasoning; {@code null} if never a list
	 */
	public record Choice(int index, @Nullable String content, @Nullable String reasoning, List<ToolCall> toolCalls,
			@Nullable String finishReason, @Nullable List<TokenLogprob> contentLogprobs,
			@Nullable List<TokenLogprob> reasoningLogprobs) {

		private static final String OPEN = "<think>";

		private static final String CLOSE = "</think>";

		Choice withThinkTags() {
			if (this.content == null || (this.reasoning != null && !this.reasoning.isEmpty())) {
				return this;
			}
			String begun = this.content.stripLeading();
			boolean opened = begun.startsWith(OPEN);
			String text = opened ? begun.substring(OPEN.length()) : this.content;
			int close = text.indexOf(CLOSE);
			if (close != -1) {
				return with(text.substring(close + CLOSE.length()), text.substring(0, close));
			}
			return opened ? with("", text) : this;
		}

		private Choice with(String content, String reasoning) {
			return new Choice(this.index, content, reasoning, this.toolCalls, this.finishReason, this.contentLogprobs,
					this.reasoningLogprobs);
		}

	}

	/**
	 * A tool call, put together.
	 *
	 * @param index its index
	 * @param id its identifier
	 * @param name the function
	 * @param arguments the arguments as they came, which need not be JSON
	 */
	public record ToolCall(int index, @Nullable String id, @Nullable String name, String arguments) {

	}

	/**
	 * A token and how likely it was.
	 *
	 * @param token the token
	 * @param logprob the logarithm of its probability
	 */
	public record TokenLogprob(String token, double logprob) {

	}

	/**
	 * Token counts as reported, {@code null} where they were not.
	 *
	 * @param promptTokens tokens of the prompt
	 * @param completionTokens tokens of the answer
	 * @param totalTokens the provider's sum
	 * @param cacheHitTokens prompt tokens from the cache
	 * @param cacheMissTokens prompt tokens not from the cache
	 * @param reasoningTokens completion tokens that were reasoning
	 */
	public record Usage(@Nullable Long promptTokens, @Nullable Long completionTokens, @Nullable Long totalTokens,
			@Nullable Long cacheHitTokens, @Nullable Long cacheMissTokens, @Nullable Long reasoningTokens) {

		static Usage of(JsonNode usage) {
			Long cacheHit = firstNumber(number(usage.path("prompt_cache_hit_tokens")),
					usage.path("prompt_tokens_details").path("cached_tokens"), usage.path("cached_tokens"));
			Long reasoning = firstNumber(number(usage.path("completion_tokens_details").path("reasoning_tokens")),
					usage.path("reasoning_tokens"));
			return new Usage(number(usage.path("prompt_tokens")), number(usage.path("completion_tokens")),
					number(usage.path("total_tokens")), cacheHit, number(usage.path("prompt_cache_miss_tokens")),
					reasoning);
		}

	}

	/**
	 * What was read so far.
	 */
	private static final class Reading {

		private final SortedMap<Integer, ChoiceReading> choices = new TreeMap<>();

		private @Nullable String id;

		private @Nullable String model;

		private @Nullable Long created;

		private @Nullable String systemFingerprint;

		private @Nullable Usage usage;

		private @Nullable JsonNode error;

		private boolean malformed;

		void payload(String json) {
			JsonNode root;
			try {
				root = mapper.readTree(json);
			}
			catch (JacksonException ex) {
				this.malformed = true;
				return;
			}
			if (!root.isObject()) {
				this.malformed = true;
				return;
			}
			this.id = firstText(this.id, root.path("id"));
			this.model = firstText(this.model, root.path("model"));
			this.systemFingerprint = firstText(this.systemFingerprint, root.path("system_fingerprint"));
			Long created = number(root.path("created"));
			if (created != null && (this.created == null || this.created == 0)) {
				this.created = created;
			}
			error(root);
			usage(root);
			choices(root);
		}

		private @Nullable String firstText(@Nullable String known, JsonNode node) {
			boolean text = node.isString() && !node.stringValue().isEmpty();
			return (known == null && text) ? node.stringValue() : known;
		}

		private void error(JsonNode root) {
			if (this.error != null) {
				return;
			}
			boolean flat = root.path("message").isString() && !root.has("choices");
			if (present(root.path("error"))) {
				this.error = root.path("error");
			}
			else if (flat) {
				this.error = root;
			}
		}

		private void usage(JsonNode root) {
			JsonNode bot = root.path("bot_usage");
			JsonNode usage = root.path("usage");
			if (!usage.isObject()) {
				usage = root.path("x_groq").path("usage");
			}
			if (!usage.isObject()) {
				usage = bot.path("model_usage").isArray() ? bot.path("model_usage").path(0) : bot;
			}
			if (usage.isObject()) {
				this.usage = Usage.of(usage);
			}
		}

		private void choices(JsonNode root) {
			boolean calls = false;
			int position = 0;
			for (JsonNode node : root.path("choices")) {
				int index = node.path("index").isInt() ? node.path("index").intValue() : position;
				ChoiceReading choice = this.choices.computeIfAbsent(index, ChoiceReading::new);
				JsonNode message = node.path("delta").isObject() ? node.path("delta") : node.path("message");
				choice.message(message);
				choice.finishReason(node.path("finish_reason"));
				choice.logprobs(node.path("logprobs"));
				calls = calls || !message.path("tool_calls").isEmpty();
				position++;
			}
			if (!calls && !root.path("tool_calls").isEmpty()) {
				int first = this.choices.isEmpty() ? 0 : this.choices.firstKey();
				this.choices.computeIfAbsent(first, ChoiceReading::new).toolCalls(root.path("tool_calls"));
			}
		}

		ExpectedAnswer answer(boolean sawDone) {
			SortedMap<Integer, Choice> answers = new TreeMap<>();
			this.choices.forEach((index, choice) -> answers.put(index, choice.answer()));
			return new ExpectedAnswer(this.id, this.model, this.created, this.systemFingerprint, answers, this.usage,
					sawDone, this.error, this.malformed);
		}

	}

	/**
	 * What was read of one choice so far.
	 */
	private static final class ChoiceReading {

		private final int index;

		private final Map<Integer, String> ids = new TreeMap<>();

		private final Map<Integer, String> names = new TreeMap<>();

		private final SortedMap<Integer, String> arguments = new TreeMap<>();

		private @Nullable String content;

		private @Nullable String reasoning;

		private @Nullable String finishReason;

		private @Nullable List<TokenLogprob> contentLogprobs;

		private @Nullable List<TokenLogprob> reasoningLogprobs;

		private ChoiceReading(int index) {
			this.index = index;
		}

		void message(JsonNode message) {
			this.content = joined(this.content, message.path("content"));
			if (message.path("reasoning_content").isString()) {
				this.reasoning = joined(this.reasoning, message.path("reasoning_content"));
			}
			else if (message.path("reasoning").isString()) {
				this.reasoning = joined(this.reasoning, message.path("reasoning"));
			}
			else {
				for (JsonNode detail : message.path("reasoning_details")) {
					this.reasoning = joined(this.reasoning, detail.path("text"));
				}
			}
			toolCalls(message.path("tool_calls"));
		}

		private @Nullable String joined(@Nullable String text, JsonNode more) {
			if (!more.isString()) {
				return text;
			}
			return (text != null) ? text + more.stringValue() : more.stringValue();
		}

		void toolCalls(JsonNode calls) {
			int position = 0;
			for (JsonNode call : calls) {
				int at = call.path("index").isInt() ? call.path("index").intValue() : position;
				JsonNode function = call.path("function");
				keep(this.ids, at, call.path("id"));
				keep(this.names, at, function.path("name"));
				this.arguments.merge(at, function.path("arguments").asString(""), String::concat);
				position++;
			}
		}

		private void keep(Map<Integer, String> known, int at, JsonNode value) {
			if (value.isString() && !value.stringValue().isEmpty()) {
				known.putIfAbsent(at, value.stringValue());
			}
		}

		void finishReason(JsonNode reason) {
			if (reason.isString() && !reason.stringValue().isEmpty()) {
				this.finishReason = reason.stringValue();
			}
		}

		void logprobs(JsonNode logprobs) {
			this.contentLogprobs = joined(this.contentLogprobs, logprobs.path("content"));
			this.reasoningLogprobs = joined(this.reasoningLogprobs, logprobs.path("reasoning_content"));
		}

		private @Nullable List<TokenLogprob> joined(@Nullable List<TokenLogprob> tokens, JsonNode more) {
			if (!more.isArray()) {
				return tokens;
			}
			List<TokenLogprob> all = (tokens != null) ? tokens : new ArrayList<>();
			for (JsonNode token : more) {
				all.add(new TokenLogprob(token.path("token").asString(""), token.path("logprob").doubleValue()));
			}
			return all;
		}

		Choice answer() {
			List<ToolCall> calls = new ArrayList<>();
			this.arguments
				.forEach((at, text) -> calls.add(new ToolCall(at, this.ids.get(at), this.names.get(at), text)));
			return new Choice(this.index, this.content, this.reasoning, calls, this.finishReason, this.contentLogprobs,
					this.reasoningLogprobs);
		}

	}

}
