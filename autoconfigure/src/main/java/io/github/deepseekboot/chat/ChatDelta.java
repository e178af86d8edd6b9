package io.github.deepseekboot.chat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Piece of a streamed answer. Most deltas carry only a piece of {@link #content()} or
 * {@link #reasoningContent()}; the very last one ({@link #isLast()}) carries no text, but
 * the usage and the attempts of the call.
 *
 * <p>
 * Its JSON form has the names of the accessors and no nulls, whatever the application's
 * mapper is set to, so that a controller can send deltas on to a browser.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "content", "reasoningContent", "toolCalls", "finishReason", "choiceIndex", "round", "provider",
		"model", "requestId", "id", "created", "systemFingerprint", "logprobs", "extra", "last", "usage", "attempts" })
public final class ChatDelta {

	private final Origin origin;

	private final int choiceIndex;

	private final @Nullable String content;

	private final @Nullable String reasoningContent;

	private final @Nullable FinishReason finishReason;

	private final @Nullable List<ToolCallDelta> toolCalls;

	private final @Nullable Logprobs logprobs;

	private final @Nullable Map<String, Object> extra;

	private final @Nullable End end;

	private ChatDelta(Origin origin, int choiceIndex, @Nullable String content, @Nullable String reasoningContent,
			@Nullable FinishReason finishReason, @Nullable List<ToolCallDelta> toolCalls, @Nullable Logprobs logprobs,
			@Nullable Map<String, Object> extra, @Nullable End end) {
		this.origin = origin;
		this.choiceIndex = choiceIndex;
		this.content = content;
		this.reasoningContent = reasoningContent;
		this.finishReason = finishReason;
		this.toolCalls = toolCalls;
		this.logprobs = logprobs;
		this.extra = extra;
		this.end = end;
	}

	/**
	 * Create a delta that is nothing but a piece of text, such as a test needs.
	 * @param provider the id of the provider that answers
	 * @param content the text
	 * @return the delta
	 */
	public static ChatDelta of(String provider, String content) {
		return builder(Origin.of(provider)).content(content).build();
	}

	/**
	 * Create the last delta of a stream, such as a test needs.
	 * @param provider the id of the provider that answers
	 * @param usage the tokens counted; {@code null} for none
	 * @return the delta
	 */
	public static ChatDelta last(String provider, @Nullable Usage usage) {
		return last(Origin.of(provider), usage, List.of());
	}

	/**
	 * Create a builder for a piece of an answer.
	 * @param origin where it comes from
	 * @return a new builder
	 */
	public static Builder builder(Origin origin) {
		return new Builder(origin);
	}

	/**
	 * Create a piece of an answer, without the cost of a builder.
	 * @param origin where it comes from
	 * @param choiceIndex which choice it belongs to
	 * @param content the next piece of text
	 * @param reasoningContent the next piece of the reasoning
	 * @param finishReason why the choice ended, on its final piece
	 * @param toolCalls fragments of tool calls
	 * @param logprobs the log probabilities of this piece's tokens
	 * @return the delta
	 */
	public static ChatDelta of(Origin origin, int choiceIndex, @Nullable String content,
			@Nullable String reasoningContent, @Nullable FinishReason finishReason,
			@Nullable List<ToolCallDelta> toolCalls, @Nullable Logprobs logprobs) {
		return new ChatDelta(origin, choiceIndex, content, reasoningContent, finishReason, toolCalls, logprobs, null,
				null);
	}

	/**
	 * Create the last delta of a stream.
	 * @param origin where it comes from
	 * @param usage the tokens counted; {@code null} where the provider reported none
	 * @param attempts the attempts made, the successful one last
	 * @return the delta
	 */
	public static ChatDelta last(Origin origin, @Nullable Usage usage, List<AttemptReport> attempts) {
		return last(origin, usage, attempts, List.of());
	}

	/**
	 * Create the last delta of a stream that went through rounds of tools.
	 * @param origin where it comes from
	 * @param usage the tokens counted in all rounds; {@code null} if that is not known
	 * @param attempts the attempts made in all rounds
	 * @param toolMessages the tool calls of all rounds and their answers
	 * @return the delta
	 */
	public static ChatDelta last(Origin origin, @Nullable Usage usage, List<AttemptReport> attempts,
			List<ChatMessage> toolMessages) {
		return new ChatDelta(origin, 0, null, null, null, null, null, null,
				new End(usage, List.copyOf(attempts), List.copyOf(toolMessages)));
	}

	@JsonCreator
	static ChatDelta fromJson(@JsonProperty("content") @Nullable String content,
			@JsonProperty("reasoningContent") @Nullable String reasoningContent,
			@JsonProperty("toolCalls") @Nullable List<ToolCallDelta> toolCalls,
			@JsonProperty("finishReason") @Nullable FinishReason finishReason,
			@JsonProperty("choiceIndex") int choiceIndex, @JsonProperty("round") @Nullable Integer round,
			@JsonProperty("provider") String provider, @JsonProperty("model") @Nullable String model,
			@JsonProperty("requestId") @Nullable String requestId, @JsonProperty("id") @Nullable String id,
			@JsonProperty("created") @Nullable Instant created,
			@JsonProperty("systemFingerprint") @Nullable String systemFingerprint,
			@JsonProperty("logprobs") @Nullable Logprobs logprobs,
			@JsonProperty("extra") @Nullable Map<String, Object> extra, @JsonProperty("last") @Nullable Boolean last,
			@JsonProperty("usage") @Nullable Usage usage,
			@JsonProperty("attempts") @Nullable List<AttemptReport> attempts) {
		Origin origin = Origin.builder(provider)
			.id(id)
			.model(model)
			.created(created)
			.systemFingerprint(systemFingerprint)
			.requestId(requestId)
			.round((round != null) ? round : 1)
			.build();
		End end = (last != null && last) ? new End(usage, (attempts != null) ? attempts : List.of(), List.of()) : null;
		return new ChatDelta(origin, choiceIndex, content, reasoningContent, finishReason, toolCalls, logprobs, extra,
				end);
	}

	/**
	 * Return the next piece of the answer's text.
	 * @return the text, or {@code null} if this delta brings none
	 */
	@JsonProperty
	public @Nullable String content() {
		return this.content;
	}

	/**
	 * Return the next piece of the reasoning.
	 * @return the text, or {@code null} if this delta brings none
	 */
	@JsonProperty
	public @Nullable String reasoningContent() {
		return this.reasoningContent;
	}

	/**
	 * Return the fragments of tool calls.
	 * @return the fragments; empty if this delta brings none
	 */
	public List<ToolCallDelta> toolCalls() {
		return (this.toolCalls != null) ? this.toolCalls : List.of();
	}

	@JsonProperty("toolCalls")
	@Nullable List<ToolCallDelta> toolCallsOrNull() {
		return this.toolCalls;
	}

	/**
	 * Return the reason for the end of the choice.
	 * @return the reason, on the choice's final piece; else {@code null}
	 */
	@JsonProperty
	public @Nullable FinishReason finishReason() {
		return this.finishReason;
	}

	/**
	 * Return the index of the choice that this belongs to.
	 * @return the index, from 0
	 */
	@JsonProperty
	public int choiceIndex() {
		return this.choiceIndex;
	}

	/**
	 * Return the number of the model's answer that this belongs to, where tools are run
	 * in between. A round ends with a {@link #finishReason()}, the stream with
	 * {@link #isLast()}.
	 * @return the number, from 1; always 1 without tools. Left out of the JSON form if 1
	 */
	public int round() {
		return this.origin.round();
	}

	@JsonProperty("round")
	@Nullable Integer roundOrNull() {
		return (this.origin.round() != 1) ? this.origin.round() : null;
	}

	/**
	 * Return the provider that answers.
	 * @return its id
	 */
	@JsonProperty
	public String provider() {
		return this.origin.provider();
	}

	/**
	 * Return the model that answers, as the provider names it.
	 * @return the model, or {@code null} if the provider did not say
	 */
	@JsonProperty
	public @Nullable String model() {
		return this.origin.model();
	}

	/**
	 * Return the provider's id of the request.
	 * @return the id, or {@code null} if it gave none
	 */
	@JsonProperty
	public @Nullable String requestId() {
		return this.origin.requestId();
	}

	/**
	 * Return the log probabilities of this piece's tokens.
	 * @return the log probabilities, or {@code null} if not asked for
	 */
	@JsonProperty
	public @Nullable Logprobs logprobs() {
		return this.logprobs;
	}

	/**
	 * Return the fields of this piece that have no accessor of their own, such as
	 * {@code annotations}.
	 * @return the fields by their wire names; empty for none
	 */
	public Map<String, Object> extra() {
		return (this.extra != null) ? this.extra : Map.of();
	}

	@JsonProperty("extra")
	@Nullable Map<String, Object> extraOrNull() {
		return this.extra;
	}

	/**
	 * Return the same delta with further fields.
	 * @param extra the fields by their wire names; {@code null} for none
	 * @return a copy
	 */
	public ChatDelta withExtra(@Nullable Map<String, Object> extra) {
		return new ChatDelta(this.origin, this.choiceIndex, this.content, this.reasoningContent, this.finishReason,
				this.toolCalls, this.logprobs, (extra != null && !extra.isEmpty()) ? extra : null, this.end);
	}

	/**
	 * Return whether this is the last delta of the stream: the answer is complete.
	 * @return {@code true} on exactly one delta of a stream that did not fail
	 */
	public boolean isLast() {
		return this.end != null;
	}

	/**
	 * Return the tokens counted for the call. Only the last delta has them, so that the
	 * sum over all deltas is right.
	 * @return the usage, or {@code null}
	 */
	@JsonProperty
	public @Nullable Usage usage() {
		return (this.end != null) ? this.end.usage() : null;
	}

	/**
	 * Return the attempts made for the call, on the last delta.
	 * @return the attempts, the successful one last; empty on any other delta
	 */
	public List<AttemptReport> attempts() {
		return (this.end != null) ? this.end.attempts() : List.of();
	}

	/**
	 * Return the tool calls of all rounds and their answers, on the last delta: what a
	 * conversation needs besides the answer itself. Not part of the JSON form.
	 * @return the messages; empty on any other delta and where no tool was run
	 */
	public List<ChatMessage> toolMessages() {
		return (this.end != null) ? this.end.toolMessages() : List.of();
	}

	/**
	 * Return the origin, which all deltas of one attempt share.
	 * @return the origin
	 */
	public Origin origin() {
		return this.origin;
	}

	/**
	 * Return the same delta with another origin.
	 * @param origin where it comes from
	 * @return a copy
	 */
	public ChatDelta withOrigin(Origin origin) {
		return new ChatDelta(origin, this.choiceIndex, this.content, this.reasoningContent, this.finishReason,
				this.toolCalls, this.logprobs, this.extra, this.end);
	}

	@JsonProperty("last")
	@Nullable Boolean lastOrNull() {
		return (this.end != null) ? Boolean.TRUE : null;
	}

	@JsonProperty("attempts")
	@Nullable List<AttemptReport> attemptsOrNull() {
		return (this.end != null) ? this.end.attempts() : null;
	}

	@JsonProperty("id")
	@Nullable String idOnLast() {
		return (this.end != null) ? this.origin.id() : null;
	}

	@JsonProperty("created")
	@JsonFormat(shape = JsonFormat.Shape.STRING)
	@Nullable Instant createdOnLast() {
		return (this.end != null) ? this.origin.created() : null;
	}

	@JsonProperty("systemFingerprint")
	@Nullable String systemFingerprintOnLast() {
		return (this.end != null) ? this.origin.systemFingerprint() : null;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ChatDelta that && this.choiceIndex == that.choiceIndex
				&& Objects.equals(this.content, that.content)
				&& Objects.equals(this.reasoningContent, that.reasoningContent)
				&& Objects.equals(this.finishReason, that.finishReason) && toolCalls().equals(that.toolCalls())
				&& Objects.equals(this.logprobs, that.logprobs) && extra().equals(that.extra())
				&& Objects.equals(this.end, that.end) && this.origin.equals(that.origin);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.origin, this.choiceIndex, this.content, this.reasoningContent, this.finishReason,
				toolCalls(), this.logprobs, extra(), this.end);
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder("ChatDelta[").append(this.origin.provider());
		append(text, "round", roundOrNull());
		append(text, "choice", (this.choiceIndex != 0) ? this.choiceIndex : null);
		append(text, "reasoningContent", this.reasoningContent);
		append(text, "content", this.content);
		append(text, "toolCalls", this.toolCalls);
		append(text, "finishReason", this.finishReason);
		append(text, "extra", this.extra);
		append(text, "end", this.end);
		return text.append(']').toString();
	}

	private static void append(StringBuilder text, String name, @Nullable Object value) {
		if (value != null) {
			text.append(", ").append(name).append('=').append(value);
		}
	}

	/**
	 * Origin of deltas, shared by all deltas of an attempt.
	 */
	public static final class Origin {

		private final String provider;

		private final @Nullable String id;

		private final @Nullable String model;

		private final @Nullable Instant created;

		private final @Nullable String systemFingerprint;

		private final @Nullable String requestId;

		private final int round;

		private Origin(Builder builder) {
			Assert.notNull(builder.provider, "'provider' must not be null");
			this.provider = builder.provider;
			this.id = builder.id;
			this.model = builder.model;
			this.created = builder.created;
			this.systemFingerprint = builder.systemFingerprint;
			this.requestId = builder.requestId;
			this.round = builder.round;
		}

		/**
		 * Create a builder for an origin.
		 * @param provider the id
		 * @return a new builder
		 */
		public static Builder builder(String provider) {
			return new Builder(provider);
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		/**
		 * Return the answer's id.
		 * @return the id, or {@code null} if the provider gave none
		 */
		public @Nullable String id() {
			return this.id;
		}

		/**
		 * Return the model that answers, as the provider names it.
		 * @return the model, or {@code null} if the provider did not say
		 */
		public @Nullable String model() {
			return this.model;
		}

		/**
		 * Return when the provider says the answer was made, to the second.
		 * @return the time, or {@code null} if it did not say
		 */
		public @Nullable Instant created() {
			return this.created;
		}

		/**
		 * Return the provider's mark of the model's build.
		 * @return the mark, or {@code null} if it gave none
		 */
		public @Nullable String systemFingerprint() {
			return this.systemFingerprint;
		}

		/**
		 * Return the provider's id of the request.
		 * @return the id, or {@code null} if it gave none
		 */
		public @Nullable String requestId() {
			return this.requestId;
		}

		/**
		 * Return which answer of the model it is; above 1 only behind tools.
		 * @return the number, from 1
		 */
		public int round() {
			return this.round;
		}

		/**
		 * Create an origin of which nothing but the provider is known.
		 * @param provider the provider's id
		 * @return the origin
		 */
		public static Origin of(String provider) {
			return builder(provider).build();
		}

		/**
		 * Create a builder with all that this one has.
		 * @return a new builder
		 */
		public Builder toBuilder() {
			Builder builder = new Builder(this.provider);
			builder.id = this.id;
			builder.model = this.model;
			builder.created = this.created;
			builder.systemFingerprint = this.systemFingerprint;
			builder.requestId = this.requestId;
			builder.round = this.round;
			return builder;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof Origin that && this.provider.equals(that.provider)
					&& Objects.equals(this.id, that.id) && Objects.equals(this.model, that.model)
					&& Objects.equals(this.created, that.created)
					&& Objects.equals(this.systemFingerprint, that.systemFingerprint)
					&& Objects.equals(this.requestId, that.requestId) && this.round == that.round;
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.provider, this.id, this.model, this.created, this.systemFingerprint,
					this.requestId, this.round);
		}

		@Override
		public String toString() {
			return "Origin[provider=" + this.provider + ", id=" + this.id + ", model=" + this.model + ", created="
					+ this.created + ", systemFingerprint=" + this.systemFingerprint + ", requestId=" + this.requestId
					+ ", round=" + this.round + "]";
		}

		/**
		 * Builder for {@link Origin}.
		 */
		public static final class Builder {

			private String provider;

			private @Nullable String id;

			private @Nullable String model;

			private @Nullable Instant created;

			private @Nullable String systemFingerprint;

			private @Nullable String requestId;

			private int round = 1;

			private Builder(String provider) {
				this.provider = provider;
			}

			/**
			 * Set the provider's id.
			 * @param provider the id
			 * @return this builder
			 */
			public Builder provider(String provider) {
				this.provider = provider;
				return this;
			}

			/**
			 * Set the answer's id.
			 * @param id the id; {@code null} if the provider gave none
			 * @return this builder
			 */
			public Builder id(@Nullable String id) {
				this.id = id;
				return this;
			}

			/**
			 * Set the model that answers, as the provider names it.
			 * @param model the model; {@code null} if the provider did not say
			 * @return this builder
			 */
			public Builder model(@Nullable String model) {
				this.model = model;
				return this;
			}

			/**
			 * Set when the provider says the answer was made, to the second.
			 * @param created the time; {@code null} if it did not say
			 * @return this builder
			 */
			public Builder created(@Nullable Instant created) {
				this.created = created;
				return this;
			}

			/**
			 * Set the provider's mark of the model's build.
			 * @param systemFingerprint the mark; {@code null} if it gave none
			 * @return this builder
			 */
			public Builder systemFingerprint(@Nullable String systemFingerprint) {
				this.systemFingerprint = systemFingerprint;
				return this;
			}

			/**
			 * Set the provider's id of the request.
			 * @param requestId the id; {@code null} if it gave none
			 * @return this builder
			 */
			public Builder requestId(@Nullable String requestId) {
				this.requestId = requestId;
				return this;
			}

			/**
			 * Set which answer of the model it is; above 1 only behind tools.
			 * @param round the number, from 1
			 * @return this builder
			 */
			public Builder round(int round) {
				this.round = round;
				return this;
			}

			/**
			 * Build the origin.
			 * @return a new Origin
			 */
			public Origin build() {
				return new Origin(this);
			}

		}

	}

	/**
	 * Builder for a {@link ChatDelta} that is not the last one.
	 */
	public static final class Builder {

		private final Origin origin;

		private int choiceIndex;

		private @Nullable String content;

		private @Nullable String reasoningContent;

		private @Nullable FinishReason finishReason;

		private @Nullable List<ToolCallDelta> toolCalls;

		private @Nullable Logprobs logprobs;

		private Builder(Origin origin) {
			Assert.notNull(origin, "'origin' must not be null");
			this.origin = origin;
		}

		/**
		 * Set which choice it belongs to.
		 * @param choiceIndex the index, from 0
		 * @return this builder
		 */
		public Builder choiceIndex(int choiceIndex) {
			this.choiceIndex = choiceIndex;
			return this;
		}

		/**
		 * Set the next piece of text.
		 * @param content the text; {@code null} for none
		 * @return this builder
		 */
		public Builder content(@Nullable String content) {
			this.content = content;
			return this;
		}

		/**
		 * Set the next piece of the reasoning.
		 * @param reasoningContent the text; {@code null} for none
		 * @return this builder
		 */
		public Builder reasoningContent(@Nullable String reasoningContent) {
			this.reasoningContent = reasoningContent;
			return this;
		}

		/**
		 * Set why the choice ended, on its final piece.
		 * @param finishReason the reason; {@code null} if it continues
		 * @return this builder
		 */
		public Builder finishReason(@Nullable FinishReason finishReason) {
			this.finishReason = finishReason;
			return this;
		}

		/**
		 * Set the fragments of tool calls.
		 * @param toolCalls the fragments; {@code null} for none
		 * @return this builder
		 */
		public Builder toolCalls(@Nullable List<ToolCallDelta> toolCalls) {
			this.toolCalls = (toolCalls != null) ? Elements.of(toolCalls, "toolCalls") : null;
			return this;
		}

		/**
		 * Set the log probabilities of this piece's tokens.
		 * @param logprobs the log probabilities; {@code null} for none
		 * @return this builder
		 */
		public Builder logprobs(@Nullable Logprobs logprobs) {
			this.logprobs = logprobs;
			return this;
		}

		/**
		 * Build the delta.
		 * @return a new delta
		 */
		public ChatDelta build() {
			return of(this.origin, this.choiceIndex, this.content, this.reasoningContent, this.finishReason,
					this.toolCalls, this.logprobs);
		}

	}

	private record End(@Nullable Usage usage, List<AttemptReport> attempts, List<ChatMessage> toolMessages) {

	}

}
