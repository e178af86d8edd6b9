package io.github.deepseekboot.chat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ChatRequest}.
 */
class ChatRequestTests {

	@Test
	void headersAreCopiedAndNeverShown() {
		ChatRequest request = ChatRequest.builder()
			.user("Hi")
			.header("X-Tenant", "test-secret")
			.header("x-tenant", "test-secret-2")
			.header("X-Other", "")
			.build();
		assertThat(request.headers()).containsOnlyKeys("x-tenant", "X-Other")
			.containsEntry("x-tenant", "test-secret-2");
		assertThat(request.toBuilder().header("X-TENANT", "3").build().headers()).containsEntry("X-TENANT", "3")
			.doesNotContainKey("x-tenant");
		assertThat(request.toString()).doesNotContain("test-secret");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "Authorization", "AUTHORIZATION", "Proxy-Authorization", "api-key", "X-Api-Key", "Cookie" })
	void aCredentialIsNoHeaderOfARequest(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.builder().header(name, "test-secret"))
			.withMessageContaining(name)
			.withMessageContaining("ApiKeyResolver")
			.withMessageNotContaining("test-secret");
	}

	@ParameterizedTest
	@CsvSource({ "Content-Type, is set by the exchange itself", "host, is set by the exchange itself",
			"Accept-Encoding, is set by the exchange itself", "a b, must consist of letters",
			"'', must consist of letters" })
	void whatCannotBeAHeaderIsRefused(String name, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.builder().header(name, "test-secret"))
			.withMessageContaining(message)
			.withMessageNotContaining("test-secret");
	}

	@Test
	void aValueMustNotForgeHeaders() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> ChatRequest.builder().header("X-A", "1\r\nAuthorization: test-secret"))
			.withMessage("the value of header 'X-A' must consist of ASCII characters and must not have line ends");
	}

	@Test
	void messagesCanBeReplaced() {
		ChatRequest request = ChatRequest.builder().system("old").user("old").temperature(0.5).build();
		ChatRequest replaced = request.toBuilder().replaceMessages(List.of(ChatMessage.user("new"))).build();
		assertThat(replaced.messages()).containsExactly(ChatMessage.user("new"));
		assertThat(replaced.temperature()).isEqualTo(0.5);
	}

	@Test
	void aDefaultCanBeUnset() {
		ChatRequest request = ChatRequest.builder().user("Hi").unset("temperature").unset("stop").build();
		ChatRequest merged = ChatRequest.builder().temperature(0.7).stop("END").topP(0.5).from(request).build();
		assertThat(merged.temperature()).isNull();
		assertThat(merged.stop()).isEmpty();
		assertThat(merged.topP()).isEqualTo(0.5);
		assertThat(request.toBuilder().temperature(0.2).build().temperature()).isEqualTo(0.2);
		assertThatIllegalArgumentException().isThrownBy(() -> ChatRequest.builder().unset("temprature"))
			.withMessage("there is no parameter 'temprature'");
	}

	@Test
	void toolsAreAddedAndReplaced() {
		ToolDefinition one = ToolDefinition.of("one", null, null);
		ToolDefinition two = ToolDefinition.of("two", null, null);
		ChatRequest.Builder request = ChatRequest.builder().user("Hi").tool(one).tools(List.of(two));
		assertThat(request.build().tools()).containsExactly(one, two);
		assertThat(request.replaceTools(List.of(two)).build().tools()).containsExactly(two);
	}

	@Test
	void everyParameterCounts() {
		Map<String, List<?>> values = new LinkedHashMap<>();
		values.put("model", List.of("a", "b"));
		values.put("provider", List.of("a", "b"));
		values.put("userId", List.of("a", "b"));
		values.put("temperature", List.of(0.1, 0.2));
		values.put("topP", List.of(0.1, 0.2));
		values.put("presencePenalty", List.of(0.1, 0.2));
		values.put("frequencyPenalty", List.of(0.1, 0.2));
		values.put("topK", List.of(1, 2));
		values.put("n", List.of(1, 2));
		values.put("maxTokens", List.of(1, 2));
		values.put("topLogprobs", List.of(1, 2));
		values.put("logprobs", List.of(true, false));
		values.put("includeUsage", List.of(true, false));
		values.put("thinking", List.of(true, false));
		values.put("responseFormat", List.of(ResponseFormat.TEXT, ResponseFormat.JSON_OBJECT));
		values.put("toolChoice", List.of(ToolChoice.AUTO, ToolChoice.NONE));
		values.put("reasoningEffort", List.of(ReasoningEffort.HIGH, ReasoningEffort.MAX));
		values.put("stop", List.of(List.of("a"), List.of("b")));
		values.put("logitBias", List.of(Map.of("1", 2), Map.of("1", 3)));
		values.put("tools",
				List.of(List.of(ToolDefinition.of("a", null, null)), List.of(ToolDefinition.of("b", null, null))));
		values.put("tool", List.of(ToolDefinition.of("a", null, null), ToolDefinition.of("b", null, null)));
		values.put("replaceTools", values.get("tools"));
		values.put("unset", List.of("temperature", "model"));
		values.put("system", List.of("a", "b"));
		values.put("user", List.of("a", "b"));
		values.put("message", List.of(ChatMessage.user("a"), ChatMessage.user("b")));
		values.put("messages", List.of(List.of(ChatMessage.user("a")), List.of(ChatMessage.user("b"))));
		values.put("replaceMessages", List.of(List.of(ChatMessage.user("a")), List.of(ChatMessage.user("b"))));
		values.put("from", List.of(ChatRequest.of("a"), ChatRequest.of("b")));
		BuilderAssert.assertBuilds(() -> ChatRequest.builder().user("Hi"), values, "system", "user", "message",
				"messages", "replaceMessages", "from", "tool", "replaceTools", "unset");
		ChatRequest request = ChatRequest.of("Hi");
		assertThat(request.toBuilder().header("a", "b").build()).isNotEqualTo(request)
			.isEqualTo(request.toBuilder().header("a", "b").build());
		assertThat(request.toBuilder().extra("a", null).build()).isNotEqualTo(request)
			.isEqualTo(request.toBuilder().extra("a", null).build());
	}

}
