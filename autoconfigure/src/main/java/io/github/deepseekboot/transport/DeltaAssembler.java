package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.codec.AnswerChoice;
import io.github.deepseekboot.codec.AnswerReader;
import io.github.deepseekboot.codec.AnswerSubstance;
import io.github.deepseekboot.codec.ThinkTags;
import io.github.deepseekboot.codec.ToolMarkup;

/**
 * Makes deltas of the events of one stream. The first one that it lets through has
 * content, reasoning or a tool call: what comes before is held back, up to a limit. Not
 * thread-safe.
 */
final class DeltaAssembler {

	private static final int MAX_TEXT_SHOWN = 4096;

	// what some gateways send to keep the connection open, and how they spell the end
	private static final Pattern QUIET = Pattern
		.compile("(?i)[\\s\"\\[]*(ping|pong|keep[-_ ]?alive|heart[-_ ]?beat|done)[\\s\"\\]]*");

	private static final int MAX_PARTIAL_TEXT = 4 << 20;

	// of JSON; what is made of it takes several times as much
	private static final int MAX_HELD_BYTES = 256 * 1024;

	// what OpenAI allows for n
	private static final int MAX_CHOICES = 128;

	private static final long CONTENT = 0xFFFF_FFFEL;

	private static final long REASONING = 0xFFFF_FFFFL;

	private final ChatExchange exchange;

	private final ResponseHead head;

	private final AnswerReader reader;

	private final ThinkTags tags;

	// null: no tool may be called
	private final @Nullable ToolMarkup markup;

	private final AnswerSubstance substance;

	private final boolean json;

	private final SplitCharacters characters = new SplitCharacters();

	// the next delta to deliver, and those behind it

	private @Nullable ChatDelta next;

	private @Nullable ArrayDeque<ChatDelta> queue;

	private ChatDelta.@Nullable Origin origin;

	private boolean committed;

	private int eventLength;

	private int heldBytes;

	private boolean tokenHeld;

	private @Nullable FinishReason finishReason;

	private boolean emptyReasoning;

	private boolean reasoned;

	// choices below 64 as bits, the others, which hardly any host counts up to, in a map

	private long begun;

	private long finished;

	private @Nullable Map<Integer, Boolean> others;

	// what was delivered of the first choice

	private @Nullable StringBuilder text;

	private @Nullable StringBuilder reasoningText;

	private @Nullable ChatDeltaAccumulator toolCalls;

	private int toolCallsSize;

	DeltaAssembler(ChatExchange exchange, ResponseHead head) {
		this.exchange = exchange;
		this.head = head;
		this.reader = AnswerReader.ofStream().maxToolCalls(exchange.limits().maxToolCalls());
		this.tags = ThinkTags.of(exchange.provider().dialect(), exchange.attempt().request(),
				exchange.attempt().model());
		this.markup = ToolMarkup.of(exchange.provider().dialect(), exchange.attempt().request(),
				exchange.limits().maxToolCalls());
		this.substance = new AnswerSubstance(exchange.provider()
			.dialect()
			.thinkingSwitchedOff(exchange.attempt().request(), exchange.attempt().model()));
		ResponseFormat format = exchange.attempt().request().responseFormat();
		this.json = format != null && format.isJson();
	}

	/**
	 * Read the next event.
	 * @param bytes holds its data
	 * @param offset where it begins
	 * @param length how long it is
	 * @param error whether the event is called an error
	 * @throws DeepSeekException for an error that the provider sent in place of an
	 * answer, or if a limit is exceeded
	 */
	void read(byte[] bytes, int offset, int length, boolean error) {
		if (length == 0) {
			return;
		}
		try {
			this.reader.read(bytes, offset, length);
		}
		catch (JacksonException ex) {
			String start = new String(bytes, offset, Math.min(length, MAX_TEXT_SHOWN), StandardCharsets.UTF_8);
			if (QUIET.matcher(start).matches()) {
				return;
			}
			throw failures().unreadable(start, length, ex, this.head.headers());
		}
		if (this.reader.error() != null) {
			if (!QUIET.matcher(this.reader.error().asString("")).matches()) {
				throw failures().reported(this.reader.error(), this.head.headers());
			}
			if (this.reader.choiceCount() == 0) {
				return;
			}
		}
		if (error && this.reader.choiceCount() == 0) {
			throw failures().reported(
					new String(bytes, offset, Math.min(length, MAX_TEXT_SHOWN), StandardCharsets.UTF_8),
					this.head.headers());
		}
		this.eventLength = length;
		for (int i = 0; i < this.reader.choiceCount(); i++) {
			AnswerChoice choice = this.reader.choice(i);
			DeepSeekException gaveUp = (choice.finishReason() != null || choice.nativeFinishReason() != null)
					? failures().gaveUp(choice) : null;
			if (gaveUp != null) {
				choice.keepTexts();
			}
			track(choice.index(), choice.finishReason() != null);
			this.tags.read(choice);
			if (this.markup != null) {
				this.tokenHeld |= this.markup.read(choice);
			}
			this.substance.read(choice);
			if (gaveUp == null || this.committed) {
				readChoice(choice);
			}
			if (gaveUp != null) {
				throw gaveUp;
			}
		}
	}

	/**
	 * Read what an event reports of the tokens, and nothing else.
	 * @param bytes holds its data
	 * @param offset where it begins
	 * @param length how long it is
	 */
	void look(byte[] bytes, int offset, int length) {
		if (length > 0) {
			this.reader.read(bytes, offset, length);
		}
	}

	/**
	 * The tokens that were reported so far.
	 * @return the usage, or {@code null} for none
	 */
	@Nullable Usage usage() {
		return this.reader.usage();
	}

	private void readChoice(AnswerChoice choice) {
		long first = (long) choice.index() << 32;
		String content = this.characters.join(first | CONTENT, choice.content());
		String reasoning = this.characters.join(first | REASONING, choice.reasoning());
		List<ToolCallDelta> calls = join(first, choice.toolCalls());
		this.emptyReasoning |= choice.reasoning() != null && choice.reasoning().isEmpty();
		if (choice.finishReason() != null) {
			this.finishReason = choice.finishReason();
			content = this.characters.end(first | CONTENT, content);
			reasoning = this.characters.end(first | REASONING, reasoning);
			calls = end(first, calls);
		}
		if (this.json && !this.committed && content != null) {
			// JSON mode may bring blanks without end, which are no answer
			content = content.stripLeading();
		}
		content = nonEmpty(content);
		reasoning = nonEmpty(reasoning);
		boolean token = content != null || reasoning != null || calls != null;
		this.reasoned |= reasoning != null;
		if (choice.finishReason() != null && !this.reasoned && this.emptyReasoning) {
			// a tool turn must be sent back with its reasoning, even an empty one
			reasoning = "";
		}
		if (token || choice.finishReason() != null || choice.logprobs() != null || choice.extra() != null) {
			ChatDelta delta = ChatDelta.of(origin(), choice.index(), content, reasoning, choice.finishReason(), calls,
					choice.logprobs());
			Map<String, Object> extra = (choice.index() == 0) ? this.reader.takeExtra(choice.extra()) : choice.extra();
			add((extra != null) ? delta.withExtra(extra) : delta, token);
		}
	}

	private @Nullable List<ToolCallDelta> join(long first, @Nullable List<ToolCallDelta> fragments) {
		if (fragments == null || fragments.isEmpty()) {
			return null;
		}
		List<ToolCallDelta> joined = fragments;
		for (int i = 0; i < fragments.size(); i++) {
			ToolCallDelta fragment = fragments.get(i);
			String arguments = this.characters.join(first | fragment.index(), fragment.arguments());
			if (arguments != fragment.arguments()) {
				joined = (joined != fragments) ? joined : new ArrayList<>(fragments);
				joined.set(i, new ToolCallDelta(fragment.index(), fragment.id(), fragment.name(), arguments,
						fragment.extra()));
			}
		}
		return joined;
	}

	private @Nullable List<ToolCallDelta> end(long first, @Nullable List<ToolCallDelta> fragments) {
		List<ToolCallDelta> all = new ArrayList<>(0);
		this.characters.release(first, first | CONTENT,
				(text, half) -> all.add(new ToolCallDelta((int) text, null, null, half)));
		if (all.isEmpty()) {
			return fragments;
		}
		if (fragments != null) {
			all.addAll(0, fragments);
		}
		return all;
	}

	private static @Nullable String nonEmpty(@Nullable String text) {
		return (text == null || text.isEmpty()) ? null : text;
	}

	private void track(int index, boolean finished) {
		if (index < Long.SIZE) {
			this.begun |= 1L << index;
			if (finished) {
				this.finished |= 1L << index;
			}
			return;
		}
		this.others = (this.others != null) ? this.others : new HashMap<>();
		this.others.merge(index, finished, Boolean::logicalOr);
		if (this.others.size() > MAX_CHOICES) {
			throw failures().of(ErrorKind.LOCAL_LIMIT, "the answer has more than " + MAX_CHOICES + " choices", null);
		}
	}

	private void add(ChatDelta delta, boolean token) {
		if (this.committed && this.next == null) {
			this.next = delta;
			return;
		}
		if (token && !this.committed) {
			// what was held follows it
			this.committed = true;
			this.next = delta;
			return;
		}
		if (!this.committed) {
			this.heldBytes += this.eventLength;
			if (this.heldBytes > MAX_HELD_BYTES) {
				throw failures().of(ErrorKind.LOCAL_LIMIT,
						"the stream has more than " + MAX_HELD_BYTES + " bytes without a token", null);
			}
		}
		this.queue = (this.queue != null) ? this.queue : new ArrayDeque<>(4);
		this.queue.add(delta);
	}

	private ChatDelta.Origin origin() {
		ChatDelta.Origin origin = this.origin;
		if (origin == null || this.reader.envelopeChanged()) {
			Failures failures = failures();
			origin = ChatDelta.Origin.builder(this.exchange.provider().id())
				.id(failures.masked(this.reader.id()))
				.model(failures.masked(this.reader.model()))
				.created(this.reader.created())
				.systemFingerprint(failures.masked(this.reader.systemFingerprint()))
				.requestId(this.head.requestId())
				.build();
			this.origin = origin;
		}
		return origin;
	}

	/**
	 * The answer has ended: add the last delta.
	 * @throws DeepSeekException if it is no answer
	 */
	void finish() {
		this.tags.release().forEach(this::readReleased);
		if (this.markup != null) {
			this.markup.release().forEach(this::readAnswer);
		}
		AnswerChoice held = this.substance.release();
		if (held != null) {
			readChoice(held);
		}
		this.characters.release(0, Long.MAX_VALUE, this::addHalf);
		DeepSeekException declined = failures().withoutAnswer(this.substance, this.finishReason);
		if (declined != null) {
			throw declined;
		}
		if (!this.committed) {
			DeepSeekException refusal = failures().emptyAnswer(this.finishReason);
			if (refusal != null) {
				throw refusal;
			}
			this.committed = true;
			this.next = poll();
		}
		ChatDelta last = ChatDelta.last(origin(), this.reader.usage(), List.of());
		Map<String, Object> extra = this.reader.takeExtra(null);
		add((extra != null) ? last.withExtra(extra) : last, false);
	}

	private void readReleased(AnswerChoice choice) {
		if (this.markup != null) {
			this.markup.read(choice);
		}
		readAnswer(choice);
	}

	private void readAnswer(AnswerChoice choice) {
		this.substance.read(choice);
		readChoice(choice);
	}

	private void addHalf(long text, String half) {
		int choice = (int) (text >>> 32);
		long which = text & REASONING;
		List<ToolCallDelta> calls = (which < CONTENT) ? List.of(new ToolCallDelta((int) which, null, null, half))
				: null;
		add(ChatDelta.of(origin(), choice, (which == CONTENT) ? half : null, (which == REASONING) ? half : null, null,
				calls, null), true);
	}

	/**
	 * The next delta, which stays the next.
	 * @return the delta, or {@code null} if there is none to deliver
	 */
	@Nullable ChatDelta next() {
		return this.next;
	}

	/**
	 * Take the next delta.
	 * @param delta the delta that {@link #next()} returned
	 */
	void deliver(ChatDelta delta) {
		this.next = poll();
		if (delta.choiceIndex() == 0) {
			this.text = append(this.text, delta.content());
			this.reasoningText = append(this.reasoningText, delta.reasoningContent());
			if (!delta.toolCalls().isEmpty() && this.toolCallsSize < MAX_PARTIAL_TEXT) {
				keepToolCalls(delta);
			}
		}
	}

	private void keepToolCalls(ChatDelta delta) {
		// no iterator for each fragment
		List<ToolCallDelta> fragments = delta.toolCalls();
		for (int i = 0; i < fragments.size(); i++) {
			String arguments = fragments.get(i).arguments();
			this.toolCallsSize += (arguments != null) ? arguments.length() : 0;
		}
		this.toolCalls = (this.toolCalls != null) ? this.toolCalls : new ChatDeltaAccumulator();
		this.toolCalls.add(delta);
	}

	private @Nullable ChatDelta poll() {
		return (this.queue != null) ? this.queue.poll() : null;
	}

	private static @Nullable StringBuilder append(@Nullable StringBuilder builder, @Nullable String text) {
		if (text == null) {
			return builder;
		}
		StringBuilder all = (builder != null) ? builder : new StringBuilder();
		return (all.length() < MAX_PARTIAL_TEXT) ? all.append(text) : all;
	}

	/**
	 * Whether the first token was read.
	 * @return {@code true} from then on
	 */
	boolean isCommitted() {
		return this.committed;
	}

	/**
	 * Whether a token was read and is held, since this was last asked.
	 * @return {@code true} if the model writes, although there is no delta
	 */
	boolean takeTokenHeld() {
		boolean held = this.tokenHeld;
		this.tokenHeld = false;
		return held;
	}

	/**
	 * Whether each choice that began has its finish reason.
	 * @return {@code false} before the first choice
	 */
	boolean isComplete() {
		return (this.begun != 0 || this.others != null) && this.begun == this.finished
				&& (this.others == null || !this.others.containsValue(false));
	}

	/**
	 * What becomes of a failure when a part of the answer was delivered.
	 * @param failure the failure
	 * @return an interruption with what was delivered
	 */
	StreamInterruptedException interrupted(DeepSeekException failure) {
		return failures()
			.builder(ErrorKind.STREAM_INTERRUPTED,
					"the stream broke after a part of the answer was delivered: " + failure.getReason())
			.code(failure.getCode())
			.retryAfter(failure.getRetryAfter())
			.usage(this.reader.usage())
			.cause(failure)
			.buildInterrupted(failure.getKind(), text(this.text), text(this.reasoningText), toolCalls());
	}

	private List<ToolCall> toolCalls() {
		return (this.toolCalls != null) ? this.toolCalls.toCompletion().toolCalls() : List.of();
	}

	private static String text(@Nullable StringBuilder text) {
		return (text != null) ? text.toString() : "";
	}

	private Failures failures() {
		return this.exchange.failures(this.head);
	}

}
