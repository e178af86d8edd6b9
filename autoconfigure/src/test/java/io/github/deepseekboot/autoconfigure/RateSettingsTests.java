package io.github.deepseekboot.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolDefinition;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RateSettings}.
 */
class RateSettingsTests {

	private static final Map<String, Object> SCHEMA = Map.of("type", "object");

	// a token for each character
	private final RateSettings rates = new RateSettings(null, String::length, false);

	private long tokens(UnaryOperator<ChatRequest.Builder> request) {
		ChatRequest.Builder builder = ChatRequest.builder().user("hi").maxTokens(10);
		return this.rates.tokens(request.apply(builder).build()) - this.rates.tokens(builder("hi"));
	}

	private static ChatRequest builder(String text) {
		return ChatRequest.builder().user(text).maxTokens(10).build();
	}

	@Test
	void theTextsAndTheAnswerCount() {
		assertThat(this.rates.tokens(builder("hi"))).isEqualTo(12);
		assertThat(this.rates.tokens(ChatRequest.of("hi"))).isEqualTo(1002);
		assertThat(tokens((request) -> request.system("four"))).isEqualTo(4);
		assertThat(tokens((request) -> request
			.message(ChatMessage.user(ContentPart.text("four"), ContentPart.imageUrl("http://images.invalid/1")))))
			.isEqualTo(1004);
	}

	@Test
	void theDefinitionsOfToolsCount() {
		assertThat(tokens((request) -> request.tool(ToolDefinition.of("clock", "the time", SCHEMA))))
			.isEqualTo("clock".length() + "the time".length() + SCHEMA.toString().length());
		assertThat(tokens((request) -> request.tool(new ToolDefinition("clock", null, null, null))))
			.isGreaterThanOrEqualTo("clock".length());
		assertThat(tokens((request) -> request.tool(ToolDefinition.of(Map.of("type", "web_search")))))
			.isGreaterThanOrEqualTo("web_search".length());
	}

	@Test
	void theCallsOfToolsCount() {
		assertThat(tokens((request) -> request
			.message(ChatMessage.builder(MessageRole.ASSISTANT)
				.toolCalls(List.of(new ToolCall("1", "clock", "{\"zone\":\"UTC\"}")))
				.build())
			.message(ChatMessage.tool("1", "noon")))).isEqualTo("clock{\"zone\":\"UTC\"}noon".length());
	}

	@Test
	void theSchemaOfTheAnswerCounts() {
		assertThat(tokens((request) -> request.responseFormat(ResponseFormat.jsonSchema("time", SCHEMA, null))))
			.isEqualTo(SCHEMA.toString().length());
	}

}
