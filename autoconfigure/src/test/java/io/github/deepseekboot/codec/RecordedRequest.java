package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;

/**
 * A request as it was recorded, which the builder must be able to express.
 *
 * @param recorded the body of the request
 * @param demandsReasoning whether the provider demands reasoning with each tool call
 */
@NullUnmarked
record RecordedRequest(JsonNode recorded, boolean demandsReasoning) {

	String model() {
		return this.recorded.path("model").asString();
	}

	boolean isStream() {
		return this.recorded.path("stream").asBoolean(false);
	}

	/**
	 * The recorded body as this library writes it. It differs on purpose in that
	 * <ul>
	 * <li>{@code stream} is always said,</li>
	 * <li>an empty list of tools, and a field of a message that is {@code null}, is left
	 * out, but for the content of an assistant's message, which is always there,</li>
	 * <li>{@code reasoning}, which some clients send beside {@code reasoning_content},
	 * and the {@code detail} of images are not known to the vocabulary,</li>
	 * <li>a tool call without arguments has empty ones, and</li>
	 * <li>one without reasoning has an empty one where the provider may demand it.</li>
	 * </ul>
	 */
	JsonNode comparable() {
		ObjectNode comparable = (ObjectNode) this.recorded.deepCopy();
		comparable.put("stream", isStream());
		if (comparable.path("tools").isEmpty()) {
			comparable.remove("tools");
		}
		for (JsonNode node : comparable.path("messages")) {
			ObjectNode message = (ObjectNode) node;
			message.properties().removeIf((field) -> field.getValue().isNull() && !field.getKey().equals("content"));
			message.remove("reasoning");
			if (message.path("role").asString().equals("assistant") && !message.has("content")) {
				message.putNull("content");
			}
			message.path("content").forEach((part) -> {
				if (part.path("image_url") instanceof ObjectNode image) {
					image.remove("detail");
				}
			});
			message.path("tool_calls").forEach((call) -> {
				ObjectNode function = (ObjectNode) call.path("function");
				// hosts refuse arguments that are no JSON
				if (function.path("arguments").asString("").isEmpty()) {
					function.put("arguments", "{}");
				}
			});
			if (this.demandsReasoning && message.has("tool_calls") && !message.has("reasoning_content")) {
				message.put("reasoning_content", "");
			}
		}
		return comparable;
	}

	ChatRequest toRequest() {
		ChatRequest.Builder builder = ChatRequest.builder()
			.model(model())
			.includeUsage(this.recorded.has("stream_options"));
		for (Map.Entry<String, JsonNode> field : this.recorded.properties()) {
			set(builder, field.getKey(), field.getValue());
		}
		return builder.build();
	}

	private static void set(ChatRequest.Builder builder, String name, JsonNode value) {
		switch (name) {
			case "model", "stream", "stream_options" -> {
			}
			case "messages" -> value.forEach((message) -> builder.message(message(message)));
			case "temperature" -> builder.extra(name, value);
			case "max_tokens" -> builder.maxTokens(value.intValue());
			case "logprobs" -> builder.logprobs(value.booleanValue());
			case "top_logprobs" -> builder.topLogprobs(value.intValue());
			case "top_k" -> builder.topK(value.intValue());
			case "n" -> builder.n(value.intValue());
			case "response_format" -> builder.responseFormat(Stream.of(ResponseFormat.TEXT, ResponseFormat.JSON_OBJECT)
				.filter((format) -> format.type().equals(value.path("type").asString()))
				.findFirst()
				.orElseThrow());
			case "tool_choice" ->
				builder.toolChoice(
						value.isString()
								? Stream.of(ToolChoice.AUTO, ToolChoice.NONE, ToolChoice.REQUIRED)
									.filter((choice) -> choice.mode().equals(value.asString()))
									.findFirst()
									.orElseThrow()
								: ToolChoice.function(value.path("function").path("name").asString()));
			case "thinking" -> builder.thinking(value.path("type").asString().equals("enabled"));
			case "tools" -> {
				// some hosts have tools of their own
				if (value.path(0).has("function") || value.isEmpty()) {
					builder.tools(tools(value));
				}
				else {
					builder.extra(name, value);
				}
			}
			default -> builder.extra(name, value);
		}
	}

	private static ChatMessage message(JsonNode message) {
		MessageRole role = MessageRole.valueOf(message.path("role").asString().toUpperCase(Locale.ROOT));
		ChatMessage.Builder builder = ChatMessage.builder(role)
			.reasoningContent(string(message, "reasoning_content"))
			.toolCallId(string(message, "tool_call_id"))
			.name(string(message, "name"));
		if (message.path("content").isArray()) {
			List<ContentPart> parts = new ArrayList<>();
			message.path("content")
				.forEach((part) -> parts.add(part.has("text") ? ContentPart.text(part.path("text").asString())
						: ContentPart.imageUrl(part.path("image_url").path("url").asString())));
			builder.parts(parts);
		}
		else {
			builder.content(string(message, "content"));
		}
		List<ToolCall> calls = new ArrayList<>();
		message.path("tool_calls")
			.forEach((call) -> calls.add(new ToolCall(string(call, "id"), string(call.path("function"), "name"),
					call.path("function").path("arguments").asString(""))));
		return builder.toolCalls(calls).build();
	}

	@SuppressWarnings("unchecked")
	private static List<ToolDefinition> tools(JsonNode tools) {
		List<ToolDefinition> definitions = new ArrayList<>();
		for (JsonNode tool : tools) {
			JsonNode function = tool.path("function");
			definitions.add(new ToolDefinition(
					string(function, "name"), string(function, "description"), function.has("parameters")
							? WireJson.MAPPER.convertValue(function.path("parameters"), Map.class) : null,
					function.has("strict") ? function.path("strict").asBoolean() : null));
		}
		return definitions;
	}

	private static String string(JsonNode node, String name) {
		return node.path(name).isString() ? node.path(name).stringValue() : null;
	}

}
