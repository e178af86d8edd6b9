package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

/**
 * Store whose methods throw nothing. What those of another store throw arrives as a
 * signal, even the errors on which Reactor gives up, so that the turn would never end.
 */
final class GuardedConversationStore implements ConversationStore {

	private final ConversationStore store;

	GuardedConversationStore(ConversationStore store) {
		this.store = store;
	}

	@Override
	public Mono<StoredConversation> load(String id) {
		return ask(() -> this.store.load(id));
	}

	@Override
	public Mono<Boolean> append(String id, long version, List<ChatMessage> turn) {
		return ask(() -> this.store.append(id, version, turn));
	}

	@Override
	public Mono<Void> delete(String id) {
		return ask(() -> this.store.delete(id));
	}

	@Override
	public Mono<Boolean> tryLease(String id, String owner, Duration timeToLive) {
		return ask(() -> this.store.tryLease(id, owner, timeToLive));
	}

	@Override
	public Mono<Void> endLease(String id, String owner) {
		return ask(() -> this.store.endLease(id, owner));
	}

	private static <T> Mono<T> ask(Supplier<Mono<T>> store) {
		return Mono.defer(() -> {
			try {
				return store.get();
			}
			catch (LinkageError | VirtualMachineError ex) {
				throw new IllegalStateException("the conversation store failed: " + ex, ex);
			}
		});
	}

}
