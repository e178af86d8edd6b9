package io.github.deepseekboot.conversation;

import io.github.deepseekboot.hook.ConversationStore;

/**
 * {@link InMemoryConversationStore} does what any store must do.
 */
class InMemoryConversationStoreContractTests extends ConversationStoreContractTests {

	private final InMemoryConversationStore store = new InMemoryConversationStore();

	@Override
	protected ConversationStore store() {
		return this.store;
	}

}
