package io.github.deepseekboot.codec;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.ToolCallDelta;

/**
 * What was read of one choice of an answer or a chunk, until the next is read. An empty
 * text is kept apart from none.
 */
public final class AnswerChoice {

	int index;

	// else a message
	boolean delta;

	@Nullable String content;

	@Nullable String reasoning;

	@Nullable String refusal;

	@Nullable List<ToolCallDelta> toolCalls;

	@Nullable FinishReason finishReason;

	@Nullable Logprobs logprobs;

	@Nullable Map<String, Object> extra;

	@Nullable String nativeFinishReason;

	@Nullable JsonNode error;

	void clear(int index) {
		this.index = index;
		this.delta = false;
		clearMessage();
		this.finishReason = null;
		this.nativeFinishReason = null;
		this.error = null;
		this.logprobs = null;
	}

	void clearMessage() {
		this.content = null;
		this.reasoning = null;
		this.refusal = null;
		this.toolCalls = null;
		this.extra = null;
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

	/**
	 * The words with which the model declines to answer.
	 * @return the words, or {@code null} if it does not
	 */
	public @Nullable String refusal() {
		return this.refusal;
	}

	public @Nullable List<ToolCallDelta> toolCalls() {
		return this.toolCalls;
	}

	public @Nullable FinishReason finishReason() {
		return this.finishReason;
	}

	/**
	 * Why the host behind a gateway ended the answer, as that host calls it.
	 * @return the reason, or {@code null} if it is unknown
	 */
	public @Nullable String nativeFinishReason() {
		return this.nativeFinishReason;
	}

	/**
	 * Keep the texts only: the end, and the tool calls, are those of an answer that was
	 * given up.
	 */
	public void keepTexts() {
		this.finishReason = null;
		this.toolCalls = null;
	}

	public @Nullable Logprobs logprobs() {
		return this.logprobs;
	}

	/**
	 * Fields of the message or delta that have no place of their own.
	 * @return the fields by their names, or {@code null} for none
	 */
	public @Nullable Map<String, Object> extra() {
		return this.extra;
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
