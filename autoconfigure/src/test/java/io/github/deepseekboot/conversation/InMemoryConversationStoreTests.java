package io.github.deepseekboot.conversation;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.ConversationStore;
import io.github.deepseekboot.hook.StoredConversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link InMemoryConversationStore} and what any store must be able to write.
 */
class InMemoryConversationStoreTests {

	private static List<ChatMessage> turn(int number, int size) {
		return List.of(ChatMessage.user("q" + number), ChatMessage.assistant("a".repeat(size)));
	}

	private static StoredConversation load(ConversationStore store, String id) {
		StoredConversation stored = store.load(id).block();
		assertThat(stored).isNotNull();
		return stored;
	}

	private static boolean append(ConversationStore store, String id, List<ChatMessage> turn) {
		return Boolean.TRUE.equals(store.append(id, load(store, id).version(), turn).block());
	}

	@Test
	void keepsTurnsInTheirOrder() {
		InMemoryConversationStore store = new InMemoryConversationStore();
		assertThat(load(store, "a")).isEqualTo(StoredConversation.EMPTY);
		assertThat(append(store, "a", turn(1, 1))).isTrue();
		StoredConversation first = load(store, "a");
		assertThat(append(store, "a", turn(2, 1))).isTrue();
		assertThat(load(store, "a").messages()).extracting(ChatMessage::content).containsExactly("q1", "a", "q2", "a");
		assertThat(store.append("a", first.version(), turn(3, 1)).block()).isFalse();
		assertThat(load(store, "a").messages()).hasSize(4);
		store.delete("a").block();
		store.delete("a").block();
		assertThat(load(store, "a").messages()).isEmpty();
	}

	@Test
	void forgetsWhatWasNotUsedForLongest() {
		InMemoryConversationStore store = new InMemoryConversationStore(3, 1_000_000);
		for (String id : List.of("a", "b", "c")) {
			append(store, id, turn(1, 1));
		}
		load(store, "a");
		append(store, "d", turn(1, 1));
		assertThat(store.size()).isEqualTo(3);
		assertThat(load(store, "b").messages()).isEmpty();
		assertThat(load(store, "a").messages()).hasSize(2);
		for (int i = 0; i < 10_000; i++) {
			append(store, "id-" + i, turn(1, 1));
		}
		assertThat(store.size()).isEqualTo(3);
	}

	@Test
	void fieldsOfTheHostsOwnCountAsCharacters() {
		InMemoryConversationStore store = new InMemoryConversationStore(1000, 10_000);
		Map<String, Object> extra = Map.of("reasoning_details", List.of(Map.of("data", "x".repeat(3000))));
		for (int i = 0; i < 10; i++) {
			append(store, "message-" + i,
					List.of(ChatMessage.builder(MessageRole.ASSISTANT).content("a").extra(extra).build()));
			append(store, "call-" + i,
					List.of(ChatMessage.builder(MessageRole.ASSISTANT)
						.toolCalls(List.of(new ToolCall("1", "f", "{}", extra)))
						.build()));
		}
		assertThat(store.size()).isEqualTo(3);
	}

	@Test
	void charactersAreBounded() {
		InMemoryConversationStore store = new InMemoryConversationStore(1000, 10_000);
		for (int i = 0; i < 100; i++) {
			append(store, "id-" + i, turn(1, 800));
		}
		// 800 + 2 characters, 5 of the id, 64 each for the conversation and two messages
		assertThat(store.size()).isEqualTo(10_000 / 999);
		assertThat(load(store, "id-99").messages()).hasSize(2);
	}

	@ParameterizedTest
	@MethodSource("longMessages")
	void allThatIsKeptCounts(ChatMessage message) {
		InMemoryConversationStore store = new InMemoryConversationStore(1000, 100_000);
		append(store, "first", turn(1, 1));
		append(store, "second", List.of(message));
		assertThat(load(store, "first").messages()).as("there was room for one").isEmpty();
	}

	static Stream<ChatMessage> longMessages() {
		String text = "x".repeat(100_000);
		return Stream.of(ChatMessage.user(text), ChatMessage.builder(MessageRole.USER).name(text).build(),
				ChatMessage.tool(text, ""), ChatMessage.user(ContentPart.text(text)),
				ChatMessage.user(ContentPart.imageUrl(text)),
				ChatMessage.builder(MessageRole.ASSISTANT).reasoningContent(text).build(),
				calling(new ToolCall(text, "f", "")), calling(new ToolCall("1", text, "")),
				calling(new ToolCall("1", "f", text)),
				ChatMessage.user(Collections.nCopies(2000, ContentPart.text("")).toArray(ContentPart[]::new)));
	}

	private static ChatMessage calling(ToolCall call) {
		return ChatMessage.builder(MessageRole.ASSISTANT).toolCalls(List.of(call)).build();
	}

	@Test
	void idsCount() {
		InMemoryConversationStore store = new InMemoryConversationStore(1000, 100_000);
		append(store, "first", turn(1, 1));
		append(store, "x".repeat(100_000), turn(1, 1));
		assertThat(store.size()).isEqualTo(1);
	}

	@Test
	void aConversationThatIsTooLargeLosesItsOldestTurns() {
		InMemoryConversationStore store = new InMemoryConversationStore(1000, 5_000);
		append(store, "a", List.of(ChatMessage.system("be kind"), ChatMessage.user("q0"), ChatMessage.assistant("a0")));
		for (int i = 1; i < 50; i++) {
			assertThat(append(store, "a", turn(i, 800))).isTrue();
		}
		List<ChatMessage> messages = load(store, "a").messages();
		assertThat(messages).hasSize(11).startsWith(ChatMessage.system("be kind"), ChatMessage.user("q45"));
		append(store, "a", turn(50, 100_000));
		assertThat(load(store, "a").messages()).extracting(ChatMessage::role)
			.containsExactly(MessageRole.SYSTEM, MessageRole.USER, MessageRole.ASSISTANT);
		append(store, "b", turn(1, 1));
		assertThat(store.size()).as("the giant is the oldest").isEqualTo(1);
	}

	@Test
	void messagesCanBeStoredAsJson() {
		List<ChatMessage> messages = List.of(ChatMessage.system("be kind"),
				ChatMessage.user(ContentPart.text("look"), ContentPart.imageUrl("https://example.com/a.png")),
				ChatMessage.builder(MessageRole.ASSISTANT)
					.content("")
					.reasoningContent("")
					.toolCalls(List.of(new ToolCall("1", "f", "{\"a\": \"é\"}"), new ToolCall(null, "g", "")))
					.build(),
				ChatMessage.tool("1", "{}"),
				ChatMessage.builder(MessageRole.USER).name("Ann").content("thanks").build(),
				ChatMessage.builder(MessageRole.ASSISTANT).content("well").reasoningContent("so").prefix(true).build(),
				ChatMessage.builder(MessageRole.ASSISTANT).build());
		StoredConversation stored = new StoredConversation(7, messages);
		JsonMapper mapper = JsonMapper.builder().build();
		assertThat(mapper.readValue(mapper.writeValueAsString(stored), StoredConversation.class)).isEqualTo(stored);
	}

	@Test
	void boundsArePositive() {
		assertThatIllegalArgumentException().isThrownBy(() -> new InMemoryConversationStore(0, 1))
			.withMessage("'maxConversations' must be at least 1");
		assertThatIllegalArgumentException().isThrownBy(() -> new InMemoryConversationStore(1, 0))
			.withMessage("'maxCharacters' must be at least 1");
	}

}
