package io.github.deepseekboot.samples.gateway;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.TokenLogprob;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;

/**
 * Writes one answer as OpenAI's API has it, a stream event by event and straight into the
 * buffers that are sent.
 */
final class AnswerWriter {

	// whatever spring.jackson.* says
	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private static final byte[] EVENT = "data: ".getBytes(StandardCharsets.UTF_8);

	private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);

	private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

	private final CompletionRequest request;

	// of the choices that have begun
	private final BitSet begun = new BitSet();

	// what all events of the stream begin with, up to the choices
	private byte @Nullable [] head;

	AnswerWriter(CompletionRequest request) {
		this.request = request;
	}

	// ---- complete ----

	byte[] completion(ChatCompletion completion) {
		return bytes((json) -> {
			json.writeStartObject();
			writeHead(json, completion.id(), "chat.completion", completion.created(), completion.systemFingerprint());
			json.writeArrayPropertyStart("choices");
			for (ChatCompletion.Choice choice : completion.choices()) {
				json.writeStartObject();
				json.writeNumberProperty("index", choice.index());
				json.writeName("message");
				writeMessage(json, choice.message());
				writeEnd(json, choice.logprobs(), choice.finishReason());
				json.writeEndObject();
			}
			json.writeEndArray();
			if (completion.usage() != null) {
				json.writeName("usage");
				writeUsage(json, completion.usage());
			}
			json.writeEndObject();
		});
	}

	private static void writeMessage(JsonGenerator json, ChatMessage message) {
		json.writeStartObject();
		json.writeStringProperty("role", "assistant");
		json.writeStringProperty("content", message.content());
		if (message.reasoningContent() != null) {
			json.writeStringProperty("reasoning_content", message.reasoningContent());
		}
		if (!message.toolCalls().isEmpty()) {
			json.writeArrayPropertyStart("tool_calls");
			for (ToolCall call : message.toolCalls()) {
				json.writeStartObject();
				json.writeStringProperty("id", call.id());
				json.writeStringProperty("type", "function");
				writeFunction(json, call.name(), call.arguments());
				json.writeEndObject();
			}
			json.writeEndArray();
		}
		message.extra().forEach(json::writePOJOProperty);
		json.writeEndObject();
	}

	// ---- streamed ----

	DataBuffer event(ChatDelta delta, DataBufferFactory buffers) {
		byte[] head = head(delta.origin());
		if (!delta.isLast()) {
			return event(buffers, (out) -> {
				out.write(head);
				write(out.asOutputStream(), (json) -> writeChoice(json, delta));
				out.write((byte) ']').write((byte) '}').write(END);
			});
		}
		Usage usage = delta.usage();
		return event(buffers, (out) -> {
			if (this.request.includeUsage() && usage != null) {
				out.write(head).write("],\"usage\":", StandardCharsets.UTF_8);
				write(out.asOutputStream(), (json) -> writeUsage(json, usage));
				out.write((byte) '}').write(END);
			}
			out.write(DONE);
		});
	}

	DataBuffer failure(ApiError error, DataBufferFactory buffers) {
		return event(buffers, (out) -> out.write(EVENT).write(error(error)).write(END));
	}

	// a stream is written by one thread at a time
	private byte[] head(ChatDelta.Origin origin) {
		byte[] head = this.head;
		if (head == null) {
			byte[] empty = bytes((json) -> {
				json.writeStartObject();
				writeHead(json, origin.id(), "chat.completion.chunk", origin.created(), origin.systemFingerprint());
				json.writeArrayPropertyStart("choices");
				json.writeEndArray();
				json.writeEndObject();
			});
			head = new byte[EVENT.length + empty.length - "]}".length()];
			System.arraycopy(EVENT, 0, head, 0, EVENT.length);
			System.arraycopy(empty, 0, head, EVENT.length, head.length - EVENT.length);
			this.head = head;
		}
		return head;
	}

	private void writeChoice(JsonGenerator json, ChatDelta delta) {
		json.writeStartObject();
		json.writeNumberProperty("index", delta.choiceIndex());
		json.writeObjectPropertyStart("delta");
		if (!this.begun.get(delta.choiceIndex())) {
			this.begun.set(delta.choiceIndex());
			json.writeStringProperty("role", "assistant");
		}
		if (delta.content() != null) {
			json.writeStringProperty("content", delta.content());
		}
		if (delta.reasoningContent() != null) {
			json.writeStringProperty("reasoning_content", delta.reasoningContent());
		}
		if (!delta.toolCalls().isEmpty()) {
			json.writeArrayPropertyStart("tool_calls");
			delta.toolCalls().forEach((call) -> writeToolCall(json, call));
			json.writeEndArray();
		}
		delta.extra().forEach(json::writePOJOProperty);
		json.writeEndObject();
		writeEnd(json, delta.logprobs(), delta.finishReason());
		json.writeEndObject();
	}

	private static void writeToolCall(JsonGenerator json, ToolCallDelta call) {
		json.writeStartObject();
		json.writeNumberProperty("index", call.index());
		if (call.id() != null) {
			json.writeStringProperty("id", call.id());
			json.writeStringProperty("type", "function");
		}
		writeFunction(json, call.name(), call.arguments());
		json.writeEndObject();
	}

	// ---- both ----

	// under the name by which the tenant knows the model, whoever answers
	private void writeHead(JsonGenerator json, @Nullable String id, String object, @Nullable Instant created,
			@Nullable String fingerprint) {
		json.writeStringProperty("id", (id != null) ? id : "chatcmpl-" + UUID.randomUUID());
		json.writeStringProperty("object", object);
		json.writeNumberProperty("created", ((created != null) ? created : Instant.now()).getEpochSecond());
		json.writeStringProperty("model", this.request.chat().model());
		if (fingerprint != null) {
			json.writeStringProperty("system_fingerprint", fingerprint);
		}
	}

	private static void writeFunction(JsonGenerator json, @Nullable String name, @Nullable String arguments) {
		json.writeObjectPropertyStart("function");
		if (name != null) {
			json.writeStringProperty("name", name);
		}
		if (arguments != null) {
			json.writeStringProperty("arguments", arguments);
		}
		json.writeEndObject();
	}

	private static void writeEnd(JsonGenerator json, @Nullable Logprobs logprobs, @Nullable FinishReason reason) {
		if (logprobs != null) {
			json.writeObjectPropertyStart("logprobs");
			writeLogprobs(json, "content", logprobs.content());
			if (!logprobs.reasoningContent().isEmpty()) {
				writeLogprobs(json, "reasoning_content", logprobs.reasoningContent());
			}
			json.writeEndObject();
		}
		json.writeStringProperty("finish_reason", (reason != null) ? reason.value() : null);
	}

	private static void writeLogprobs(JsonGenerator json, String name, List<TokenLogprob> tokens) {
		json.writeArrayPropertyStart(name);
		for (TokenLogprob token : tokens) {
			json.writeStartObject();
			json.writeStringProperty("token", token.token());
			json.writeNumberProperty("logprob", token.logprob());
			json.writePOJOProperty("bytes", token.bytes());
			writeLogprobs(json, "top_logprobs", token.topLogprobs());
			json.writeEndObject();
		}
		json.writeEndArray();
	}

	private static void writeUsage(JsonGenerator json, Usage usage) {
		json.writeStartObject();
		writeNumber(json, "prompt_tokens", usage.promptTokens());
		writeNumber(json, "completion_tokens", usage.completionTokens());
		writeNumber(json, "total_tokens", usage.totalTokens());
		if (usage.cacheHitTokens() != null) {
			json.writePOJOProperty("prompt_tokens_details", Map.of("cached_tokens", usage.cacheHitTokens()));
		}
		if (usage.reasoningTokens() != null) {
			json.writePOJOProperty("completion_tokens_details", Map.of("reasoning_tokens", usage.reasoningTokens()));
		}
		json.writeEndObject();
	}

	private static void writeNumber(JsonGenerator json, String name, @Nullable Long number) {
		if (number != null) {
			json.writeNumberProperty(name, number);
		}
	}

	// ---- all else ----

	static byte[] error(ApiError error) {
		return bytes((json) -> {
			json.writeStartObject();
			json.writeObjectPropertyStart("error");
			json.writeStringProperty("message", error.message());
			json.writeStringProperty("type", error.type());
			json.writeStringProperty("param", error.param());
			json.writeStringProperty("code", error.code());
			json.writeEndObject();
			json.writeEndObject();
		});
	}

	static byte[] models(Collection<String> models) {
		return bytes((json) -> {
			json.writeStartObject();
			json.writeStringProperty("object", "list");
			json.writeArrayPropertyStart("data");
			models.forEach((model) -> writeModel(json, model));
			json.writeEndArray();
			json.writeEndObject();
		});
	}

	static byte[] model(String model) {
		return bytes((json) -> writeModel(json, model));
	}

	private static void writeModel(JsonGenerator json, String model) {
		json.writeStartObject();
		json.writeStringProperty("id", model);
		json.writeStringProperty("object", "model");
		json.writeNumberProperty("created", 0);
		json.writeStringProperty("owned_by", "gateway");
		json.writeEndObject();
	}

	private static byte[] bytes(Consumer<JsonGenerator> content) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		write(out, content);
		return out.toByteArray();
	}

	private static void write(OutputStream out, Consumer<JsonGenerator> content) {
		try (JsonGenerator json = MAPPER.createGenerator(out)) {
			content.accept(json);
		}
	}

	private static DataBuffer event(DataBufferFactory buffers, Consumer<DataBuffer> content) {
		DataBuffer buffer = buffers.allocateBuffer(512);
		content.accept(buffer);
		return buffer;
	}

}
