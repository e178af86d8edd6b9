package io.github.deepseekboot.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * The store of docs/guide/conversations.md.
 */
// tag::store[]
class JsonConversationStore implements ConversationStore {

	private final Map<String, String> rows = new ConcurrentHashMap<>(); // a table of
																		// yours

	private final JsonMapper json;

	JsonConversationStore(JsonMapper json) {
		this.json = json;
	}

	@Override
	public Mono<StoredConversation> load(String id) {
		return Mono.fromCallable(() -> this.rows.get(id)).map(this::read);
	}

	@Override
	public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
		return Mono.fromCallable(() -> {
			String before = this.rows.get(id);
			StoredConversation stored = (before != null) ? read(before) : StoredConversation.EMPTY;
			if (stored.version() != version) {
				return false;
			}
			List<ChatMessage> messages = new ArrayList<>(stored.messages());
			messages.addAll(turn);
			String after = this.json.writeValueAsString(new StoredConversation(version + 1, messages));
			return (before != null) ? this.rows.replace(id, before, after) : this.rows.putIfAbsent(id, after) == null;
		});
	}

	@Override
	public Mono<Void> delete(String id) {
		return Mono.fromRunnable(() -> this.rows.remove(id));
	}

	private StoredConversation read(String row) {
		return this.json.readValue(row, StoredConversation.class);
	}

}
// end::store[]
