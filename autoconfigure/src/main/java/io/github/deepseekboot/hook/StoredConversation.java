package io.github.deepseekboot.hook;

import java.util.List;

import io.github.deepseekboot.chat.ChatMessage;

/**
 * State of a conversation in a {@link ConversationStore}.
 *
 * @param version changes with each turn that is stored; 0 for a conversation that is not
 * known
 * @param messages the messages in their order, of complete turns
 */
public record StoredConversation(long version, List<ChatMessage> messages) {

	/**
	 * A conversation that is not known.
	 */
	public static final StoredConversation EMPTY = new StoredConversation(0, List.of());

	public StoredConversation {
		messages = List.copyOf(messages);
	}

}
