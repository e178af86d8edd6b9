package io.github.deepseekboot.springai;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.util.StringUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;

/**
 * Makes requests of prompts.
 */
final class PromptMapper {

	private static final TypeReference<Map<String, Object>> SCHEMA = new TypeReference<>() {
	};

	private PromptMapper() {
	}

	static ChatRequest request(Prompt prompt, List<ToolDefinition> tools) {
		ChatRequest.Builder request = ChatRequest.builder();
		for (Message message : prompt.getInstructions()) {
			add(request, message);
		}
		ChatOptions options = prompt.getOptions();
		if (options != null) {
			common(request, options);
		}
		if (options instanceof RoutingChatOptions own) {
			own(request, own);
		}
		if (!tools.isEmpty()) {
			request.tools(tools.stream().map(PromptMapper::tool).toList());
		}
		return request.build();
	}

	private static void common(ChatRequest.Builder request, ChatOptions options) {
		request.model(options.getModel())
			.temperature(options.getTemperature())
			.topP(options.getTopP())
			.topK(options.getTopK())
			.maxTokens(options.getMaxTokens())
			.presencePenalty(options.getPresencePenalty())
			.frequencyPenalty(options.getFrequencyPenalty());
		if (options.getStopSequences() != null) {
			request.stop(options.getStopSequences());
		}
	}

	private static void own(ChatRequest.Builder request, RoutingChatOptions options) {
		String schema = options.getOutputSchema();
		request.provider(options.getProvider())
			.thinking(options.getThinking())
			.reasoningEffort(options.getReasoningEffort())
			.toolChoice(options.getToolChoice())
			.responseFormat((schema != null) ? ResponseFormat.schema("answer", schema(schema, "outputSchema"), false)
					: options.getResponseFormat())
			.userId(options.getUserId());
		options.getExtras().forEach(request::extra);
	}

	private static io.github.deepseekboot.chat.ToolDefinition tool(ToolDefinition tool) {
		return io.github.deepseekboot.chat.ToolDefinition.of(tool.name(), tool.description(),
				schema(tool.inputSchema(), "the schema of tool '" + tool.name() + "'"));
	}

	private static Map<String, Object> schema(String json, String name) {
		try {
			return JsonMapper.shared().readValue(json, SCHEMA);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(name + " must be a JSON object: " + ex.getOriginalMessage(), ex);
		}
	}

	private static void add(ChatRequest.Builder request, Message message) {
		switch (message.getMessageType()) {
			case SYSTEM -> request.system(text(message));
			case USER -> request.message(user(message));
			case ASSISTANT -> request.message(assistant((AssistantMessage) message));
			case TOOL -> {
				for (ToolResponseMessage.ToolResponse response : ((ToolResponseMessage) message).getResponses()) {
					request.message(ChatMessage.tool(response.id(), response.responseData()));
				}
			}
		}
	}

	private static String text(Message message) {
		String text = message.getText();
		return (text != null) ? text : "";
	}

	private static ChatMessage user(Message message) {
		List<Media> media = (message instanceof UserMessage user) ? user.getMedia() : List.of();
		if (media.isEmpty()) {
			return ChatMessage.user(text(message));
		}
		List<ContentPart> parts = new ArrayList<>(media.size() + 1);
		if (StringUtils.hasLength(message.getText())) {
			parts.add(ContentPart.text(text(message)));
		}
		media.forEach((medium) -> parts.add(image(medium)));
		return ChatMessage.user(parts.toArray(ContentPart[]::new));
	}

	private static ContentPart image(Media media) {
		if (!media.getMimeType().getType().equals("image")) {
			throw new DeepSeekException(ErrorKind.UNSUPPORTED, "media of type " + media.getMimeType()
					+ " cannot be sent, only images can; put what it says into the text");
		}
		if (media.getData() instanceof byte[] bytes) {
			return ContentPart
				.imageUrl("data:" + media.getMimeType() + ";base64," + Base64.getEncoder().encodeToString(bytes));
		}
		return ContentPart.imageUrl(media.getData().toString());
	}

	private static ChatMessage assistant(AssistantMessage message) {
		boolean callsTools = message.hasToolCalls();
		String text = message.getText();
		ChatMessage.Builder assistant = ChatMessage.builder(MessageRole.ASSISTANT);
		if (message.getMetadata().get(RoutingChatModel.EXTRA) instanceof Map<?, ?> extra) {
			Map<String, Object> fields = new LinkedHashMap<>();
			extra.forEach((name, value) -> fields.put(String.valueOf(name), value));
			assistant.extra(fields);
		}
		return assistant.content((callsTools && !StringUtils.hasLength(text)) ? null : text)
			.reasoningContent(string(message.getMetadata().get(RoutingChatModel.REASONING_CONTENT)))
			.toolCalls(message.getToolCalls()
				.stream()
				.map((call) -> new ToolCall(call.id(), call.name(), call.arguments()))
				.toList())
			.prefix(Boolean.TRUE.equals(message.getMetadata().get(RoutingChatModel.PREFIX)))
			.build();
	}

	private static @Nullable String string(@Nullable Object value) {
		return (value instanceof String string && !string.isEmpty()) ? string : null;
	}

}
