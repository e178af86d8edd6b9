package io.github.deepseekboot.conversation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.TokenEstimator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ConversationWindow}.
 */
class ConversationWindowTests {

	private static final ChatMessage SYSTEM = ChatMessage.system("be kind");

	private static ConversationWindow ofTokens(int maxTokens) {
		return new ConversationWindow(maxTokens, Integer.MAX_VALUE, String::length);
	}

	private static ConversationWindow ofMessages(int maxMessages) {
		return new ConversationWindow(Integer.MAX_VALUE, maxMessages, String::length);
	}

	private static ChatMessage calling(String... ids) {
		return ChatMessage.builder(MessageRole.ASSISTANT)
			.reasoningContent("r".repeat(100))
			.toolCalls(List.of(ids).stream().map((id) -> new ToolCall(id, "f", "{}")).toList())
			.build();
	}

	// asks for the last turn
	private static List<ChatMessage> trim(ConversationWindow window, List<ChatMessage> messages) {
		int asked = messages.size() - 1;
		while (messages.get(asked).role() != MessageRole.USER) {
			asked--;
		}
		return window.trim(messages.subList(0, asked), messages.subList(asked, messages.size()));
	}

	@Test
	void allThatIsAskedIsSent() {
		List<ChatMessage> stored = List.of(SYSTEM, ChatMessage.user("one"), ChatMessage.assistant("1"));
		List<ChatMessage> asked = List.of(ChatMessage.user("a document"), ChatMessage.assistant("an example"),
				ChatMessage.user("a question"));
		assertThat(ofMessages(1).trim(stored, asked)).startsWith(SYSTEM)
			.endsWith(asked.toArray(ChatMessage[]::new))
			.hasSize(4);
		assertThat(ofTokens(1).trim(List.of(), asked)).isEqualTo(asked);
	}

	@Test
	void answersGoWithTheCallsThatWereStored() {
		List<ChatMessage> stored = List.of(ChatMessage.user("one"), ChatMessage.assistant("1"), ChatMessage.user("two"),
				calling("a"));
		assertThat(ofMessages(1).trim(stored, List.of(ChatMessage.tool("a", "x")))).containsExactly(stored.get(2),
				stored.get(3), ChatMessage.tool("a", "x"));
	}

	@Test
	void fieldsOfTheHostsOwnAreSentAndCount() {
		Map<String, Object> extra = Map.of("reasoning_details", "x".repeat(1000));
		ChatMessage answer = ChatMessage.builder(MessageRole.ASSISTANT).content("1").extra(extra).build();
		ChatMessage call = ChatMessage.builder(MessageRole.ASSISTANT)
			.toolCalls(List.of(new ToolCall("a", "f", "{}", extra)))
			.build();
		ChatMessage next = ChatMessage.user("two");
		for (List<ChatMessage> stored : List.of(List.of(ChatMessage.user("one"), answer),
				List.of(ChatMessage.user("one"), call, ChatMessage.tool("a", "x")))) {
			assertThat(ofTokens(1000).trim(stored, List.of(next))).containsExactly(next);
			assertThat(ofTokens(1100).trim(stored, List.of(next))).hasSize(stored.size() + 1);
		}
	}

	@Test
	void sendsAllThatFits() {
		List<ChatMessage> messages = List.of(SYSTEM, ChatMessage.user("one"), ChatMessage.assistant("1"),
				ChatMessage.user("two"));
		assertThat(trim(ConversationWindow.DEFAULTS, messages)).isEqualTo(messages);
		// 4 for each of 4 frames, 7 + 3 + 1 + 3 for the texts
		assertThat(trim(ofTokens(30), messages)).isEqualTo(messages);
		assertThat(trim(ofTokens(29), messages)).containsExactly(SYSTEM, ChatMessage.user("two"));
		assertThat(trim(ofMessages(4), messages)).isEqualTo(messages);
		assertThat(trim(ofMessages(3), messages)).containsExactly(SYSTEM, ChatMessage.user("two"));
		assertThat(trim(ofMessages(1), messages)).containsExactly(SYSTEM, ChatMessage.user("two"));
	}

	@Test
	void aTurnWithToolsStaysComplete() {
		List<ChatMessage> turn = List.of(ChatMessage.user("two"), calling("a", "b"), ChatMessage.tool("a", "x"),
				ChatMessage.tool("b", "y"), calling("c"), ChatMessage.tool("c", "z"), ChatMessage.assistant("done"));
		List<ChatMessage> messages = new ArrayList<>(List.of(ChatMessage.user("one"), ChatMessage.assistant("1")));
		messages.addAll(turn);
		messages.add(ChatMessage.user("three"));
		assertThat(trim(ofMessages(8), messages)).hasSize(8).startsWith(turn.get(0));
		assertThat(trim(ofMessages(7), messages)).containsExactly(ChatMessage.user("three"));
		List<ChatMessage> running = messages.subList(0, 5);
		assertThat(trim(ofMessages(1), running)).containsExactlyElementsOf(running.subList(2, 5));
	}

	@Test
	void reasoningCountsWhereToolsWereCalled() {
		ChatMessage reasoning = ChatMessage.builder(MessageRole.ASSISTANT)
			.content("1")
			.reasoningContent("r".repeat(100))
			.build();
		List<ChatMessage> plain = List.of(ChatMessage.user("one"), reasoning, ChatMessage.user("two"));
		assertThat(trim(ofTokens(40), plain)).hasSize(3);
		List<ChatMessage> tools = List.of(ChatMessage.user("one"), calling("a"), ChatMessage.tool("a", "x"),
				ChatMessage.user("two"));
		assertThat(trim(ofTokens(40), tools)).hasSize(1);
		assertThat(trim(ofTokens(140), tools)).hasSize(4);
	}

	@Test
	void callsThatWereNeverAnsweredAreLeftOut() {
		ChatMessage saying = ChatMessage.builder(MessageRole.ASSISTANT)
			.content("let me see")
			.toolCalls(List.of(new ToolCall("a", "f", "{}")))
			.build();
		assertThat(trim(ConversationWindow.DEFAULTS,
				List.of(ChatMessage.user("one"), calling("a"), ChatMessage.user("two"), saying,
						ChatMessage.user("three"))))
			.containsExactly(ChatMessage.user("one"), ChatMessage.user("two"), ChatMessage.assistant("let me see"),
					ChatMessage.user("three"));
	}

	@Test
	void imagesCount() {
		List<ChatMessage> messages = List.of(ChatMessage.user(ContentPart.text("look"), ContentPart.imageUrl("data:x")),
				ChatMessage.assistant("1"), ChatMessage.user("two"));
		assertThat(trim(ofTokens(1000), messages)).hasSize(1);
		assertThat(trim(ofTokens(1100), messages)).hasSize(3);
	}

	@Test
	void noHistoryIsTornWhateverTheBudget() {
		Random random = new Random(42);
		int checked = 0;
		for (int run = 0; run < 300; run++) {
			List<ChatMessage> messages = history(random);
			for (int budget = 1; budget < messages.size() + 2; budget++) {
				List<ChatMessage> sent = trim(ofMessages(budget), messages);
				assertComplete(sent);
				assertThat(sent).first().isEqualTo(SYSTEM);
				assertThat(sent).last().isEqualTo(messages.get(messages.size() - 1));
				long users = sent.stream().filter((message) -> message.role() == MessageRole.USER).count();
				assertThat(sent.size() <= budget || users == 1).isTrue();
				checked++;
			}
		}
		assertThat(checked).isGreaterThan(3000);
	}

	private static List<ChatMessage> history(Random random) {
		List<ChatMessage> messages = new ArrayList<>(List.of(SYSTEM));
		int call = 0;
		for (int turn = random.nextInt(6); turn >= 0; turn--) {
			messages.add(ChatMessage.user("user " + turn));
			for (int round = random.nextInt(3); round > 0; round--) {
				List<String> ids = new ArrayList<>();
				for (int i = random.nextInt(3); i >= 0; i--) {
					ids.add("call-" + call++);
				}
				messages.add(calling(ids.toArray(String[]::new)));
				ids.forEach((id) -> messages.add(ChatMessage.tool(id, "result")));
			}
			if (turn > 0) {
				messages.add(ChatMessage.assistant("answer " + turn));
			}
		}
		return messages;
	}

	private static void assertComplete(List<ChatMessage> messages) {
		Set<String> open = new HashSet<>();
		for (ChatMessage message : messages) {
			if (message.role() == MessageRole.TOOL) {
				assertThat(open.remove(message.toolCallId())).as("a call for " + message).isTrue();
			}
			else {
				assertThat(open).as("calls without answers").isEmpty();
			}
			message.toolCalls().forEach((call) -> open.add(call.id()));
		}
		assertThat(open).as("calls without answers").isEmpty();
	}

	@Test
	void theRuleOfThumb() {
		assertThat(TokenEstimator.BY_CHARACTERS.estimate("")).isZero();
		assertThat(TokenEstimator.BY_CHARACTERS.estimate("Hello there")).isEqualTo(4);
		assertThat(TokenEstimator.BY_CHARACTERS.estimate("你好世界")).isEqualTo(3);
	}

	@Test
	void aBudgetIsPositive() {
		assertThatIllegalArgumentException().isThrownBy(() -> ofTokens(0))
			.withMessage("'maxTokens' must be at least 1");
		assertThatIllegalArgumentException().isThrownBy(() -> ofMessages(0))
			.withMessage("'maxMessages' must be at least 1");
	}

}
