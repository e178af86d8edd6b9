package io.github.deepseekboot.chat;

import java.io.Serializable;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;

/**
 * Token counts that a provider reported. A number that it did not report is {@code null},
 * never 0.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "promptTokens", "completionTokens", "totalTokens", "cacheHitTokens", "cacheMissTokens",
		"reasoningTokens", "consistent", "cost" })
public final class Usage implements Serializable {

	private static final long serialVersionUID = 1L;

	private final @Nullable Long promptTokens;

	private final @Nullable Long completionTokens;

	private final @Nullable Long totalTokens;

	private final @Nullable Long cacheHitTokens;

	private final @Nullable Long cacheMissTokens;

	private final @Nullable Long reasoningTokens;

	private final boolean consistent;

	private final @Nullable Cost cost;

	private Usage(Builder builder) {
		this.promptTokens = builder.promptTokens;
		this.completionTokens = builder.completionTokens;
		this.totalTokens = builder.totalTokens;
		this.cacheHitTokens = builder.cacheHitTokens;
		this.cacheMissTokens = builder.cacheMissTokens;
		this.reasoningTokens = builder.reasoningTokens;
		this.consistent = consistent(builder);
		this.cost = builder.cost;
	}

	@JsonCreator
	static Usage fromJson(@JsonProperty("promptTokens") @Nullable Long promptTokens,
			@JsonProperty("completionTokens") @Nullable Long completionTokens,
			@JsonProperty("totalTokens") @Nullable Long totalTokens,
			@JsonProperty("cacheHitTokens") @Nullable Long cacheHitTokens,
			@JsonProperty("cacheMissTokens") @Nullable Long cacheMissTokens,
			@JsonProperty("reasoningTokens") @Nullable Long reasoningTokens,
			@JsonProperty("consistent") @Nullable Boolean consistent, @JsonProperty("cost") @Nullable Cost cost) {
		Builder builder = new Builder().promptTokens(promptTokens)
			.completionTokens(completionTokens)
			.totalTokens(totalTokens)
			.cacheHitTokens(cacheHitTokens)
			.cacheMissTokens(cacheMissTokens)
			.reasoningTokens(reasoningTokens)
			.cost(cost);
		if (consistent != null) {
			builder.consistent(consistent);
		}
		return builder.build();
	}

	/**
	 * Create a builder for token counts.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the tokens of the prompt, those answered from a cache included.
	 * @return the number of tokens, or {@code null} if the provider did not report it
	 */
	@JsonProperty("promptTokens")
	public @Nullable Long promptTokens() {
		return this.promptTokens;
	}

	/**
	 * Return the tokens of the answer, reasoning included.
	 * @return the number of tokens, or {@code null} if the provider did not report it
	 */
	@JsonProperty("completionTokens")
	public @Nullable Long completionTokens() {
		return this.completionTokens;
	}

	/**
	 * Return the provider's own sum.
	 * @return the number of tokens, or {@code null} if the provider did not report it
	 */
	@JsonProperty("totalTokens")
	public @Nullable Long totalTokens() {
		return this.totalTokens;
	}

	/**
	 * Return the part of the prompt that came from the provider's cache.
	 * @return the number of tokens, or {@code null} if the provider did not report it
	 */
	@JsonProperty("cacheHitTokens")
	public @Nullable Long cacheHitTokens() {
		return this.cacheHitTokens;
	}

	/**
	 * Return the part of the prompt that did not come from the provider's cache.
	 * @return the number of tokens, or {@code null} if the provider did not report it
	 */
	@JsonProperty("cacheMissTokens")
	public @Nullable Long cacheMissTokens() {
		return this.cacheMissTokens;
	}

	/**
	 * Return the part of the completion that was reasoning.
	 * @return the number of tokens, or {@code null} if the provider did not report it
	 */
	@JsonProperty("reasoningTokens")
	public @Nullable Long reasoningTokens() {
		return this.reasoningTokens;
	}

	/**
	 * Return whether the numbers fit together. Usage in which a number is negative, could
	 * not be read or contradicts another is reported but must not be summed or billed.
	 * @return {@code false} if a number cannot be right
	 */
	@JsonProperty("consistent")
	public boolean consistent() {
		return this.consistent;
	}

	/**
	 * Return what the tokens cost at the configured prices.
	 * @return the cost, or {@code null} if the model has no price, or it is not known
	 */
	@JsonProperty("cost")
	public @Nullable Cost cost() {
		return this.cost;
	}

	/**
	 * Create token counts from those of prompt and answer.
	 * @param promptTokens the tokens of the prompt
	 * @param completionTokens the tokens of the answer
	 * @return the counts, with their sum as the total
	 */
	public static Usage of(long promptTokens, long completionTokens) {
		return builder().promptTokens(promptTokens)
			.completionTokens(completionTokens)
			.totalTokens(promptTokens + completionTokens)
			.build();
	}

	/**
	 * Return the tokens of two answers together, such as two rounds of tools.
	 * @param other the usage of the other answer
	 * @return the sum. Prompt, completion and total are {@code null} unless both report
	 * them; of the details, what is reported is summed, since providers leave out those
	 * that are 0
	 */
	public Usage plus(Usage other) {
		return builder().promptTokens(sum(this.promptTokens, other.promptTokens))
			.completionTokens(sum(this.completionTokens, other.completionTokens))
			.totalTokens(sum(this.totalTokens, other.totalTokens))
			.cacheHitTokens(sumReported(this.cacheHitTokens, other.cacheHitTokens))
			.cacheMissTokens(sumReported(this.cacheMissTokens, other.cacheMissTokens))
			.reasoningTokens(sumReported(this.reasoningTokens, other.reasoningTokens))
			.consistent(this.consistent && other.consistent)
			.cost(sum(this.cost, other.cost))
			.build();
	}

	// amounts of different currencies have no sum
	private static @Nullable Cost sum(@Nullable Cost one, @Nullable Cost other) {
		if (one == null || other == null || !one.currency().equals(other.currency())) {
			return null;
		}
		return new Cost(one.amount().add(other.amount()), one.currency());
	}

	private static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
		return (one != null && other != null) ? one + other : null;
	}

	private static @Nullable Long sumReported(@Nullable Long one, @Nullable Long other) {
		return (one != null && other != null) ? Long.valueOf(one + other) : (one != null) ? one : other;
	}

	private static boolean consistent(Builder builder) {
		return builder.consistent && atMost(0L, builder.promptTokens) && atMost(0L, builder.completionTokens)
				&& atMost(0L, builder.totalTokens) && atMost(0L, builder.cacheHitTokens)
				&& atMost(0L, builder.cacheMissTokens) && atMost(0L, builder.reasoningTokens)
				&& atMost(builder.promptTokens, builder.totalTokens)
				&& atMost(builder.completionTokens, builder.totalTokens)
				&& atMost(builder.cacheHitTokens, builder.promptTokens)
				&& atMost(builder.cacheMissTokens, builder.promptTokens);
	}

	private static boolean atMost(@Nullable Long smaller, @Nullable Long larger) {
		return smaller == null || larger == null || smaller <= larger;
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder();
		builder.promptTokens = this.promptTokens;
		builder.completionTokens = this.completionTokens;
		builder.totalTokens = this.totalTokens;
		builder.cacheHitTokens = this.cacheHitTokens;
		builder.cacheMissTokens = this.cacheMissTokens;
		builder.reasoningTokens = this.reasoningTokens;
		builder.consistent = this.consistent;
		builder.cost = this.cost;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof Usage that && Objects.equals(this.promptTokens, that.promptTokens)
				&& Objects.equals(this.completionTokens, that.completionTokens)
				&& Objects.equals(this.totalTokens, that.totalTokens)
				&& Objects.equals(this.cacheHitTokens, that.cacheHitTokens)
				&& Objects.equals(this.cacheMissTokens, that.cacheMissTokens)
				&& Objects.equals(this.reasoningTokens, that.reasoningTokens) && this.consistent == that.consistent
				&& Objects.equals(this.cost, that.cost);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.promptTokens, this.completionTokens, this.totalTokens, this.cacheHitTokens,
				this.cacheMissTokens, this.reasoningTokens, this.consistent, this.cost);
	}

	@Override
	public String toString() {
		return "Usage[promptTokens=" + this.promptTokens + ", completionTokens=" + this.completionTokens
				+ ", totalTokens=" + this.totalTokens + ", cacheHitTokens=" + this.cacheHitTokens + ", cacheMissTokens="
				+ this.cacheMissTokens + ", reasoningTokens=" + this.reasoningTokens + ", consistent=" + this.consistent
				+ ", cost=" + this.cost + "]";
	}

	/**
	 * Builder for {@link Usage}.
	 */
	public static final class Builder {

		private @Nullable Long promptTokens;

		private @Nullable Long completionTokens;

		private @Nullable Long totalTokens;

		private @Nullable Long cacheHitTokens;

		private @Nullable Long cacheMissTokens;

		private @Nullable Long reasoningTokens;

		private boolean consistent = true;

		private @Nullable Cost cost;

		private Builder() {
		}

		/**
		 * Set the tokens of the prompt, those answered from a cache included.
		 * @param promptTokens the number of tokens; {@code null} if the provider did not
		 * report it
		 * @return this builder
		 */
		public Builder promptTokens(@Nullable Long promptTokens) {
			this.promptTokens = promptTokens;
			return this;
		}

		/**
		 * Set the tokens of the answer, reasoning included.
		 * @param completionTokens the number of tokens; {@code null} if the provider did
		 * not report it
		 * @return this builder
		 */
		public Builder completionTokens(@Nullable Long completionTokens) {
			this.completionTokens = completionTokens;
			return this;
		}

		/**
		 * Set the provider's own sum.
		 * @param totalTokens the number of tokens; {@code null} if the provider did not
		 * report it
		 * @return this builder
		 */
		public Builder totalTokens(@Nullable Long totalTokens) {
			this.totalTokens = totalTokens;
			return this;
		}

		/**
		 * Set the part of the prompt that came from the provider's cache.
		 * @param cacheHitTokens the number of tokens; {@code null} if the provider did
		 * not report it
		 * @return this builder
		 */
		public Builder cacheHitTokens(@Nullable Long cacheHitTokens) {
			this.cacheHitTokens = cacheHitTokens;
			return this;
		}

		/**
		 * Set the part of the prompt that did not come from the provider's cache.
		 * @param cacheMissTokens the number of tokens; {@code null} if the provider did
		 * not report it
		 * @return this builder
		 */
		public Builder cacheMissTokens(@Nullable Long cacheMissTokens) {
			this.cacheMissTokens = cacheMissTokens;
			return this;
		}

		/**
		 * Set the part of the completion that was reasoning.
		 * @param reasoningTokens the number of tokens; {@code null} if the provider did
		 * not report it
		 * @return this builder
		 */
		public Builder reasoningTokens(@Nullable Long reasoningTokens) {
			this.reasoningTokens = reasoningTokens;
			return this;
		}

		/**
		 * Set whether all numbers could be read. Whether they fit together is worked out
		 * in addition
		 * @param consistent {@code false} if a number cannot be right
		 * @return this builder
		 */
		public Builder consistent(boolean consistent) {
			this.consistent = consistent;
			return this;
		}

		/**
		 * Set what the tokens cost.
		 * @param cost the cost; {@code null} if it is not known
		 * @return this builder
		 */
		public Builder cost(@Nullable Cost cost) {
			this.cost = cost;
			return this;
		}

		/**
		 * Build the usage.
		 * @return a new Usage
		 */
		public Usage build() {
			return new Usage(this);
		}

	}

}
