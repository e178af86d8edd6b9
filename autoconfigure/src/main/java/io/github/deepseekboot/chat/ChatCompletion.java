package io.github.deepseekboot.chat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collector;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * A whole answer.
 *
 * @param provider the id of the provider that answered
 * @param id the answer's id; {@code null} where the provider gave none
 * @param model the model that answered, as the provider names it; may differ from the one
 * that was asked
 * @param created when the provider says it was made, to the second
 * @param systemFingerprint the provider's mark of the model's build
 * @param choices the answers, by index; usually one
 * @param usage the tokens counted; {@code null} where the provider reported none
 * @param requestId the provider's id of the request, from its trace header or body
 * @param attempts the attempts made for this answer, the successful one last
 * @param raw the provider's answer as it came; {@code null} for a collected stream
 * @param toolMessages the tool calls that were made for this answer, and what the tools
 * answered; empty where no tool was run. Usage and attempts are those of all rounds
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ChatCompletion(@JsonProperty("provider") String provider, @JsonProperty("id") @Nullable String id,
		@JsonProperty("model") @Nullable String model,
		@JsonProperty("created") @JsonFormat(shape = JsonFormat.Shape.STRING) @Nullable Instant created,
		@JsonProperty("systemFingerprint") @Nullable String systemFingerprint,
		@JsonProperty("choices") List<Choice> choices, @JsonProperty("usage") @Nullable Usage usage,
		@JsonProperty("requestId") @Nullable String requestId, @JsonProperty("attempts") List<AttemptReport> attempts,
		@JsonIgnore @Nullable RawJson raw,
		@JsonProperty("toolMessages") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ChatMessage> toolMessages) {

	@SuppressWarnings("NullAway") // the messages may be absent when read from JSON
	public ChatCompletion {
		Assert.notNull(provider, "'provider' must not be null");
		Assert.notEmpty(choices, "'choices' must not be empty");
		choices = List.copyOf(choices);
		attempts = List.copyOf(attempts);
		toolMessages = (toolMessages != null) ? List.copyOf(toolMessages) : List.of();
	}

	/**
	 * An answer for which no tool was run.
	 * @param provider the id of the provider that answered
	 * @param id the answer's id
	 * @param model the model that answered
	 * @param created when the provider says it was made
	 * @param systemFingerprint the provider's mark of the model's build
	 * @param choices the answers, by index
	 * @param usage the tokens counted
	 * @param requestId the provider's id of the request
	 * @param attempts the attempts made for this answer
	 * @param raw the provider's answer as it came
	 */
	public ChatCompletion(String provider, @Nullable String id, @Nullable String model, @Nullable Instant created,
			@Nullable String systemFingerprint, List<Choice> choices, @Nullable Usage usage, @Nullable String requestId,
			List<AttemptReport> attempts, @Nullable RawJson raw) {
		this(provider, id, model, created, systemFingerprint, choices, usage, requestId, attempts, raw, List.of());
	}

	/**
	 * An answer that is nothing but a text, for tests of what uses one.
	 * @param provider who answers
	 * @param content the text
	 * @return the answer
	 */
	public static ChatCompletion of(String provider, String content) {
		Choice choice = new Choice(0, ChatMessage.assistant(content), FinishReason.STOP, null);
		return new ChatCompletion(provider, null, null, null, null, List.of(choice), null, null, List.of(), null);
	}

	/**
	 * Collects the deltas of one stream:
	 * {@code chat.stream(request).collect(ChatCompletion.collector())}.
	 * @return a collector for one stream; fails on a stream without deltas
	 */
	public static Collector<ChatDelta, ?, ChatCompletion> collector() {
		return Collector.of(ChatDeltaAccumulator::new, ChatDeltaAccumulator::add, (left, right) -> {
			throw new UnsupportedOperationException("deltas must be collected in their order");
		}, ChatDeltaAccumulator::toCompletion);
	}

	/**
	 * The first answer's text.
	 * @return the text; empty if the model only reasoned or called tools
	 */
	public String content() {
		String content = message().content();
		return (content != null) ? content : "";
	}

	/**
	 * The first answer's chain of thought.
	 * @return the text, or {@code null} if the model did not think or does not show it
	 */
	public @Nullable String reasoningContent() {
		return message().reasoningContent();
	}

	/**
	 * The tools that the first answer calls.
	 * @return the calls; empty for none
	 */
	public List<ToolCall> toolCalls() {
		return message().toolCalls();
	}

	/**
	 * Why the first answer ended.
	 * @return the reason, or {@code null} if the provider gave none
	 */
	public @Nullable FinishReason finishReason() {
		return this.choices.get(0).finishReason();
	}

	/**
	 * The provider's answer as it came.
	 * @return the JSON, made into a text anew by each call; {@code null} for a collected
	 * stream
	 */
	public @Nullable String rawJson() {
		return (this.raw != null) ? this.raw.toString() : null;
	}

	/**
	 * The first answer as a message, to append to the next request.
	 * @return the message, reasoning included
	 */
	public ChatMessage message() {
		return this.choices.get(0).message();
	}

	/**
	 * All that this call adds to the conversation: what was said to and by tools, then
	 * the first answer.
	 * @return the messages, to append to the next request; the answer is the last
	 */
	public List<ChatMessage> messages() {
		List<ChatMessage> messages = new ArrayList<>(this.toolMessages);
		messages.add(message());
		return messages;
	}

	/**
	 * The same completion with the attempts of its call.
	 * @param attempts the attempts
	 * @return a copy
	 */
	public ChatCompletion withAttempts(List<AttemptReport> attempts) {
		return new ChatCompletion(this.provider, this.id, this.model, this.created, this.systemFingerprint,
				this.choices, this.usage, this.requestId, attempts, this.raw, this.toolMessages);
	}

	/**
	 * The same completion as the end of several rounds.
	 * @param usage the tokens counted in all rounds; {@code null} if that is not known
	 * @param attempts the attempts made in all rounds
	 * @param toolMessages the tool calls of all rounds and their answers
	 * @return a copy
	 */
	public ChatCompletion withRounds(@Nullable Usage usage, List<AttemptReport> attempts,
			List<ChatMessage> toolMessages) {
		return new ChatCompletion(this.provider, this.id, this.model, this.created, this.systemFingerprint,
				this.choices, usage, this.requestId, attempts, this.raw, toolMessages);
	}

	/**
	 * One of the answers.
	 *
	 * @param index its number, from 0
	 * @param message the answer
	 * @param finishReason why it ended, or {@code null} if the provider did not say
	 * @param logprobs the log probabilities, where asked for
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	public record Choice(@JsonProperty("index") int index, @JsonProperty("message") ChatMessage message,
			@JsonProperty("finishReason") @Nullable FinishReason finishReason,
			@JsonProperty("logprobs") @Nullable Logprobs logprobs) {

	}

}
