package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Settings of how calls to one provider are retried, guarded and limited.
 */
public final class RoutingSettings {

	/**
	 * The settings that hold unless configured: 6 attempts, 1 extra send, back-off from
	 * 200 ms to 5 s, a budget of 10, refusals remembered for 5 min; a circuit that opens
	 * at 50 % of the latest 20 calls and tries one call after 30 s; 500 calls at once
	 * (DeepSeek's smallest limit for an account), 5 s of waiting.
	 */
	public static final RoutingSettings DEFAULTS = builder().build();

	private final int maxAttempts;

	private final int extraSends;

	private final Duration backoff;

	private final Duration maxBackoff;

	private final int budget;

	private final Duration refusalMemory;

	private final int failureRate;

	private final int window;

	private final Duration openFor;

	private final int halfOpen;

	private final int maxConcurrent;

	private final Duration maxWait;

	private final int requestsPerMinute;

	private final long tokensPerMinute;

	private RoutingSettings(Builder builder) {
		Assert.notNull(builder.backoff, "'backoff' must not be null");
		Assert.notNull(builder.maxBackoff, "'maxBackoff' must not be null");
		Assert.notNull(builder.refusalMemory, "'refusalMemory' must not be null");
		Assert.notNull(builder.openFor, "'openFor' must not be null");
		Assert.notNull(builder.maxWait, "'maxWait' must not be null");
		Assert.isTrue(builder.maxAttempts > 0, "'maxAttempts' must be at least 1");
		Assert.isTrue(builder.extraSends >= 0, "'extraSends' must not be negative");
		Assert.isTrue(builder.budget >= 0, "'budget' must not be negative");
		Assert.isTrue(!builder.refusalMemory.isNegative(), "'refusalMemory' must not be negative");
		Assert.isTrue(builder.failureRate > 0 && builder.failureRate <= 100, "'failureRate' must be from 1 to 100");
		Assert.isTrue(builder.window > 0, "'window' must be at least 1");
		Assert.isTrue(builder.halfOpen > 0, "'halfOpen' must be at least 1");
		Assert.isTrue(builder.maxConcurrent > 0, "'maxConcurrent' must be at least 1");
		this.maxAttempts = builder.maxAttempts;
		this.extraSends = builder.extraSends;
		this.backoff = builder.backoff;
		this.maxBackoff = builder.maxBackoff;
		this.budget = builder.budget;
		this.refusalMemory = builder.refusalMemory;
		this.failureRate = builder.failureRate;
		this.window = builder.window;
		this.openFor = builder.openFor;
		this.halfOpen = builder.halfOpen;
		this.maxConcurrent = builder.maxConcurrent;
		this.maxWait = builder.maxWait;
		Assert.isTrue(builder.requestsPerMinute >= 0, "'requestsPerMinute' must not be negative");
		Assert.isTrue(builder.tokensPerMinute >= 0, "'tokensPerMinute' must not be negative");
		this.requestsPerMinute = builder.requestsPerMinute;
		this.tokensPerMinute = builder.tokensPerMinute;
	}

	/**
	 * Create a builder that has the {@link #DEFAULTS}.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the most attempts of a call, at all providers together; the setting of the
	 * call's first provider holds.
	 * @return the number, from 1
	 */
	public int maxAttempts() {
		return this.maxAttempts;
	}

	/**
	 * Return how many failed attempts of a call that may have been processed and billed
	 * may be followed by another one; the setting of the call's first provider holds.
	 * @return the number; 0 if no request may be billed twice
	 */
	public int extraSends() {
		return this.extraSends;
	}

	/**
	 * Return the wait before the first retry at the same provider; doubled for each
	 * further one, and shortened by chance by up to a half.
	 * @return the time
	 */
	public Duration backoff() {
		return this.backoff;
	}

	/**
	 * Return the longest wait before a retry.
	 * @return the time
	 */
	public Duration maxBackoff() {
		return this.maxBackoff;
	}

	/**
	 * Return how many failed attempts may be followed by a retry at the same provider
	 * when nothing succeeds; a success gives a tenth back.
	 * @return the number; 0 for no retries
	 */
	public int budget() {
		return this.budget;
	}

	/**
	 * Return how long requests that ask for what a model refused as unsupported go to
	 * other providers first.
	 * @return the time; zero if a refusal is not remembered
	 */
	public Duration refusalMemory() {
		return this.refusalMemory;
	}

	/**
	 * Return the percentage of failures that opens the circuit.
	 * @return the percentage, 1 to 100
	 */
	public int failureRate() {
		return this.failureRate;
	}

	/**
	 * Return how many of the latest calls the circuit looks at.
	 * @return the number, from 1
	 */
	public int window() {
		return this.window;
	}

	/**
	 * Return how long an open circuit lets no call through.
	 * @return the time
	 */
	public Duration openFor() {
		return this.openFor;
	}

	/**
	 * Return how many trial calls the circuit lets through after that.
	 * @return the number, from 1
	 */
	public int halfOpen() {
		return this.halfOpen;
	}

	/**
	 * Return the most calls at once with one key.
	 * @return the number, from 1
	 */
	public int maxConcurrent() {
		return this.maxConcurrent;
	}

	/**
	 * Return how long a call may wait for its permit.
	 * @return the time
	 */
	public Duration maxWait() {
		return this.maxWait;
	}

	/**
	 * Return the most requests in a minute, of one account to one model.
	 * @return the number; 0 for no limit
	 */
	public int requestsPerMinute() {
		return this.requestsPerMinute;
	}

	/**
	 * Return the most tokens in a minute, of one account to one model.
	 * @return the number; 0 for no limit
	 */
	public long tokensPerMinute() {
		return this.tokensPerMinute;
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder();
		builder.maxAttempts = this.maxAttempts;
		builder.extraSends = this.extraSends;
		builder.backoff = this.backoff;
		builder.maxBackoff = this.maxBackoff;
		builder.budget = this.budget;
		builder.refusalMemory = this.refusalMemory;
		builder.failureRate = this.failureRate;
		builder.window = this.window;
		builder.openFor = this.openFor;
		builder.halfOpen = this.halfOpen;
		builder.maxConcurrent = this.maxConcurrent;
		builder.maxWait = this.maxWait;
		builder.requestsPerMinute = this.requestsPerMinute;
		builder.tokensPerMinute = this.tokensPerMinute;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof RoutingSettings that && this.maxAttempts == that.maxAttempts
				&& this.extraSends == that.extraSends && this.backoff.equals(that.backoff)
				&& this.maxBackoff.equals(that.maxBackoff) && this.budget == that.budget
				&& this.refusalMemory.equals(that.refusalMemory) && this.failureRate == that.failureRate
				&& this.window == that.window && this.openFor.equals(that.openFor) && this.halfOpen == that.halfOpen
				&& this.maxConcurrent == that.maxConcurrent && this.maxWait.equals(that.maxWait)
				&& this.requestsPerMinute == that.requestsPerMinute && this.tokensPerMinute == that.tokensPerMinute;
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.maxAttempts, this.extraSends, this.backoff, this.maxBackoff, this.budget,
				this.refusalMemory, this.failureRate, this.window, this.openFor, this.halfOpen, this.maxConcurrent,
				this.maxWait, this.requestsPerMinute, this.tokensPerMinute);
	}

	@Override
	public String toString() {
		return "RoutingSettings[maxAttempts=" + this.maxAttempts + ", extraSends=" + this.extraSends + ", backoff="
				+ this.backoff + ", maxBackoff=" + this.maxBackoff + ", budget=" + this.budget + ", refusalMemory="
				+ this.refusalMemory + ", failureRate=" + this.failureRate + ", window=" + this.window + ", openFor="
				+ this.openFor + ", halfOpen=" + this.halfOpen + ", maxConcurrent=" + this.maxConcurrent + ", maxWait="
				+ this.maxWait + ", requestsPerMinute=" + this.requestsPerMinute + ", tokensPerMinute="
				+ this.tokensPerMinute + "]";
	}

	/**
	 * Builder for {@link RoutingSettings}.
	 */
	public static final class Builder {

		private int maxAttempts = 6;

		private int extraSends = 1;

		private Duration backoff = Duration.ofMillis(200);

		private Duration maxBackoff = Duration.ofSeconds(5);

		private int budget = 10;

		private Duration refusalMemory = Duration.ofMinutes(5);

		private int failureRate = 50;

		private int window = 20;

		private Duration openFor = Duration.ofSeconds(30);

		private int halfOpen = 1;

		private int maxConcurrent = 500;

		private Duration maxWait = Duration.ofSeconds(5);

		private int requestsPerMinute;

		private long tokensPerMinute;

		private Builder() {
		}

		/**
		 * Set the most attempts of a call, at all providers together; the setting of the
		 * call's first provider holds.
		 * @param maxAttempts the number, from 1
		 * @return this builder
		 */
		public Builder maxAttempts(int maxAttempts) {
			this.maxAttempts = maxAttempts;
			return this;
		}

		/**
		 * Set how many failed attempts of a call that may have been processed and billed
		 * may be followed by another one; the setting of the call's first provider holds.
		 * @param extraSends the number; 0 if no request may be billed twice
		 * @return this builder
		 */
		public Builder extraSends(int extraSends) {
			this.extraSends = extraSends;
			return this;
		}

		/**
		 * Set the wait before the first retry at the same provider; doubled for each
		 * further one, and shortened by chance by up to a half.
		 * @param backoff the time
		 * @return this builder
		 */
		public Builder backoff(Duration backoff) {
			this.backoff = backoff;
			return this;
		}

		/**
		 * Set the longest wait before a retry.
		 * @param maxBackoff the time
		 * @return this builder
		 */
		public Builder maxBackoff(Duration maxBackoff) {
			this.maxBackoff = maxBackoff;
			return this;
		}

		/**
		 * Set how many failed attempts may be followed by a retry at the same provider
		 * when nothing succeeds; a success gives a tenth back.
		 * @param budget the number; 0 for no retries
		 * @return this builder
		 */
		public Builder budget(int budget) {
			this.budget = budget;
			return this;
		}

		/**
		 * Set how long requests that ask for what a model refused as unsupported go to
		 * other providers first.
		 * @param refusalMemory the time; zero to not remember refusals
		 * @return this builder
		 */
		public Builder refusalMemory(Duration refusalMemory) {
			this.refusalMemory = refusalMemory;
			return this;
		}

		/**
		 * Set the percentage of failures that opens the circuit.
		 * @param failureRate the percentage, 1 to 100
		 * @return this builder
		 */
		public Builder failureRate(int failureRate) {
			this.failureRate = failureRate;
			return this;
		}

		/**
		 * Set how many of the latest calls the circuit looks at.
		 * @param window the number, from 1
		 * @return this builder
		 */
		public Builder window(int window) {
			this.window = window;
			return this;
		}

		/**
		 * Set how long an open circuit lets no call through.
		 * @param openFor the time
		 * @return this builder
		 */
		public Builder openFor(Duration openFor) {
			this.openFor = openFor;
			return this;
		}

		/**
		 * Set how many trial calls the circuit lets through after that.
		 * @param halfOpen the number, from 1
		 * @return this builder
		 */
		public Builder halfOpen(int halfOpen) {
			this.halfOpen = halfOpen;
			return this;
		}

		/**
		 * Set the most calls at once with one key.
		 * @param maxConcurrent the number, from 1
		 * @return this builder
		 */
		public Builder maxConcurrent(int maxConcurrent) {
			this.maxConcurrent = maxConcurrent;
			return this;
		}

		/**
		 * Set how long a call may wait for its permit.
		 * @param maxWait the time
		 * @return this builder
		 */
		public Builder maxWait(Duration maxWait) {
			this.maxWait = maxWait;
			return this;
		}

		/**
		 * Set the most requests in a minute, of one account to one model.
		 * @param requestsPerMinute the number; 0, as by default, for no limit
		 * @return this builder
		 */
		public Builder requestsPerMinute(int requestsPerMinute) {
			this.requestsPerMinute = requestsPerMinute;
			return this;
		}

		/**
		 * Set the most tokens in a minute, of one account to one model.
		 * @param tokensPerMinute the number; 0, as by default, for no limit
		 * @return this builder
		 */
		public Builder tokensPerMinute(long tokensPerMinute) {
			this.tokensPerMinute = tokensPerMinute;
			return this;
		}

		/**
		 * Build the RoutingSettings.
		 * @return a new RoutingSettings
		 */
		public RoutingSettings build() {
			return new RoutingSettings(this);
		}

	}

}
