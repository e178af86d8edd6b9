package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPreset;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ReasoningReplay;
import io.github.deepseekboot.provider.StructuredOutput;
import io.github.deepseekboot.provider.ThinkingRule;
import io.github.deepseekboot.recordings.ExpectedOutcome;
import io.github.deepseekboot.recordings.RecordedExchange;
import io.github.deepseekboot.transport.TestProviders;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link ChatRequestWriter}.
 */
@NullUnmarked
class ChatRequestWriterTests {

	/**
	 * A wrong form on purpose.
	 */
	private static final String UNUSUAL = "deepseek-err-422-plaintext";

	private static final List<String> PRESETS = ProviderPresets.ids();

	@Test
	void smallestRequestHasNothingThatWasNotSet() {
		for (String preset : PRESETS) {
			assertThat(write(preset, ChatRequest.of("Hello"), false)).as(preset).isEqualTo(json("""
					{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":false}"""));
			assertThat(write(preset, ChatRequest.of("Hello"), true)).as(preset).isEqualTo(json("""
					{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true,
					"stream_options":{"include_usage":true}}"""));
		}
	}

	@Test
	void everyParameterHasItsNameOnTheWire() {
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.temperature(0.5)
			.topP(0.9)
			.topK(40)
			.n(2)
			.maxTokens(100)
			.presencePenalty(0.1)
			.frequencyPenalty(-0.2)
			.logprobs(true)
			.topLogprobs(3)
			.stop("a", "b")
			.logitBias(Map.of("50256", -100))
			.userId("u-1")
			.responseFormat(ResponseFormat.JSON_OBJECT)
			.toolChoice(ToolChoice.AUTO)
			.tools(List.of(ToolDefinition.of("f", "does f", Map.of("type", "object"))))
			.build();
		for (String preset : PRESETS) {
			String user = preset.equals("deepseek") ? "user_id" : "user";
			assertThat(write(preset, request, false)).as(preset)
				.isEqualTo(
						json("""
								{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":false,"temperature":0.5,"top_p":0.9,
								"top_k":40,"n":2,"max_tokens":100,"presence_penalty":0.1,"frequency_penalty":-0.2,"logprobs":true,
								"top_logprobs":3,"stop":["a","b"],"logit_bias":{"50256":-100},"%s":"u-1",
								"response_format":{"type":"json_object"},"tool_choice":"auto","tools":[{"type":"function",
								"function":{"name":"f","description":"does f","parameters":{"type":"object"}}}]}"""
							.formatted(user)));
		}
	}

	@Test
	void usageOfAStreamMayBeLeftOutOrAskedFor() {
		assertThat(write("deepseek", ChatRequest.builder().user("Hello").includeUsage(false).build(), true)
			.has("stream_options")).isFalse();
		assertThat(write("deepseek", ChatRequest.builder().user("Hello").includeUsage(true).build(), false)
			.has("stream_options")).isFalse();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", value = {
			"deepseek | deepseek-flash | true | - | {\"thinking\":{\"type\":\"enabled\"}}",
			"deepseek | deepseek-flash | false | - | {\"thinking\":{\"type\":\"disabled\"}}",
			"deepseek | deepseek-flash | - | - | {}",
			"deepseek | deepseek-flash | - | MAX | {\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"max\"}",
			"deepseek | deepseek-flash | - | LOW | {\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"low\"}",
			"deepseek | deepseek-flash | false | MAX | {\"thinking\":{\"type\":\"disabled\"}}",
			"siliconflow | deepseek-ai/DeepSeek-V4-Flash | true | - | {\"enable_thinking\":true}",
			"siliconflow | deepseek-ai/DeepSeek-V4-Flash | false | - | {\"enable_thinking\":false}",
			"siliconflow | deepseek-ai/DeepSeek-V4-Flash | - | LOW |"
					+ " {\"enable_thinking\":true,\"reasoning_effort\":\"high\"}",
			"siliconflow | deepseek-ai/DeepSeek-V4-Flash | true | MAX |"
					+ " {\"enable_thinking\":true,\"reasoning_effort\":\"max\"}",
			"siliconflow | deepseek-ai/DeepSeek-V3.2 | true | LOW |"
					+ " {\"enable_thinking\":true,\"thinking_budget\":2048}",
			"siliconflow | deepseek-ai/DeepSeek-V3.2 | false | LOW | {\"enable_thinking\":false}",
			"siliconflow | deepseek-ai/DeepSeek-R1 | true | - | {}",
			"siliconflow | deepseek-ai/DeepSeek-R1 | false | - | {}",
			"siliconflow | deepseek-ai/DeepSeek-R1 | - | HIGH | {\"thinking_budget\":16384}",
			"volcengine | deepseek-v3-2 | true | HIGH | {\"thinking\":{\"type\":\"enabled\"}}",
			"volcengine | deepseek-r1-250528 | false | - | {}",
			"tencent | deepseek-v4-flash | false | - | {\"thinking\":{\"type\":\"disabled\"}}",
			"dashscope | deepseek-v3.2 | true | HIGH | {\"enable_thinking\":true}",
			"dashscope | deepseek-r1-0528 | false | - | {}", "qianfan | deepseek-v3.2 | true | HIGH | {}",
			"openrouter | m | true | - | {\"reasoning\":{\"enabled\":true}}",
			"openrouter | m | false | HIGH | {\"reasoning\":{\"enabled\":false}}",
			"openrouter | m | - | MAX | {\"reasoning\":{\"effort\":\"xhigh\"}}",
			"openrouter | m | true | MINIMAL | {\"reasoning\":{\"effort\":\"minimal\"}}",
			"together | deepseek-ai/DeepSeek-V4-Pro | - | MAX |"
					+ " {\"reasoning\":{\"enabled\":true},\"reasoning_effort\":\"max\"}",
			"together | deepseek-ai/DeepSeek-V3.1 | true | LOW | {\"reasoning\":{\"enabled\":true}}",
			"together | deepseek-ai/DeepSeek-R1 | false | - | {}", "groq | m | true | HIGH | {}",
			"fireworks | m | true | - | {}", "fireworks | m | - | MAX | {\"reasoning_effort\":\"high\"}",
			"fireworks | m | false | MAX | {\"reasoning_effort\":\"none\"}",
			"ollama | deepseek-r1 | false | - | {\"reasoning_effort\":\"none\"}",
			"ollama | deepseek-r1 | - | LOW | {\"reasoning_effort\":\"low\"}",
			"vllm | m | true | HIGH | {\"chat_template_kwargs\":{\"enable_thinking\":true,\"thinking\":true}}",
			"vllm | deepseek-ai/DeepSeek-R1 | false | - | {}",
			"sglang | m | false | - | {\"chat_template_kwargs\":{\"enable_thinking\":false,\"thinking\":false}}",
			"nvidia | deepseek-ai/deepseek-v4-flash | false | HIGH |"
					+ " {\"chat_template_kwargs\":{\"enable_thinking\":false,\"thinking\":false},\"reasoning_effort\":\"none\"}",
			"nvidia | deepseek-ai/deepseek-v4-pro | - | LOW |"
					+ " {\"chat_template_kwargs\":{\"enable_thinking\":true,\"thinking\":true},\"reasoning_effort\":\"high\"}",
			"dashscope | deepseek-v4-flash | - | MAX | {\"enable_thinking\":true,\"reasoning_effort\":\"max\"}",
			"tencent | deepseek-v4-flash | - | MINIMAL | {\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"low\"}",
			"novita | deepseek/deepseek-v4.1-flash | false | - | {\"enable_thinking\":false}",
			"deepinfra | deepseek-ai/DeepSeek-V4-Flash | false | - | {\"reasoning_effort\":\"none\"}",
			"nvidia | m | - | LOW | {\"chat_template_kwargs\":{\"enable_thinking\":true,\"thinking\":true}}",
			"sambanova | DeepSeek-V3.1 | true | - |"
					+ " {\"chat_template_kwargs\":{\"enable_thinking\":true,\"thinking\":true}}",
			"azure | m | true | HIGH | {}", "alayanew | deepseek-r1 | true | - | {}",
			"alayanew | deepseek-r1 | false | HIGH | {}", "openai | m | true | HIGH | {}" })
	void thinkingIsAskedForInTheDialectOfTheProvider(String preset, String model, Boolean thinking,
			ReasoningEffort effort, String fields) {
		ChatRequest request = ChatRequest.builder().user("Hello").thinking(thinking).reasoningEffort(effort).build();
		ObjectNode body = write(TestProviders.provider(preset), ProviderModel.of(model), request, false);
		body.remove(List.of("model", "messages", "stream"));
		assertThat(body).isEqualTo(json(fields));
	}

	@Test
	void budgetStandsForAnEffortWithoutAName() {
		ThinkingRule rule = ThinkingRule.builder()
			.style(ThinkingRule.Style.REASONING)
			.efforts(Map.of(ReasoningEffort.LOW, "low"))
			.budgets(Map.of(ReasoningEffort.HIGH, 4096))
			.build();
		ProviderPreset preset = ProviderPresets.get(ProviderPresets.OPENAI).toBuilder().thinking(rule).build();
		Provider provider = Provider.builder("budgets", preset).baseUrl("http://127.0.0.1:1").build();
		ChatRequest request = ChatRequest.builder().user("Hello").reasoningEffort(ReasoningEffort.HIGH).build();
		assertThat(write(provider, ProviderModel.of("m"), request, false).path("reasoning"))
			.isEqualTo(json("{\"max_tokens\":4096}"));
	}

	@Test
	void modelDecidesOnThinkingWhereTheRequestDoesNot() {
		Provider provider = TestProviders.provider("deepseek");
		ProviderModel reasoner = provider.models().get("reasoner");
		ProviderModel chat = provider.models().get("chat");
		ChatRequest request = ChatRequest.of("Hello");
		assertThat(write(provider, reasoner, request, false).path("thinking").path("type").asString())
			.isEqualTo("enabled");
		assertThat(write(provider, chat, request, false).path("thinking").path("type").asString())
			.isEqualTo("disabled");
		assertThat(write(provider, chat, ChatRequest.builder().user("Hello").thinking(true).build(), false)
			.path("thinking")
			.path("type")
			.asString()).isEqualTo("enabled");
	}

	@Test
	void extrasAreSentAsTheyAreAndWinOverParameters() {
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.temperature(0.5)
			.thinking(true)
			.extra("temperature", 1)
			.extra("thinking", Map.of("type", "auto"))
			.extra("min_p", 0.05)
			.extra("nested", Map.of("a", List.of(1, "b")))
			.extra("nothing", null)
			.build();
		assertThat(write("deepseek", request, false)).isEqualTo(json("""
				{"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":false,"temperature":1,
				"thinking":{"type":"auto"},"min_p":0.05,"nested":{"a":[1,"b"]},"nothing":null}"""));
	}

	@ParameterizedTest
	@ValueSource(strings = { "model", "messages", "stream", "stream_options", "response_format", "tools", "tool_choice",
			"stop", "user_id", "max_tokens" })
	void extraMayStandInPlaceOfAnyField(String name) {
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.maxTokens(1)
			.stop("a")
			.userId("u")
			.responseFormat(ResponseFormat.JSON_OBJECT)
			.toolChoice(ToolChoice.AUTO)
			.tools(List.of(ToolDefinition.of("f", null, null)))
			.extra(name, "mine")
			.build();
		String text = text(TestProviders.provider("deepseek"), ProviderModel.of("m"), request, true);
		assertThat(json(text).path(name).asString()).isEqualTo("mine");
		assertThat(text.split("\"" + name + "\":", -1)).as("how often it is there").hasSize(2);
	}

	@Test
	void extrasOfTheProviderYieldToTheRequest() {
		Provider provider = TestProviders.builder("deepseek", "http://127.0.0.1:1")
			.extra(Map.of("temperature", 0.1, "min_p", 0.2, "top_k", 3, "region", "eu"))
			.build();
		ChatRequest request = ChatRequest.builder().user("Hello").temperature(0.5).extra("min_p", 0.9).build();
		JsonNode body = write(provider, ProviderModel.of("m"), request, false);
		assertThat(body.path("temperature").doubleValue()).isEqualTo(0.5);
		assertThat(body.path("min_p").doubleValue()).isEqualTo(0.9);
		assertThat(body.path("top_k").intValue()).isEqualTo(3);
		assertThat(body.path("region").asString()).isEqualTo("eu");
	}

	@Test
	void messagesOfAllRoles() {
		ChatRequest request = ChatRequest.builder()
			.system("Be brief")
			.message(ChatMessage.builder(MessageRole.DEVELOPER).content("dev").build())
			.message(ChatMessage.builder(MessageRole.USER).content("Hi").name("ann").build())
			.message(ChatMessage.user(ContentPart.text("What?"), ContentPart.imageUrl("https://x/y.png")))
			.message(ChatMessage.builder(MessageRole.ASSISTANT)
				.toolCalls(List.of(new ToolCall("c1", "f", "{\"a\": 1}"), new ToolCall("c2", "g", "")))
				.build())
			.message(ChatMessage.tool("c1", "42"))
			.message(ChatMessage.tool("c2", ""))
			.message(ChatMessage.builder(MessageRole.ASSISTANT).content("```").prefix(true).build())
			.build();
		assertThat(write("openai", request, false).path("messages")).isEqualTo(
				json("""
						[{"role":"system","content":"Be brief"},{"role":"developer","content":"dev"},
						{"role":"user","content":"Hi","name":"ann"},
						{"role":"user","content":[{"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]},
						{"role":"assistant","content":null,"tool_calls":[
						{"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\": 1}"}},
						{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},
						{"role":"tool","content":"42","tool_call_id":"c1"},{"role":"tool","content":"","tool_call_id":"c2"},
						{"role":"assistant","content":"```","prefix":true}]"""));
	}

	@Test
	void furtherFieldsOfMessagesPartsAndToolsAreSent() {
		ChatRequest request = ChatRequest.builder()
			.message(ChatMessage.builder(MessageRole.USER)
				.parts(List.of(ContentPart.text("a").withExtra("cache_control", Map.of("type", "ephemeral")),
						ContentPart.imageUrl("https://x/y.png", "low"),
						ContentPart.of(Map.of("type", "file", "file", Map.of("file_id", "f1")))))
				.extra(Map.of("priority", 1))
				.build())
			.tools(List.of(ToolDefinition.of(Map.of("type", "web_search")), ToolDefinition.of("f", null, null)))
			.build();
		JsonNode body = write("openai", request, false);
		assertThat(body.path("messages")).isEqualTo(json("""
				[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
				{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}},
				{"type":"file","file":{"file_id":"f1"}}],"priority":1}]"""));
		assertThat(body.path("tools")).isEqualTo(json("""
				[{"type":"web_search"},{"type":"function","function":{"name":"f"}}]"""));
	}

	@Test
	void ofAnAnswerOnlyWhatTheHostWantsBackIsSent() {
		List<Map<String, Object>> details = List.of(Map.of("type", "reasoning.text", "text", "hm"));
		ChatRequest request = ChatRequest.builder()
			.user("Hi")
			.message(ChatMessage.builder(MessageRole.ASSISTANT)
				.reasoningContent("hm")
				.toolCalls(List.of(new ToolCall("c1", "f", "{}", Map.of("extra_content", Map.of("a", 1)))))
				.extra(Map.of("reasoning_details", details, "annotations", List.of(1)))
				.build())
			.message(ChatMessage.tool("c1", "42"))
			.build();
		assertThat(write("openrouter", request, false).path("messages").path(1)).isEqualTo(json("""
				{"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"hm"}],
				"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}"""));
		assertThat(write("openai", request, false).path("messages").path(1)).isEqualTo(json("""
				{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
				"function":{"name":"f","arguments":"{}"},"extra_content":{"a":1}}]}"""));
		JsonNode deepSeek = write("deepseek", request, false).path("messages").path(1);
		assertThat(deepSeek.path("reasoning_content").asString()).isEqualTo("hm");
		assertThat(deepSeek.toString()).doesNotContain("annotations", "reasoning_details", "extra_content");
	}

	@Test
	void textOfAnyScriptIsKept() {
		String text = "ä€ 深度 😀 \u2028 \" \\ / \t \u0000 e\u0301";
		ChatRequest request = ChatRequest.builder().user(text).extra("ключ", text).build();
		JsonNode body = write("deepseek", request, false);
		assertThat(body.path("messages").path(0).path("content").asString()).isEqualTo(text);
		assertThat(body.path("ключ").asString()).isEqualTo(text);
	}

	@Test
	void theSameRequestIsAlwaysTheSameBytes() {
		ChatRequest request = ChatRequest.builder()
			.message(ChatMessage.user(ContentPart.text("What?"), ContentPart.imageUrl("https://x/y.png")))
			.toolChoice(ToolChoice.function("f"))
			.build();
		assertThat(text(TestProviders.provider("openai"), ProviderModel.of("m"), request, false)).contains(
				"{\"type\":\"text\",\"text\":\"What?\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}",
				"\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}");
	}

	@Test
	void formsOfTheAnswer() {
		assertThat(format(ResponseFormat.TEXT)).isEqualTo(json("{\"type\":\"text\"}"));
		assertThat(format(ResponseFormat.JSON_OBJECT)).isEqualTo(json("{\"type\":\"json_object\"}"));
		assertThat(format(ResponseFormat.jsonSchema("answer", Map.of("type", "object"), true))).isEqualTo(json("""
				{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}}"""));
		assertThat(format(ResponseFormat.jsonSchema("answer", Map.of("type", "object"), null))).isEqualTo(json("""
				{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}"""));
	}

	@Test
	void aSchemaIsAskedForByWhateverMeansTheProviderHas() {
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.responseFormat(ResponseFormat.schema("answer", Map.of("type", "object"), true))
			.build();
		JsonNode schema = write("vllm", request, false);
		assertThat(schema.path("response_format")).isEqualTo(json("""
				{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}}"""));
		assertThat(schema.path("messages")).isEqualTo(json("[{\"role\":\"user\",\"content\":\"Hello\"}]"));
		JsonNode object = write("deepseek", request, false);
		assertThat(object.path("response_format")).isEqualTo(json("{\"type\":\"json_object\"}"));
		assertThat(object.path("messages")).isEqualTo(
				json("""
						[{"role":"system","content":"Answer with one JSON object and nothing else, without code fences. It must \
						follow this JSON Schema:\\n{\\"type\\":\\"object\\"}"},{"role":"user","content":"Hello"}]"""));
		JsonNode prompt = write("alayanew", request, false);
		assertThat(prompt.has("response_format")).isFalse();
		assertThat(prompt.path("messages")).isEqualTo(object.path("messages"));
	}

	@Test
	void theConfiguredMeansTakeThePlaceOfThePresets() {
		Provider provider = TestProviders.builder("openai", "http://127.0.0.1:1")
			.structuredOutput(StructuredOutput.JSON_SCHEMA)
			.build();
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.responseFormat(ResponseFormat.schema("answer", Map.of("type", "object"), false))
			.build();
		assertThat(write(provider, ProviderModel.of("m"), request, false).path("response_format")).isEqualTo(json("""
				{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":false}}"""));
	}

	@Test
	void theSchemaFollowsTheSystemMessageThatIsThere() {
		ChatRequest request = ChatRequest.builder()
			.system("Be brief")
			.user("Hello")
			.message(assistant("Hi", "Hm"))
			.user("And?")
			.responseFormat(ResponseFormat.schema("answer", Map.of("type", "object"), true))
			.build();
		JsonNode messages = write("deepseek", request, false).path("messages");
		assertThat(messages).hasSize(4);
		assertThat(messages.path(0).path("role").asString()).isEqualTo("system");
		assertThat(messages.path(0).path("content").asString()).startsWith("Be brief\n\nAnswer with one JSON object")
			.endsWith("{\"type\":\"object\"}");
		assertThat(messages.path(2).path("reasoning_content").asString()).isEqualTo("Hm");
	}

	@Test
	void choicesOfTools() {
		assertThat(choice(ToolChoice.AUTO)).isEqualTo(json("\"auto\""));
		assertThat(choice(ToolChoice.NONE)).isEqualTo(json("\"none\""));
		assertThat(choice(ToolChoice.REQUIRED)).isEqualTo(json("\"required\""));
		assertThat(choice(ToolChoice.function("f"))).isEqualTo(json("""
				{"type":"function","function":{"name":"f"}}"""));
	}

	@Test
	void toolsWithAndWithoutDetails() {
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.tools(List.of(new ToolDefinition("f", null, null, null),
					new ToolDefinition("g", "does g", Map.of("type", "object", "properties", Map.of()), true)))
			.build();
		assertThat(write("deepseek", request, false).path("tools")).isEqualTo(
				json("""
						[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g","description":"does g",
						"parameters":{"type":"object","properties":{}},"strict":true}}]"""));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", value = { "NEVER | -,-,-,-",
			"TOOL_TURNS | -,because tool,because answer,-", "ALWAYS | because hello,because tool,because answer,-" })
	void reasoningIsSentBackByTheRuleOfTheProvider(ReasoningReplay replay, String expected) {
		Provider provider = TestProviders.builder("deepseek", "http://127.0.0.1:1").replay(replay).build();
		ChatRequest request = ChatRequest.builder()
			.user("Hello")
			.message(assistant("Hi", "because hello"))
			.user("Weather?")
			.message(assistant("because tool", new ToolCall("c1", "weather", "{}")))
			.message(ChatMessage.tool("c1", "sunny"))
			.message(assistant("Sunny", "because answer"))
			.user("Thanks")
			.message(ChatMessage.assistant("Welcome"))
			.user("Bye")
			.thinking(true)
			.build();
		List<String> reasoning = new ArrayList<>();
		for (JsonNode message : write(provider, ProviderModel.of("m"), request, false).path("messages")) {
			if (message.path("role").asString().equals("assistant")) {
				reasoning.add(message.has("reasoning_content") ? message.path("reasoning_content").asString() : "-");
			}
			else {
				assertThat(message.has("reasoning_content")).isFalse();
			}
		}
		assertThat(reasoning).isEqualTo(Arrays.asList(expected.split(",")));
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "deepseek,true,true", "deepseek,-,true", "deepseek,false,false",
			"siliconflow,true,true", "siliconflow,-,false", "alayanew,true,false", "openai,true,false" })
	void toolCallOfAnotherProviderGetsEmptyReasoningWhereItIsDemanded(String preset, Boolean thinking, boolean added) {
		ChatRequest request = ChatRequest.builder()
			.user("Weather?")
			.message(assistant(null, new ToolCall("c1", "weather", "{}")))
			.message(ChatMessage.tool("c1", "sunny"))
			.thinking(thinking)
			.build();
		JsonNode message = write(preset, request, false).path("messages").path(1);
		assertThat(message.has("reasoning_content")).isEqualTo(added);
		if (added) {
			assertThat(message.path("reasoning_content").asString()).isEmpty();
		}
	}

	@Test
	void answerCanBeAppendedToTheNextRequestAtAnyProvider() {
		String answer = """
				{"choices":[{"index":0,"message":{"role":"assistant","content":"","reasoning_content":"They ask for rain",
				"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Ulm\\"}"}}]},
				"finish_reason":"tool_calls"}]}""";
		ChatCompletion completion;
		try (TestServer server = TestServer.answering(200, "application/json", answer)) {
			completion = TestProviders.client("deepseek", server)
				.complete(TestProviders.attempt())
				.block(TestProviders.SOON);
		}
		ChatRequest next = ChatRequest.builder()
			.user("Rain in Ulm?")
			.message(completion.message())
			.message(ChatMessage.tool("c1", "yes"))
			.build();
		for (String preset : List.of("deepseek", "siliconflow")) {
			assertThat(write(preset, next, true).path("messages").path(1)).as(preset).isEqualTo(json("""
					{"role":"assistant","content":"","reasoning_content":"They ask for rain","tool_calls":[{"id":"c1",
					"type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Ulm\\"}"}}]}"""));
		}
		for (String preset : List.of("alayanew", "openai")) {
			assertThat(write(preset, next, true).path("messages").path(1).has("reasoning_content")).as(preset)
				.isFalse();
		}
	}

	@TestFactory
	Stream<DynamicTest> recordedRequestsCanBeWritten() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		Map<String, ExpectedOutcome> outcomes = ExpectedOutcome.recorded();
		List<RecordedExchange> exchanges = RecordedExchange.recorded()
			.stream()
			.filter((exchange) -> exchange.request() != null)
			.filter((exchange) -> !exchange.name().equals(UNUSUAL))
			.toList();
		assertThat(exchanges).hasSizeGreaterThan(40);
		return exchanges.stream().map((exchange) -> DynamicTest.dynamicTest(exchange.name(), () -> {
			RecordedRequest recorded = new RecordedRequest(exchange.request(),
					outcomes.get(exchange.name()).preset().equals("deepseek") && !exchange.request().has("thinking"));
			Provider provider = TestProviders.provider(outcomes.get(exchange.name()).preset());
			JsonNode written = write(provider, ProviderModel.of(recorded.model()), recorded.toRequest(),
					recorded.isStream());
			assertThat(written).isEqualTo(recorded.comparable());
		}));
	}

	private static ChatMessage assistant(String content, String reasoning) {
		return ChatMessage.builder(MessageRole.ASSISTANT).content(content).reasoningContent(reasoning).build();
	}

	private static ChatMessage assistant(String reasoning, ToolCall call) {
		return ChatMessage.builder(MessageRole.ASSISTANT)
			.content("")
			.reasoningContent(reasoning)
			.toolCalls(List.of(call))
			.build();
	}

	private static JsonNode format(ResponseFormat format) {
		return write("siliconflow", ChatRequest.builder().user("Hello").responseFormat(format).build(), false)
			.path("response_format");
	}

	private static JsonNode choice(ToolChoice choice) {
		return write("siliconflow", ChatRequest.builder().user("Hello").toolChoice(choice).build(), false)
			.path("tool_choice");
	}

	private static JsonNode write(String preset, ChatRequest request, boolean stream) {
		return write(TestProviders.provider(preset), ProviderModel.of("m"), request, stream);
	}

	private static ObjectNode write(Provider provider, ProviderModel model, ChatRequest request, boolean stream) {
		return (ObjectNode) json(text(provider, model, request, stream));
	}

	private static String text(Provider provider, ProviderModel model, ChatRequest request, boolean stream) {
		return new String(new ChatRequestWriter(provider).write(request, model, stream), StandardCharsets.UTF_8);
	}

	private static JsonNode json(String text) {
		return WireJson.MAPPER.readTree(text);
	}

}
