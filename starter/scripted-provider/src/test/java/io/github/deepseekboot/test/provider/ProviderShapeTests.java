package io.github.deepseekboot.test.provider;

import java.net.http.HttpResponse;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each provider answers in its own shape.
 */
class ProviderShapeTests {

	private static final Script SCRIPT = Script.builder().reasoning("Let me see.").answer("Good day to you.").build();

	private static ScriptedServer simulator;

	@BeforeAll
	static void start() {
		simulator = TestClient.simulator();
		simulator.simulateProvider("lab", "some-model");
	}

	@AfterAll
	static void stop() {
		simulator.close();
	}

	@BeforeEach
	void script() {
		simulator.providers().forEach((provider) -> provider.script(SCRIPT));
	}

	private TestClient client(String id) {
		return new TestClient(simulator.provider(id));
	}

	@Test
	void deepSeekStreamsThinkingByDefault() {
		List<JsonNode> events = client("deepseek").stream(TestClient.question("deepseek-flash", "Hello"));
		JsonNode first = events.get(0);
		assertThat(first.path("id").asString()).hasSize(36);
		assertThat(first.path("object").asString()).isEqualTo("chat.completion.chunk");
		assertThat(first.path("model").asString()).isEqualTo("deepseek-flash");
		assertThat(first.path("choices").path(0).path("delta"))
			.isEqualTo(Json.parse("{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"\"}"));
		assertThat(TestClient.joined(events, "reasoning_content")).isEqualTo("Let me see.");
		assertThat(TestClient.joined(events, "content")).isEqualTo("Good day to you.");
		assertThat(TestClient.deltas(events).get(1).path("content").isNull()).isTrue();
		assertThat(events.subList(0, events.size() - 1)).allMatch((event) -> event.path("usage").isNull());
		JsonNode end = TestClient.last(events);
		assertThat(end.path("choices").path(0).path("finish_reason").asString()).isEqualTo("stop");
		assertThat(end.path("choices").path(0).path("delta"))
			.isEqualTo(Json.parse("{\"content\":\"\",\"reasoning_content\":null}"));
		JsonNode usage = end.path("usage");
		assertThat(usage.path("completion_tokens_details").path("reasoning_tokens").asInt()).isEqualTo(3);
		assertThat(usage.path("completion_tokens").asInt()).isEqualTo(events.size() - 2);
		assertThat(usage.path("prompt_cache_hit_tokens").asInt() + usage.path("prompt_cache_miss_tokens").asInt())
			.isEqualTo(usage.path("prompt_tokens").asInt());
	}

	@Test
	void deepSeekStreamsWithoutThinking() {
		ObjectNode question = TestClient.question("deepseek-v4-pro", "Hello");
		question.putObject("thinking").put("type", "disabled");
		List<JsonNode> events = client("deepseek").stream(question);
		assertThat(TestClient.deltas(events)).noneMatch((delta) -> delta.has("reasoning_content"));
		assertThat(TestClient.deltas(events)).filteredOn((delta) -> delta.has("role")).hasSize(1);
		assertThat(TestClient.last(events).path("usage").has("completion_tokens_details")).isFalse();
	}

	@Test
	void deepSeekStreamsUsageOnTheLastChunkEvenIfNotAskedTo() {
		HttpResponse<String> response = client("deepseek")
			.post(TestClient.question("deepseek-chat", "Hello").put("stream", true));
		List<JsonNode> events = TestClient.events(response.body());
		assertThat(events.subList(0, events.size() - 1)).noneMatch((event) -> event.has("usage"));
		assertThat(TestClient.last(events).path("usage").path("total_tokens").asInt()).isPositive();
		assertThat(TestClient.last(events).path("model").asString()).isEqualTo("deepseek-v4-flash");
		assertThat(response.headers().firstValue("x-ds-trace-id"))
			.hasValueSatisfying((id) -> assertThat(id).hasSize(32));
		assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream; charset=utf-8");
		assertThat(response.body()).endsWith("\n\ndata: [DONE]\n\n");
	}

	@Test
	void deepSeekAnswersInOneJson() {
		JsonNode body = client("deepseek").complete(TestClient.question("deepseek-reasoner", "Hello"));
		assertThat(body.path("object").asString()).isEqualTo("chat.completion");
		JsonNode choice = body.path("choices").path(0);
		assertThat(choice.path("message")).isEqualTo(Json.parse("""
				{"role":"assistant","content":"Good day to you.","reasoning_content":"Let me see."}"""));
		assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
		assertThat(choice.path("logprobs").isNull()).isTrue();
		assertThat(body.path("usage").path("completion_tokens_details").path("reasoning_tokens").asInt()).isEqualTo(3);
		assertThat(body.path("system_fingerprint").asString()).startsWith("fp_");
	}

	@Test
	void deepSeekCountsEarlierMessagesAsCached() {
		ObjectNode question = TestClient.question("deepseek-chat", "word ".repeat(100));
		question.withArray("messages").addObject().put("role", "assistant").put("content", "Yes?");
		question.withArray("messages").addObject().put("role", "user").put("content", "Nothing.");
		JsonNode usage = client("deepseek").complete(question).path("usage");
		assertThat(usage.path("prompt_cache_hit_tokens").asInt()).isEqualTo(128);
		assertThat(usage.path("prompt_tokens_details").path("cached_tokens").asInt()).isEqualTo(128);
	}

	@Test
	void deepSeekHasModelsAndBalance() {
		JsonNode models = Json.parse(client("deepseek").get("/models").body());
		assertThat(models.path("data")).extracting((model) -> model.path("id").asString())
			.containsExactly("deepseek-flash", "deepseek-v4-pro");
		assertThat(models.path("data").path(0).has("created")).isFalse();
		JsonNode balance = Json.parse(client("deepseek").get("/user/balance").body());
		assertThat(balance.path("is_available").asBoolean()).isTrue();
		assertThat(balance.path("balance_infos").path(0).path("total_balance").isString()).isTrue();
		assertThat(client("deepseek").get("/v1/models").statusCode()).isEqualTo(200);
	}

	@Test
	void siliconFlowStreamsGrowingUsageAndTheRoleOnEachChunk() {
		ObjectNode question = TestClient.question("deepseek-ai/DeepSeek-V4-Flash", "Hello")
			.put("enable_thinking", true);
		HttpResponse<String> response = client("siliconflow").post(TestClient.streamed(question));
		List<JsonNode> events = TestClient.events(response.body());
		assertThat(response.headers().firstValue("x-siliconcloud-trace-id")).isPresent();
		assertThat(events).allMatch((event) -> event.path("id").asString().matches("[0-9a-f]{32}")
				&& event.path("system_fingerprint").asString().isEmpty());
		assertThat(events).extracting((event) -> event.path("usage").path("completion_tokens").asInt())
			.isSorted()
			.startsWith(0, 1, 2)
			.endsWith(events.size() - 2);
		assertThat(TestClient.deltas(events.subList(0, events.size() - 1)))
			.allMatch((delta) -> delta.path("role").asString().equals("assistant"));
		assertThat(TestClient.joined(events, "reasoning_content")).isEqualTo("Let me see.");
		assertThat(TestClient.joined(events, "content")).isEqualTo("Good day to you.");
		JsonNode usage = TestClient.last(events).path("usage");
		assertThat(usage.path("completion_tokens_details").path("reasoning_tokens").asInt()).isEqualTo(3);
		assertThat(usage.has("prompt_cache_hit_tokens")).isTrue();
		assertThat(TestClient.last(events).path("choices").path(0).has("logprobs")).isFalse();
	}

	@Test
	void siliconFlowThinksOnlyWhenAskedTo() {
		JsonNode plain = client("siliconflow").complete(TestClient.question("deepseek-ai/DeepSeek-V3.2", "Hello"));
		assertThat(plain.path("choices").path(0).path("message").has("reasoning_content")).isFalse();
		assertThat(plain.path("system_fingerprint").asString()).isEmpty();
		JsonNode reasoner = client("siliconflow").complete(TestClient.question("deepseek-ai/DeepSeek-R1", "Hello"));
		assertThat(reasoner.path("choices").path(0).path("message").path("reasoning_content").asString())
			.isEqualTo("Let me see.");
	}

	@Test
	void siliconFlowHasModelsButNoUserInfo() {
		assertThat(Json.parse(client("siliconflow").get("/models").body()).path("data")).hasSize(4);
		assertThat(client("siliconflow").get("/user/info").statusCode()).isEqualTo(410);
	}

	@Test
	void alayaAnswersLikeVllm() {
		JsonNode body = client("alayanew").complete(TestClient.question("deepseek-r1", "Hello"));
		JsonNode choice = body.path("choices").path(0);
		assertThat(choice.path("message")).isEqualTo(Json
			.parse("""
					{"role":"assistant","reasoning_content":"Let me see.","content":"Good day to you.","tool_calls":[]}"""));
		assertThat(choice.path("stop_reason").isNull()).isTrue();
		assertThat(body.path("id").asString()).startsWith("chatcmpl-");
		assertThat(body.has("prompt_logprobs")).isTrue();
	}

	@Test
	void alayaStreamsItsUsageInAChunkOfItsOwn() {
		List<JsonNode> events = client("alayanew").stream(TestClient.question("deepseek-r1-lite", "Hello"));
		assertThat(TestClient.joined(events, "reasoning_content")).isEqualTo("Let me see.");
		assertThat(TestClient.joined(events, "content")).isEqualTo("Good day to you.");
		assertThat(TestClient.last(events).path("choices").isEmpty()).isTrue();
		assertThat(TestClient.last(events).path("usage").path("prompt_tokens_details").isNull()).isTrue();
		JsonNode closing = events.get(events.size() - 2).path("choices").path(0);
		assertThat(closing.path("finish_reason").asString()).isEqualTo("stop");
		assertThat(closing.has("stop_reason")).isTrue();
		List<JsonNode> unasked = TestClient
			.events(client("alayanew").post(TestClient.question("deepseek-r1", "Hello").put("stream", true)).body());
		assertThat(unasked).noneMatch((event) -> event.has("usage"));
	}

	@Test
	void anAddedProviderHasThePlainOpenAiShape() {
		List<JsonNode> events = client("lab").stream(TestClient.question("some-model", "Hello"));
		assertThat(TestClient.deltas(events).get(0)).isEqualTo(Json.parse("{\"role\":\"assistant\",\"content\":\"\"}"));
		assertThat(TestClient.joined(events, "content")).isEqualTo("Good day to you.");
		assertThat(TestClient.last(events).path("choices").isEmpty()).isTrue();
		assertThat(TestClient.last(events).path("usage").path("total_tokens").asInt()).isPositive();
		assertThat(client("lab").post(TestClient.question("other-model", "Hello")).statusCode()).isEqualTo(404);
	}

	@Test
	void toolCallsComeInFragments() {
		Script script = SCRIPT.toBuilder()
			.toolCall("weather", "{\"city\": \"Oslo\"}")
			.toolCall("clock", "{}")
			.toolCall("noop", "")
			.build();
		for (ScriptedProvider provider : simulator.providers()) {
			provider.script(script);
			TestClient client = new TestClient(provider);
			ObjectNode question = TestClient.withTool(TestClient.question(anyModel(provider), "Hello"), "weather");
			List<JsonNode> events = client.stream(question.deepCopy());
			assertThat(TestClient.arguments(events, 0)).as(provider.id()).isEqualTo("{\"city\": \"Oslo\"}");
			assertThat(TestClient.arguments(events, 1)).isEqualTo("{}");
			assertThat(events.toString()).contains("\"tool_calls\"", "\"weather\"", "\"clock\"", "\"noop\"");
			assertThat(TestClient.joined(events, "content")).isEmpty();
			assertThat(events.toString()).contains("\"finish_reason\":\"tool_calls\"");
			JsonNode message = client.complete(question).path("choices").path(0).path("message");
			JsonNode call = message.path("tool_calls").path(0);
			assertThat(call.path("function").path("arguments").asString()).isEqualTo("{\"city\": \"Oslo\"}");
			assertThat(call.path("id").asString()).isNotEmpty();
			assertThat(message.path("tool_calls")).hasSize(3);
		}
	}

	private static String anyModel(ScriptedProvider provider) {
		return provider.dialect().models().get(0);
	}

}
