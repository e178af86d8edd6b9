package io.github.deepseekboot.langchain4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;

/**
 * Makes requests of LangChain4j's requests.
 */
final class RequestMapper {

	/**
	 * Attribute of a message: fields of the host's own, which go back with the message.
	 */
	static final String EXTRA = "extra";

	private RequestMapper() {
	}

	static ChatRequest request(dev.langchain4j.model.chat.request.ChatRequest source) {
		ChatRequest.Builder request = ChatRequest.builder();
		source.messages().forEach((message) -> request.message(message(message)));
		ChatRequestParameters parameters = source.parameters();
		common(request, parameters);
		if (parameters instanceof RoutingChatRequestParameters own) {
			request.provider(own.provider())
				.thinking(own.thinking())
				.reasoningEffort(own.reasoningEffort())
				.userId(own.userId());
			own.extras().forEach(request::extra);
		}
		return request.build();
	}

	private static void common(ChatRequest.Builder request, ChatRequestParameters parameters) {
		request.model(parameters.modelName())
			.temperature(parameters.temperature())
			.topP(parameters.topP())
			.topK(parameters.topK())
			.frequencyPenalty(parameters.frequencyPenalty())
			.presencePenalty(parameters.presencePenalty())
			.maxTokens(parameters.maxOutputTokens())
			.responseFormat(format(parameters.responseFormat()));
		if (parameters.stopSequences() != null) {
			request.stop(parameters.stopSequences());
		}
		List<ToolSpecification> tools = parameters.toolSpecifications();
		if (tools != null && !tools.isEmpty()) {
			request.tools(tools.stream().map(RequestMapper::tool).toList());
			request.toolChoice(choice(parameters.toolChoice()));
		}
	}

	private static ToolDefinition tool(ToolSpecification tool) {
		return new ToolDefinition(tool.name(), tool.description(),
				(tool.parameters() != null) ? JsonSchemaElementUtils.toMap(tool.parameters()) : null, tool.strict());
	}

	private static @Nullable ToolChoice choice(dev.langchain4j.model.chat.request.@Nullable ToolChoice choice) {
		if (choice == null) {
			return null;
		}
		return switch (choice) {
			case AUTO -> ToolChoice.AUTO;
			case REQUIRED -> ToolChoice.REQUIRED;
			case NONE -> ToolChoice.NONE;
		};
	}

	private static @Nullable ResponseFormat format(dev.langchain4j.model.chat.request.@Nullable ResponseFormat format) {
		if (format == null) {
			return null;
		}
		if (format.type() == ResponseFormatType.TEXT) {
			return ResponseFormat.TEXT;
		}
		JsonSchema schema = format.jsonSchema();
		return (schema != null)
				? ResponseFormat.schema(schema.name(), JsonSchemaElementUtils.toMap(schema.rootElement()), false)
				: ResponseFormat.JSON_OBJECT;
	}

	private static ChatMessage message(dev.langchain4j.data.message.ChatMessage message) {
		if (message instanceof SystemMessage system) {
			return ChatMessage.system(system.text());
		}
		if (message instanceof UserMessage user) {
			return user(user);
		}
		if (message instanceof AiMessage assistant) {
			return assistant(assistant);
		}
		if (message instanceof ToolExecutionResultMessage result) {
			if (!result.contents().stream().allMatch(TextContent.class::isInstance)) {
				throw new UnsupportedFeatureException(
						"non-text content in the result of tool '" + result.toolName() + "' is not supported");
			}
			return ChatMessage.tool(result.id(), text(result.contents()));
		}
		throw new UnsupportedFeatureException("messages of type " + message.type() + " are not supported");
	}

	private static String text(List<Content> contents) {
		StringBuilder text = new StringBuilder();
		contents.forEach((content) -> text.append(((TextContent) content).text()));
		return text.toString();
	}

	private static ChatMessage user(UserMessage message) {
		ChatMessage.Builder user = ChatMessage.builder(MessageRole.USER).name(message.name());
		return (message.hasSingleText() ? user.content(message.singleText())
				: user.parts(message.contents().stream().map(RequestMapper::part).toList()))
			.build();
	}

	private static ContentPart part(Content content) {
		if (content instanceof TextContent text) {
			return ContentPart.text(text.text());
		}
		if (content instanceof ImageContent image) {
			return ContentPart.imageUrl(url(image.image()));
		}
		throw new UnsupportedFeatureException("content of type " + content.type()
				+ " is not supported, only text and images are; put what it says into the text");
	}

	private static String url(Image image) {
		if (image.url() != null) {
			return image.url().toString();
		}
		return "data:" + ((image.mimeType() != null) ? image.mimeType() : "image/png") + ";base64,"
				+ image.base64Data();
	}

	private static ChatMessage assistant(AiMessage message) {
		ChatMessage.Builder assistant = ChatMessage.builder(MessageRole.ASSISTANT);
		if (message.attributes().get(EXTRA) instanceof Map<?, ?> extra) {
			Map<String, Object> fields = new LinkedHashMap<>();
			extra.forEach((name, value) -> fields.put(String.valueOf(name), value));
			assistant.extra(fields);
		}
		return assistant.content(message.text())
			.reasoningContent(message.thinking())
			.toolCalls(message.toolExecutionRequests()
				.stream()
				.map((call) -> new ToolCall(call.id(), call.name(), call.arguments()))
				.toList())
			.build();
	}

}
