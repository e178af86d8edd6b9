package io.github.deepseekboot.conversation;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.hook.ConversationStore;

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

	private final TurnLeases leases;

	private Conversations(Builder builder) {
		this.store = new GuardedConversationStore(builder.store);
		this.window = builder.window;
		this.queue = new TurnQueue(builder.maxWait, builder.scheduler);
		this.leases = new TurnLeases(this.store, builder.turnLease, builder.maxWait, builder.scheduler);
	}

	/**
	 * Create a builder for conversations: in memory, with defaults for all.
	 * @return a builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return a conversation. Applications call {@code conversation} of the template
	 * instead.
	 * @param id its id, chosen by the application; not empty
	 * @param client answers its turns
	 * @return the conversation
	 */
	public Conversation conversation(String id, ConversationClient client) {
		return new Conversation(id, this, client);
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

	TurnLeases leases() {
		return this.leases;
	}

	/**
	 * Builder of {@link Conversations}.
	 */
	public static final class Builder {

		private ConversationStore store = new InMemoryConversationStore();

		private ConversationWindow window = ConversationWindow.DEFAULTS;

		private Duration maxWait = DEFAULT_MAX_WAIT;

		private @Nullable Duration turnLease;

		private Scheduler scheduler = Schedulers.parallel();

		private Builder() {
		}

		/**
		 * Set what keeps the conversations.
		 * @param store the store; by default an {@link InMemoryConversationStore}
		 * @return this builder
		 */
		public Builder store(ConversationStore store) {
			Assert.notNull(store, "'store' must not be null");
			this.store = store;
			return this;
		}

		/**
		 * Set how much of each conversation is sent along.
		 * @param window the window; by default {@link ConversationWindow#DEFAULTS}
		 * @return this builder
		 */
		public Builder window(ConversationWindow window) {
			Assert.notNull(window, "'window' must not be null");
			this.window = window;
			return this;
		}

		/**
		 * Set how long a turn waits for the one before.
		 * @param maxWait a positive duration; by default {@link #DEFAULT_MAX_WAIT}
		 * @return this builder
		 */
		public Builder maxWait(Duration maxWait) {
			Assert.notNull(maxWait, "'maxWait' must not be null");
			Assert.isTrue(!maxWait.isNegative() && !maxWait.isZero(), "'maxWait' must be positive");
			this.maxWait = maxWait;
			return this;
		}

		/**
		 * Set that turns follow each other among all instances that share the store, by
		 * leases.
		 * @param timeToLive how long the lease of an instance that died is kept, a
		 * positive duration; {@code null}, as by default, for no leases
		 * @return this builder
		 */
		public Builder turnLease(@Nullable Duration timeToLive) {
			Assert.isTrue(timeToLive == null || (!timeToLive.isNegative() && !timeToLive.isZero()),
					"'timeToLive' must be positive");
			this.turnLease = timeToLive;
			return this;
		}

		/**
		 * Set what waits go by, and what runs turns that have waited.
		 * @param scheduler the scheduler; by default {@link Schedulers#parallel()}
		 * @return this builder
		 */
		public Builder scheduler(Scheduler scheduler) {
			Assert.notNull(scheduler, "'scheduler' must not be null");
			this.scheduler = scheduler;
			return this;
		}

		/**
		 * Build the conversations.
		 * @return the conversations
		 */
		public Conversations build() {
			return new Conversations(this);
		}

	}

}
