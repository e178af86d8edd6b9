package io.github.deepseekboot.conversation;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.hook.ConversationEncryption;
import io.github.deepseekboot.hook.ConversationStore;

/**
 * Codec of turns for a {@link ConversationStore}: JSON with a version of its format. It
 * reads the formats of this version and of those before. Thread-safe.
 */
public final class TurnCodec {

	private static final int VERSION = 1;

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private static final JsonMapper ASCII = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

	private final ConversationEncryption encryption;

	/**
	 * Create a codec.
	 * @param encryption encrypts what was written
	 */
	public TurnCodec(ConversationEncryption encryption) {
		Assert.notNull(encryption, "'encryption' must not be null");
		this.encryption = encryption;
	}

	/**
	 * Write a turn.
	 * @param conversationId the conversation's id
	 * @param turn the messages
	 * @return a text
	 */
	public String write(String conversationId, List<ChatMessage> turn) {
		StoredTurn stored = new StoredTurn(VERSION, turn);
		String json = MAPPER.writeValueAsString(stored);
		if (hasLoneSurrogate(json)) {
			// neither UTF-8 nor a database has them, JSON's escapes have
			json = ASCII.writeValueAsString(stored);
		}
		String written = json;
		return ending(() -> this.encryption.encrypt(conversationId, written));
	}

	private static boolean hasLoneSurrogate(String text) {
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (Character.isSurrogate(character)) {
				if (Character.isLowSurrogate(character) || i + 1 == text.length()
						|| !Character.isLowSurrogate(text.charAt(i + 1))) {
					return true;
				}
				i++;
			}
		}
		return false;
	}

	/**
	 * Read a turn.
	 * @param conversationId the conversation's id
	 * @param stored what was written
	 * @return the messages
	 * @throws IllegalStateException if it cannot be read; the message does not repeat it
	 */
	public List<ChatMessage> read(String conversationId, String stored) {
		String json = ending(() -> this.encryption.decrypt(conversationId, stored));
		StoredTurn turn = parse(json);
		if (turn != null && turn.version() > VERSION) {
			throw new IllegalStateException("a turn of conversation '" + conversationId
					+ "' was stored by a newer version of this library, in the format " + turn.version()
					+ "; this one reads formats up to " + VERSION);
		}
		List<ChatMessage> messages = (turn != null) ? turn.messages() : null;
		if (messages == null || messages.stream().anyMatch(Objects::isNull)) {
			throw new IllegalStateException("a turn of conversation '" + conversationId
					+ "' cannot be read: it is no JSON of a turn, or it was encrypted by other means");
		}
		return messages;
	}

	// Reactor gives up on these errors, and the turn would never end
	private static String ending(Supplier<String> encryption) {
		try {
			return encryption.get();
		}
		catch (LinkageError | VirtualMachineError ex) {
			throw new IllegalStateException("the encryption of conversations failed: " + ex, ex);
		}
	}

	private static @Nullable StoredTurn parse(String json) {
		try {
			return MAPPER.readValue(json, StoredTurn.class);
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	/**
	 * The JSON of a turn.
	 *
	 * @param version the version of the format
	 * @param messages the messages
	 */
	record StoredTurn(@JsonProperty("v") int version, @JsonProperty("messages") @Nullable List<ChatMessage> messages) {

	}

}
