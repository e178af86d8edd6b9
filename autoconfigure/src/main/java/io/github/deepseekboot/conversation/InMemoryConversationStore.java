package io.github.deepseekboot.conversation;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * {@link ConversationStore} in memory, within bounds: those that were not used for
 * longest are forgotten first, and a conversation that alone is too large loses its
 * oldest turns.
 */
public final class InMemoryConversationStore implements ConversationStore {

	/**
	 * How many conversations are kept by default.
	 */
	public static final int DEFAULT_MAX_CONVERSATIONS = 1000;

	/**
	 * How many characters are kept by default, of all conversations.
	 */
	public static final long DEFAULT_MAX_CHARACTERS = 32L * 1024 * 1024;

	// what a conversation, a message and each of its parts take besides their texts
	private static final int CHARACTERS_PER_MESSAGE = 64;

	private final int maxConversations;

	private final long maxCharacters;

	// guarded by this; the least recently used first
	private final Map<String, Entry> conversations = new LinkedHashMap<>(16, 0.75f, true);

	private long characters;

	private long versions;

	/**
	 * Create a store with the default bounds.
	 */
	public InMemoryConversationStore() {
		this(DEFAULT_MAX_CONVERSATIONS, DEFAULT_MAX_CHARACTERS);
	}

	/**
	 * Create a store.
	 * @param maxConversations the most conversations to keep, from 1
	 * @param maxCharacters the most characters to keep, of all conversations, from 1; a
	 * character takes one or two bytes
	 */
	public InMemoryConversationStore(int maxConversations, long maxCharacters) {
		Assert.isTrue(maxConversations > 0, "'maxConversations' must be at least 1");
		Assert.isTrue(maxCharacters > 0, "'maxCharacters' must be at least 1");
		this.maxConversations = maxConversations;
		this.maxCharacters = maxCharacters;
	}

	@Override
	public Mono<StoredConversation> load(String id) {
		return Mono.fromSupplier(() -> {
			synchronized (this) {
				Entry entry = this.conversations.get(id);
				return (entry != null) ? entry.stored() : StoredConversation.EMPTY;
			}
		});
	}

	@Override
	public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
		return Mono.fromSupplier(() -> {
			synchronized (this) {
				return add(id, version, turn);
			}
		});
	}

	private boolean add(String id, long version, List<ChatMessage> turn) {
		Entry before = this.conversations.get(id);
		// one that was evicted in the meantime starts again with this turn
		StoredConversation stored = (before != null) ? before.stored() : StoredConversation.EMPTY;
		if (before != null && stored.version() != version) {
			return false;
		}
		long size = ((before != null) ? before.characters() : CHARACTERS_PER_MESSAGE + id.length()) + characters(turn);
		List<ChatMessage> messages = new ArrayList<>(stored.messages());
		if (size > this.maxCharacters) {
			long others = CHARACTERS_PER_MESSAGE + id.length() + characters(turn);
			messages = newest(messages, this.maxCharacters - others, turn.get(0).role() == MessageRole.TOOL);
			size = characters(messages) + others;
		}
		messages.addAll(turn);
		this.conversations.put(id, new Entry(new StoredConversation(++this.versions, messages), size));
		this.characters += size - ((before != null) ? before.characters() : 0);
		forget(id);
		return true;
	}

	private void forget(String latest) {
		Iterator<Map.Entry<String, Entry>> oldest = this.conversations.entrySet().iterator();
		while (this.conversations.size() > this.maxConversations || this.characters > this.maxCharacters) {
			Map.Entry<String, Entry> entry = oldest.next();
			if (entry.getKey().equals(latest)) {
				// the latest of all, larger than the bound in its one turn
				break;
			}
			this.characters -= entry.getValue().characters();
			oldest.remove();
		}
	}

	// the newest turns that fit, and the last one if its calls are answered now
	private static List<ChatMessage> newest(List<ChatMessage> messages, long room, boolean withLast) {
		List<ChatMessage> kept = new ArrayList<>(ConversationWindow.systemOf(messages));
		List<ChatMessage> others = ConversationWindow.withoutSystem(messages);
		long left = room - characters(kept);
		int start = others.size();
		for (int turn = ConversationWindow.previousTurn(others, start); turn >= 0; turn = ConversationWindow
			.previousTurn(others, turn)) {
			left -= characters(others.subList(turn, start));
			if (left < 0 && !(withLast && start == others.size())) {
				break;
			}
			start = turn;
		}
		kept.addAll(others.subList(start, others.size()));
		return kept;
	}

	private static long characters(List<ChatMessage> messages) {
		long characters = 0;
		for (ChatMessage message : messages) {
			characters += CHARACTERS_PER_MESSAGE + length(message.content()) + length(message.reasoningContent())
					+ length(message.name()) + length(message.toolCallId()) + length(message.extra());
			for (ContentPart part : message.parts()) {
				characters += CHARACTERS_PER_MESSAGE + length(part.text()) + length(part.imageUrl());
			}
			for (ToolCall call : message.toolCalls()) {
				characters += CHARACTERS_PER_MESSAGE + length(call.id()) + call.name().length()
						+ call.arguments().length() + length(call.extra());
			}
		}
		return characters;
	}

	private static int length(Map<String, Object> extra) {
		return extra.isEmpty() ? 0 : extra.toString().length();
	}

	private static int length(@Nullable String text) {
		return (text != null) ? text.length() : 0;
	}

	@Override
	public Mono<Void> delete(String id) {
		return Mono.fromRunnable(() -> {
			synchronized (this) {
				Entry entry = this.conversations.remove(id);
				this.characters -= (entry != null) ? entry.characters() : 0;
			}
		});
	}

	/**
	 * Return the number of conversations that are kept.
	 * @return the number
	 */
	public synchronized int size() {
		return this.conversations.size();
	}

	private record Entry(StoredConversation stored, long characters) {

	}

}
