package io.github.deepseekboot.test.provider;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * SiliconFlow's API.
 */
final class SiliconFlowDialect extends Dialect {

	private static final List<String> MODELS = List.of("deepseek-ai/DeepSeek-V4-Flash", "deepseek-ai/DeepSeek-V3.2",
			"deepseek-ai/DeepSeek-R1", "Pro/deepseek-ai/DeepSeek-V4");

	SiliconFlowDialect(String id, boolean strict) {
		super(id, "SiliconFlow", "/v1", (strict) ? MODELS : List.of(), siliconFlowErrors());
	}

	private static ProviderErrors siliconFlowErrors() {
		ProviderErrors errors = new ProviderErrors();
		errors.add(error(400, 20015, "The parameter is invalid. Please check it again."));
		add(errors, 400, 20012, "Model does not exist. Please check it carefully.");
		add(errors, 400, 20015, "The parameter is invalid. Please check it again.");
		errors.add("context-length",
				error(400, 20015, "number of input tokens (200000) has exceeded max_seq_len (163840) limit."));
		add(errors, 400, 20024, "Json mode is not supported for this model.");
		add(errors, 400, 20037, "Function call is not supported for this model.");
		errors.add(ProviderError.json(401, "\"Invalid token\""));
		add(errors, 401, 30014, "Token is invalid.");
		errors.add(ProviderError.json(403, "\"Forbidden\""));
		add(errors, 403, 30001, "Sorry, your account balance is insufficient");
		add(errors, 403, 30003, "Model disabled.");
		add(errors, 403, 30005, "Real-name verification is needed for this model.");
		add(errors, 403, 30011, "This model is for paid accounts only.");
		errors.add(ProviderError.text(404, "404 page not found"));
		errors.add(error(410, null, "This endpoint has been retired."));
		errors.add(error(413, 20042, "The request is too large."));
		errors.add(error(429, null, "Request was rejected due to rate limiting. Details: RPM limit reached."));
		add(errors, 429, 50604, "Request was rejected due to rate limiting. Details: TPM limit reached.");
		errors.add(error(451, 20021, "The content is not allowed."));
		errors.add(error(500, 50500, "Unknown error."));
		errors.add(error(503, 50505, "Model service overloaded. Please try again later."));
		add(errors, 503, 50505, "Model service overloaded. Please try again later.");
		add(errors, 503, 50508, "System is too busy now. Please try again later.");
		add(errors, 503, 50603, "System is too busy now. Please try again later.");
		errors.add(ProviderError.json(504, "\"Gateway Timeout\""));
		add(errors, 504, 50501, "Request processing timed out.");
		add(errors, 504, 50506, "Request processing timed out.");
		add(errors, 504, 50509, "Request processing timed out.");
		return errors;
	}

	private static void add(ProviderErrors errors, int status, int code, String message) {
		errors.add(String.valueOf(code), error(status, code, message));
	}

	private static ProviderError error(int status, @Nullable Integer code, String message) {
		ObjectNode body = Json.object();
		if (code != null) {
			body.put("code", code);
		}
		return ProviderError.json(status, body.put("message", message).putNull("data").toString());
	}

	@Override
	@Nullable ProviderError check(ReceivedCall call) {
		if (!knows(call.model())) {
			return errors().find(400, "20012");
		}
		return (call.messageNodes().isEmpty()) ? malformed() : null;
	}

	@Override
	boolean thinks(ReceivedCall call, Script script) {
		return call.model().endsWith("-R1") || call.json().path("enable_thinking").asBoolean(false);
	}

	@Override
	boolean limitsReasoning() {
		return false;
	}

	@Override
	String traceHeader() {
		return "x-siliconcloud-trace-id";
	}

	@Override
	String newId() {
		return randomHex();
	}

	@Override
	@Nullable ProviderError page(String path) {
		return (path.equals("/user/info")) ? errors().find(410) : super.page(path);
	}

	@Override
	ObjectNode chunk(Head head, ObjectNode delta, @Nullable String finishReason) {
		ObjectNode chunk = envelope(head);
		choice(chunk).set("delta", delta).put("finish_reason", finishReason);
		return chunk.put("system_fingerprint", "").put("usage", EventTemplate.USAGE);
	}

	@Override
	ObjectNode openingDelta(Head head) {
		return (head.thinking()) ? reasoningDelta(head, "") : contentDelta(head, "");
	}

	@Override
	ObjectNode reasoningDelta(Head head, String text) {
		return Json.object().putNull("content").put("reasoning_content", text).put("role", "assistant");
	}

	@Override
	ObjectNode contentDelta(Head head, String text) {
		return Json.object().put("content", text).putNull("reasoning_content").put("role", "assistant");
	}

	@Override
	ObjectNode toolCallDelta(Head head, int index, String id, String name) {
		return withRole(super.toolCallDelta(head, index, id, name));
	}

	@Override
	ObjectNode toolArgumentsDelta(Head head, int index, String text) {
		return withRole(super.toolArgumentsDelta(head, index, text));
	}

	private static ObjectNode withRole(ObjectNode delta) {
		return delta.putNull("content").putNull("reasoning_content").put("role", "assistant");
	}

	@Override
	ObjectNode closing(Head head, String finishReason, Usage usage) {
		return chunk(head, Json.object().put("content", "").putNull("reasoning_content"), finishReason);
	}

	@Override
	@Nullable ObjectNode usageChunk(Head head, Usage usage) {
		return null;
	}

	@Override
	ObjectNode usage(Head head, Usage usage) {
		ObjectNode node = Json.object()
			.put("prompt_tokens", usage.prompt())
			.put("completion_tokens", usage.completion())
			.put("total_tokens", usage.total());
		if (head.thinking()) {
			node.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoning());
		}
		if (head.model().contains("V4")) {
			node.putObject("prompt_tokens_details").put("cached_tokens", usage.cached());
			node.put("prompt_cache_hit_tokens", usage.cached())
				.put("prompt_cache_miss_tokens", usage.prompt() - usage.cached());
		}
		return node;
	}

	@Override
	ObjectNode completion(Head head, Answer answer, Usage usage) {
		ObjectNode body = envelope(head).put("object", "chat.completion");
		choice(body).set("message", message(head, answer)).put("finish_reason", answer.finishReason());
		body.set("usage", usage(head, usage));
		return body.put("system_fingerprint", "");
	}

}
