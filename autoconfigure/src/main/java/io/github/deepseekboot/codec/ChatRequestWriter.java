package io.github.deepseekboot.codec;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.provider.Dialect;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;

/**
 * Writes a request as JSON, in the dialect of the provider that will answer.
 */
public final class ChatRequestWriter {

	// DeepSeek refuses JSON mode where the prompt does not say JSON
	private static final String SCHEMA_INSTRUCTION = "Answer with one JSON object and nothing else, without code fences."
			+ " It must follow this JSON Schema:\n";

	private final Provider provider;

	public ChatRequestWriter(Provider provider) {
		this.provider = provider;
	}

	public byte[] write(ChatRequest request, ProviderModel model, boolean stream) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(estimate(request));
		try (JsonGenerator json = WireJson.MAPPER.createGenerator(out)) {
			new Body(json, request, model, stream).write();
		}
		return out.toByteArray();
	}

	// of text in ASCII: a long history is not copied again and again while it is written
	private static int estimate(ChatRequest request) {
		long size = 192;
		for (ChatMessage message : request.messages()) {
			size += 64 + ((message.content() != null) ? message.content().length() : 0);
		}
		return (int) Math.min(size, 1 << 24);
	}

	private final class Body {

		private final JsonGenerator json;

		private final ChatRequest request;

		private final ProviderModel model;

		private final boolean stream;

		private final Dialect dialect;

		// a dozen names
		private final List<String> written = new ArrayList<>(16);

		Body(JsonGenerator json, ChatRequest request, ProviderModel model, boolean stream) {
			this.json = json;
			this.request = request;
			this.model = model;
			this.stream = stream;
			this.dialect = ChatRequestWriter.this.provider.dialect();
		}

		void write() {
			this.json.writeStartObject();
			if (begin("model")) {
				this.json.writeString(this.model.id());
			}
			if (begin("messages")) {
				writeMessages();
			}
			if (begin("stream")) {
				this.json.writeBoolean(this.stream);
			}
			if (this.stream && this.dialect.includesUsage(this.request)) {
				field("stream_options", Map.of("include_usage", true));
			}
			field("temperature", this.request.temperature());
			field("top_p", this.request.topP());
			field("top_k", this.request.topK());
			field("n", this.request.n());
			field("max_tokens", this.request.maxTokens());
			field("presence_penalty", this.request.presencePenalty());
			field("frequency_penalty", this.request.frequencyPenalty());
			field("logprobs", this.request.logprobs());
			field("top_logprobs", this.request.topLogprobs());
			field(this.dialect.userField(), this.request.userId());
			field("stop", nonEmpty(this.request.stop()));
			field("logit_bias", this.request.logitBias().isEmpty() ? null : this.request.logitBias());
			this.dialect.writeThinking(this.request, this.model, this::field);
			writeResponseFormat(this.dialect.responseFormat(this.request, this.model));
			writeTools(this.request.tools());
			writeToolChoice(this.request.toolChoice());
			this.request.extras().forEach(this::any);
			ChatRequestWriter.this.provider.extra().forEach(this::any);
			this.json.writeEndObject();
		}

		private static @Nullable List<String> nonEmpty(List<String> values) {
			return values.isEmpty() ? null : values;
		}

		// an extra of the request replaces the field of that name
		private boolean begin(String name) {
			if (this.request.extras().containsKey(name) || this.written.contains(name)) {
				return false;
			}
			this.written.add(name);
			this.json.writeName(name);
			return true;
		}

		private void field(String name, @Nullable Object value) {
			if (value != null && begin(name)) {
				this.json.writePOJO(value);
			}
		}

		private void any(String name, @Nullable Object value) {
			if (!this.written.contains(name)) {
				this.written.add(name);
				this.json.writeName(name);
				this.json.writePOJO(value);
			}
		}

		private void writeMessages() {
			List<@Nullable String> reasoning = this.dialect.replayedReasoning(this.request, this.model);
			List<@Nullable ChatMessage> history = History.sent(this.request.messages());
			Map<String, Object> schema = this.dialect.schemaInPrompt(this.request, this.model);
			ChatMessage first = this.request.messages().get(0);
			boolean extended = schema != null && first.role() == MessageRole.SYSTEM && first.content() != null;
			this.json.writeStartArray();
			if (schema != null) {
				String instruction = SCHEMA_INSTRUCTION + WireJson.MAPPER.writeValueAsString(schema);
				writeMessage(ChatMessage.system(extended ? first.content() + "\n\n" + instruction : instruction), null);
			}
			for (int i = extended ? 1 : 0; i < reasoning.size(); i++) {
				ChatMessage message = history.get(i);
				if (message != null) {
					writeMessage(message, reasoning.get(i));
				}
			}
			this.json.writeEndArray();
		}

		private void writeMessage(ChatMessage message, @Nullable String reasoning) {
			this.json.writeStartObject();
			this.json.writeStringProperty("role", message.role().value());
			if (!message.parts().isEmpty()) {
				this.json.writeName("content");
				writeParts(message.parts());
			}
			else if (message.content() != null || message.role() == MessageRole.ASSISTANT) {
				this.json.writeStringProperty("content", message.content());
			}
			Map<String, Object> extra = this.dialect.sentExtra(message, reasoning != null);
			if (reasoning != null && !extra.containsKey(Dialect.REASONING_DETAILS)) {
				this.json.writeStringProperty(this.dialect.reasoningField(), reasoning);
			}
			if (message.name() != null) {
				this.json.writeStringProperty("name", message.name());
			}
			if (message.toolCallId() != null) {
				this.json.writeStringProperty("tool_call_id", message.toolCallId());
			}
			if (!message.toolCalls().isEmpty()) {
				writeToolCalls(message.toolCalls());
			}
			if (message.prefix()) {
				this.json.writeBooleanProperty("prefix", true);
			}
			extra.forEach(this.json::writePOJOProperty);
			this.json.writeEndObject();
		}

		private void writeParts(List<ContentPart> parts) {
			this.json.writeStartArray();
			for (ContentPart part : parts) {
				this.json.writeStartObject();
				if (part.text() != null) {
					this.json.writeStringProperty("type", "text");
					this.json.writeStringProperty("text", part.text());
				}
				else if (part.imageUrl() != null) {
					this.json.writeStringProperty("type", "image_url");
					this.json.writeObjectPropertyStart("image_url");
					this.json.writeStringProperty("url", part.imageUrl());
					if (part.extra().get("image_url") instanceof Map<?, ?> fields) {
						fields.forEach((name, value) -> this.json.writePOJOProperty(String.valueOf(name), value));
					}
					this.json.writeEndObject();
				}
				part.extra().forEach((name, value) -> {
					if (part.imageUrl() == null || !name.equals("image_url")) {
						this.json.writePOJOProperty(name, value);
					}
				});
				this.json.writeEndObject();
			}
			this.json.writeEndArray();
		}

		private void writeToolCalls(List<ToolCall> toolCalls) {
			this.json.writeArrayPropertyStart("tool_calls");
			for (ToolCall call : toolCalls) {
				this.json.writeStartObject();
				this.json.writeStringProperty("id", call.id());
				this.json.writeStringProperty("type", "function");
				this.json.writeObjectPropertyStart("function");
				this.json.writeStringProperty("name", call.name());
				this.json.writeStringProperty("arguments", call.arguments());
				this.json.writeEndObject();
				this.dialect.sentExtra(call).forEach(this.json::writePOJOProperty);
				this.json.writeEndObject();
			}
			this.json.writeEndArray();
		}

		private void writeResponseFormat(@Nullable ResponseFormat format) {
			if (format == null || !begin("response_format")) {
				return;
			}
			this.json.writeStartObject();
			this.json.writeStringProperty("type", format.type());
			if (format.schema() != null) {
				this.json.writeObjectPropertyStart("json_schema");
				this.json.writeStringProperty("name", format.name());
				this.json.writePOJOProperty("schema", format.schema());
				if (format.strict() != null) {
					this.json.writeBooleanProperty("strict", format.strict());
				}
				this.json.writeEndObject();
			}
			this.json.writeEndObject();
		}

		private void writeTools(List<ToolDefinition> tools) {
			if (tools.isEmpty() || !begin("tools")) {
				return;
			}
			this.json.writeStartArray();
			for (ToolDefinition tool : tools) {
				if (!tool.fields().isEmpty()) {
					this.json.writePOJO(tool.fields());
					continue;
				}
				this.json.writeStartObject();
				this.json.writeStringProperty("type", "function");
				this.json.writeObjectPropertyStart("function");
				this.json.writeStringProperty("name", tool.name());
				if (tool.description() != null) {
					this.json.writeStringProperty("description", tool.description());
				}
				if (tool.parameters() != null) {
					this.json.writePOJOProperty("parameters", tool.parameters());
				}
				if (tool.strict() != null) {
					this.json.writeBooleanProperty("strict", tool.strict());
				}
				this.json.writeEndObject();
				this.json.writeEndObject();
			}
			this.json.writeEndArray();
		}

		private void writeToolChoice(@Nullable ToolChoice choice) {
			if (choice == null || !begin("tool_choice")) {
				return;
			}
			if (choice.function() == null) {
				this.json.writeString(choice.mode());
				return;
			}
			this.json.writeStartObject();
			this.json.writeStringProperty("type", "function");
			this.json.writeObjectPropertyStart("function");
			this.json.writeStringProperty("name", choice.function());
			this.json.writeEndObject();
			this.json.writeEndObject();
		}

	}

}
