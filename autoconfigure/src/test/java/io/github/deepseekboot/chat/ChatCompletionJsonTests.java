package io.github.deepseekboot.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the JSON form of {@link ChatCompletion}.
 */
class ChatCompletionJsonTests {

	private static final ChatCompletion SMALL = ChatCompletion.builder("lab")
		.choices(List.of(ChatCompletion.Choice.builder(ChatMessage.assistant("Hello")).build()))
		.rawJson(RawJson.of("{\"secret\": true}"))
		.build();

	private static final ChatCompletion FULL = ChatCompletion.builder("deepseek")
		.id("id-1")
		.model("deepseek-flash")
		.created(Instant.ofEpochSecond(1_760_000_000))
		.systemFingerprint("fp-1")
		.choices(List.of(ChatCompletion.Choice
			.builder(ChatMessage.builder(MessageRole.ASSISTANT)
				.content("Hello")
				.reasoningContent("Hm")
				.toolCalls(List.of(new ToolCall("call-1", "weather", "{\"city\":\"Paris\"}"),
						new ToolCall(null, "clock", "")))
				.build())
			.finishReason(FinishReason.TOOL_CALLS)
			.logprobs(new Logprobs(List.of(new TokenLogprob("Hello", -0.5, null, List.of())), List.of()))
			.build()))
		.usage(Usage.builder().promptTokens(9L).completionTokens(3L).totalTokens(12L).build())
		.requestId("trace-1")
		.attempts(List.of(AttemptReport.builder(1, "deepseek", "deepseek-flash")
			.status(200)
			.requestId("trace-1")
			.elapsed(Duration.ofMillis(1500))
			.build()))
		.build();

	static Stream<Named<JsonMapper>> mappers() {
		return ApplicationMappers.all();
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void whatIsUnknownIsLeftOut(JsonMapper mapper) {
		assertThat(mapper.writeValueAsString(SMALL)).isEqualTo("""
				{"provider":"lab","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"}}],\
				"attempts":[]}""");
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void namesAndValuesAreStable(JsonMapper mapper) {
		assertThat(mapper.writeValueAsString(FULL)).isEqualTo("""
				{"provider":"deepseek","id":"id-1","model":"deepseek-flash","created":"2025-10-09T08:53:20Z",\
				"systemFingerprint":"fp-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello",\
				"toolCalls":[{"id":"call-1","name":"weather","arguments":"{\\"city\\":\\"Paris\\"}"},\
				{"name":"clock","arguments":""}],"reasoningContent":"Hm"},"finishReason":"tool_calls",\
				"logprobs":{"content":[{"token":"Hello","logprob":-0.5,"topLogprobs":[]}],"reasoningContent":[]}}],\
				"usage":{"promptTokens":9,"completionTokens":3,"totalTokens":12,"consistent":true},\
				"requestId":"trace-1","attempts":[{"number":1,"provider":"deepseek","model":"deepseek-flash",\
				"status":200,"requestId":"trace-1","elapsed":"PT1.5S"}]}""");
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void readsWhatItWrites(JsonMapper mapper) {
		ChatCompletion read = mapper.readValue(mapper.writeValueAsString(FULL), ChatCompletion.class);
		assertThat(read).isEqualTo(FULL);
		assertThat(mapper.readValue(mapper.writeValueAsString(SMALL), ChatCompletion.class)).usingRecursiveComparison()
			.ignoringFields("rawJson")
			.isEqualTo(SMALL);
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void whatToolsReturnedIsReadAndWritten(JsonMapper mapper) {
		ChatCompletion completion = SMALL.toBuilder().toolMessages(List.of(ChatMessage.tool("call-1", "21"))).build();
		String json = mapper.writeValueAsString(completion);
		assertThat(json)
			.endsWith("\"toolMessages\":[{\"role\":\"tool\",\"content\":\"21\",\"toolCallId\":\"call-1\"}]}");
		assertThat(mapper.readValue(json, ChatCompletion.class).messages())
			.containsExactly(ChatMessage.tool("call-1", "21"), ChatMessage.assistant("Hello"));
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void emptyReasoningIsKept(JsonMapper mapper) {
		// a provider may refuse the history of a tool call without it
		ChatMessage message = ChatMessage.builder(MessageRole.ASSISTANT)
			.content("")
			.reasoningContent("")
			.toolCalls(List.of(new ToolCall("call-1", "clock", "{}")))
			.build();
		assertThat(mapper.readValue(mapper.writeValueAsString(message), ChatMessage.class)).isEqualTo(message);
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void aShortMessageIsRead(JsonMapper mapper) {
		assertThat(mapper.readValue("{\"role\":\"user\",\"content\":\"Hi\"}", ChatMessage.class))
			.isEqualTo(ChatMessage.user("Hi"));
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void aMessageToContinueIsRead(JsonMapper mapper) {
		ChatMessage message = ChatMessage.builder(MessageRole.ASSISTANT).content("Once").prefix(true).build();
		String json = mapper.writeValueAsString(message);
		assertThat(json).isEqualTo("{\"role\":\"assistant\",\"content\":\"Once\",\"prefix\":true}");
		assertThat(mapper.readValue(json, ChatMessage.class)).isEqualTo(message);
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void messagesInPartsAreRead(JsonMapper mapper) {
		ChatMessage message = ChatMessage.user(ContentPart.text("What is this?"),
				ContentPart.imageUrl("https://example.com/a.png"));
		String json = mapper.writeValueAsString(message);
		assertThat(json).isEqualTo("""
				{"role":"user","parts":[{"text":"What is this?"},{"imageUrl":"https://example.com/a.png"}]}""");
		assertThat(mapper.readValue(json, ChatMessage.class)).isEqualTo(message);
	}

}
