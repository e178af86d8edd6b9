package io.github.deepseekboot.provider;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.provider.ProviderPreset.Feature;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Dialect}: what failures mean.
 */
class DialectTests {

	@ParameterizedTest
	@CsvSource({ "400,INVALID_REQUEST", "401,AUTHENTICATION", "402,OUT_OF_CREDIT", "403,AUTHENTICATION",
			"404,MODEL_NOT_FOUND", "405,INVALID_REQUEST", "408,TIMEOUT", "410,MODEL_NOT_FOUND", "413,INVALID_REQUEST",
			"415,INVALID_REQUEST", "422,INVALID_REQUEST", "429,RATE_LIMITED", "451,CONTENT_FILTERED",
			"500,SERVER_ERROR", "501,SERVER_ERROR", "502,SERVER_ERROR", "503,OVERLOADED", "504,SERVER_ERROR",
			"520,SERVER_ERROR", "529,OVERLOADED" })
	void statusDecidesWhereNothingElseIsKnown(int status, ErrorKind kind) {
		for (String preset : new String[] { "deepseek", "siliconflow", "openai" }) {
			assertThat(kind(preset, status, null, null)).as(preset).isEqualTo(kind);
			assertThat(kind(preset, status, "invalid_request_error", "no")).as(preset).isEqualTo(kind);
		}
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "-,429,RATE_LIMITED", "-,503,OVERLOADED", "-,402,OUT_OF_CREDIT",
			"-,-,SERVER_ERROR", "-,20012,SERVER_ERROR", "-,invalid_request_error,INVALID_REQUEST",
			"-,overloaded_error,OVERLOADED", "-,rate_limit_error,RATE_LIMITED", "-,authentication_error,AUTHENTICATION",
			"-,permission_error,AUTHENTICATION", "-,not_found_error,MODEL_NOT_FOUND", "-,billing_error,OUT_OF_CREDIT",
			"-,api_error,SERVER_ERROR", "-,timeout_error,SERVER_ERROR", "-,RESOURCE_EXHAUSTED,RATE_LIMITED",
			"-,UNAVAILABLE,OVERLOADED", "-,BadRequestError,INVALID_REQUEST", "-,999,SERVER_ERROR" })
	void errorInsideOfAnAnswerGoesByItsCode(Integer status, String code, ErrorKind kind) {
		assertThat(kind("openai", status, code, null)).isEqualTo(kind);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "429 | Too many tokens per minute, slow down | RATE_LIMITED",
			"429 | Rate limit of your context window tier | RATE_LIMITED", "429 | Insufficient balance | OUT_OF_CREDIT",
			"400 | This model's maximum context length is 65536 tokens | CONTEXT_LENGTH",
			"403 | Input exceeds the context window | CONTEXT_LENGTH", "413 | too many input tokens | CONTEXT_LENGTH",
			"400 | x/y is not a valid model ID | MODEL_NOT_FOUND",
			"400 | The model `x` does not exist | MODEL_NOT_FOUND",
			"500 | The model does not exist | MODEL_NOT_FOUND" })
	void wordsDecideWhereStatusAndCodeSayTooLittle(int status, String message, ErrorKind kind) {
		assertThat(kind("openai", status, null, message)).isEqualTo(kind);
		assertThat(kind("deepseek", status, "invalid_request_error", message)).isEqualTo(kind);
	}

	@Test
	void rulesOfTheProviderComeBeforeTheRulesForAll() {
		assertThat(kind("siliconflow", 429, "50505", null)).isEqualTo(ErrorKind.OVERLOADED);
		assertThat(kind("alayanew", 503, null, null)).isEqualTo(ErrorKind.RATE_LIMITED);
		assertThat(kind("siliconflow", 503, null, null)).isEqualTo(ErrorKind.OVERLOADED);
	}

	private static ErrorKind kind(String preset, Integer status, String code, String message) {
		return dialect(preset).classify(status, (code != null) ? List.of(code) : List.of(), message, List.of()).kind();
	}

	@Test
	void everyPresetCanBeRead() {
		for (String id : ProviderPresets.ids()) {
			assertThat(ProviderPresets.get(id).id()).isEqualTo(id);
			assertThat(ProviderPresets.get(id).traceHeaders()).isNotEmpty();
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", value = { "dashscope | 400 | Arrearage | - | OUT_OF_CREDIT",
			"dashscope | 400 | data_inspection_failed | - | CONTENT_FILTERED",
			"dashscope | 429 | insufficient_quota | You exceeded your current quota, please check your plan | RATE_LIMITED",
			"dashscope | 429 | insufficient_quota | Free allocated quota exceeded. | OUT_OF_CREDIT",
			"dashscope | 403 | AllocationQuota.FreeTierOnly | - | OUT_OF_CREDIT",
			"dashscope | 429 | PostpaidBillOverdue | - | OUT_OF_CREDIT",
			"dashscope | 429 | limit_burst_rate | - | RATE_LIMITED",
			"dashscope | 400 | invalid_value | Range of input length should be [1, 98304] | CONTEXT_LENGTH",
			"dashscope | 404 | model_not_supported | - | MODEL_NOT_FOUND",
			"openrouter | 403 | 403 | Your input was flagged | CONTENT_FILTERED",
			"openrouter | 403 | 403 | Key limit exceeded | OUT_OF_CREDIT",
			"openrouter | - | 402 | Insufficient credits | OUT_OF_CREDIT",
			"together | 403 | - | Input tokens and max_tokens exceed the context | CONTEXT_LENGTH",
			"together | 402 | - | - | OUT_OF_CREDIT", "together | 403 | - | - | AUTHENTICATION",
			"volcengine | 400 | InvalidEndpoint.ClosedEndpoint | - | MODEL_NOT_FOUND",
			"volcengine | 429 | ServerOverloaded | - | OVERLOADED",
			"volcengine | 403 | AccountOverdueError | - | OUT_OF_CREDIT",
			"sglang | 400 | - | The input (9 tokens) is longer than the model's context length (8 tokens) | CONTEXT_LENGTH" })
	void presetsKnowTheWordsOfTheirHosts(String preset, Integer status, String code, String message, ErrorKind kind) {
		assertThat(kind(preset, status, code, message)).isEqualTo(kind);
	}

	@Test
	void whatAHostCannotDoIsReportedWithWhatToDoInstead() {
		Map<Feature, ChatRequest> requests = Map.of(Feature.LOGPROBS, hello().logprobs(true).build(),
				Feature.LOGIT_BIAS, hello().logitBias(Map.of("7", 1)).build(), Feature.SEVERAL_CHOICES,
				hello().n(2).build(), Feature.MESSAGE_NAMES,
				hello().message(ChatMessage.builder(MessageRole.USER).content("Hi").name("ann").build()).build(),
				Feature.JSON_SCHEMA, hello().responseFormat(ResponseFormat.jsonSchema("a", Map.of(), true)).build(),
				Feature.FORCED_TOOL_WHILE_THINKING, hello().thinking(true).toolChoice(ToolChoice.REQUIRED).build(),
				Feature.IMAGES, hello().message(ChatMessage.user(ContentPart.imageUrl("https://x/y.png"))).build());
		assertThat(requests).containsOnlyKeys(Feature.values());
		for (String id : ProviderPresets.ids()) {
			requests.forEach((feature, request) -> {
				String reason = dialect(id).unsupported(request, ProviderModel.of("m"));
				if (ProviderPresets.get(id).unsupported().contains(feature)) {
					assertThat(reason).as(id + " " + feature).contains("; ");
				}
				else {
					assertThat(reason).as(id + " " + feature).isNull();
				}
			});
		}
		assertThat(dialect("groq").unsupported(hello().topLogprobs(0).build(), ProviderModel.of("m"))).isNotNull();
		assertThat(dialect("groq").unsupported(hello().n(1).logprobs(false).build(), ProviderModel.of("m"))).isNull();
	}

	@Test
	void aModelThatWouldMakeUpWhatAPictureShowsIsNotAsked() {
		for (ContentPart picture : List.of(ContentPart.imageUrl("https://x/y.png"),
				ContentPart.imageUrl("https://x/y.png", "low"),
				ContentPart.of(Map.of("type", "image_url", "image_url", Map.of("url", "https://x/y.png"))))) {
			ChatRequest request = hello().message(ChatMessage.user(ContentPart.text("What?"), picture)).build();
			assertThat(dialect("deepseek").unsupported(request, ProviderModel.of("deepseek-v4-pro")))
				.isEqualTo("the model deepseek-v4-pro does not take images; choose another model, or leave the images"
						+ " out");
			assertThat(dialect("deepseek").unsupported(request, ProviderModel.of("deepseek-flash"))).isNull();
			assertThat(dialect("openai").unsupported(request, ProviderModel.of("deepseek-v4-pro"))).isNull();
		}
	}

	@Test
	void onlyModelsThatAreKnownForItBeginInThought() {
		ChatRequest request = hello().build();
		assertThat(dialect("vllm").beginsInThought(request, ProviderModel.of("deepseek-ai/DeepSeek-R1"))).isTrue();
		assertThat(dialect("sglang").beginsInThought(request, ProviderModel.of("deepseek-r1-distill-qwen-7b")))
			.isTrue();
		assertThat(dialect("vllm").beginsInThought(request, ProviderModel.of("deepseek-ai/DeepSeek-V3"))).isFalse();
		assertThat(dialect("vllm").beginsInThought(hello().responseFormat(ResponseFormat.JSON_OBJECT).build(),
				ProviderModel.of("deepseek-r1")))
			.isFalse();
		assertThat(dialect("openai").beginsInThought(request, ProviderModel.of("deepseek-r1"))).isFalse();
	}

	private static ChatRequest.Builder hello() {
		return ChatRequest.builder().user("Hello");
	}

	@ParameterizedTest
	@CsvSource({ "deepseek, 512, true", "deepseek, 513, false", "openai, 5000, true" })
	void aUserIdThatIsTooLongIsRefused(String preset, int bytes, boolean taken) {
		String twoBytes = String.valueOf((char) 0xE9);
		String userId = twoBytes.repeat(bytes / 2).concat("x".repeat(bytes % 2));
		ChatRequest request = ChatRequest.builder().user("hi").userId(userId).build();
		String reason = dialect(preset).unsupported(request, ProviderModel.of("m"));
		if (taken) {
			assertThat(reason).isNull();
		}
		else {
			assertThat(reason).startsWith("the user id has more than 512 bytes");
		}
	}

	private static Dialect dialect(String preset) {
		return new Dialect(ProviderPresets.get(preset), ReasoningReplay.NEVER, StructuredOutput.JSON_OBJECT);
	}

}
