package io.github.deepseekboot.conversation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.TokenEstimator;

/**
 * Window of a conversation that is sent with a request: the latest system message, and of
 * the turns the newest ones that fit, always complete, so that no tool call is torn from
 * its answer. The turn that is asked for is sent even if it alone does not fit.
 *
 * @param maxTokens the most tokens, as estimated; the provider's limit should leave room
 * for tools and the answer above it
 * @param maxMessages the most messages
 * @param estimator estimates tokens
 */
public record ConversationWindow(int maxTokens, int maxMessages, TokenEstimator estimator) {

	/**
	 * At most 32,000 tokens, in however many messages.
	 */
	public static final ConversationWindow DEFAULTS = new ConversationWindow(32_000, Integer.MAX_VALUE,
			TokenEstimator.BY_CHARACTERS);

	// of a message's frame
	private static final int TOKENS_PER_MESSAGE = 4;

	private static final int TOKENS_PER_IMAGE = 1000;

	public ConversationWindow {
		Assert.isTrue(maxTokens > 0, "'maxTokens' must be at least 1");
		Assert.isTrue(maxMessages > 0, "'maxMessages' must be at least 1");
		Assert.notNull(estimator, "'estimator' must not be null");
	}

	/**
	 * Choose the messages to send.
	 * @param stored what was said before
	 * @param asked the messages of the turn that is asked for, which are all sent
	 * @return the messages, the system message first
	 */
	public List<ChatMessage> trim(List<ChatMessage> stored, List<ChatMessage> asked) {
		List<ChatMessage> messages = new ArrayList<>(stored);
		messages.addAll(asked);
		List<ChatMessage> sent = new ArrayList<>(systemOf(messages));
		List<ChatMessage> others = withoutUnanswered(withoutSystem(messages));
		int end = others.size();
		int start = end - withoutUnanswered(withoutSystem(asked)).size();
		if (start < end && others.get(start).role() == MessageRole.TOOL) {
			// answers go with what called for them
			start = Math.max(previousTurn(others, start), 0);
		}
		long tokens = tokens(others.subList(start, end));
		for (ChatMessage message : sent) {
			tokens += tokens(message, false);
		}
		for (int turn = previousTurn(others, start); turn >= 0; turn = previousTurn(others, turn)) {
			tokens += tokens(others.subList(turn, start));
			if (tokens > this.maxTokens || sent.size() + end - turn > this.maxMessages) {
				break;
			}
			start = turn;
		}
		sent.addAll(others.subList(start, end));
		return sent;
	}

	static List<ChatMessage> withoutSystem(List<ChatMessage> messages) {
		return messages.stream().filter((message) -> !isSystem(message)).toList();
	}

	static boolean isSystem(ChatMessage message) {
		return message.role() == MessageRole.SYSTEM || message.role() == MessageRole.DEVELOPER;
	}

	/**
	 * The system messages that hold: those that were said last, without another between.
	 * @param messages the history
	 * @return the messages; empty if there are none
	 */
	static List<ChatMessage> systemOf(List<ChatMessage> messages) {
		int end = messages.size();
		while (end > 0 && !isSystem(messages.get(end - 1))) {
			end--;
		}
		int start = end;
		while (start > 0 && isSystem(messages.get(start - 1))) {
			start--;
		}
		return messages.subList(start, end);
	}

	/**
	 * Where the turn before a place begins: with a user's message, the answers of all
	 * tools that it calls behind it.
	 * @param messages the history, without system messages
	 * @param before the place
	 * @return the place of the turn; 0 for what is before the first user's message; -1 if
	 * there is nothing before
	 */
	static int previousTurn(List<ChatMessage> messages, int before) {
		if (before == 0) {
			return -1;
		}
		Set<String> answered = new HashSet<>();
		for (int i = before - 1; i > 0; i--) {
			ChatMessage message = messages.get(i);
			if (message.role() == MessageRole.TOOL && message.toolCallId() != null) {
				answered.add(message.toolCallId());
			}
			message.toolCalls().forEach((call) -> answered.remove(String.valueOf(call.id())));
			if (message.role() == MessageRole.USER && answered.isEmpty()) {
				return i;
			}
		}
		return 0;
	}

	// a provider refuses tool calls without answers, and the user continued without
	private static List<ChatMessage> withoutUnanswered(List<ChatMessage> messages) {
		List<ChatMessage> kept = new ArrayList<>(messages.size());
		for (int i = 0; i < messages.size(); i++) {
			ChatMessage message = messages.get(i);
			boolean answered = message.toolCalls().isEmpty() || i + 1 == messages.size()
					|| messages.get(i + 1).role() == MessageRole.TOOL;
			if (answered) {
				kept.add(message);
			}
			else if (message.content() != null && !message.content().isEmpty()) {
				kept.add(ChatMessage.builder(MessageRole.ASSISTANT)
					.content(message.content())
					.reasoningContent(message.reasoningContent())
					.build());
			}
		}
		return kept;
	}

	private long tokens(List<ChatMessage> turn) {
		// reasoning is sent back in turns that called tools, if at all
		boolean toolTurn = turn.stream().anyMatch((message) -> !message.toolCalls().isEmpty());
		long tokens = 0;
		for (ChatMessage message : turn) {
			tokens += tokens(message, toolTurn);
		}
		return tokens;
	}

	private long tokens(ChatMessage message, boolean withReasoning) {
		long tokens = TOKENS_PER_MESSAGE;
		if (message.content() != null) {
			tokens += this.estimator.estimate(message.content());
		}
		for (ContentPart part : message.parts()) {
			tokens += (part.text() != null) ? this.estimator.estimate(part.text()) : TOKENS_PER_IMAGE;
		}
		for (ToolCall call : message.toolCalls()) {
			tokens += this.estimator.estimate(call.name());
			tokens += this.estimator.estimate(call.arguments());
			tokens += tokens(call.extra());
		}
		if (withReasoning && message.reasoningContent() != null) {
			tokens += this.estimator.estimate(message.reasoningContent());
		}
		return tokens + tokens(message.extra());
	}

	private long tokens(Map<String, Object> extra) {
		return extra.isEmpty() ? 0 : this.estimator.estimate(extra.toString());
	}

}
