package io.github.deepseekboot.test.provider;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How one provider words its answers: paths, ids, JSON shapes, errors. This class is the
 * plain OpenAI shape, its subclasses are the providers that depart from it.
 */
class Dialect {

	private final String id;

	private final String displayName;

	private final String basePath;

	private final List<String> models;

	private final ProviderErrors errors;

	Dialect(String id, List<String> models) {
		this(id, id, "/v1", models, openAiErrors());
	}

	/**
	 * Return the shape of a provider.
	 * @param id the id of the provider
	 * @param preset the id of the host's preset; any that has no shape of its own gets
	 * the plain OpenAI one
	 * @param strict whether only the models that the host is known to have will do
	 * @return the dialect
	 */
	static Dialect of(String id, String preset, boolean strict) {
		return switch (preset) {
			case "deepseek" -> new DeepSeekDialect(id, strict);
			case "siliconflow", "siliconflowintl" -> new SiliconFlowDialect(id, strict);
			case "alayanew" -> new AlayaDialect(id, "Alaya NeW", strict);
			case "vllm", "sglang" -> new AlayaDialect(id, id, false);
			default -> new Dialect(id, List.of());
		};
	}

	Dialect(String id, String displayName, String basePath, List<String> models, ProviderErrors errors) {
		this.id = id;
		this.displayName = displayName;
		this.basePath = basePath;
		this.models = List.copyOf(models);
		this.errors = errors;
	}

	private static ProviderErrors openAiErrors() {
		ProviderErrors errors = new ProviderErrors();
		Map<Integer, String> messages = Map.of(400, "The request is invalid.", 401, "Incorrect API key provided.", 403,
				"You have no access to this.", 404, "Not found.", 429, "Rate limit reached.", 500,
				"The server had an error.", 503, "The server is overloaded.");
		messages.forEach((status, message) -> errors.add(openAiError(status, message, "api_error", null)));
		return errors;
	}

	static ProviderError openAiError(int status, String message, String type, @Nullable String code) {
		ObjectNode body = Json.object();
		body.putObject("error").put("message", message).put("type", type).putNull("param").put("code", code);
		return ProviderError.json(status, body.toString());
	}

	final String id() {
		return this.id;
	}

	final String displayName() {
		return this.displayName;
	}

	// what the base URL has after the provider's folder
	final String basePath() {
		return this.basePath;
	}

	// further prefixes under which the same endpoints answer
	List<String> aliasPaths() {
		return List.of();
	}

	// the ids of the models, an empty list where any will do
	final List<String> models() {
		return this.models;
	}

	final boolean knows(String model) {
		return this.models.isEmpty() || this.models.contains(model);
	}

	final ProviderErrors errors() {
		return this.errors;
	}

	ProviderError unauthorized(@Nullable String key) {
		return this.errors.find(401);
	}

	ProviderError notFound() {
		return this.errors.find(404);
	}

	ProviderError malformed() {
		return this.errors.find(400);
	}

	// the error for an unexpected call, one that no client retries
	static ProviderError unexpected(ReceivedCall call) {
		return openAiError(400, "Unexpected " + call, "invalid_request_error", "unexpected_call");
	}

	// the error for a request body of that type, null if it is fine
	@Nullable ProviderError checkContentType(@Nullable String contentType) {
		return null;
	}

	// what is wrong with the call, null if nothing is
	@Nullable ProviderError check(ReceivedCall call) {
		if (!knows(call.model())) {
			return openAiError(404, "The model '%s' does not exist.".formatted(call.model()), "invalid_request_error",
					"model_not_found");
		}
		return (call.messageNodes().isEmpty()) ? malformed() : null;
	}

	boolean thinks(ReceivedCall call, Script script) {
		return script.hasReasoning();
	}

	// whether max_tokens counts the reasoning too
	boolean limitsReasoning() {
		return true;
	}

	@Nullable String traceHeader() {
		return "x-request-id";
	}

	String newId() {
		return "chatcmpl-" + randomHex();
	}

	String newToolCallId() {
		return "call_" + randomHex().substring(8);
	}

	// the model that the answer says it is from
	String answeringModel(String model) {
		return model;
	}

	final Head head(ReceivedCall call, Script script, boolean thinking) {
		String model = script.model();
		return new Head(newId(), Instant.now().getEpochSecond(), (model != null) ? model : answeringModel(call.model()),
				thinking, call.includeUsage());
	}

	// one other page than chat, null if there is none of that path
	@Nullable ProviderError page(String path) {
		if (!path.equals("/models")) {
			return null;
		}
		ObjectNode list = Json.object().put("object", "list");
		ArrayNode data = list.putArray("data");
		for (String model : listedModels()) {
			data.add(model(model));
		}
		return ProviderError.json(200, list.toString());
	}

	List<String> listedModels() {
		return this.models;
	}

	ObjectNode model(String model) {
		return Json.object().put("id", model).put("object", "model").put("created", 0).put("owned_by", this.id);
	}

	// where the usage changes from chunk to chunk, it is the hole that a template fills
	ObjectNode chunk(Head head, ObjectNode delta, @Nullable String finishReason) {
		ObjectNode chunk = envelope(head);
		choice(chunk).set("delta", delta).putNull("logprobs").put("finish_reason", finishReason);
		return chunk;
	}

	ObjectNode envelope(Head head) {
		return Json.object()
			.put("id", head.id())
			.put("object", "chat.completion.chunk")
			.put("created", head.created())
			.put("model", head.model());
	}

	static ObjectNode choice(ObjectNode body) {
		return body.putArray("choices").addObject().put("index", 0);
	}

	ObjectNode openingDelta(Head head) {
		return Json.object().put("role", "assistant").put("content", "");
	}

	ObjectNode reasoningDelta(Head head, String text) {
		return Json.object().put("reasoning_content", text);
	}

	ObjectNode contentDelta(Head head, String text) {
		return Json.object().put("content", text);
	}

	ObjectNode toolCallDelta(Head head, int index, String id, String name) {
		return toolDelta((call) -> {
			call.put("index", index).put("id", id).put("type", "function");
			call.putObject("function").put("name", name).put("arguments", "");
		});
	}

	ObjectNode toolArgumentsDelta(Head head, int index, String text) {
		return toolDelta((call) -> call.put("index", index).putObject("function").put("arguments", text));
	}

	static ObjectNode toolDelta(Consumer<ObjectNode> call) {
		ObjectNode delta = Json.object();
		call.accept(delta.putArray("tool_calls").addObject());
		return delta;
	}

	ObjectNode closing(Head head, String finishReason, Usage usage) {
		return chunk(head, Json.object(), finishReason);
	}

	// a last chunk that has only the usage, null where there is none
	@Nullable ObjectNode usageChunk(Head head, Usage usage) {
		if (!head.includeUsage()) {
			return null;
		}
		ObjectNode chunk = envelope(head);
		chunk.putArray("choices");
		return chunk.set("usage", usage(head, usage));
	}

	ObjectNode usage(Head head, Usage usage) {
		ObjectNode node = Json.object()
			.put("prompt_tokens", usage.prompt())
			.put("completion_tokens", usage.completion())
			.put("total_tokens", usage.total());
		node.putObject("prompt_tokens_details").put("cached_tokens", usage.cached());
		if (head.thinking()) {
			node.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoning());
		}
		return node;
	}

	ObjectNode completion(Head head, Answer answer, Usage usage) {
		ObjectNode body = envelope(head).put("object", "chat.completion");
		choice(body).set("message", message(head, answer))
			.putNull("logprobs")
			.put("finish_reason", answer.finishReason());
		body.set("usage", usage(head, usage));
		return body;
	}

	ObjectNode message(Head head, Answer answer) {
		ObjectNode message = Json.object().put("role", "assistant");
		message.put("content", Piece.join(answer.content()));
		if (head.thinking()) {
			message.put("reasoning_content", Piece.join(answer.reasoning()));
		}
		if (!answer.toolCalls().isEmpty()) {
			addToolCalls(message.putArray("tool_calls"), answer, true);
		}
		return message;
	}

	static void addToolCalls(ArrayNode array, Answer answer, boolean indexed) {
		for (Answer.ToolCall toolCall : answer.toolCalls()) {
			ObjectNode node = array.addObject();
			if (indexed) {
				node.put("index", array.size() - 1);
			}
			node.put("id", toolCall.id()).put("type", "function");
			node.putObject("function").put("name", toolCall.name()).put("arguments", Piece.join(toolCall.arguments()));
		}
	}

	static String randomHex() {
		HexFormat hex = HexFormat.of();
		ThreadLocalRandom random = ThreadLocalRandom.current();
		return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
	}

	/**
	 * What all events of one answer share.
	 *
	 * @param id the id of the answer
	 * @param created when it began, in seconds of the epoch
	 * @param model the model that answers
	 * @param thinking whether it thinks first
	 * @param includeUsage whether the request asks a stream for its usage
	 */
	record Head(String id, long created, String model, boolean thinking, boolean includeUsage) {

	}

}
