package io.github.deepseekboot.hook;

import java.time.Duration;
import java.util.List;

import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.conversation.InMemoryConversationStore;

/**
 * Strategy interface to store conversations. A bean of this type takes the place of the
 * default, an {@link InMemoryConversationStore}. Messages can be written and read with
 * any Jackson mapper.
 *
 * <p>
 * Methods are called on the thread that subscribes, often an event loop: a store that
 * blocks belongs on {@code Schedulers.boundedElastic()}. An error fails the turn with a
 * {@code DeepSeekException} that has it as its cause.
 */
public interface ConversationStore {

	/**
	 * Read a conversation.
	 * @param id the conversation's id
	 * @return the conversation; empty or {@link StoredConversation#EMPTY} if it is not
	 * known
	 */
	Mono<StoredConversation> load(String id);

	/**
	 * Add one turn: all of it or nothing. A store may drop old turns, but only complete
	 * ones.
	 * @param id the conversation's id
	 * @param version the version to which the turn belongs, as it was loaded
	 * @param turn the messages of the turn in their order: a system message where the
	 * turn brought one, what was asked, tool calls and their answers, the answer
	 * @return {@code false}, with nothing stored, if the version is another one by now
	 */
	Mono<Boolean> append(String id, long version, List<ChatMessage> turn);

	/**
	 * Delete a conversation; without effect if it is not known.
	 * @param id the conversation's id
	 * @return completes when it is forgotten
	 */
	Mono<Void> delete(String id);

	/**
	 * Take the lease of a conversation's next turn, or extend it. Asked only with
	 * {@code deepseek.conversation.turn-lease}: other instances wait meanwhile, in place
	 * of paying for an answer that cannot be stored.
	 * @param id the conversation's id
	 * @param owner who takes it
	 * @param timeToLive how long the owner has it unless it is extended
	 * @return {@code false} if another owner has it; {@code true} by default, for a store
	 * without leases
	 */
	default Mono<Boolean> tryLease(String id, String owner, Duration timeToLive) {
		return Mono.just(true);
	}

	/**
	 * End a lease; without effect if another owner has it.
	 * @param id the conversation's id
	 * @param owner who took it
	 * @return completes when it has ended
	 */
	default Mono<Void> endLease(String id, String owner) {
		return Mono.empty();
	}

}
