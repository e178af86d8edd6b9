package io.github.deepseekboot.chat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Price of the tokens of a model, per million.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "input", "cachedInput", "output", "currency", "peak" })
public final class ModelPrice {

	private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

	private final BigDecimal input;

	private final @Nullable BigDecimal cachedInput;

	private final BigDecimal output;

	private final String currency;

	private final @Nullable PeakHours peak;

	private ModelPrice(Builder builder) {
		Assert.notNull(builder.input, "'input' must not be null");
		Assert.notNull(builder.output, "'output' must not be null");
		Assert.hasText(builder.currency, "'currency' must not be empty");
		Assert.isTrue(builder.input.signum() >= 0, "'input' must not be negative");
		Assert.isTrue(builder.output.signum() >= 0, "'output' must not be negative");
		Assert.isTrue(builder.cachedInput == null || builder.cachedInput.signum() >= 0,
				"'cachedInput' must not be negative");
		this.input = builder.input;
		this.cachedInput = builder.cachedInput;
		this.output = builder.output;
		this.currency = builder.currency;
		this.peak = builder.peak;
	}

	@JsonCreator
	static ModelPrice fromJson(@JsonProperty("input") BigDecimal input,
			@JsonProperty("cachedInput") @Nullable BigDecimal cachedInput, @JsonProperty("output") BigDecimal output,
			@JsonProperty("currency") String currency, @JsonProperty("peak") @Nullable PeakHours peak) {
		Builder builder = new Builder(input, output, currency).cachedInput(cachedInput).peak(peak);
		return builder.build();
	}

	/**
	 * Create a builder for a price.
	 * @param input the amount
	 * @param output the amount
	 * @param currency an ISO 4217 code
	 * @return a new builder
	 */
	public static Builder builder(BigDecimal input, BigDecimal output, String currency) {
		return new Builder(input, output, currency);
	}

	/**
	 * Return what a million prompt tokens cost.
	 * @return the amount
	 */
	@JsonProperty("input")
	public BigDecimal input() {
		return this.input;
	}

	/**
	 * Return what a million prompt tokens cost that are answered from the provider's
	 * cache.
	 * @return the amount, or {@code null} if they cost what others do
	 */
	@JsonProperty("cachedInput")
	public @Nullable BigDecimal cachedInput() {
		return this.cachedInput;
	}

	/**
	 * Return what a million completion tokens cost.
	 * @return the amount
	 */
	@JsonProperty("output")
	public BigDecimal output() {
		return this.output;
	}

	/**
	 * Return the currency.
	 * @return an ISO 4217 code
	 */
	@JsonProperty("currency")
	public String currency() {
		return this.currency;
	}

	/**
	 * Return the hours in which it costs more, or less.
	 * @return the hours, or {@code null} for none
	 */
	@JsonProperty("peak")
	public @Nullable PeakHours peak() {
		return this.peak;
	}

	/**
	 * Return the cost of an answer.
	 * @param usage the tokens counted
	 * @param completed when the answer was complete, which decides about the hours
	 * @return the cost, or {@code null} if the tokens are not known or contradict each
	 * other
	 */
	public @Nullable Cost cost(Usage usage, Instant completed) {
		Long prompt = usage.promptTokens();
		Long completion = usage.completionTokens();
		if (!usage.consistent() || prompt == null || completion == null) {
			return null;
		}
		long cached = (usage.cacheHitTokens() != null) ? usage.cacheHitTokens() : 0;
		BigDecimal cachedPrice = (this.cachedInput != null) ? this.cachedInput : this.input;
		BigDecimal amount = this.input.multiply(BigDecimal.valueOf(prompt - cached))
			.add(cachedPrice.multiply(BigDecimal.valueOf(cached)))
			.add(this.output.multiply(BigDecimal.valueOf(completion)))
			.divide(MILLION);
		PeakHours peak = this.peak;
		return new Cost((peak != null && peak.contains(completed)) ? amount.multiply(peak.factor()) : amount,
				this.currency);
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder(this.input, this.output, this.currency);
		builder.cachedInput = this.cachedInput;
		builder.peak = this.peak;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ModelPrice that && this.input.equals(that.input)
				&& Objects.equals(this.cachedInput, that.cachedInput) && this.output.equals(that.output)
				&& this.currency.equals(that.currency) && Objects.equals(this.peak, that.peak);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.input, this.cachedInput, this.output, this.currency, this.peak);
	}

	@Override
	public String toString() {
		return "ModelPrice[input=" + this.input + ", cachedInput=" + this.cachedInput + ", output=" + this.output
				+ ", currency=" + this.currency + ", peak=" + this.peak + "]";
	}

	/**
	 * Builder for {@link ModelPrice}.
	 */
	public static final class Builder {

		private BigDecimal input;

		private @Nullable BigDecimal cachedInput;

		private BigDecimal output;

		private String currency;

		private @Nullable PeakHours peak;

		private Builder(BigDecimal input, BigDecimal output, String currency) {
			this.input = input;
			this.output = output;
			this.currency = currency;
		}

		/**
		 * Set what a million prompt tokens cost.
		 * @param input the amount
		 * @return this builder
		 */
		public Builder input(BigDecimal input) {
			this.input = input;
			return this;
		}

		/**
		 * Set what a million prompt tokens cost that are answered from the provider's
		 * cache.
		 * @param cachedInput the amount; {@code null} if they cost what others do
		 * @return this builder
		 */
		public Builder cachedInput(@Nullable BigDecimal cachedInput) {
			this.cachedInput = cachedInput;
			return this;
		}

		/**
		 * Set what a million completion tokens cost.
		 * @param output the amount
		 * @return this builder
		 */
		public Builder output(BigDecimal output) {
			this.output = output;
			return this;
		}

		/**
		 * Set the currency.
		 * @param currency an ISO 4217 code
		 * @return this builder
		 */
		public Builder currency(String currency) {
			this.currency = currency;
			return this;
		}

		/**
		 * Set the hours in which it costs more, or less.
		 * @param peak the hours; {@code null} for none
		 * @return this builder
		 */
		public Builder peak(@Nullable PeakHours peak) {
			this.peak = peak;
			return this;
		}

		/**
		 * Build the ModelPrice.
		 * @return a new ModelPrice
		 */
		public ModelPrice build() {
			return new ModelPrice(this);
		}

	}

}
