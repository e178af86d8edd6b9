package io.github.deepseekboot.provider;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Timeouts of one provider.
 */
public final class ProviderTimeouts {

	/**
	 * The timeouts that hold unless configured: connect 5 s, TLS 10 s, pool 5 s, idle
	 * bytes 60 s, idle tokens 120 s, finish grace 2 s, total 20 min.
	 */
	public static final ProviderTimeouts DEFAULTS = builder().build();

	/**
	 * The timeout of the first token where another provider can take over.
	 */
	public static final Duration FIRST_TOKEN_WITH_NEXT = Duration.ofSeconds(120);

	/**
	 * The timeout of the first token where no other provider can take over: DeepSeek
	 * queues a request for up to ten minutes.
	 */
	public static final Duration FIRST_TOKEN_ALONE = Duration.ofMinutes(10);

	private final Duration connect;

	private final Duration tls;

	private final Duration acquire;

	private final Duration idleBytes;

	private final @Nullable Duration firstToken;

	private final Duration idleTokens;

	private final Duration finishGrace;

	private final Duration total;

	private ProviderTimeouts(Builder builder) {
		Assert.notNull(builder.connect, "'connect' must not be null");
		Assert.notNull(builder.tls, "'tls' must not be null");
		Assert.notNull(builder.acquire, "'acquire' must not be null");
		Assert.notNull(builder.idleBytes, "'idleBytes' must not be null");
		Assert.notNull(builder.idleTokens, "'idleTokens' must not be null");
		Assert.notNull(builder.finishGrace, "'finishGrace' must not be null");
		Assert.notNull(builder.total, "'total' must not be null");
		this.connect = builder.connect;
		this.tls = builder.tls;
		this.acquire = builder.acquire;
		this.idleBytes = builder.idleBytes;
		this.firstToken = builder.firstToken;
		this.idleTokens = builder.idleTokens;
		this.finishGrace = builder.finishGrace;
		this.total = builder.total;
	}

	/**
	 * Create a builder that has the {@link #DEFAULTS}.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the longest time to open a connection.
	 * @return the time
	 */
	public Duration connect() {
		return this.connect;
	}

	/**
	 * Return the longest time to agree on encryption.
	 * @return the time
	 */
	public Duration tls() {
		return this.tls;
	}

	/**
	 * Return the longest time to get a connection from the pool.
	 * @return the time
	 */
	public Duration acquire() {
		return this.acquire;
	}

	/**
	 * Return the longest time between two reads of an answer, from its first byte on; any
	 * byte counts, keep-alives too.
	 * @return the time
	 */
	public Duration idleBytes() {
		return this.idleBytes;
	}

	/**
	 * Return the longest time from a stream's start to its first content, reasoning or
	 * tool call.
	 * @return the time, or {@code null} for the default, which depends on whether another
	 * provider can take over
	 */
	public @Nullable Duration firstToken() {
		return this.firstToken;
	}

	/**
	 * Return the longest time between two deltas of a stream, after the first;
	 * keep-alives do not count.
	 * @return the time
	 */
	public Duration idleTokens() {
		return this.idleTokens;
	}

	/**
	 * Return the longest time that a stream waits for its usage and {@code [DONE]} once
	 * all of its choices have finish reasons.
	 * @return the time
	 */
	public Duration finishGrace() {
		return this.finishGrace;
	}

	/**
	 * Return the longest time from the start of a call to its end.
	 * @return the time
	 */
	public Duration total() {
		return this.total;
	}

	/**
	 * Return the timeout of the first token of an attempt.
	 * @param nextAvailable whether another provider can take over
	 * @return the time
	 */
	public Duration firstToken(boolean nextAvailable) {
		if (this.firstToken != null) {
			return this.firstToken;
		}
		return nextAvailable ? FIRST_TOKEN_WITH_NEXT : FIRST_TOKEN_ALONE;
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder();
		builder.connect = this.connect;
		builder.tls = this.tls;
		builder.acquire = this.acquire;
		builder.idleBytes = this.idleBytes;
		builder.firstToken = this.firstToken;
		builder.idleTokens = this.idleTokens;
		builder.finishGrace = this.finishGrace;
		builder.total = this.total;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof ProviderTimeouts that && this.connect.equals(that.connect) && this.tls.equals(that.tls)
				&& this.acquire.equals(that.acquire) && this.idleBytes.equals(that.idleBytes)
				&& Objects.equals(this.firstToken, that.firstToken) && this.idleTokens.equals(that.idleTokens)
				&& this.finishGrace.equals(that.finishGrace) && this.total.equals(that.total);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.connect, this.tls, this.acquire, this.idleBytes, this.firstToken, this.idleTokens,
				this.finishGrace, this.total);
	}

	@Override
	public String toString() {
		return "ProviderTimeouts[connect=" + this.connect + ", tls=" + this.tls + ", acquire=" + this.acquire
				+ ", idleBytes=" + this.idleBytes + ", firstToken=" + this.firstToken + ", idleTokens="
				+ this.idleTokens + ", finishGrace=" + this.finishGrace + ", total=" + this.total + "]";
	}

	/**
	 * Builder for {@link ProviderTimeouts}.
	 */
	public static final class Builder {

		private Duration connect = Duration.ofSeconds(5);

		private Duration tls = Duration.ofSeconds(10);

		private Duration acquire = Duration.ofSeconds(5);

		private Duration idleBytes = Duration.ofSeconds(60);

		private @Nullable Duration firstToken;

		private Duration idleTokens = Duration.ofSeconds(120);

		private Duration finishGrace = Duration.ofSeconds(2);

		private Duration total = Duration.ofMinutes(20);

		private Builder() {
		}

		/**
		 * Set the longest time to open a connection.
		 * @param connect the time
		 * @return this builder
		 */
		public Builder connect(Duration connect) {
			this.connect = connect;
			return this;
		}

		/**
		 * Set the longest time to agree on encryption.
		 * @param tls the time
		 * @return this builder
		 */
		public Builder tls(Duration tls) {
			this.tls = tls;
			return this;
		}

		/**
		 * Set the longest time to get a connection from the pool.
		 * @param acquire the time
		 * @return this builder
		 */
		public Builder acquire(Duration acquire) {
			this.acquire = acquire;
			return this;
		}

		/**
		 * Set the longest time between two reads of an answer, from its first byte on;
		 * any byte counts, keep-alives too.
		 * @param idleBytes the time
		 * @return this builder
		 */
		public Builder idleBytes(Duration idleBytes) {
			this.idleBytes = idleBytes;
			return this;
		}

		/**
		 * Set the longest time from a stream's start to its first content, reasoning or
		 * tool call.
		 * @param firstToken the time; {@code null} for the default, which depends on
		 * whether another provider can take over
		 * @return this builder
		 */
		public Builder firstToken(@Nullable Duration firstToken) {
			this.firstToken = firstToken;
			return this;
		}

		/**
		 * Set the longest time between two deltas of a stream, after the first;
		 * keep-alives do not count.
		 * @param idleTokens the time
		 * @return this builder
		 */
		public Builder idleTokens(Duration idleTokens) {
			this.idleTokens = idleTokens;
			return this;
		}

		/**
		 * Set the longest time that a stream waits for its usage and {@code [DONE]} once
		 * all of its choices have finish reasons.
		 * @param finishGrace the time
		 * @return this builder
		 */
		public Builder finishGrace(Duration finishGrace) {
			this.finishGrace = finishGrace;
			return this;
		}

		/**
		 * Set the longest time from the start of a call to its end.
		 * @param total the time
		 * @return this builder
		 */
		public Builder total(Duration total) {
			this.total = total;
			return this;
		}

		/**
		 * Build the ProviderTimeouts.
		 * @return a new ProviderTimeouts
		 */
		public ProviderTimeouts build() {
			return new ProviderTimeouts(this);
		}

	}

}
