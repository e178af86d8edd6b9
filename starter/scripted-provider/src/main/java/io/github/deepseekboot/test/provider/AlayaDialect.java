package io.github.deepseekboot.test.provider;

import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Alaya NeW's API, a vLLM server that always reasons, and that of any vLLM server.
 */
final class AlayaDialect extends Dialect {

	AlayaDialect(String id, String displayName, boolean strict) {
		super(id, displayName, "/v1", (strict) ? List.of("deepseek-r1", "deepseek-r1-lite") : List.of(), alayaErrors());
	}

	private static ProviderErrors alayaErrors() {
		return new ProviderErrors().add(error(400, "BadRequestError", "The request body has an invalid format."))
			.add("context-length", error(400, "BadRequestError",
					"This model's maximum context length is 65536 tokens. However, you requested 70000 tokens."))
			.add(error(401, "AuthenticationError", "The API key is invalid."))
			.add(error(404, "NotFoundError", "There is nothing at this address."))
			.add(error(415, "UnsupportedMediaTypeError", "The Content-Type must be application/json."))
			.add(error(500, "InternalServerError", "The server had an error."))
			.add(error(503, "ServiceUnavailableError", "Too many requests or too much load, try again later."));
	}

	private static ProviderError error(int status, String type, String message) {
		return ProviderError.json(status,
				Json.object()
					.put("object", "error")
					.put("message", message)
					.put("type", type)
					.putNull("param")
					.put("code", status)
					.toString());
	}

	@Override
	@Nullable ProviderError checkContentType(@Nullable String contentType) {
		return (contentType != null && contentType.startsWith("application/json")) ? null : errors().find(415);
	}

	@Override
	@Nullable ProviderError check(ReceivedCall call) {
		if (!knows(call.model())) {
			return error(404, "NotFoundError", "The model `%s` does not exist.".formatted(call.model()));
		}
		return (call.messageNodes().isEmpty()) ? malformed() : null;
	}

	@Override
	boolean thinks(ReceivedCall call, Script script) {
		return true;
	}

	@Override
	@Nullable String traceHeader() {
		return null;
	}

	@Override
	String newToolCallId() {
		return "chatcmpl-tool-" + randomHex();
	}

	@Override
	ObjectNode closing(Head head, String finishReason, Usage usage) {
		ObjectNode chunk = chunk(head, Json.object().put("content", ""), finishReason);
		((ObjectNode) chunk.path("choices").path(0)).putNull("stop_reason");
		return chunk;
	}

	@Override
	ObjectNode usage(Head head, Usage usage) {
		return Json.object()
			.put("prompt_tokens", usage.prompt())
			.put("total_tokens", usage.total())
			.put("completion_tokens", usage.completion())
			.putNull("prompt_tokens_details");
	}

	@Override
	ObjectNode completion(Head head, Answer answer, Usage usage) {
		ObjectNode body = super.completion(head, answer, usage);
		((ObjectNode) body.path("choices").path(0)).putNull("stop_reason");
		return body.putNull("prompt_logprobs");
	}

	@Override
	ObjectNode message(Head head, Answer answer) {
		ObjectNode message = Json.object()
			.put("role", "assistant")
			.put("reasoning_content", Piece.join(answer.reasoning()))
			.put("content", (answer.content().isEmpty()) ? null : Piece.join(answer.content()));
		addToolCalls(message.putArray("tool_calls"), answer, false);
		return message;
	}

}
