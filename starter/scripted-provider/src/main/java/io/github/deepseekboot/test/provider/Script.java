package io.github.deepseekboot.test.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a simulated provider answers: what it says, how fast, and what goes wrong.
 * Immutable. Whatever a script leaves open is filled in sensibly: a built-in answer, all
 * of it at once, no fault.
 * <p>
 * The parts of a script apply in the order in which a client meets them: delay of the
 * first byte, scripted error or fault, the request's own faults (key, model, JSON), delay
 * of the first token with keep-alives, reasoning, answer or tool calls, end.
 */
public final class Script {

	// answers nothing
	static final Script EXACT = builder().exact().build();

	private final @Nullable Function<ReceivedCall, String> answerer;

	private final @Nullable List<String> pieces;

	private final @Nullable String model;

	private final @Nullable ProviderError body;

	private final @Nullable Function<ReceivedCall, String> reasoning;

	private final int chunks;

	private final int chunkBytes;

	private final int reasoningChunks;

	private final boolean sendTimes;

	private final double chunksPerSecond;

	private final Duration firstByteDelay;

	private final Duration firstTokenDelay;

	private final Duration keepAlive;

	private final List<ToolCall> toolCalls;

	private final @Nullable String finishReason;

	private final @Nullable Function<ProviderErrors, ProviderError> error;

	private final Fault fault;

	private final int faultAfter;

	private final Map<String, String> headers;

	private final @Nullable Usage usage;

	private final boolean improvises;

	private Script(Builder builder) {
		this.answerer = builder.answerer;
		this.pieces = builder.pieces;
		this.model = builder.model;
		this.body = builder.body;
		this.reasoning = builder.reasoning;
		this.chunks = builder.chunks;
		this.chunkBytes = builder.chunkBytes;
		this.reasoningChunks = builder.reasoningChunks;
		this.sendTimes = builder.sendTimes;
		this.chunksPerSecond = builder.chunksPerSecond;
		this.firstByteDelay = builder.firstByteDelay;
		this.firstTokenDelay = builder.firstTokenDelay;
		this.keepAlive = builder.keepAlive;
		this.toolCalls = List.copyOf(builder.toolCalls);
		this.finishReason = builder.finishReason;
		this.error = builder.error;
		this.fault = builder.fault;
		this.faultAfter = builder.faultAfter;
		this.headers = Map.copyOf(builder.headers);
		this.usage = builder.usage;
		this.improvises = builder.improvises;
	}

	/**
	 * Begin a script: built-in answers, no pauses, no faults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * A script that answers with that text.
	 * @param text the answer
	 * @return a new script
	 */
	public static Script answering(String text) {
		return builder().answer(text).build();
	}

	/**
	 * A script that answers with the provider's usual error of that status.
	 * @param status the HTTP status
	 * @return a new script
	 */
	public static Script failing(int status) {
		return builder().error(status).build();
	}

	/**
	 * A script with that fault.
	 * @param fault the fault
	 * @return a new script
	 */
	public static Script failing(Fault fault) {
		return builder().fault(fault).build();
	}

	/**
	 * Begin a script from this one.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		return new Builder(this);
	}

	@Nullable Function<ReceivedCall, String> answerer() {
		return this.answerer;
	}

	// the answer in the pieces that a stream has, null where it is cut into tokens
	@Nullable List<String> pieces() {
		return this.pieces;
	}

	// the model that the answer says it is from, null for that of the request
	@Nullable String model() {
		return this.model;
	}

	// the body that is sent as it is, null where the host's words are used
	@Nullable ProviderError body() {
		return this.body;
	}

	@Nullable Function<ReceivedCall, String> reasoning() {
		return this.reasoning;
	}

	boolean hasReasoning() {
		return this.reasoning != null || this.reasoningChunks > 0;
	}

	int chunks() {
		return this.chunks;
	}

	int chunkBytes() {
		return this.chunkBytes;
	}

	int reasoningChunks() {
		return this.reasoningChunks;
	}

	boolean sendTimes() {
		return this.sendTimes;
	}

	double chunksPerSecond() {
		return this.chunksPerSecond;
	}

	Duration firstByteDelay() {
		return this.firstByteDelay;
	}

	Duration firstTokenDelay() {
		return this.firstTokenDelay;
	}

	Duration keepAlive() {
		return this.keepAlive;
	}

	List<ToolCall> toolCalls() {
		return this.toolCalls;
	}

	@Nullable String finishReason() {
		return this.finishReason;
	}

	@Nullable ProviderError error(ProviderErrors errors) {
		return (this.error != null) ? this.error.apply(errors) : null;
	}

	Fault fault() {
		return this.fault;
	}

	int faultAfter() {
		return this.faultAfter;
	}

	Map<String, String> headers() {
		return this.headers;
	}

	// the tokens that the answer says it has, null for a count of what there is
	@Nullable Usage usage() {
		return this.usage;
	}

	// whether what is left open is made up, and what a host would do is done: an answer
	// cut at max_tokens, a call of the tool that is asked for
	boolean improvises() {
		return this.improvises;
	}

	/**
	 * A scripted tool call.
	 *
	 * @param condition which calls it answers
	 * @param id the id of the call, null for one as the host makes them
	 * @param name the function's name
	 * @param arguments its arguments as the model writes them, broken JSON included
	 */
	record ToolCall(Predicate<ReceivedCall> condition, @Nullable String id, String name, String arguments) {

	}

	/**
	 * Writes a {@link Script}.
	 */
	public static final class Builder {

		private @Nullable Function<ReceivedCall, String> answerer;

		private @Nullable List<String> pieces;

		private @Nullable String model;

		private @Nullable ProviderError body;

		private @Nullable Function<ReceivedCall, String> reasoning;

		private int chunks;

		private int chunkBytes;

		private int reasoningChunks;

		private boolean sendTimes;

		private double chunksPerSecond;

		private Duration firstByteDelay = Duration.ZERO;

		private Duration firstTokenDelay = Duration.ZERO;

		private Duration keepAlive = Duration.ZERO;

		private final List<ToolCall> toolCalls = new ArrayList<>();

		private @Nullable String finishReason;

		private @Nullable Function<ProviderErrors, ProviderError> error;

		private Fault fault = Fault.NONE;

		private int faultAfter = 3;

		private final Map<String, String> headers = new LinkedHashMap<>();

		private @Nullable Usage usage;

		private boolean improvises = true;

		private Builder() {
		}

		private Builder(Script script) {
			this.answerer = script.answerer;
			this.pieces = script.pieces;
			this.model = script.model;
			this.body = script.body;
			this.reasoning = script.reasoning;
			this.chunks = script.chunks;
			this.chunkBytes = script.chunkBytes;
			this.reasoningChunks = script.reasoningChunks;
			this.sendTimes = script.sendTimes;
			this.chunksPerSecond = script.chunksPerSecond;
			this.firstByteDelay = script.firstByteDelay;
			this.firstTokenDelay = script.firstTokenDelay;
			this.keepAlive = script.keepAlive;
			this.toolCalls.addAll(script.toolCalls);
			this.finishReason = script.finishReason;
			this.error = script.error;
			this.fault = script.fault;
			this.faultAfter = script.faultAfter;
			this.headers.putAll(script.headers);
			this.usage = script.usage;
			this.improvises = script.improvises;
		}

		/**
		 * Always answer with that text.
		 * @param text the answer
		 * @return this builder
		 */
		public Builder answer(String text) {
			return answer((question) -> text);
		}

		/**
		 * Answer with what a function makes of the last user message. It runs on an event
		 * loop and must not block.
		 * @param answerer the function from the question to the answer
		 * @return this builder
		 */
		public Builder answer(Function<String, String> answerer) {
			Objects.requireNonNull(answerer, "'answerer' must not be null");
			this.answerer = (call) -> answerer.apply(call.lastUserMessage());
			return this;
		}

		/**
		 * Answer with what a function makes of the complete request: the history, what
		 * tools have answered, the parameters. It runs on an event loop and must not
		 * block.
		 * @param answerer the function from the request's body to the answer
		 * @return this builder
		 */
		public Builder answerRequest(Function<JsonNode, String> answerer) {
			Objects.requireNonNull(answerer, "'answerer' must not be null");
			this.answerer = (call) -> answerer.apply(call.json());
			return this;
		}

		/**
		 * Think that text before answering, where thinking is on.
		 * @param text the reasoning, empty for none
		 * @return this builder
		 */
		public Builder reasoning(String text) {
			Objects.requireNonNull(text, "'text' must not be null");
			return reasoning((call) -> text);
		}

		/**
		 * Think what a function makes of the call before answering it, where thinking is
		 * on. It runs on an event loop and must not block.
		 * @param reasoner the function from the call to the reasoning, empty for none
		 * @return this builder
		 */
		public Builder reasoning(Function<ReceivedCall, String> reasoner) {
			this.reasoning = Objects.requireNonNull(reasoner, "'reasoner' must not be null");
			return this;
		}

		/**
		 * Answer with a fixed number of chunks of one size in place of a text.
		 * {@code max_tokens} doesn't shorten it, and there is no reasoning but
		 * {@link #reasoningChunks(int)}.
		 * @param number how many chunks of content
		 * @param bytes how many bytes of content each
		 * @return this builder
		 */
		public Builder chunks(int number, int bytes) {
			this.chunks = notNegative(number, "number");
			this.chunkBytes = notNegative(bytes, "bytes");
			return this;
		}

		/**
		 * Think that many chunks before answering, where thinking is on, each of the size
		 * given to {@link #chunks(int, int)}.
		 * @param number how many chunks of reasoning
		 * @return this builder
		 */
		public Builder reasoningChunks(int number) {
			this.reasoningChunks = notNegative(number, "number");
			return this;
		}

		/**
		 * Say in each of the {@link #chunks(int, int)} of a stream when it was written,
		 * in place of text: a blank and {@link System#nanoTime()}, which the processes of
		 * one Linux machine share.
		 * @param sendTimes whether to
		 * @return this builder
		 */
		public Builder sendTimes(boolean sendTimes) {
			this.sendTimes = sendTimes;
			return this;
		}

		/**
		 * Set the pace. A blocking answer takes as long as its stream would.
		 * @param chunks chunks per second, 0 for as fast as the client reads
		 * @return this builder
		 */
		public Builder chunksPerSecond(double chunks) {
			if (!(chunks >= 0)) {
				throw new IllegalArgumentException("'chunks' must not be negative");
			}
			this.chunksPerSecond = chunks;
			return this;
		}

		/**
		 * Wait before anything is sent, status and headers included.
		 * @param delay how long
		 * @return this builder
		 */
		public Builder firstByteDelay(Duration delay) {
			this.firstByteDelay = notNegative(delay);
			return this;
		}

		/**
		 * Wait before the first token; a stream's status and headers are sent before.
		 * @param delay how long
		 * @return this builder
		 */
		public Builder firstTokenDelay(Duration delay) {
			this.firstTokenDelay = notNegative(delay);
			return this;
		}

		/**
		 * Show signs of life until the first token: comment lines in a stream, empty
		 * lines before a blocking answer.
		 * @param every the time between two, zero for none
		 * @return this builder
		 */
		public Builder keepAlive(Duration every) {
			this.keepAlive = notNegative(every);
			return this;
		}

		/**
		 * Call a tool, whether or not the user asks for it. Several calls make one
		 * parallel answer. Where the conversation ends with a tool's result the script
		 * answers in prose.
		 * @param name the function's name
		 * @param arguments its arguments, JSON or not
		 * @return this builder
		 */
		public Builder toolCall(String name, String arguments) {
			return toolCall((call) -> true, name, arguments);
		}

		/**
		 * Call a tool in answer to some calls, and answer all others in prose.
		 * @param condition which calls; it runs on an event loop and must not block
		 * @param name the function's name
		 * @param arguments its arguments, JSON or not
		 * @return this builder
		 */
		public Builder toolCall(Predicate<ReceivedCall> condition, String name, String arguments) {
			Objects.requireNonNull(condition, "'condition' must not be null");
			this.toolCalls.add(new ToolCall(condition, null, name, arguments));
			return this;
		}

		Builder toolCallWithId(String id, String name, String arguments) {
			this.toolCalls.add(new ToolCall((call) -> true, id, name, arguments));
			return this;
		}

		/**
		 * End with that finish reason in place of the natural one.
		 * @param reason the finish reason
		 * @return this builder
		 */
		public Builder finishReason(String reason) {
			this.finishReason = reason;
			return this;
		}

		/**
		 * Fail with the provider's usual error of that status. A status the provider
		 * isn't known to send comes as a gateway's HTML page.
		 * @param status the HTTP status
		 * @return this builder
		 */
		public Builder error(int status) {
			this.error = (errors) -> errors.find(status);
			return this;
		}

		/**
		 * Fail with one of several errors that the provider has for that status: for a
		 * 400 {@code "context-length"} and, of DeepSeek, {@code "tool-choice"} or
		 * {@code "reasoning-content"}; of SiliconFlow any of its codes, {@code "30001"}
		 * for example.
		 * @param status the HTTP status
		 * @param variant the variant
		 * @return this builder
		 */
		public Builder error(int status, String variant) {
			this.error = (errors) -> errors.find(status, variant);
			return this;
		}

		/**
		 * Fail with that error.
		 * @param error the error
		 * @return this builder
		 */
		public Builder error(ProviderError error) {
			this.error = (errors) -> error;
			return this;
		}

		/**
		 * Let something go wrong.
		 * @param fault the fault
		 * @return this builder
		 */
		public Builder fault(Fault fault) {
			this.fault = Objects.requireNonNull(fault, "'fault' must not be null");
			return this;
		}

		/**
		 * Let something go wrong after a number of chunks.
		 * @param fault the fault
		 * @param chunks how many chunks of reasoning, answer or tool call come before,
		 * not counting a chunk that has only a role; 3 by default
		 * @return this builder
		 */
		public Builder fault(Fault fault, int chunks) {
			this.faultAfter = notNegative(chunks, "chunks");
			return fault(fault);
		}

		/**
		 * Send one more header with everything, {@code Retry-After} for example.
		 * @param name the header's name
		 * @param value the header's value
		 * @return this builder
		 */
		public Builder header(String name, String value) {
			this.headers.put(name, value);
			return this;
		}

		Builder pieces(List<String> pieces) {
			this.pieces = List.copyOf(pieces);
			return this;
		}

		Builder model(String model) {
			this.model = model;
			return this;
		}

		Builder body(ProviderError body) {
			this.body = body;
			return this;
		}

		// leave nothing to the imagination
		Builder exact() {
			this.improvises = false;
			return this;
		}

		Builder usage(Usage usage) {
			this.usage = usage;
			return this;
		}

		Builder answerCall(Function<ReceivedCall, String> answerer) {
			this.answerer = answerer;
			return this;
		}

		/**
		 * Finish the script.
		 * @return a new script
		 */
		public Script build() {
			return new Script(this);
		}

		private static int notNegative(int value, String name) {
			if (value < 0) {
				throw new IllegalArgumentException("'" + name + "' must not be negative");
			}
			return value;
		}

		private static Duration notNegative(Duration value) {
			if (value.isNegative()) {
				throw new IllegalArgumentException("A duration must not be negative");
			}
			return value;
		}

	}

}
