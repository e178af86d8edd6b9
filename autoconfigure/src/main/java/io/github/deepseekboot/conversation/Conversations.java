package io.github.deepseekboot.conversation;

import java.time.Duration;
import java.util.function.Function;

import org.springframework.util.Assert;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;

/**
 * Conversations with one store. Turns of a conversation follow each other among all that
 * go through one object of this class.
 */
public final class Conversations {

	/**
	 * How long a turn waits by default for the one before.
	 */
	public static final Duration DEFAULT_MAX_WAIT = Duration.ofMinutes(1);

	private final ConversationStore store;

	private final ConversationWindow window;

	private final TurnQueue queue;

	/**
	 * Conversations in memory, with defaults for all.
	 */
	public Conversations() {
		this(new InMemoryConversationStore(), ConversationWindow.DEFAULTS, DEFAULT_MAX_WAIT);
	}

	/**
	 * Create conversations.
	 * @param store keeps them
	 * @param window how much of each is sent along
	 * @param maxWait how long a turn waits for the one before
	 */
	public Conversations(ConversationStore store, ConversationWindow window, Duration maxWait) {
		Assert.notNull(store, "'store' must not be null");
		Assert.notNull(window, "'window' must not be null");
		Assert.isTrue(!maxWait.isNegative() && !maxWait.isZero(), "'maxWait' must be positive");
		this.store = store;
		this.window = window;
		this.queue = new TurnQueue(maxWait);
	}

	/**
	 * A conversation. Applications call {@code conversation} of the template instead.
	 * @param id its id, chosen by the application; not empty
	 * @param client answers its turns
	 * @param waiting waits for an answer, or refuses to
	 * @return the conversation
	 */
	public Conversation conversation(String id, ChatCompletionClient client,
			Function<Mono<ChatCompletion>, ChatCompletion> waiting) {
		return new Conversation(id, this, client, waiting);
	}

	ConversationStore store() {
		return this.store;
	}

	ConversationWindow window() {
		return this.window;
	}

	TurnQueue queue() {
		return this.queue;
	}

}
