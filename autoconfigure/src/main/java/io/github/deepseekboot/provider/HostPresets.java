package io.github.deepseekboot.provider;

import java.time.LocalDate;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.provider.ProviderPreset.Feature;
import io.github.deepseekboot.provider.ThinkingRule.Style;

/**
 * What is known of each host, where it differs from the defaults of
 * {@link ProviderPreset}: data only. It is Java, since the parser of a file would take a
 * tenth of what the library adds to a start.
 */
final class HostPresets {

	private static final Map<ReasoningEffort, String> LOW_TO_HIGH = efforts("low", "low", "medium", "high", "high",
			"high");

	private static final Map<ReasoningEffort, String> HIGH_OR_MAX = efforts("high", "high", "high", "high", "max",
			"max");

	private HostPresets() {
	}

	/**
	 * Create a preset.
	 * @param id its name
	 * @return the preset
	 * @throws IllegalArgumentException if there is none of that name
	 */
	static ProviderPreset create(String id) {
		return switch (id) {
			case "alayanew" -> alayaNew();
			case "azure" -> azure();
			case "dashscope" -> dashScope();
			case "deepinfra" -> deepInfra();
			case "deepseek" -> deepSeek();
			case "fireworks" -> fireworks();
			case "groq" -> groq();
			case "novita" -> novita();
			case "nvidia" -> nvidia();
			case "ollama" -> ollama();
			case "openai" -> openAi();
			case "openrouter" -> openRouter();
			case "qianfan" -> qianfan();
			case "sambanova" -> sambaNova();
			case "sglang" -> sgLang();
			case "siliconflow" -> siliconFlow();
			case "siliconflowintl" -> siliconFlowInternational();
			case "tencent" -> tencent();
			case "together" -> together();
			case "vllm" -> vllm();
			case "volcengine" -> volcengine();
			default ->
				throw new IllegalArgumentException("unknown preset '" + id + "'; known are " + ProviderPresets.ids());
		};
	}

	private static ProviderPreset alayaNew() {
		return ProviderPreset.builder("alayanew", "Alaya NeW")
			.asOf(LocalDate.of(2026, 11, 22))
			.baseUrl("https://deepseek.alayanew.com/v1")
			.apiKeyRequired(true)
			.models(fixedModels("deepseek-r1", "deepseek-r1"))
			.errors(List.of(new ErrorRule(List.of(503), List.of(), List.of(), ErrorKind.RATE_LIMITED, false)))
			.structuredOutput(StructuredOutput.PROMPT)
			.build();
	}

	private static ProviderPreset azure() {
		return ProviderPreset.builder("azure", "Azure AI Foundry")
			.asOf(LocalDate.of(2026, 11, 26))
			.apiKeyRequired(true)
			.apiKeyHeader("api-key")
			.traceHeaders(List.of("x-request-id", "apim-request-id"))
			.build();
	}

	private static ProviderPreset dashScope() {
		return ProviderPreset.builder("dashscope", "Aliyun Bailian (DashScope)")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://dashscope.aliyuncs.com/compatible-mode/v1")
			.apiKeyRequired(true)
			.models(models("deepseek-v4-flash"))
			.thinking(ThinkingRule.builder()
				.style(Style.ENABLE_THINKING)
				.efforts(HIGH_OR_MAX)
				.effortModels(Pattern.compile("v4"))
				.fixedModels(Pattern.compile("r1"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.errors(List.of(ErrorRule.ofCodes(ErrorKind.OUT_OF_CREDIT, "Arrearage"),
					ErrorRule.ofCodes(ErrorKind.CONTENT_FILTERED, "data_inspection_failed"),
					new ErrorRule(List.of(), List.of("insufficient_quota"),
							List.of(Pattern.compile("free allocated quota")), ErrorKind.OUT_OF_CREDIT, false),
					ErrorRule.ofCodes(ErrorKind.RATE_LIMITED, "insufficient_quota"),
					ErrorRule.ofCodes(ErrorKind.OUT_OF_CREDIT, "AllocationQuota.FreeTierOnly", "PrepaidBillOverdue",
							"PostpaidBillOverdue", "CommodityNotPurchased"),
					ErrorRule.ofCodes(ErrorKind.MODEL_NOT_FOUND, "model_not_supported"),
					new ErrorRule(List.of(), List.of(), List.of(Pattern.compile("range of input length")),
							ErrorKind.CONTEXT_LENGTH, false)))
			.build();
	}

	private static ProviderPreset deepInfra() {
		return ProviderPreset.builder("deepinfra", "DeepInfra")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.deepinfra.com/v1/openai")
			.apiKeyRequired(true)
			.models(models("deepseek-ai/DeepSeek-V4-Flash"))
			.thinking(ThinkingRule.builder().style(Style.REASONING_EFFORT).efforts(LOW_TO_HIGH).build())
			.build();
	}

	private static ProviderPreset deepSeek() {
		return ProviderPreset.builder("deepseek", "DeepSeek")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.deepseek.com")
			.balancePath("/user/balance")
			.ping(Ping.BALANCE)
			.apiKeyRequired(true)
			.models(models("deepseek-flash", "deepseek-v4-pro"))
			.retiredModels(Map.of("deepseek-chat", "chat", "deepseek-reasoner", "reasoner"))
			.thinking(ThinkingRule.builder()
				.style(Style.THINKING_TYPE)
				.efforts(efforts("minimal", "low", "medium", "high", "xhigh", "max"))
				.build())
			.replay(ReasoningReplay.ALWAYS)
			.traceHeaders(List.of("x-ds-trace-id", "x-request-id", "x-deepseek-request-id"))
			.userField("user_id")
			.maxUserIdBytes(512)
			.textModels(Pattern.compile("-v4"))
			.unsupported(EnumSet.of(Feature.JSON_SCHEMA, Feature.FORCED_TOOL_WHILE_THINKING))
			.build();
	}

	private static ProviderPreset fireworks() {
		return ProviderPreset.builder("fireworks", "Fireworks")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.fireworks.ai/inference/v1")
			.apiKeyRequired(true)
			.models(models("accounts/fireworks/models/deepseek-v4-flash-0731"))
			.thinking(ThinkingRule.builder()
				.style(Style.REASONING_EFFORT)
				.efforts(LOW_TO_HIGH)
				.fixedModels(Pattern.compile("-r1"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.traceHeaders(List.of("x-request-id", "x-fireworks-request-id", "cf-ray"))
			.build();
	}

	private static ProviderPreset groq() {
		return ProviderPreset.builder("groq", "Groq")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.groq.com/openai/v1")
			.apiKeyRequired(true)
			.unsupported(
					EnumSet.of(Feature.LOGPROBS, Feature.LOGIT_BIAS, Feature.SEVERAL_CHOICES, Feature.MESSAGE_NAMES))
			.build();
	}

	private static ProviderPreset novita() {
		return ProviderPreset.builder("novita", "Novita")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.novita.ai/openai/v1")
			.apiKeyRequired(true)
			.models(models("deepseek/deepseek-v4.1-flash"))
			.thinking(ThinkingRule.builder().style(Style.ENABLE_THINKING).fixedModels(Pattern.compile("-r1")).build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.build();
	}

	private static ProviderPreset nvidia() {
		return ProviderPreset.builder("nvidia", "NVIDIA NIM")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://integrate.api.nvidia.com/v1")
			.apiKeyRequired(true)
			.models(models("deepseek-ai/deepseek-v4-flash", "deepseek-ai/deepseek-v4-pro"))
			.thinking(ThinkingRule.builder()
				.style(Style.CHAT_TEMPLATE)
				.efforts(HIGH_OR_MAX)
				.effortModels(Pattern.compile("v4"))
				.offEffort("none")
				.fixedModels(Pattern.compile("-r1"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.traceHeaders(List.of("nvcf-reqid", "x-request-id"))
			.build();
	}

	private static ProviderPreset ollama() {
		return ProviderPreset.builder("ollama", "Ollama")
			.asOf(LocalDate.of(2026, 11, 22))
			.baseUrl("http://localhost:11434/v1")
			.thinking(ThinkingRule.builder().style(Style.REASONING_EFFORT).efforts(LOW_TO_HIGH).build())
			.unsupported(EnumSet.of(Feature.LOGIT_BIAS, Feature.SEVERAL_CHOICES))
			.structuredOutput(StructuredOutput.JSON_SCHEMA)
			.build();
	}

	private static ProviderPreset openAi() {
		return ProviderPreset.builder("openai", "an OpenAI-compatible host")
			.asOf(LocalDate.of(2026, 11, 22))
			.replayedFields(Set.of("extra_content"))
			.build();
	}

	private static ProviderPreset openRouter() {
		return ProviderPreset.builder("openrouter", "OpenRouter")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://openrouter.ai/api/v1")
			.apiKeyRequired(true)
			.models(models("deepseek/deepseek-v4.1-flash"))
			.thinking(ThinkingRule.builder()
				.style(Style.REASONING)
				.efforts(efforts("minimal", "low", "medium", "high", "xhigh", "xhigh"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.reasoningField("reasoning")
			.replayedFields(Set.of("reasoning_details"))
			.errors(List.of(new ErrorRule(List.of(403), List.of(), List.of(Pattern.compile("flagged|moderation")),
					ErrorKind.CONTENT_FILTERED, false)))
			.traceHeaders(List.of("x-generation-id", "x-request-id", "cf-ray"))
			.build();
	}

	private static ProviderPreset qianfan() {
		return ProviderPreset.builder("qianfan", "Baidu Qianfan")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://qianfan.baidubce.com/v2")
			.apiKeyRequired(true)
			.models(fixedModels("deepseek-v3.2", "deepseek-r1"))
			.traceHeaders(List.of("x-bce-request-id", "x-request-id"))
			.build();
	}

	private static ProviderPreset sambaNova() {
		return ProviderPreset.builder("sambanova", "SambaNova")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.sambanova.ai/v1")
			.apiKeyRequired(true)
			.models(models("DeepSeek-V3.1"))
			.thinking(ThinkingRule.builder().style(Style.CHAT_TEMPLATE).fixedModels(Pattern.compile("-R1")).build())
			.build();
	}

	private static ProviderPreset sgLang() {
		return ProviderPreset.builder("sglang", "SGLang")
			.asOf(LocalDate.of(2026, 11, 22))
			.baseUrl("http://localhost:30000/v1")
			.thinking(ThinkingRule.builder()
				.style(Style.CHAT_TEMPLATE)
				.fixedModels(Pattern.compile("(?i)r1"))
				.unopenedModels(Pattern.compile("(?i)r1"))
				.build())
			.structuredOutput(StructuredOutput.JSON_SCHEMA)
			.build();
	}

	private static ProviderPreset siliconFlow() {
		return ProviderPreset.builder("siliconflow", "SiliconFlow")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.siliconflow.cn/v1")
			.apiKeyRequired(true)
			.models(models("deepseek-ai/DeepSeek-V4-Flash"))
			.thinking(ThinkingRule.builder()
				.style(Style.ENABLE_THINKING)
				.efforts(HIGH_OR_MAX)
				.effortModels(Pattern.compile("V4|GLM"))
				.budgets(efforts(512, 2048, 8192, 16384, 32768, 32768))
				.fixedModels(Pattern.compile("R1"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.errors(List.of(ErrorRule.ofCodes(ErrorKind.MODEL_NOT_FOUND, "20012", "30003"),
					new ErrorRule(List.of(), List.of("20015"),
							List.of(Pattern.compile("max_seq_len|max_prompt_tokens")), ErrorKind.CONTEXT_LENGTH, false),
					ErrorRule.ofCodes(ErrorKind.INVALID_REQUEST, "20015"),
					new ErrorRule(List.of(), List.of("20024"), List.of(), ErrorKind.UNSUPPORTED, true),
					new ErrorRule(List.of(), List.of("20037"), List.of(), ErrorKind.UNSUPPORTED, true),
					ErrorRule.ofCodes(ErrorKind.INVALID_REQUEST, "20042", "20043"),
					ErrorRule.ofCodes(ErrorKind.CONTENT_FILTERED, "20021"),
					ErrorRule.ofCodes(ErrorKind.OUT_OF_CREDIT, "30001"),
					ErrorRule.ofCodes(ErrorKind.AUTHENTICATION, "30005", "30011", "30014"),
					ErrorRule.ofCodes(ErrorKind.OVERLOADED, "50505", "50508", "50603"),
					ErrorRule.ofCodes(ErrorKind.RATE_LIMITED, "50601", "50602", "50604", "50605", "50606", "50607",
							"50608"),
					ErrorRule.ofCodes(ErrorKind.SERVER_ERROR, "50501", "50506", "50509")))
			.traceHeaders(List.of("x-siliconcloud-trace-id"))
			.build();
	}

	private static ProviderPreset siliconFlowInternational() {
		return siliconFlow().toBuilder()
			.id("siliconflowintl")
			.title("SiliconFlow (international)")
			.baseUrl("https://api.siliconflow.com/v1")
			.build();
	}

	private static ProviderPreset tencent() {
		return ProviderPreset.builder("tencent", "Tencent Cloud TokenHub")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://tokenhub.tencentmaas.com/v1")
			.apiKeyRequired(true)
			.models(models("deepseek-v4-flash"))
			.thinking(ThinkingRule.builder()
				.style(Style.THINKING_TYPE)
				.efforts(LOW_TO_HIGH)
				.fixedModels(Pattern.compile("r1"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.unsupported(EnumSet.of(Feature.FORCED_TOOL_WHILE_THINKING))
			.build();
	}

	private static ProviderPreset together() {
		return ProviderPreset.builder("together", "Together")
			.asOf(LocalDate.of(2026, 11, 26))
			.baseUrl("https://api.together.xyz/v1")
			.apiKeyRequired(true)
			.models(models("deepseek-ai/DeepSeek-V4-Flash-0731"))
			.thinking(ThinkingRule.builder()
				.style(Style.REASONING_ENABLED)
				.efforts(HIGH_OR_MAX)
				.effortModels(Pattern.compile("V4"))
				.fixedModels(Pattern.compile("R1"))
				.build())
			.replay(ReasoningReplay.TOOL_TURNS)
			.errors(List.of(new ErrorRule(List.of(403), List.of(),
					List.of(Pattern.compile("tokens?\\b.{0,60}\\b(exceed|limit|context)|context")),
					ErrorKind.CONTEXT_LENGTH, false)))
			.traceHeaders(List.of("x-request-id", "x-together-traceid", "cf-ray"))
			.structuredOutput(StructuredOutput.JSON_SCHEMA)
			.build();
	}

	private static ProviderPreset vllm() {
		return ProviderPreset.builder("vllm", "vLLM")
			.asOf(LocalDate.of(2026, 11, 22))
			.baseUrl("http://localhost:8000/v1")
			.thinking(ThinkingRule.builder()
				.style(Style.CHAT_TEMPLATE)
				.fixedModels(Pattern.compile("(?i)r1"))
				.unopenedModels(Pattern.compile("(?i)r1"))
				.build())
			.structuredOutput(StructuredOutput.JSON_SCHEMA)
			.build();
	}

	private static ProviderPreset volcengine() {
		return ProviderPreset.builder("volcengine", "Volcengine Ark")
			.asOf(LocalDate.of(2026, 11, 22))
			.baseUrl("https://ark.cn-beijing.volces.com/api/v3")
			.apiKeyRequired(true)
			.thinking(ThinkingRule.builder().style(Style.THINKING_TYPE).fixedModels(Pattern.compile("r1")).build())
			.errors(List.of(ErrorRule.ofCodes(ErrorKind.MODEL_NOT_FOUND, "InvalidEndpoint.ClosedEndpoint"),
					ErrorRule.ofCodes(ErrorKind.OVERLOADED, "ServerOverloaded")))
			.build();
	}

	// the same model for both, which thinks if it is asked to
	private static Map<String, ProviderModel> models(String id) {
		Map<String, ProviderModel> models = new LinkedHashMap<>();
		models.put("chat", ProviderModel.builder(id).thinking(false).build());
		models.put("reasoner", ProviderModel.builder(id).thinking(true).build());
		return models;
	}

	private static Map<String, ProviderModel> models(String id, String pro) {
		Map<String, ProviderModel> models = models(id);
		models.put("pro", ProviderModel.builder(pro).build());
		return models;
	}

	// models that think always or never
	private static Map<String, ProviderModel> fixedModels(String chat, String reasoner) {
		Map<String, ProviderModel> models = new LinkedHashMap<>();
		models.put("chat", ProviderModel.builder(chat).build());
		models.put("reasoner", ProviderModel.builder(reasoner).build());
		return models;
	}

	// from the least to the most
	@SafeVarargs
	private static <T> Map<ReasoningEffort, T> efforts(T... values) {
		Map<ReasoningEffort, T> efforts = new EnumMap<>(ReasoningEffort.class);
		for (ReasoningEffort effort : ReasoningEffort.values()) {
			efforts.put(effort, values[effort.ordinal()]);
		}
		return efforts;
	}

}
