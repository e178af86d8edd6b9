package io.github.deepseekboot;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Limits of a {@link CallLimiter}.
 */
public final class CallLimits {

	/**
	 * The most tokens in a minute that can be limited: one in a nanosecond.
	 */
	public static final long MAX_TOKENS_PER_MINUTE = 60_000_000_000L;

	private final int maxConcurrent;

	private final Duration maxWait;

	private final int requestsPerMinute;

	private final long tokensPerMinute;

	private CallLimits(Builder builder) {
		this.maxConcurrent = builder.maxConcurrent;
		this.maxWait = builder.maxWait;
		this.requestsPerMinute = builder.requestsPerMinute;
		this.tokensPerMinute = builder.tokensPerMinute;
	}

	/**
	 * Create a builder: 500 calls at once, a wait of up to 5 seconds, no limit by the
	 * minute.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the most calls at once.
	 * @return the number, from 1
	 */
	public int maxConcurrent() {
		return this.maxConcurrent;
	}

	/**
	 * Return how long a call may wait for its permit.
	 * @return the time; zero for no wait, but for that for Redis
	 */
	public Duration maxWait() {
		return this.maxWait;
	}

	/**
	 * Return the most calls in a minute.
	 * @return the number; 0 for no limit
	 */
	public int requestsPerMinute() {
		return this.requestsPerMinute;
	}

	/**
	 * Return the most tokens in a minute.
	 * @return the number; 0 for no limit
	 */
	public long tokensPerMinute() {
		return this.tokensPerMinute;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof CallLimits that && this.maxConcurrent == that.maxConcurrent
				&& this.maxWait.equals(that.maxWait) && this.requestsPerMinute == that.requestsPerMinute
				&& this.tokensPerMinute == that.tokensPerMinute;
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.maxConcurrent, this.maxWait, this.requestsPerMinute, this.tokensPerMinute);
	}

	@Override
	public String toString() {
		return "CallLimits[maxConcurrent=" + this.maxConcurrent + ", maxWait=" + this.maxWait + ", requestsPerMinute="
				+ this.requestsPerMinute + ", tokensPerMinute=" + this.tokensPerMinute + "]";
	}

	/**
	 * Builder for {@link CallLimits}.
	 */
	public static final class Builder {

		private int maxConcurrent = 500;

		private Duration maxWait = Duration.ofSeconds(5);

		private int requestsPerMinute;

		private long tokensPerMinute;

		private Builder() {
		}

		/**
		 * Set the most calls at once.
		 * @param maxConcurrent the number, from 1
		 * @return this builder
		 */
		public Builder maxConcurrent(int maxConcurrent) {
			Assert.isTrue(maxConcurrent > 0, "'maxConcurrent' must be at least 1");
			this.maxConcurrent = maxConcurrent;
			return this;
		}

		/**
		 * Set how long a call may wait for its permit.
		 * @param maxWait the time; zero for no wait, but for that for Redis
		 * @return this builder
		 */
		public Builder maxWait(Duration maxWait) {
			Assert.notNull(maxWait, "'maxWait' must not be null");
			Assert.isTrue(!maxWait.isNegative(), "'maxWait' must not be negative");
			this.maxWait = maxWait;
			return this;
		}

		/**
		 * Set the most calls in a minute.
		 * @param requestsPerMinute the number; 0, as by default, for no limit
		 * @return this builder
		 */
		public Builder requestsPerMinute(int requestsPerMinute) {
			Assert.isTrue(requestsPerMinute >= 0, "'requestsPerMinute' must not be negative");
			this.requestsPerMinute = requestsPerMinute;
			return this;
		}

		/**
		 * Set the most tokens in a minute, estimated before a call and settled with its
		 * usage.
		 * @param tokensPerMinute the number, up to {@link #MAX_TOKENS_PER_MINUTE}; 0, as
		 * by default, for no limit
		 * @return this builder
		 */
		public Builder tokensPerMinute(long tokensPerMinute) {
			Assert.isTrue(tokensPerMinute >= 0, "'tokensPerMinute' must not be negative");
			Assert.isTrue(tokensPerMinute <= MAX_TOKENS_PER_MINUTE,
					() -> "'tokensPerMinute' must be at most " + MAX_TOKENS_PER_MINUTE);
			this.tokensPerMinute = tokensPerMinute;
			return this;
		}

		/**
		 * Build the CallLimits.
		 * @return new limits
		 */
		public CallLimits build() {
			return new CallLimits(this);
		}

	}

}
