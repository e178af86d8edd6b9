package io.github.deepseekboot.test.provider;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * DeepSeek's own API.
 */
final class DeepSeekDialect extends Dialect {

	private static final String FINGERPRINT = "fp_51a0000000_simulated";

	private static final List<String> MODELS = List.of("deepseek-flash", "deepseek-v4-pro", "deepseek-v4-flash",
			"deepseek-chat", "deepseek-reasoner");

	DeepSeekDialect(String id, boolean strict) {
		super(id, "DeepSeek", "", (strict) ? MODELS : List.of(), deepSeekErrors());
	}

	private static ProviderErrors deepSeekErrors() {
		// a 400 is often labelled a byte stream though it is JSON, and 422 is plain text
		return new ProviderErrors().add(error(400, "The request body has an invalid format."))
			.add("context-length", error(400,
					"This model's maximum context length is 1048576 tokens. However, you requested 1200000 tokens "
							+ "(1195904 in the messages, 4096 in the completion). Please reduce the length of the messages or completion."))
			.add("tool-choice",
					error(400, "Thinking mode does not support this tool_choice")
						.withContentType("application/octet-stream"))
			.add("reasoning-content",
					error(400, "The `reasoning_content` in the thinking mode must be passed back to the API.")
						.withContentType("application/octet-stream"))
			.add(error(401, "Authentication Fails, no valid api key was sent", "authentication_error"))
			.add(error(402, "Insufficient Balance", "unknown_error"))
			.add(ProviderError.text(422,
					"Failed to deserialize the JSON body into the target type: messages[0]: unexpected content at line 1 column 42"))
			.add(error(429, "Rate limit reached: too many requests of this account are in flight"))
			.add(error(500, "The server had an error while it processed the request", "server_error"))
			.add(error(503, "The server is overloaded, try again after a brief wait", "service_unavailable_error"));
	}

	private static ProviderError error(int status, String message) {
		return error(status, message, "invalid_request_error");
	}

	private static ProviderError error(int status, String message, String type) {
		return openAiError(status, message, type, "invalid_request_error");
	}

	@Override
	List<String> aliasPaths() {
		return List.of("/v1", "/beta");
	}

	@Override
	ProviderError unauthorized(@Nullable String key) {
		if (key == null) {
			return super.unauthorized(null);
		}
		String message = "Authentication Fails, Your api key: %s is invalid".formatted(ReceivedRequest.masked(key));
		return error(401, message, "authentication_error");
	}

	@Override
	ProviderError notFound() {
		return ProviderError.text(404, "");
	}

	@Override
	@Nullable ProviderError check(ReceivedCall call) {
		if (!knows(call.model())) {
			return error(400, "The supported API model names are %s, but you passed %s."
				.formatted(String.join(", ", models()), call.model()));
		}
		JsonNode body = call.json();
		if (!call.messageNodes().isArray() || call.messageNodes().isEmpty()) {
			return error(400, "Failed to deserialize the JSON body into the target type: messages must not be empty");
		}
		if (body.has("stream_options") && !body.path("stream_options").isNull() && !call.isStream()) {
			return error(400, "stream_options should be set along with stream = true");
		}
		if (thinks(call)) {
			JsonNode choice = body.path("tool_choice");
			if (choice.isObject() || choice.asString("").equals("required")) {
				return errors().find(400, "tool-choice");
			}
			for (JsonNode message : call.messageNodes()) {
				if (!message.path("tool_calls").isEmpty() && !message.has("reasoning_content")) {
					return errors().find(400, "reasoning-content");
				}
			}
		}
		return null;
	}

	@Override
	boolean thinks(ReceivedCall call, Script script) {
		return thinks(call);
	}

	private static boolean thinks(ReceivedCall call) {
		String type = call.json().path("thinking").path("type").asString("");
		return switch (type) {
			case "enabled" -> true;
			case "disabled" -> false;
			default -> !call.model().equals("deepseek-chat");
		};
	}

	@Override
	String traceHeader() {
		return "x-ds-trace-id";
	}

	@Override
	String newId() {
		// no SecureRandom: it may block the event loop
		ThreadLocalRandom random = ThreadLocalRandom.current();
		return new UUID(random.nextLong(), random.nextLong()).toString();
	}

	@Override
	String newToolCallId() {
		return "call_00_" + randomHex().substring(8);
	}

	@Override
	String answeringModel(String model) {
		return switch (model) {
			case "deepseek-chat", "deepseek-reasoner" -> "deepseek-v4-flash";
			default -> model;
		};
	}

	@Override
	@Nullable ProviderError page(String path) {
		if (path.equals("/user/balance")) {
			ObjectNode balance = Json.object().put("is_available", true);
			balance.putArray("balance_infos")
				.addObject()
				.put("currency", "CNY")
				.put("total_balance", "25.00")
				.put("granted_balance", "5.00")
				.put("topped_up_balance", "20.00");
			return ProviderError.json(200, balance.toString());
		}
		return super.page(path);
	}

	@Override
	List<String> listedModels() {
		return List.of("deepseek-flash", "deepseek-v4-pro");
	}

	@Override
	ObjectNode model(String model) {
		return Json.object().put("id", model).put("object", "model").put("owned_by", "deepseek");
	}

	@Override
	ObjectNode chunk(Head head, ObjectNode delta, @Nullable String finishReason) {
		ObjectNode chunk = envelope(head).put("system_fingerprint", FINGERPRINT);
		choice(chunk).set("delta", delta).putNull("logprobs").put("finish_reason", finishReason);
		return (head.includeUsage()) ? chunk.putNull("usage") : chunk;
	}

	@Override
	ObjectNode openingDelta(Head head) {
		ObjectNode delta = Json.object().put("role", "assistant");
		return (head.thinking()) ? delta.putNull("content").put("reasoning_content", "") : delta.put("content", "");
	}

	@Override
	ObjectNode reasoningDelta(Head head, String text) {
		return Json.object().putNull("content").put("reasoning_content", text);
	}

	@Override
	ObjectNode contentDelta(Head head, String text) {
		ObjectNode delta = Json.object().put("content", text);
		return (head.thinking()) ? delta.putNull("reasoning_content") : delta;
	}

	@Override
	ObjectNode closing(Head head, String finishReason, Usage usage) {
		return chunk(head, contentDelta(head, ""), finishReason).set("usage", usage(head, usage));
	}

	@Override
	@Nullable ObjectNode usageChunk(Head head, Usage usage) {
		return null;
	}

	@Override
	ObjectNode usage(Head head, Usage usage) {
		return super.usage(head, usage).put("prompt_cache_hit_tokens", usage.cached())
			.put("prompt_cache_miss_tokens", usage.prompt() - usage.cached());
	}

	@Override
	ObjectNode completion(Head head, Answer answer, Usage usage) {
		return super.completion(head, answer, usage).put("system_fingerprint", FINGERPRINT);
	}

}
