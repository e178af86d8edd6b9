package io.github.deepseekboot.conversation;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * Exception that is thrown when a turn was answered but not stored: another turn of the
 * conversation was stored meanwhile, or the store failed. The answer, which was paid for,
 * is on the exception.
 */
public final class TurnNotStoredException extends DeepSeekException {

	private final String conversationId;

	private final transient @Nullable List<ChatMessage> turn;

	private final transient @Nullable ChatCompletion completion;

	private TurnNotStoredException(Builder builder, String conversationId, List<ChatMessage> turn,
			ChatCompletion completion) {
		super(builder);
		this.conversationId = conversationId;
		this.turn = turn;
		this.completion = completion;
	}

	static TurnNotStoredException conflict(String id, List<ChatMessage> turn, ChatCompletion completion) {
		return new TurnNotStoredException(DeepSeekException.builder(ErrorKind.LOCAL_LIMIT, "conversation '" + id
				+ "' is busy: another turn was stored while this one was answered; the answer is on this exception"),
				id, turn, completion);
	}

	static TurnNotStoredException failed(String id, List<ChatMessage> turn, ChatCompletion completion,
			Throwable cause) {
		return new TurnNotStoredException(DeepSeekException
			.builder(ErrorKind.LOCAL_LIMIT, "the store of conversation '" + id
					+ "' failed, so that it is not known whether the turn was stored; the answer is on this exception")
			.cause(cause), id, turn, completion);
	}

	/**
	 * Return the conversation's id.
	 * @return the id
	 */
	public String getConversationId() {
		return this.conversationId;
	}

	/**
	 * Return whether another turn was stored while this one was answered.
	 * @return {@code true} for a conflict; {@code false} if the store failed, which is
	 * the cause then
	 */
	public boolean isConflict() {
		return getCause() == null;
	}

	/**
	 * Return the turn as it would have been stored.
	 * @return the messages; empty if the exception was serialized
	 */
	public List<ChatMessage> getTurn() {
		return (this.turn != null) ? this.turn : List.of();
	}

	/**
	 * Return the answer.
	 * @return the answer; {@code null} if the exception was serialized
	 */
	public @Nullable ChatCompletion getCompletion() {
		return this.completion;
	}

}
