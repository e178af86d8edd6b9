package io.github.deepseekboot.test.provider;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * A provider does what its {@link Script} says.
 */
class ScriptTests {

	private ScriptedServer simulator;

	private ScriptedProvider provider;

	private TestClient client;

	@BeforeEach
	void start() {
		this.simulator = TestClient.simulator();
		this.provider = this.simulator.provider("deepseek");
		this.client = new TestClient(this.provider);
	}

	@AfterEach
	void stop() {
		this.simulator.close();
	}

	private static Duration since(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

	@Test
	void theBuiltInAnswerSaysThatItIsSimulated() {
		for (ScriptedProvider each : this.simulator.providers()) {
			String model = each.dialect().models().get(0);
			String text = TestClient
				.joined(new TestClient(each).stream(TestClient.question(model, "What is the\n*weather*?")), "content");
			assertThat(text).contains("simulated", each.dialect().displayName(), "> What is the *weather*?", "\n- ",
					"```java\n");
		}
	}

	@Test
	void anAnswerIsMadeFromTheLastUserMessage() {
		this.provider.script(Script.builder().answer((question) -> question.toUpperCase(Locale.ROOT)).build());
		ObjectNode question = TestClient.question("deepseek-chat", "first");
		question.withArray("messages")
			.addObject()
			.put("role", "user")
			.putArray("content")
			.addObject()
			.put("type", "text")
			.put("text", "second");
		assertThat(TestClient.joined(this.client.stream(question), "content")).isEqualTo("SECOND");
	}

	@Test
	void anAnswerIsMadeFromTheCompleteRequest() {
		this.provider.script(Script.builder()
			.toolCall("get_weather", "{}")
			.answerRequest((request) -> request.path("model").asString() + ": "
					+ request.path("messages").path(0).path("content").asString() + " "
					+ request.path("messages").path(1).path("content").asString())
			.build());
		ObjectNode question = TestClient.question("deepseek-chat", "Well?");
		assertThat(TestClient.arguments(this.client.stream(question), 0)).isEqualTo("{}");
		question.withArray("messages").addObject().put("role", "tool").put("content", "7 degrees");
		assertThat(TestClient.joined(this.client.stream(question), "content"))
			.isEqualTo("deepseek-chat: Well? 7 degrees");
	}

	@Test
	void aToolIsCalledInAnswerToSomeCallsOnly() {
		this.provider.script(Script.builder()
			.toolCall((call) -> call.lastUserMessage().contains("weather"), "get_weather", "{}")
			.answer("No tool is needed for that.")
			.build());
		assertThat(TestClient.arguments(this.client.stream(TestClient.question("deepseek-chat", "How is the weather?")),
				0))
			.isEqualTo("{}");
		List<JsonNode> answer = this.client.stream(TestClient.question("deepseek-chat", "How are you?"));
		assertThat(TestClient.deltas(answer)).noneMatch((delta) -> delta.has("tool_calls"));
		assertThat(TestClient.joined(answer, "content")).isEqualTo("No tool is needed for that.");
	}

	@Test
	void reasoningIsMadeFromTheCall() {
		this.provider.script(Script.builder()
			.reasoning((call) -> "Asked: " + call.lastUserMessage())
			.answer((question) -> "Here you are")
			.build());
		List<JsonNode> answer = this.client.stream(TestClient.question("deepseek-reasoner", "Why?"));
		assertThat(TestClient.joined(answer, "reasoning_content")).isEqualTo("Asked: Why?");
	}

	@Test
	void callsOfOneAnswerComeInFragmentsOneAfterTheOther() {
		this.provider.script(Script.builder()
			.toolCall("get_weather", "{\"city\":\"Bergen\"}")
			.toolCall("find_trains", "{\"from\":\"Oslo\",\"to\":\"Bergen\"}")
			.build());
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-chat", "Off to Bergen"));
		List<JsonNode> fragments = TestClient.deltas(events)
			.stream()
			.filter((delta) -> delta.has("tool_calls"))
			.map((delta) -> delta.path("tool_calls").path(0))
			.toList();
		assertThat(fragments).hasSizeGreaterThan(6);
		assertThat(fragments.stream().map((fragment) -> fragment.path("index").asInt())).isSorted();
		assertThat(fragments.stream().map((fragment) -> fragment.path("function").path("name").asString("")))
			.filteredOn((name) -> !name.isEmpty())
			.containsExactly("get_weather", "find_trains");
		assertThat(TestClient.arguments(events, 0)).isEqualTo("{\"city\":\"Bergen\"}");
		assertThat(TestClient.arguments(events, 1)).isEqualTo("{\"from\":\"Oslo\",\"to\":\"Bergen\"}");
	}

	@Test
	void textSurvivesItsPieces() {
		String text = "Ein \"Zitat\"\\, 中文字 \uD83D\uDE00\uD83D\uDE01 end\n\ttab \uE000 incomprehensibilities ";
		this.provider.script(Script.builder().answer(text).reasoning(text).build());
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-flash", "Hello"));
		assertThat(TestClient.joined(events, "content")).isEqualTo(text);
		assertThat(TestClient.joined(events, "reasoning_content")).isEqualTo(text);
		assertThat(events).hasSize(2 * 14 + 2);
	}

	@Test
	void chunksAreCountedAndSized() {
		this.provider.script(Script.builder().chunks(1000, 32).reasoningChunks(7).build());
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-flash", "Hello").put("max_tokens", 5));
		assertThat(TestClient.joined(events, "content")).hasSize(1000 * 32);
		assertThat(TestClient.joined(events, "reasoning_content")).hasSize(7 * 32);
		assertThat(events).hasSize(1000 + 7 + 2);
		assertThat(TestClient.last(events).path("usage").path("completion_tokens").asInt()).isEqualTo(1007);
	}

	@Test
	void chunksReadOnFromOneToTheNext() {
		this.provider.script(Script.builder().chunks(20, 4).build());
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-chat", "Hello"));
		assertThat(TestClient.joined(events, "content")).isEqualTo(" simulated text".repeat(6).substring(0, 80));
	}

	@Test
	void chunksCarryWhenTheyWereSent() {
		this.provider.script(Script.builder().chunks(100, 4).sendTimes(true).build());
		long before = System.nanoTime();
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-chat", "Hello"));
		List<Long> times = Arrays.stream(TestClient.joined(events, "content").strip().split(" "))
			.map(Long::valueOf)
			.toList();
		assertThat(times).hasSize(100).isSorted().allMatch((time) -> time > before && time < System.nanoTime());
	}

	@Test
	void theDefaultChunkIsOfTheUsualSize() {
		this.provider.script(Script.builder().chunks(3, 4).build());
		String body = this.client.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello"))).body();
		assertThat(body.lines().toList().get(2)).hasSizeBetween(270, 295);
	}

	@Test
	void maxTokensCutsTheAnswer() {
		ObjectNode question = TestClient.question("deepseek-chat", "Hello").put("max_tokens", 5);
		List<JsonNode> events = this.client.stream(question);
		JsonNode end = TestClient.last(events);
		assertThat(end.path("choices").path(0).path("finish_reason").asString()).isEqualTo("length");
		assertThat(end.path("usage").path("completion_tokens").asInt()).isEqualTo(5);
	}

	@Test
	void paceSpreadsTheChunks() {
		this.provider.script(Script.builder().chunks(21, 4).chunksPerSecond(20).build());
		long start = System.nanoTime();
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-chat", "Hello"));
		assertThat(since(start)).isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
		assertThat(events).hasSize(23);
	}

	@Test
	void aBlockingAnswerTakesAsLongAsItsStream() {
		this.provider.script(Script.builder().chunks(10, 4).chunksPerSecond(10).build());
		long start = System.nanoTime();
		assertThat(this.client.complete(TestClient.question("deepseek-chat", "Hello")).path("choices")).hasSize(1);
		assertThat(since(start)).isBetween(Duration.ofMillis(900), Duration.ofSeconds(10));
	}

	@Test
	void aFastPaceSendsSeveralChunksAtOnce() {
		this.provider.script(Script.builder().chunks(5000, 4).chunksPerSecond(10000).build());
		assertThat(this.client.stream(TestClient.question("deepseek-chat", "Hello"))).hasSize(5002);
	}

	@Test
	void nothingIsSentBeforeTheFirstByteDelay() throws Exception {
		this.provider.script(Script.builder().firstByteDelay(Duration.ofMillis(700)).build());
		try (RawConnection connection = new RawConnection(this.provider)) {
			connection.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello")));
			assertThat(connection.read(200, "")).isEqualTo(RawConnection.End.SILENT);
			assertThat(connection.text()).isEmpty();
			assertThat(connection.read(10_000, "[DONE]")).isEqualTo(RawConnection.End.FOUND);
		}
	}

	@Test
	void headersAreSentBeforeTheFirstTokenDelay() throws Exception {
		this.provider.script(Script.builder().firstTokenDelay(Duration.ofMillis(700)).build());
		try (RawConnection connection = new RawConnection(this.provider)) {
			connection.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello")));
			assertThat(connection.read(10_000, "\r\n\r\n")).isEqualTo(RawConnection.End.FOUND);
			assertThat(connection.read(200, "")).isEqualTo(RawConnection.End.SILENT);
			assertThat(connection.body()).isEmpty();
			assertThat(connection.read(10_000, "[DONE]")).isEqualTo(RawConnection.End.FOUND);
		}
	}

	@Test
	void keepAlivesAreCommentsInAStream() {
		this.provider
			.script(Script.builder().firstTokenDelay(Duration.ofMillis(500)).keepAlive(Duration.ofMillis(50)).build());
		String body = this.client.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello"))).body();
		assertThat(body).startsWith(": keep-alive\n\n: keep-alive\n\n").endsWith("data: [DONE]\n\n");
		assertThat(body.lastIndexOf(": keep-alive")).isLessThan(body.indexOf("data:"));
	}

	@Test
	void keepAlivesAreEmptyLinesBeforeABlockingAnswer() {
		this.provider
			.script(Script.builder().firstTokenDelay(Duration.ofMillis(500)).keepAlive(Duration.ofMillis(50)).build());
		HttpResponse<String> response = this.client.post(TestClient.question("deepseek-chat", "Hello"));
		assertThat(response.body()).startsWith("\n\n");
		assertThat(Json.parse(response.body()).path("object").asString()).isEqualTo("chat.completion");
		assertThat(response.headers().firstValue("transfer-encoding")).hasValue("chunked");
	}

	@Test
	void theFinishReasonCanBeGiven() {
		this.provider.script(Script.builder().finishReason("insufficient_system_resource").build());
		assertThat(this.client.complete(TestClient.question("deepseek-chat", "Hello"))
			.path("choices")
			.path(0)
			.path("finish_reason")).hasToString("\"insufficient_system_resource\"");
	}

	@Test
	void scriptsTakeTurnsAndTheLastStays() {
		this.provider.sequence(Script.failing(503), Script.failing(429), Script.answering("Well."));
		ObjectNode question = TestClient.question("deepseek-chat", "Hello");
		assertThat(this.client.post(question).statusCode()).isEqualTo(503);
		assertThat(this.client.get("/models").statusCode()).isEqualTo(200);
		assertThat(this.client.post(question).statusCode()).isEqualTo(429);
		assertThat(this.client.post(question).statusCode()).isEqualTo(200);
		assertThat(this.client.post(question).statusCode()).isEqualTo(200);
		this.provider.script(Script.failing(500));
		assertThat(this.client.post(question).statusCode()).isEqualTo(500);
	}

	@Test
	void aToolThatTheUserNamesIsCalled() {
		ObjectNode question = TestClient.withTool(TestClient.question("deepseek-flash", "Use get_weather, please"),
				"get_weather");
		List<JsonNode> events = this.client.stream(question);
		assertThat(TestClient.arguments(events, 0)).isEqualTo("{\"city\":\"simulated\"}");
		assertThat(TestClient.joined(events, "reasoning_content")).isNotEmpty();
		question.put("tool_choice", "none");
		assertThat(TestClient.joined(this.client.stream(question), "content")).contains("simulated answer");
		ObjectNode other = TestClient.withTool(TestClient.question("deepseek-flash", "Good morning"), "get_weather");
		assertThat(TestClient.joined(this.client.stream(other), "content")).contains("simulated answer");
	}

	@Test
	void aForcedToolIsCalled() {
		ObjectNode question = TestClient.withTool(TestClient.question("deepseek-chat", "Good morning"), "get_weather");
		question.putObject("tool_choice").put("type", "function").putObject("function").put("name", "get_weather");
		assertThat(TestClient.arguments(this.client.stream(question), 0)).isEqualTo("{\"city\":\"simulated\"}");
	}

	@Test
	void aToolResultIsAnsweredInProse() {
		this.provider.script(Script.builder().toolCall("get_weather", "{\"city\":\"Oslo\"}").build());
		ObjectNode question = TestClient.withTool(TestClient.question("deepseek-chat", "Use get_weather"),
				"get_weather");
		JsonNode answer = this.client.complete(question.deepCopy()).path("choices").path(0).path("message");
		question.withArray("messages").add(answer);
		question.withArray("messages").addObject().put("role", "tool").put("content", "7 degrees and rain");
		JsonNode choice = this.client.complete(question).path("choices").path(0);
		assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
		assertThat(choice.path("message").path("content").asString()).contains("> 7 degrees and rain");
	}

	@Test
	void jsonModeIsAnsweredInJson() {
		ObjectNode question = TestClient.question("deepseek-chat", "Hello");
		question.putObject("response_format").put("type", "json_object");
		String content = TestClient.joined(this.client.stream(question), "content");
		assertThat(Json.parse(content).path("simulated").asBoolean()).isTrue();
	}

	@Test
	void aSchemaIsFollowed() {
		ObjectNode question = TestClient.question("deepseek-ai/DeepSeek-V3.2", "Hello");
		question.set("response_format", Json.parse("""
				{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{
				"title":{"type":"string"},"count":{"type":"integer"},"open":{"type":"boolean"},
				"kind":{"enum":["a","b"]},"parts":{"type":"array","items":{"type":["number","null"]}}}}}}"""));
		String content = TestClient.joined(new TestClient(this.simulator.provider("siliconflow")).stream(question),
				"content");
		assertThat(content)
			.isEqualTo("{\"title\":\"simulated\",\"count\":1,\"open\":true,\"kind\":\"a\",\"parts\":[1]}");
	}

	@Test
	void nonsenseIsRefused() {
		Script.Builder builder = Script.builder();
		assertThatIllegalArgumentException().isThrownBy(() -> builder.chunks(-1, 4));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.chunksPerSecond(-1));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.chunksPerSecond(Double.NaN));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.keepAlive(Duration.ofMillis(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> this.provider.sequence());
	}

}
