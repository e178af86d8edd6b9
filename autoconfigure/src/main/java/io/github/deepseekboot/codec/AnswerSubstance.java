package io.github.deepseekboot.codec;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/**
 * Keeps account of what an answer consists of: whether there is more than reasoning, and
 * with which words the model declines. Where the model was asked not to think and its
 * only text is in the place of its reasoning, that text is the answer. Not thread-safe.
 */
public final class AnswerSubstance {

	private static final int MAX_REFUSAL = 16 * 1024;

	// a host that thinks although it was asked not to is not held up for longer
	private static final int MAX_HELD = 64 * 1024;

	private boolean holds;

	private @Nullable StringBuilder held;

	private @Nullable StringBuilder refusal;

	private boolean answered;

	private boolean reasoned;

	/**
	 * Create it for one answer.
	 * @param thinkingSwitchedOff whether the model was asked not to think
	 */
	public AnswerSubstance(boolean thinkingSwitchedOff) {
		this.holds = thinkingSwitchedOff;
	}

	/**
	 * Read the next piece of a choice. What may turn out to be the answer is taken from
	 * it and given back with a later piece, at the latest with the finish reason.
	 * @param choice the piece
	 */
	public void read(AnswerChoice choice) {
		refuse(choice);
		boolean known = this.answered && !this.holds;
		boolean answers = known || choice.hasToolCalls() || StringUtils.hasText(choice.content);
		this.answered |= answers;
		this.reasoned |= choice.hasReasoning();
		if (!this.holds || choice.index != 0) {
			return;
		}
		if (choice.hasReasoning()) {
			this.held = append(this.held, choice.reasoning);
			choice.reasoning = null;
		}
		if (this.held != null && (answers || this.held.length() > MAX_HELD)) {
			choice.reasoning = this.held.toString();
			this.held = null;
		}
		if (answers || choice.reasoning != null) {
			this.holds = false;
		}
		else if (choice.finishReason != null) {
			answer(choice);
		}
	}

	/**
	 * Read a complete choice.
	 * @param choice the choice
	 */
	public void readComplete(AnswerChoice choice) {
		refuse(choice);
		boolean answers = choice.hasToolCalls() || StringUtils.hasText(choice.content);
		if (this.holds && !answers && StringUtils.hasText(choice.reasoning)) {
			choice.content = choice.reasoning;
			choice.reasoning = null;
			answers = true;
		}
		this.answered |= answers;
		this.reasoned |= choice.hasReasoning();
	}

	/**
	 * What is still held of a stream that ended without a finish reason.
	 * @return a piece, or {@code null} for nothing
	 */
	public @Nullable AnswerChoice release() {
		if (this.held == null) {
			return null;
		}
		AnswerChoice choice = new AnswerChoice();
		answer(choice);
		return choice;
	}

	/**
	 * The words with which the model declined to answer.
	 * @return the words, or {@code null} if it did not, or answered nevertheless
	 */
	public @Nullable String refusal() {
		return (this.refusal != null && !this.answered) ? this.refusal.toString() : null;
	}

	/**
	 * Whether the model reasoned and gave no answer.
	 * @return {@code true} if there is nothing but reasoning
	 */
	public boolean isReasoningOnly() {
		return this.reasoned && !this.answered;
	}

	private void answer(AnswerChoice choice) {
		if (this.held != null) {
			choice.content = this.held.toString();
			this.answered |= StringUtils.hasText(choice.content);
			this.held = null;
		}
	}

	private void refuse(AnswerChoice choice) {
		if (StringUtils.hasText(choice.refusal) && (this.refusal == null || this.refusal.length() < MAX_REFUSAL)) {
			this.refusal = append(this.refusal, choice.refusal);
		}
	}

	private static StringBuilder append(@Nullable StringBuilder builder, @Nullable String text) {
		return ((builder != null) ? builder : new StringBuilder()).append((text != null) ? text : "");
	}

}
