package io.github.deepseekboot.springai;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolChoice;

/**
 * Options of a {@link RoutingChatModel}: Spring AI's common ones, those of its tools and
 * of structured output, and what a routed request has besides. Immutable; an option that
 * is not set is {@code null} (or empty), and the defaults under {@code deepseek.chat}
 * hold.
 *
 * <p>
 * {@link #getModel()} is a logical name that each provider maps to a model of its own
 * ({@code chat}, {@code reasoner}, any alias under {@code models}), or a native id.
 */
public final class RoutingChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {

	private final @Nullable String provider;

	private final @Nullable Boolean thinking;

	private final @Nullable ReasoningEffort reasoningEffort;

	private final @Nullable ToolChoice toolChoice;

	private final @Nullable ResponseFormat responseFormat;

	private final @Nullable String outputSchema;

	private final @Nullable String userId;

	private final Map<String, @Nullable Object> extras;

	private RoutingChatOptions(Builder builder, @Nullable List<ToolCallback> toolCallbacks,
			@Nullable Map<String, Object> toolContext, @Nullable String model, @Nullable Double frequencyPenalty,
			@Nullable Integer maxTokens, @Nullable Double presencePenalty, @Nullable List<String> stopSequences,
			@Nullable Double temperature, @Nullable Integer topK, @Nullable Double topP) {
		super(toolCallbacks, toolContext, model, frequencyPenalty, maxTokens, presencePenalty, stopSequences,
				temperature, topK, topP);
		this.provider = builder.provider;
		this.thinking = builder.thinking;
		this.reasoningEffort = builder.reasoningEffort;
		this.toolChoice = builder.toolChoice;
		this.responseFormat = builder.responseFormat;
		this.outputSchema = builder.outputSchema;
		this.userId = builder.userId;
		this.extras = Collections.unmodifiableMap(new LinkedHashMap<>(builder.extras));
	}

	/**
	 * Create a builder for options.
	 * @return an empty builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the one provider that shall answer.
	 * @return the provider's id, or {@code null} for the configured chain
	 */
	public @Nullable String getProvider() {
		return this.provider;
	}

	/**
	 * Return whether to think before answering.
	 * @return the wish, or {@code null} if it is left open
	 */
	public @Nullable Boolean getThinking() {
		return this.thinking;
	}

	/**
	 * Return how much to think.
	 * @return the effort, or {@code null} if it is left open
	 */
	public @Nullable ReasoningEffort getReasoningEffort() {
		return this.reasoningEffort;
	}

	/**
	 * Return whether a tool must be called.
	 * @return the choice, or {@code null} if it is left open
	 */
	public @Nullable ToolChoice getToolChoice() {
		return this.toolChoice;
	}

	/**
	 * Return the form of the answer. {@link #getOutputSchema()} goes before it.
	 * @return the form, or {@code null} if it is left open
	 */
	public @Nullable ResponseFormat getResponseFormat() {
		return this.responseFormat;
	}

	@Override
	public @Nullable String getOutputSchema() {
		return this.outputSchema;
	}

	/**
	 * Return the opaque id of the end user.
	 * @return the id, or {@code null} if there is none
	 */
	public @Nullable String getUserId() {
		return this.userId;
	}

	/**
	 * Return the fields that are sent as they are, by their names on the wire.
	 * @return the fields; empty for none
	 */
	public Map<String, @Nullable Object> getExtras() {
		return this.extras;
	}

	@Override
	public Builder mutate() {
		Builder builder = new Builder().model(getModel())
			.frequencyPenalty(getFrequencyPenalty())
			.maxTokens(getMaxTokens())
			.presencePenalty(getPresencePenalty())
			.stopSequences(getStopSequences())
			.temperature(getTemperature())
			.topK(getTopK())
			.topP(getTopP())
			.toolCallbacks(getToolCallbacks())
			.toolContext(getToolContext())
			.provider(this.provider)
			.thinking(this.thinking)
			.reasoningEffort(this.reasoningEffort)
			.toolChoice(this.toolChoice)
			.responseFormat(this.responseFormat)
			.outputSchema(this.outputSchema)
			.userId(this.userId);
		this.extras.forEach(builder::extra);
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RoutingChatOptions that && super.equals(other)
				&& Objects.equals(this.provider, that.provider) && Objects.equals(this.thinking, that.thinking)
				&& this.reasoningEffort == that.reasoningEffort && Objects.equals(this.toolChoice, that.toolChoice)
				&& Objects.equals(this.responseFormat, that.responseFormat)
				&& Objects.equals(this.outputSchema, that.outputSchema) && Objects.equals(this.userId, that.userId)
				&& this.extras.equals(that.extras);
	}

	@Override
	public int hashCode() {
		return Objects.hash(super.hashCode(), this.provider, this.thinking, this.reasoningEffort, this.toolChoice,
				this.responseFormat, this.outputSchema, this.userId, this.extras);
	}

	/**
	 * Builds options.
	 */
	public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
			implements StructuredOutputChatOptions.Builder<Builder> {

		private @Nullable String provider;

		private @Nullable Boolean thinking;

		private @Nullable ReasoningEffort reasoningEffort;

		private @Nullable ToolChoice toolChoice;

		private @Nullable ResponseFormat responseFormat;

		private @Nullable String outputSchema;

		private @Nullable String userId;

		private Map<String, @Nullable Object> extras = new LinkedHashMap<>();

		private Builder() {
		}

		@Override
		public Builder clone() {
			Builder copy = super.clone();
			copy.extras = new LinkedHashMap<>(this.extras);
			return copy;
		}

		/**
		 * The one provider that shall answer.
		 * @param provider the provider's id; {@code null} for the configured chain
		 * @return this builder
		 */
		public Builder provider(@Nullable String provider) {
			this.provider = provider;
			return this;
		}

		/**
		 * Set whether to think before answering. A provider that cannot switch it is
		 * asked without it.
		 * @param thinking the wish; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder thinking(@Nullable Boolean thinking) {
			this.thinking = thinking;
			return this;
		}

		/**
		 * How much to think. A provider without such a scale ignores it.
		 * @param reasoningEffort the effort; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder reasoningEffort(@Nullable ReasoningEffort reasoningEffort) {
			this.reasoningEffort = reasoningEffort;
			return this;
		}

		/**
		 * Set whether a tool must be called.
		 * @param toolChoice the choice; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder toolChoice(@Nullable ToolChoice toolChoice) {
			this.toolChoice = toolChoice;
			return this;
		}

		/**
		 * The form of the answer.
		 * @param responseFormat the form; {@code null} to leave it open
		 * @return this builder
		 */
		public Builder responseFormat(@Nullable ResponseFormat responseFormat) {
			this.responseFormat = responseFormat;
			return this;
		}

		/**
		 * The JSON Schema of the answer, asked for by whatever means the provider that
		 * answers has. Goes before the {@link #responseFormat}.
		 * @param outputSchema the schema as JSON; {@code null} for none
		 * @return this builder
		 */
		@Override
		public Builder outputSchema(@Nullable String outputSchema) {
			this.outputSchema = outputSchema;
			return this;
		}

		/**
		 * An opaque id of the end user, for the provider's abuse control and cache; never
		 * a name or an address.
		 * @param userId the id; {@code null} for none
		 * @return this builder
		 */
		public Builder userId(@Nullable String userId) {
			this.userId = userId;
			return this;
		}

		/**
		 * A field that is sent as it is. A name that stands for another option wins over
		 * that option.
		 * @param name the field's name on the wire
		 * @param value what can be written as JSON: strings, numbers, booleans, lists,
		 * maps, {@code null}
		 * @return this builder
		 */
		public Builder extra(String name, @Nullable Object value) {
			Assert.hasText(name, "'name' must not be empty");
			this.extras.put(name, value);
			return this;
		}

		@Override
		public Builder combineWith(ChatOptions.Builder<?> other) {
			super.combineWith(other);
			if (other instanceof Builder that) {
				this.provider = (that.provider != null) ? that.provider : this.provider;
				this.thinking = (that.thinking != null) ? that.thinking : this.thinking;
				this.reasoningEffort = (that.reasoningEffort != null) ? that.reasoningEffort : this.reasoningEffort;
				this.toolChoice = (that.toolChoice != null) ? that.toolChoice : this.toolChoice;
				this.responseFormat = (that.responseFormat != null) ? that.responseFormat : this.responseFormat;
				this.outputSchema = (that.outputSchema != null) ? that.outputSchema : this.outputSchema;
				this.userId = (that.userId != null) ? that.userId : this.userId;
				this.extras.putAll(that.extras);
			}
			return this;
		}

		@Override
		public RoutingChatOptions build() {
			return new RoutingChatOptions(this, this.toolCallbacks, this.toolContext, this.model, this.frequencyPenalty,
					this.maxTokens, this.presencePenalty, this.stopSequences, this.temperature, this.topK, this.topP);
		}

	}

}
