package io.github.deepseekboot.conversation;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.ConversationEncryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TurnCodec}.
 */
class TurnCodecTests {

	private final TurnCodec codec = new TurnCodec(ConversationEncryption.NONE);

	@Test
	void readsWhatTheFirstVersionWrote() {
		String stored = """
				{"v":1,"messages":[{"role":"user","content":"hi","later":true},
				{"role":"assistant","toolCalls":[{"id":"1","name":"f","arguments":"{}"}],"reasoningContent":"so"}],
				"later":1}""";
		assertThat(this.codec.read("id", stored)).containsExactly(ChatMessage.user("hi"),
				ChatMessage.builder(MessageRole.ASSISTANT)
					.toolCalls(List.of(new ToolCall("1", "f", "{}")))
					.reasoningContent("so")
					.build());
	}

	@Test
	void writesTheFormatsVersion() {
		assertThat(this.codec.write("id", List.of(ChatMessage.user("hi"))))
			.isEqualTo("{\"v\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
	}

	@Test
	void aNewerFormatAndRubbishAreNamed() {
		assertThatIllegalStateException().isThrownBy(() -> this.codec.read("id", "{\"v\":2,\"messages\":[]}"))
			.withMessageContaining("newer version");
		assertThatIllegalStateException().isThrownBy(() -> this.codec.read("id", "my secret"))
			.withMessageContaining("conversation 'id' cannot be read")
			.withMessageNotContaining("secret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", "{}", "[]", "1", "{\"v\":1}", "{\"v\":1,\"messages\":null}",
			"{\"v\":1,\"messages\":[null]}", "" })
	void jsonThatIsNoTurnIsNamed(String stored) {
		assertThatIllegalStateException().isThrownBy(() -> this.codec.read("id", stored))
			.withMessageContaining("conversation 'id' cannot be read");
	}

	@Test
	void anEncryptionThatCannotBeLoadedIsNamed() {
		TurnCodec broken = new TurnCodec(new ConversationEncryption() {

			@Override
			public String encrypt(String conversationId, String text) {
				throw new NoClassDefFoundError("simulated");
			}

			@Override
			public String decrypt(String conversationId, String stored) {
				throw new NoClassDefFoundError("simulated");
			}

		});
		assertThatIllegalStateException().isThrownBy(() -> broken.write("id", List.of(ChatMessage.user("secret"))))
			.withMessage("the encryption of conversations failed: java.lang.NoClassDefFoundError: simulated");
		assertThatIllegalStateException().isThrownBy(() -> broken.read("id", "secret"))
			.withMessage("the encryption of conversations failed: java.lang.NoClassDefFoundError: simulated");
	}

	@Test
	void encryptionGoesAroundAll() {
		TurnCodec encrypted = new TurnCodec(new ConversationEncryption() {

			@Override
			public String encrypt(String conversationId, String text) {
				return Base64.getEncoder().encodeToString((conversationId + text).getBytes(StandardCharsets.UTF_8));
			}

			@Override
			public String decrypt(String conversationId, String stored) {
				return stored.startsWith("{") ? stored
						: new String(Base64.getDecoder().decode(stored), StandardCharsets.UTF_8)
							.substring(conversationId.length());
			}

		});
		List<ChatMessage> turn = List.of(ChatMessage.user("secret"));
		String stored = encrypted.write("id", turn);
		assertThat(stored).doesNotContain("secret");
		assertThat(encrypted.read("id", stored)).isEqualTo(turn);
		assertThat(encrypted.read("id", this.codec.write("id", turn))).as("from before").isEqualTo(turn);
	}

}
