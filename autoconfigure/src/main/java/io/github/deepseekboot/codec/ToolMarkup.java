package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.provider.Dialect;

/**
 * Reads tool calls that a host left in the text, in the markup in which DeepSeek's models
 * write them. What is complete and calls tools of the request becomes tool calls at the
 * end of the answer; all else stays text, as it was sent. Text is held from the beginning
 * of a markup on. Answers in which the host sends tool calls of its own are left as they
 * are; not thread-safe.
 */
public final class ToolMarkup {

	// in characters, of all choices together; more is no longer held
	private static final int MAX_HELD = 1 << 20;

	private final Map<String, ToolDefinition> tools;

	private final Predicate<FinishReason> cut;

	private final int maxToolCalls;

	private final Choice first;

	private final SortedMap<Integer, Choice> others = new TreeMap<>();

	private ToolMarkup(Map<String, ToolDefinition> tools, Predicate<FinishReason> cut, int maxToolCalls) {
		this.tools = tools;
		this.cut = cut;
		this.maxToolCalls = maxToolCalls;
		this.first = new Choice();
	}

	/**
	 * What reads the answer of an attempt, of any host: a gateway may stand before it.
	 * @param dialect the dialect of the provider that answers
	 * @param request what it was asked
	 * @param maxToolCalls the most calls of an answer
	 * @return the reader, or {@code null} if the model may not call a tool
	 */
	public static @Nullable ToolMarkup of(Dialect dialect, ChatRequest request, int maxToolCalls) {
		if (request.tools().isEmpty() || ToolChoice.NONE.equals(request.toolChoice())) {
			return null;
		}
		Map<String, ToolDefinition> tools = new HashMap<>();
		for (ToolDefinition tool : request.tools()) {
			if (tool.fields().isEmpty()) {
				tools.put(tool.name(), tool);
			}
		}
		return tools.isEmpty() ? null
				: new ToolMarkup(tools, (reason) -> dialect.truncated(reason.value())
						|| dialect.emptied(reason.value()) != null || dialect.givenUp(reason.value()) != null,
						maxToolCalls);
	}

	private ToolMarkupReader reader() {
		return new ToolMarkupReader(this.tools, this.maxToolCalls);
	}

	/**
	 * Take what may be markup from the next piece of a choice. The piece with the finish
	 * reason gets the calls that were read, and the text that was held in vain.
	 * @param choice the choice as it was read
	 * @return whether text of the piece is held
	 */
	public boolean read(AnswerChoice choice) {
		Choice known = (choice.index == 0) ? this.first
				: this.others.computeIfAbsent(choice.index, (index) -> new Choice());
		return known.read(choice);
	}

	/**
	 * Turn the markup of a complete choice into tool calls.
	 * @param choice the choice as it was read
	 */
	public void readComplete(AnswerChoice choice) {
		Choice whole = new Choice();
		whole.read(choice);
		whole.end(choice);
	}

	/**
	 * What is still held of a stream that ended without finish reasons.
	 * @return a choice for each piece
	 */
	public List<AnswerChoice> release() {
		List<AnswerChoice> choices = new ArrayList<>(0);
		release(0, this.first, choices);
		this.others.forEach((index, known) -> release(index, known, choices));
		return choices;
	}

	private static void release(int index, Choice known, List<AnswerChoice> choices) {
		if (known.isHolding()) {
			AnswerChoice choice = new AnswerChoice();
			choice.index = index;
			known.end(choice);
			choices.add(choice);
		}
	}

	private String bounded(String text, ToolMarkupReader reader) {
		return (reader.isHolding() && heldLength() > MAX_HELD) ? text + reader.giveUp() : text;
	}

	private int heldLength() {
		int length = this.first.heldLength();
		for (Choice other : this.others.values()) {
			length += other.heldLength();
		}
		return length;
	}

	private static String joined(@Nullable String text, String more) {
		return (text != null) ? text + more : more;
	}

	/**
	 * How far a choice has come.
	 */
	private final class Choice {

		private final ToolMarkupReader content = reader();

		private final ToolMarkupReader reasoning = reader();

		private boolean answers;

		// of a host that sends its tool calls, or at the end
		private boolean over;

		boolean isHolding() {
			return this.content.isHolding() || this.reasoning.isHolding();
		}

		int heldLength() {
			return this.content.heldLength() + this.reasoning.heldLength();
		}

		boolean read(AnswerChoice choice) {
			if (this.over) {
				return false;
			}
			if (choice.hasToolCalls()) {
				this.over = true;
				choice.reasoning = before(choice.reasoning, this.reasoning);
				choice.content = before(choice.content, this.content);
				return false;
			}
			boolean held = false;
			if (!this.answers && choice.reasoning != null && !choice.reasoning.isEmpty()) {
				choice.reasoning = bounded(this.reasoning.read(choice.reasoning), this.reasoning);
				held = this.reasoning.isHolding();
			}
			if (choice.content != null && !choice.content.isEmpty()) {
				this.answers = this.answers || StringUtils.hasText(choice.content);
				if (this.answers && this.reasoning.isHolding()) {
					// it was thought of only
					choice.reasoning = joined(choice.reasoning, this.reasoning.giveUp());
				}
				choice.content = bounded(this.content.read(choice.content), this.content);
				held |= this.content.isHolding();
			}
			if (choice.finishReason != null) {
				end(choice);
				return false;
			}
			return held;
		}

		private static @Nullable String before(@Nullable String text, ToolMarkupReader held) {
			return held.isHolding() ? held.giveUp() + ((text != null) ? text : "") : text;
		}

		void end(AnswerChoice choice) {
			this.over = true;
			if (!isHolding()) {
				return;
			}
			boolean complete = choice.finishReason == null || !ToolMarkup.this.cut.test(choice.finishReason);
			List<ToolCallDelta> calls = new ArrayList<>(2);
			if (this.reasoning.isHolding()) {
				choice.reasoning = joined(choice.reasoning,
						(complete && !this.answers) ? this.reasoning.finish(true, calls) : this.reasoning.giveUp());
			}
			if (this.content.isHolding()) {
				choice.content = joined(choice.content,
						complete ? this.content.finish(false, calls) : this.content.giveUp());
			}
			if (!calls.isEmpty()) {
				choice.toolCalls = calls;
				choice.finishReason = FinishReason.TOOL_CALLS;
			}
		}

	}

}
