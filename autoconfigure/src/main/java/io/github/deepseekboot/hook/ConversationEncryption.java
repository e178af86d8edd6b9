package io.github.deepseekboot.hook;

/**
 * Callback interface to encrypt what a {@link ConversationStore} writes. A bean of this
 * type is used by the stores in Redis and in a database, on threads that may block.
 */
public interface ConversationEncryption {

	/**
	 * Keeps texts as they are.
	 */
	ConversationEncryption NONE = new ConversationEncryption() {

		@Override
		public String encrypt(String conversationId, String text) {
			return text;
		}

		@Override
		public String decrypt(String conversationId, String stored) {
			return stored;
		}

	};

	/**
	 * Encrypt one turn.
	 * @param conversationId the conversation's id, to bind the result to it
	 * @param text the turn, as JSON
	 * @return a text without the character U+0000
	 */
	String encrypt(String conversationId, String text);

	/**
	 * Decrypt one turn.
	 * @param conversationId the conversation's id
	 * @param stored what {@link #encrypt} returned, or a turn that was stored before
	 * there was an encryption, which begins with a brace
	 * @return the turn, as JSON
	 */
	String decrypt(String conversationId, String stored);

}
