package io.github.deepseekboot.chat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collector;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Complete answer of a model.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "provider", "id", "model", "created", "systemFingerprint", "choices", "usage", "requestId",
		"attempts", "toolMessages" })
public final class ChatCompletion {

	private final String provider;

	private final @Nullable String id;

	private final @Nullable String model;

	private final @Nullable Instant created;

	private final @Nullable String systemFingerprint;

	private final List<Choice> choices;

	private final @Nullable Usage usage;

	private final @Nullable String requestId;

	private final List<AttemptReport> attempts;

	private final @Nullable RawJson rawJson;

	private final List<ChatMessage> toolMessages;

	private ChatCompletion(Builder builder) {
		Assert.notNull(builder.provider, "'provider' must not be null");
		Assert.notEmpty(builder.choices, "'choices' must not be empty");
		this.provider = builder.provider;
		this.id = builder.id;
		this.model = builder.model;
		this.created = builder.created;
		this.systemFingerprint = builder.systemFingerprint;
		this.choices = List.copyOf(builder.choices);
		this.usage = builder.usage;
		this.requestId = builder.requestId;
		this.attempts = List.copyOf(builder.attempts);
		this.rawJson = builder.rawJson;
		this.toolMessages = List.copyOf(builder.toolMessages);
	}

	@JsonCreator
	static ChatCompletion fromJson(@JsonProperty("provider") String provider, @JsonProperty("id") @Nullable String id,
			@JsonProperty("model") @Nullable String model, @JsonProperty("created") @Nullable Instant created,
			@JsonProperty("systemFingerprint") @Nullable String systemFingerprint,
			@JsonProperty("choices") @Nullable List<Choice> choices, @JsonProperty("usage") @Nullable Usage usage,
			@JsonProperty("requestId") @Nullable String requestId,
			@JsonProperty("attempts") @Nullable List<AttemptReport> attempts,
			@JsonProperty("toolMessages") @Nullable List<ChatMessage> toolMessages) {
		Builder builder = new Builder(provider).id(id)
			.model(model)
			.created(created)
			.systemFingerprint(systemFingerprint)
			.usage(usage)
			.requestId(requestId);
		if (choices != null) {
			builder.choices(choices);
		}
		if (attempts != null) {
			builder.attempts(attempts);
		}
		if (toolMessages != null) {
			builder.toolMessages(toolMessages);
		}
		return builder.build();
	}

	/**
	 * Create a builder for an answer.
	 * @param provider the id
	 * @return a new builder
	 */
	public static Builder builder(String provider) {
		return new Builder(provider);
	}

	/**
	 * Return the id of the provider that answered.
	 * @return the id
	 */
	@JsonProperty("provider")
	public String provider() {
		return this.provider;
	}

	/**
	 * Return the answer's id.
	 * @return the id, or {@code null} if the provider gave none
	 */
	@JsonProperty("id")
	public @Nullable String id() {
		return this.id;
	}

	/**
	 * Return the model that answered, as the provider names it; may differ from the one
	 * that was asked.
	 * @return the model, or {@code null} if the provider did not say
	 */
	@JsonProperty("model")
	public @Nullable String model() {
		return this.model;
	}

	/**
	 * Return when the provider says the answer was made, to the second.
	 * @return the time, or {@code null} if it did not say
	 */
	@JsonProperty("created")
	@JsonFormat(shape = JsonFormat.Shape.STRING)
	public @Nullable Instant created() {
		return this.created;
	}

	/**
	 * Return the provider's mark of the model's build.
	 * @return the mark, or {@code null} if it gave none
	 */
	@JsonProperty("systemFingerprint")
	public @Nullable String systemFingerprint() {
		return this.systemFingerprint;
	}

	/**
	 * Return the answers, by index.
	 * @return the answers, usually one; never empty
	 */
	@JsonProperty("choices")
	public List<Choice> choices() {
		return this.choices;
	}

	/**
	 * Return the tokens counted, with tools those of all rounds.
	 * @return the usage, or {@code null} if the provider reported none
	 */
	@JsonProperty("usage")
	public @Nullable Usage usage() {
		return this.usage;
	}

	/**
	 * Return the provider's id of the request, from its trace header or body.
	 * @return the id, or {@code null} if it gave none
	 */
	@JsonProperty("requestId")
	public @Nullable String requestId() {
		return this.requestId;
	}

	/**
	 * Return the attempts made for this answer, with tools those of all rounds.
	 * @return the attempts, the successful one last
	 */
	@JsonProperty("attempts")
	public List<AttemptReport> attempts() {
		return this.attempts;
	}

	/**
	 * Return the tool calls that were made for this answer, and what the tools answered.
	 * @return the messages; empty if no tool was run
	 */
	@JsonProperty("toolMessages")
	@JsonInclude(JsonInclude.Include.NON_EMPTY)
	public List<ChatMessage> toolMessages() {
		return this.toolMessages;
	}

	/**
	 * Create an answer that is nothing but a text, such as a test needs.
	 * @param provider the id of the provider that answers
	 * @param content the text
	 * @return the answer
	 */
	public static ChatCompletion of(String provider, String content) {
		Choice choice = Choice.builder(ChatMessage.assistant(content)).finishReason(FinishReason.STOP).build();
		return builder(provider).choices(List.of(choice)).build();
	}

	/**
	 * Return a collector for the deltas of one stream:
	 * {@code chat.stream(request).collect(ChatCompletion.collector())}.
	 * @return a collector that fails on a stream without deltas
	 */
	public static Collector<ChatDelta, ?, ChatCompletion> collector() {
		return Collector.of(ChatDeltaAccumulator::new, ChatDeltaAccumulator::add, (left, right) -> {
			throw new UnsupportedOperationException("deltas must be collected in their order");
		}, ChatDeltaAccumulator::toCompletion);
	}

	/**
	 * Return the text of the first answer.
	 * @return the text; empty if the model only reasoned or called tools
	 */
	public String content() {
		String content = message().content();
		return (content != null) ? content : "";
	}

	/**
	 * Return the reasoning of the first answer.
	 * @return the text, or {@code null} if the model did not think or does not show it
	 */
	public @Nullable String reasoningContent() {
		return message().reasoningContent();
	}

	/**
	 * Return the tools that the first answer calls.
	 * @return the calls; empty for none
	 */
	public List<ToolCall> toolCalls() {
		return message().toolCalls();
	}

	/**
	 * Return why the first answer ended.
	 * @return the reason, or {@code null} if the provider gave none
	 */
	public @Nullable FinishReason finishReason() {
		return this.choices.get(0).finishReason();
	}

	/**
	 * Return the provider's answer as it came. Not part of the JSON form.
	 * @return the JSON, which each call decodes again; {@code null} for a collected
	 * stream
	 */
	public @Nullable String rawJson() {
		return (this.rawJson != null) ? this.rawJson.toString() : null;
	}

	/**
	 * Return the first answer as a message, to append to the next request.
	 * @return the message, reasoning included
	 */
	public ChatMessage message() {
		return this.choices.get(0).message();
	}

	/**
	 * Return all that this call adds to the conversation: what was said to and by tools,
	 * then the first answer.
	 * @return the messages, to append to the next request; the answer is the last
	 */
	public List<ChatMessage> messages() {
		List<ChatMessage> messages = new ArrayList<>(this.toolMessages);
		messages.add(message());
		return messages;
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
		builder.choices = this.choices;
		builder.usage = this.usage;
		builder.requestId = this.requestId;
		builder.attempts = this.attempts;
		builder.rawJson = this.rawJson;
		builder.toolMessages = this.toolMessages;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ChatCompletion that && this.provider.equals(that.provider)
				&& Objects.equals(this.id, that.id) && Objects.equals(this.model, that.model)
				&& Objects.equals(this.created, that.created)
				&& Objects.equals(this.systemFingerprint, that.systemFingerprint) && this.choices.equals(that.choices)
				&& Objects.equals(this.usage, that.usage) && Objects.equals(this.requestId, that.requestId)
				&& this.attempts.equals(that.attempts) && Objects.equals(this.rawJson, that.rawJson)
				&& this.toolMessages.equals(that.toolMessages);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.provider, this.id, this.model, this.created, this.systemFingerprint, this.choices,
				this.usage, this.requestId, this.attempts, this.rawJson, this.toolMessages);
	}

	@Override
	public String toString() {
		return "ChatCompletion[provider=" + this.provider + ", id=" + this.id + ", model=" + this.model + ", created="
				+ this.created + ", systemFingerprint=" + this.systemFingerprint + ", choices=" + this.choices
				+ ", usage=" + this.usage + ", requestId=" + this.requestId + ", attempts=" + this.attempts
				+ ", toolMessages=" + this.toolMessages + "]";
	}

	/**
	 * Builder for {@link ChatCompletion}.
	 */
	public static final class Builder {

		private String provider;

		private @Nullable String id;

		private @Nullable String model;

		private @Nullable Instant created;

		private @Nullable String systemFingerprint;

		private List<Choice> choices = List.of();

		private @Nullable Usage usage;

		private @Nullable String requestId;

		private List<AttemptReport> attempts = List.of();

		private @Nullable RawJson rawJson;

		private List<ChatMessage> toolMessages = List.of();

		private Builder(String provider) {
			this.provider = provider;
		}

		/**
		 * Set the id of the provider that answered.
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
		 * Set the model that answered, as the provider names it; may differ from the one
		 * that was asked.
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
		 * Set the answers, by index.
		 * @param choices the answers, usually one; never empty
		 * @return this builder
		 */
		public Builder choices(List<Choice> choices) {
			this.choices = Elements.of(choices, "choices");
			return this;
		}

		/**
		 * Set the tokens counted, with tools those of all rounds.
		 * @param usage the usage; {@code null} if the provider reported none
		 * @return this builder
		 */
		public Builder usage(@Nullable Usage usage) {
			this.usage = usage;
			return this;
		}

		/**
		 * Set the provider's id of the request, from its trace header or body.
		 * @param requestId the id; {@code null} if it gave none
		 * @return this builder
		 */
		public Builder requestId(@Nullable String requestId) {
			this.requestId = requestId;
			return this;
		}

		/**
		 * Set the attempts made for this answer, with tools those of all rounds.
		 * @param attempts the attempts, the successful one last
		 * @return this builder
		 */
		public Builder attempts(List<AttemptReport> attempts) {
			this.attempts = Elements.of(attempts, "attempts");
			return this;
		}

		/**
		 * Set the provider's answer as it came.
		 * @param rawJson the answer; {@code null} for a collected stream
		 * @return this builder
		 */
		public Builder rawJson(@Nullable RawJson rawJson) {
			this.rawJson = rawJson;
			return this;
		}

		/**
		 * Set the tool calls that were made for this answer, and what the tools answered.
		 * @param toolMessages the messages; empty if no tool was run
		 * @return this builder
		 */
		public Builder toolMessages(List<ChatMessage> toolMessages) {
			this.toolMessages = Elements.of(toolMessages, "toolMessages");
			return this;
		}

		/**
		 * Build the completion.
		 * @return a new ChatCompletion
		 */
		public ChatCompletion build() {
			return new ChatCompletion(this);
		}

	}

	/**
	 * One of the answers of a completion.
	 */
	@JsonInclude(JsonInclude.Include.NON_NULL)
	@JsonPropertyOrder({ "index", "message", "finishReason", "logprobs" })
	public static final class Choice {

		private final int index;

		private final ChatMessage message;

		private final @Nullable FinishReason finishReason;

		private final @Nullable Logprobs logprobs;

		private Choice(Builder builder) {
			Assert.notNull(builder.message, "'message' must not be null");
			this.index = builder.index;
			this.message = builder.message;
			this.finishReason = builder.finishReason;
			this.logprobs = builder.logprobs;
		}

		@JsonCreator
		static Choice fromJson(@JsonProperty("index") @Nullable Integer index,
				@JsonProperty("message") ChatMessage message,
				@JsonProperty("finishReason") @Nullable FinishReason finishReason,
				@JsonProperty("logprobs") @Nullable Logprobs logprobs) {
			Builder builder = new Builder(message).finishReason(finishReason).logprobs(logprobs);
			if (index != null) {
				builder.index(index);
			}
			return builder.build();
		}

		/**
		 * Create a builder for an answer.
		 * @param message the message
		 * @return a new builder
		 */
		public static Builder builder(ChatMessage message) {
			return new Builder(message);
		}

		/**
		 * Return the number of the answer, from 0.
		 * @return the number
		 */
		@JsonProperty("index")
		public int index() {
			return this.index;
		}

		/**
		 * Return the answer.
		 * @return the message
		 */
		@JsonProperty("message")
		public ChatMessage message() {
			return this.message;
		}

		/**
		 * Return why the answer ended.
		 * @return the reason, or {@code null} if the provider did not say
		 */
		@JsonProperty("finishReason")
		public @Nullable FinishReason finishReason() {
			return this.finishReason;
		}

		/**
		 * Return the log probabilities of its tokens.
		 * @return the log probabilities, or {@code null} if not asked for
		 */
		@JsonProperty("logprobs")
		public @Nullable Logprobs logprobs() {
			return this.logprobs;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof Choice that && this.index == that.index && this.message.equals(that.message)
					&& Objects.equals(this.finishReason, that.finishReason)
					&& Objects.equals(this.logprobs, that.logprobs);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.index, this.message, this.finishReason, this.logprobs);
		}

		@Override
		public String toString() {
			return "Choice[index=" + this.index + ", message=" + this.message + ", finishReason=" + this.finishReason
					+ ", logprobs=" + this.logprobs + "]";
		}

		/**
		 * Builder for {@link Choice}.
		 */
		public static final class Builder {

			private int index = 0;

			private ChatMessage message;

			private @Nullable FinishReason finishReason;

			private @Nullable Logprobs logprobs;

			private Builder(ChatMessage message) {
				this.message = message;
			}

			/**
			 * Set the number of the answer, from 0.
			 * @param index the number
			 * @return this builder
			 */
			public Builder index(int index) {
				this.index = index;
				return this;
			}

			/**
			 * Set the answer.
			 * @param message the message
			 * @return this builder
			 */
			public Builder message(ChatMessage message) {
				this.message = message;
				return this;
			}

			/**
			 * Set why the answer ended.
			 * @param finishReason the reason; {@code null} if the provider did not say
			 * @return this builder
			 */
			public Builder finishReason(@Nullable FinishReason finishReason) {
				this.finishReason = finishReason;
				return this;
			}

			/**
			 * Set the log probabilities of its tokens.
			 * @param logprobs the log probabilities; {@code null} if not asked for
			 * @return this builder
			 */
			public Builder logprobs(@Nullable Logprobs logprobs) {
				this.logprobs = logprobs;
				return this;
			}

			/**
			 * Build the choice.
			 * @return a new Choice
			 */
			public Choice build() {
				return new Choice(this);
			}

		}

	}

}
