package io.github.deepseekboot.codec;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link History}.
 */
class HistoryTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "{\"a\": 1} | {\"a\": 1}", "`` | {}", "null | {}", "[] | {}", "{\"a\": Rome} | {}",
					"{\"a\": | {}", "{\"a\": 1} and | {}", "\"{\\\"a\\\":1}\" | {\"a\":1}", "{\"a\":1,} | {\"a\":1}",
					"{'a':1} | {\"a\":1}", "{a:1} | {\"a\":1}", "{\"a\":\"x\ty\"} | {\"a\":\"x\\ty\"}",
					"{}{\"a\":1} | {\"a\":1}" })
	void argumentsAreAlwaysAnObject(String arguments, String sent) {
		List<@Nullable ChatMessage> messages = History
			.sent(List.of(calls(null, new ToolCall("c1", "f", arguments)), ChatMessage.tool("c1", "done")));
		assertThat(Objects.requireNonNull(messages.get(0)).toolCalls()).extracting(ToolCall::arguments)
			.containsExactly(sent);
	}

	@Test
	void callsThatAreNotAnsweredAreLeftOut() {
		assertThat(sent(user(), calls(null, call("a"), call("b")), answer("b"), user())).containsExactly("user",
				"assistant null [b]", "tool b", "user");
		assertThat(sent(user(), calls("so", call("a")), user())).containsExactly("user", "assistant so []", "user");
		assertThat(sent(user(), calls(null, call("a")), user())).containsExactly("user", "user");
		assertThat(sent(user(), calls(null, call("a")))).containsExactly("user");
		// answered too late
		assertThat(sent(calls("so", call("a")), user(), answer("a"))).containsExactly("assistant so []", "user");
	}

	@Test
	void answersToNoCallAreLeftOut() {
		assertThat(sent(user(), answer("a"), user())).containsExactly("user", "user");
		assertThat(sent(calls(null, call("a")), answer("x"), answer("a"), answer("a")))
			.containsExactly("assistant null [a]", "tool a");
	}

	@Test
	void whatIsRightStaysInItsOrder() {
		assertThat(sent(user(), calls(null, call("a"), call("b")), answer("b"), answer("a"), calls(null, call("a")),
				answer("a")))
			.containsExactly("user", "assistant null [a, b]", "tool b", "tool a", "assistant null [a]", "tool a");
	}

	@Test
	void callsWithoutIdsAreAnsweredInTheirOrder() {
		assertThat(sent(user(), calls(null, call(null), call(null)), answer(null), answer(null)))
			.containsExactly("user", "assistant null [call_1_0, call_1_1]", "tool call_1_0", "tool call_1_1");
	}

	@Test
	void callWithoutNameGetsOne() {
		assertThat(Objects
			.requireNonNull(History.sent(List.of(calls(null, new ToolCall("a", "", "{}")), answer("a"))).get(0))
			.toolCalls()).containsExactly(new ToolCall("a", "unnamed", "{}"));
	}

	private static List<String> sent(ChatMessage... messages) {
		return History.sent(Arrays.asList(messages)).stream().filter(Objects::nonNull).map((message) -> {
			if (message.role() == MessageRole.ASSISTANT) {
				return "assistant " + message.content() + " " + message.toolCalls().stream().map(ToolCall::id).toList();
			}
			return message.role().value() + ((message.toolCallId() != null) ? " " + message.toolCallId() : "");
		}).toList();
	}

	private static ChatMessage user() {
		return ChatMessage.user("Hi");
	}

	private static ChatMessage calls(@Nullable String content, ToolCall... calls) {
		return ChatMessage.builder(MessageRole.ASSISTANT).content(content).toolCalls(List.of(calls)).build();
	}

	private static ToolCall call(@Nullable String id) {
		return new ToolCall(id, "f", "{}");
	}

	private static ChatMessage answer(@Nullable String id) {
		return ChatMessage.builder(MessageRole.TOOL).toolCallId(id).content("done").build();
	}

}
