package io.github.deepseekboot.samples.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;

/**
 * A request of OpenAI's API. Fields that are not known here are sent on as they are.
 *
 * @param chat what to ask
 * @param stream whether the answer is streamed
 * @param includeUsage whether a stream ends with the usage
 */
record CompletionRequest(ChatRequest chat, boolean stream, boolean includeUsage) {

	static CompletionRequest read(Map<String, @Nullable Object> json) {
		try {
			return read(new Fields(json, ""));
		}
		catch (IllegalArgumentException ex) {
			throw new ApiException(ApiError.invalid(null, ex.getMessage()), ex);
		}
	}

	private static CompletionRequest read(Fields body) {
		ChatRequest.Builder request = ChatRequest.builder()
			.model(body.take("model", String.class))
			.temperature(body.takeDouble("temperature"))
			.topP(body.takeDouble("top_p"))
			.topK(body.takeInteger("top_k"))
			.n(body.takeInteger("n"))
			.presencePenalty(body.takeDouble("presence_penalty"))
			.frequencyPenalty(body.takeDouble("frequency_penalty"))
			.logprobs(body.take("logprobs", Boolean.class))
			.topLogprobs(body.takeInteger("top_logprobs"))
			.userId(body.take("user", String.class));
		Integer maxTokens = body.takeInteger("max_tokens");
		Integer maxCompletionTokens = body.takeInteger("max_completion_tokens");
		request.maxTokens((maxCompletionTokens != null) ? maxCompletionTokens : maxTokens);
		Object stop = body.take("stop", Object.class);
		if (stop != null) {
			request.stop((stop instanceof List<?> texts) ? texts.stream().map(String::valueOf).toList()
					: List.of(String.valueOf(stop)));
		}
		body.takeList("messages").forEach((message) -> request.message(message(message)));
		body.takeList("tools").forEach((tool) -> request.tool(tool(tool)));
		Map<String, Integer> bias = new LinkedHashMap<>();
		Fields biases = body.takeFields("logit_bias");
		if (biases != null) {
			biases.names().forEach((token) -> bias.put(token, biases.takeInteger(token)));
			request.logitBias(bias);
		}
		readToolChoice(body, request);
		readResponseFormat(body, request);
		readThinking(body, request);
		boolean stream = Boolean.TRUE.equals(body.take("stream", Boolean.class));
		Fields options = body.takeFields("stream_options");
		boolean usage = options != null && Boolean.TRUE.equals(options.take("include_usage", Boolean.class));
		body.rest().forEach(request::extra);
		return new CompletionRequest(request.build(), stream, usage);
	}

	private static ChatMessage message(Fields json) {
		String role = json.require("role", String.class);
		ChatMessage.Builder message = ChatMessage.builder(role(role, json))
			.name(json.take("name", String.class))
			.toolCallId(json.take("tool_call_id", String.class))
			.reasoningContent(json.take("reasoning_content", String.class))
			.prefix(Boolean.TRUE.equals(json.take("prefix", Boolean.class)))
			.toolCalls(json.takeList("tool_calls").stream().map(CompletionRequest::toolCall).toList());
		if (json.peek("content") instanceof List<?>) {
			message.parts(json.takeList("content").stream().map(CompletionRequest::part).toList());
		}
		else {
			message.content(json.take("content", String.class));
		}
		return message.extra(json.rest()).build();
	}

	private static MessageRole role(String role, Fields json) {
		for (MessageRole known : MessageRole.values()) {
			if (known.value().equals(role)) {
				return known;
			}
		}
		throw json.invalid("role", "there is no role '" + role + "'");
	}

	private static ContentPart part(Fields json) {
		String text = json.take("text", String.class);
		if (text == null) {
			return ContentPart.of(json.rest());
		}
		json.take("type", String.class);
		return new ContentPart(text, null, json.rest());
	}

	private static ToolCall toolCall(Fields json) {
		Fields function = json.requireFields("function");
		json.take("type", String.class);
		json.take("index", Object.class);
		return new ToolCall(json.take("id", String.class), function.require("name", String.class),
				function.require("arguments", String.class), json.rest());
	}

	private static ToolDefinition tool(Fields json) {
		Fields function = json.takeFields("function");
		if (function == null) {
			return ToolDefinition.of(json.rest());
		}
		return new ToolDefinition(function.require("name", String.class), function.take("description", String.class),
				function.takeMap("parameters"), function.take("strict", Boolean.class));
	}

	private static void readToolChoice(Fields body, ChatRequest.Builder request) {
		Object choice = body.peek("tool_choice");
		if (choice instanceof Map<?, ?> map && map.get("function") instanceof Map<?, ?> function) {
			request.toolChoice(ToolChoice.function(String.valueOf(function.get("name"))));
		}
		else if (choice instanceof String mode) {
			request.toolChoice(switch (mode) {
				case "auto" -> ToolChoice.AUTO;
				case "none" -> ToolChoice.NONE;
				case "required" -> ToolChoice.REQUIRED;
				default -> throw body.invalid("tool_choice", "there is no choice '" + mode + "'");
			});
		}
		else {
			return;
		}
		body.take("tool_choice", Object.class);
	}

	private static void readResponseFormat(Fields body, ChatRequest.Builder request) {
		Fields format = body.takeFields("response_format");
		if (format == null) {
			return;
		}
		String type = format.require("type", String.class);
		switch (type) {
			case "text" -> request.responseFormat(ResponseFormat.TEXT);
			case "json_object" -> request.responseFormat(ResponseFormat.JSON_OBJECT);
			case "json_schema" -> {
				Fields schema = format.requireFields("json_schema");
				Map<String, Object> fields = schema.takeMap("schema");
				// by whatever means a provider has
				request.responseFormat(ResponseFormat.schema(schema.require("name", String.class),
						(fields != null) ? fields : Map.of(), schema.take("strict", Boolean.class)));
			}
			default -> throw format.invalid("type", "there is no format '" + type + "'");
		}
	}

	// translated for each provider
	private static void readThinking(Fields body, ChatRequest.Builder request) {
		Fields thinking = body.takeFields("thinking");
		if (thinking != null) {
			request.thinking("enabled".equals(thinking.take("type", String.class)));
		}
		String effort = body.take("reasoning_effort", String.class);
		if ("none".equals(effort)) {
			request.thinking(false);
		}
		else if (effort != null) {
			try {
				request.reasoningEffort(ReasoningEffort.valueOf(effort.toUpperCase(Locale.ROOT)));
			}
			catch (IllegalArgumentException ex) {
				throw body.invalid("reasoning_effort", "there is no effort '" + effort + "'");
			}
		}
	}

	/**
	 * The fields of a JSON object, of which each is taken once.
	 */
	private static final class Fields {

		private final Map<String, @Nullable Object> json;

		private final String path;

		Fields(Map<?, ?> json, String path) {
			this.json = new LinkedHashMap<>();
			json.forEach((name, value) -> this.json.put(String.valueOf(name), value));
			this.path = path;
		}

		ApiException invalid(String name, String message) {
			String param = this.path + name;
			return new ApiException(ApiError.invalid(param, "'" + param + "': " + message + "."));
		}

		List<String> names() {
			return List.copyOf(this.json.keySet());
		}

		@Nullable Object peek(String name) {
			return this.json.get(name);
		}

		<T> @Nullable T take(String name, Class<T> type) {
			Object value = this.json.remove(name);
			if (value != null && !type.isInstance(value)) {
				throw invalid(name, "it must be of the type " + type.getSimpleName().toLowerCase(Locale.ROOT));
			}
			return type.cast(value);
		}

		<T> T require(String name, Class<T> type) {
			T value = take(name, type);
			if (value == null) {
				throw invalid(name, "it is missing");
			}
			return value;
		}

		@Nullable Double takeDouble(String name) {
			Number number = take(name, Number.class);
			return (number != null) ? number.doubleValue() : null;
		}

		@Nullable Integer takeInteger(String name) {
			Number number = take(name, Number.class);
			if (number != null && number.doubleValue() != number.intValue()) {
				throw invalid(name, "it must be an integer");
			}
			return (number != null) ? number.intValue() : null;
		}

		@Nullable Fields takeFields(String name) {
			Map<?, ?> object = take(name, Map.class);
			return (object != null) ? new Fields(object, this.path + name + ".") : null;
		}

		Fields requireFields(String name) {
			return new Fields(require(name, Map.class), this.path + name + ".");
		}

		@Nullable Map<String, Object> takeMap(String name) {
			Fields fields = takeFields(name);
			return (fields != null) ? fields.rest() : null;
		}

		List<Fields> takeList(String name) {
			List<?> list = take(name, List.class);
			List<Fields> result = new ArrayList<>();
			for (int i = 0; list != null && i < list.size(); i++) {
				if (!(list.get(i) instanceof Map<?, ?> object)) {
					throw invalid(name + "[" + i + "]", "it must be an object");
				}
				result.add(new Fields(object, this.path + name + "[" + i + "]."));
			}
			return result;
		}

		@SuppressWarnings("NullAway") // a null is sent on, as everything else
		Map<String, Object> rest() {
			return this.json;
		}

	}

}
