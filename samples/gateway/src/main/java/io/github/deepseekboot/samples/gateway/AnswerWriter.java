package io.github.deepseekboot.samples.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.Usage;

/**
 * Writes one answer as OpenAI's API has it, a stream event by event and straight into the
 * buffers that are sent.
 */
final class AnswerWriter {

	// whatever spring.jackson.* says
	private static final JsonMapper MAPPER = JsonMapper.builder()
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		// those of the library, too
		.enable(MapperFeature.ALLOW_EXPLICIT_PROPERTY_RENAMING)
		.changeDefaultPropertyInclusion((all) -> all.withValueInclusion(JsonInclude.Include.NON_NULL))
		.build();

	private static final byte[] EVENT = "data: ".getBytes(StandardCharsets.UTF_8);

	private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);

	private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

	private final CompletionRequest request;

	// for providers that give none
	private final String id = "chatcmpl-" + UUID.randomUUID();

	private final Instant created = Instant.now();

	// of the choices that have begun
	private final BitSet begun = new BitSet();

	AnswerWriter(CompletionRequest request) {
		this.request = request;
	}

	byte[] completion(ChatCompletion completion) {
		return MAPPER.writeValueAsBytes(
				answer("chat.completion", completion.id(), completion.created(), completion.systemFingerprint(),
						completion.choices().stream().map(AnswerWriter::choice).toList(), completion.usage()));
	}

	private static Choice choice(ChatCompletion.Choice choice) {
		ChatMessage message = choice.message();
		List<Call> calls = message.toolCalls()
			.stream()
			.map((call) -> new Call(null, call.id(), "function", new Function(call.name(), call.arguments())))
			.toList();
		return new Choice(choice.index(),
				new Message("assistant", message.content(), message.reasoningContent(), calls, message.extra()), null,
				choice.logprobs(), value(choice.finishReason()));
	}

	DataBuffer event(ChatDelta delta, DataBufferFactory buffers) {
		DataBuffer buffer = buffers.allocateBuffer(512);
		if (!delta.isLast()) {
			return write(chunk(delta.origin(), List.of(choice(delta)), null), buffer);
		}
		if (this.request.includeUsage() && delta.usage() != null) {
			write(chunk(delta.origin(), List.of(), delta.usage()), buffer);
		}
		return buffer.write(DONE);
	}

	// a stream is written by one thread at a time
	private Choice choice(ChatDelta delta) {
		boolean first = !this.begun.get(delta.choiceIndex());
		this.begun.set(delta.choiceIndex());
		List<Call> calls = delta.toolCalls()
			.stream()
			.map((call) -> new Call(call.index(), call.id(), (call.id() != null) ? "function" : null,
					new Function(call.name(), call.arguments())))
			.toList();
		return new Choice(delta.choiceIndex(), null, new Message(first ? "assistant" : null, delta.content(),
				delta.reasoningContent(), calls, delta.extra()), delta.logprobs(), value(delta.finishReason()));
	}

	private Answer chunk(ChatDelta.Origin origin, List<Choice> choices, @Nullable Usage usage) {
		return answer("chat.completion.chunk", origin.id(), origin.created(), origin.systemFingerprint(), choices,
				usage);
	}

	// under the name by which the tenant knows the model, whoever answers
	private Answer answer(String object, @Nullable String id, @Nullable Instant created, @Nullable String fingerprint,
			List<Choice> choices, @Nullable Usage usage) {
		return new Answer(Objects.requireNonNullElse(id, this.id), object,
				Objects.requireNonNullElse(created, this.created).getEpochSecond(), this.request.chat().model(),
				fingerprint, choices, (usage != null) ? Tokens.of(usage) : null);
	}

	private static @Nullable String value(@Nullable FinishReason reason) {
		return (reason != null) ? reason.value() : null;
	}

	DataBuffer failure(ApiError error, DataBufferFactory buffers) {
		return write(Failure.of(error), buffers.allocateBuffer(512));
	}

	private static DataBuffer write(Object value, DataBuffer buffer) {
		buffer.write(EVENT);
		MAPPER.writeValue(buffer.asOutputStream(), value);
		return buffer.write(END);
	}

	static byte[] error(ApiError error) {
		return MAPPER.writeValueAsBytes(Failure.of(error));
	}

	static byte[] models(Collection<String> models) {
		return MAPPER.writeValueAsBytes(new Models("list", models.stream().map(Model::of).toList()));
	}

	static byte[] model(String model) {
		return MAPPER.writeValueAsBytes(Model.of(model));
	}

	record Answer(String id, String object, long created, @Nullable String model, @Nullable String systemFingerprint,
			List<Choice> choices, @Nullable Tokens usage) {

	}

	record Choice(int index, @Nullable Message message, @Nullable Message delta, @Nullable Logprobs logprobs,
			@JsonInclude @Nullable String finishReason) {

	}

	record Message(@Nullable String role, @JsonInclude @Nullable String content, @Nullable String reasoningContent,
			@JsonInclude(JsonInclude.Include.NON_EMPTY) List<Call> toolCalls,
			@JsonAnyGetter Map<String, Object> extra) {

	}

	record Call(@Nullable Integer index, @Nullable String id, @Nullable String type, Function function) {

	}

	record Function(@Nullable String name, @Nullable String arguments) {

	}

	record Tokens(@Nullable Long promptTokens, @Nullable Long completionTokens, @Nullable Long totalTokens,
			@Nullable Map<String, Long> promptTokensDetails, @Nullable Map<String, Long> completionTokensDetails) {

		static Tokens of(Usage usage) {
			Long cached = usage.cacheHitTokens();
			Long reasoning = usage.reasoningTokens();
			return new Tokens(usage.promptTokens(), usage.completionTokens(), usage.totalTokens(),
					(cached != null) ? Map.of("cached_tokens", cached) : null,
					(reasoning != null) ? Map.of("reasoning_tokens", reasoning) : null);
		}

	}

	record Failure(Cause error) {

		static Failure of(ApiError error) {
			return new Failure(new Cause(error.message(), error.type(), error.param(), error.code()));
		}

	}

	@JsonInclude
	record Cause(String message, String type, @Nullable String param, @Nullable String code) {

	}

	record Models(String object, List<Model> data) {

	}

	record Model(String id, String object, long created, String ownedBy) {

		static Model of(String id) {
			return new Model(id, "model", 0, "gateway");
		}

	}

}
