package io.github.deepseekboot.langchain4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ReasoningEffort;

/**
 * Parameters of a request to a {@link RoutingChatModel} or a
 * {@link RoutingStreamingChatModel}: LangChain4j's common ones, and what a routed request
 * has besides. Immutable; a parameter that is not set is {@code null} (or empty), and the
 * defaults under {@code deepseek.chat} hold.
 *
 * <p>
 * {@link #modelName()} is a logical name that each provider maps to a model of its own
 * ({@code chat}, {@code reasoner}, any alias under {@code models}), or a native id.
 */
public final class RoutingChatRequestParameters extends DefaultChatRequestParameters {

	/**
	 * No parameters.
	 */
	public static final RoutingChatRequestParameters EMPTY = builder().build();

	private final @Nullable String provider;

	private final @Nullable Boolean thinking;

	private final @Nullable ReasoningEffort reasoningEffort;

	private final @Nullable String userId;

	private final Map<String, @Nullable Object> extras;

	private RoutingChatRequestParameters(Builder builder) {
		super(builder);
		this.provider = builder.provider;
		this.thinking = builder.thinking;
		this.reasoningEffort = builder.reasoningEffort;
		this.userId = builder.userId;
		this.extras = Collections.unmodifiableMap(new LinkedHashMap<>(builder.extras));
	}

	/**
	 * Create a builder for parameters.
	 * @return an empty builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the one provider that shall answer.
	 * @return the provider's id, or {@code null} for the configured chain
	 */
	public @Nullable String provider() {
		return this.provider;
	}

	/**
	 * Return whether to think before answering.
	 * @return the wish, or {@code null} if it is left open
	 */
	public @Nullable Boolean thinking() {
		return this.thinking;
	}

	/**
	 * Return how much to think.
	 * @return the effort, or {@code null} if it is left open
	 */
	public @Nullable ReasoningEffort reasoningEffort() {
		return this.reasoningEffort;
	}

	/**
	 * Return the opaque id of the end user.
	 * @return the id, or {@code null} if there is none
	 */
	public @Nullable String userId() {
		return this.userId;
	}

	/**
	 * Return the fields that are sent as they are, by their names on the wire.
	 * @return the fields; empty for none
	 */
	public Map<String, @Nullable Object> extras() {
		return this.extras;
	}

	@Override
	public RoutingChatRequestParameters overrideWith(ChatRequestParameters that) {
		return builder().overrideWith(this).overrideWith(that).build();
	}

	@Override
	public RoutingChatRequestParameters defaultedBy(ChatRequestParameters that) {
		return builder().overrideWith(that).overrideWith(this).build();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RoutingChatRequestParameters that && super.equals(other)
				&& Objects.equals(this.provider, that.provider) && Objects.equals(this.thinking, that.thinking)
				&& this.reasoningEffort == that.reasoningEffort && Objects.equals(this.userId, that.userId)
				&& this.extras.equals(that.extras);
	}

	@Override
	public int hashCode() {
		return Objects.hash(super.hashCode(), this.provider, this.thinking, this.reasoningEffort, this.userId,
				this.extras);
	}

	@Override
	public String toString() {
		return "RoutingChatRequestParameters[" + super.toString() + ", provider=" + this.provider + ", thinking="
				+ this.thinking + ", reasoningEffort=" + this.reasoningEffort + ", extras=" + this.extras.keySet()
				+ "]";
	}

	/**
	 * Builds parameters.
	 */
	public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {

		private @Nullable String provider;

		private @Nullable Boolean thinking;

		private @Nullable ReasoningEffort reasoningEffort;

		private @Nullable String userId;

		private final Map<String, @Nullable Object> extras = new LinkedHashMap<>();

		private Builder() {
		}

		@Override
		public Builder overrideWith(ChatRequestParameters parameters) {
			super.overrideWith(parameters);
			if (parameters instanceof RoutingChatRequestParameters that) {
				this.provider = (that.provider != null) ? that.provider : this.provider;
				this.thinking = (that.thinking != null) ? that.thinking : this.thinking;
				this.reasoningEffort = (that.reasoningEffort != null) ? that.reasoningEffort : this.reasoningEffort;
				this.userId = (that.userId != null) ? that.userId : this.userId;
				this.extras.putAll(that.extras);
			}
			return this;
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
		 * A field that is sent as it is. A name that stands for another parameter wins
		 * over that parameter.
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
		public RoutingChatRequestParameters build() {
			return new RoutingChatRequestParameters(this);
		}

	}

}
