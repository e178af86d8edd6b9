package io.github.deepseekboot.chat;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Report of one attempt at one provider. A call that needed several attempts lists all of
 * them, so that no retry or failover is a secret.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({ "number", "provider", "model", "error", "status", "code", "requestId", "elapsed" })
public final class AttemptReport implements Serializable {

	private static final long serialVersionUID = 1L;

	private final int number;

	private final String provider;

	private final String model;

	private final @Nullable ErrorKind error;

	private final @Nullable Integer status;

	private final @Nullable String code;

	private final @Nullable String requestId;

	private final Duration elapsed;

	private AttemptReport(Builder builder) {
		Assert.notNull(builder.provider, "'provider' must not be null");
		Assert.notNull(builder.model, "'model' must not be null");
		Assert.notNull(builder.elapsed, "'elapsed' must not be null");
		this.number = builder.number;
		this.provider = builder.provider;
		this.model = builder.model;
		this.error = builder.error;
		this.status = builder.status;
		this.code = builder.code;
		this.requestId = builder.requestId;
		this.elapsed = builder.elapsed;
	}

	@JsonCreator
	static AttemptReport fromJson(@JsonProperty("number") int number, @JsonProperty("provider") String provider,
			@JsonProperty("model") String model, @JsonProperty("error") @Nullable ErrorKind error,
			@JsonProperty("status") @Nullable Integer status, @JsonProperty("code") @Nullable String code,
			@JsonProperty("requestId") @Nullable String requestId,
			@JsonProperty("elapsed") @Nullable Duration elapsed) {
		Builder builder = new Builder(number, provider, model).error(error)
			.status(status)
			.code(code)
			.requestId(requestId);
		if (elapsed != null) {
			builder.elapsed(elapsed);
		}
		return builder.build();
	}

	/**
	 * Create a builder for the report of an attempt.
	 * @param number the number
	 * @param provider the id
	 * @param model the id
	 * @return a new builder
	 */
	public static Builder builder(int number, String provider, String model) {
		return new Builder(number, provider, model);
	}

	/**
	 * Return the attempt's number in its call, from 1.
	 * @return the number
	 */
	@JsonProperty("number")
	public int number() {
		return this.number;
	}

	/**
	 * Return the provider's id.
	 * @return the id
	 */
	@JsonProperty("provider")
	public String provider() {
		return this.provider;
	}

	/**
	 * Return the provider's id of the model that was asked.
	 * @return the id
	 */
	@JsonProperty("model")
	public String model() {
		return this.model;
	}

	/**
	 * Return why the attempt failed.
	 * @return the kind of error, or {@code null} if it succeeded
	 */
	@JsonProperty("error")
	public @Nullable ErrorKind error() {
		return this.error;
	}

	/**
	 * Return the HTTP status.
	 * @return the status, or {@code null} if there was none
	 */
	@JsonProperty("status")
	public @Nullable Integer status() {
		return this.status;
	}

	/**
	 * Return the provider's own error code; for a timeout of this library, the property
	 * of the timeout.
	 * @return the code, or {@code null} if it sent none
	 */
	@JsonProperty("code")
	public @Nullable String code() {
		return this.code;
	}

	/**
	 * Return the provider's id of the request.
	 * @return the id, or {@code null} if it sent none
	 */
	@JsonProperty("requestId")
	public @Nullable String requestId() {
		return this.requestId;
	}

	/**
	 * Return the time from the attempt's start to its end.
	 * @return the time
	 */
	@JsonProperty("elapsed")
	@JsonFormat(shape = JsonFormat.Shape.STRING)
	public Duration elapsed() {
		return this.elapsed;
	}

	/**
	 * Create a builder with all that this one has.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		Builder builder = new Builder(this.number, this.provider, this.model);
		builder.error = this.error;
		builder.status = this.status;
		builder.code = this.code;
		builder.requestId = this.requestId;
		builder.elapsed = this.elapsed;
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		if (this == other) {
			return true;
		}
		return other instanceof AttemptReport that && this.number == that.number && this.provider.equals(that.provider)
				&& this.model.equals(that.model) && Objects.equals(this.error, that.error)
				&& Objects.equals(this.status, that.status) && Objects.equals(this.code, that.code)
				&& Objects.equals(this.requestId, that.requestId) && this.elapsed.equals(that.elapsed);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.number, this.provider, this.model, this.error, this.status, this.code, this.requestId,
				this.elapsed);
	}

	@Override
	public String toString() {
		return "AttemptReport[number=" + this.number + ", provider=" + this.provider + ", model=" + this.model
				+ ", error=" + this.error + ", status=" + this.status + ", code=" + this.code + ", requestId="
				+ this.requestId + ", elapsed=" + this.elapsed + "]";
	}

	/**
	 * Builder for {@link AttemptReport}.
	 */
	public static final class Builder {

		private int number;

		private String provider;

		private String model;

		private @Nullable ErrorKind error;

		private @Nullable Integer status;

		private @Nullable String code;

		private @Nullable String requestId;

		private Duration elapsed = Duration.ZERO;

		private Builder(int number, String provider, String model) {
			this.number = number;
			this.provider = provider;
			this.model = model;
		}

		/**
		 * Set the attempt's number in its call, from 1.
		 * @param number the number
		 * @return this builder
		 */
		public Builder number(int number) {
			this.number = number;
			return this;
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
		 * Set the provider's id of the model that was asked.
		 * @param model the id
		 * @return this builder
		 */
		public Builder model(String model) {
			this.model = model;
			return this;
		}

		/**
		 * Set why the attempt failed.
		 * @param error the kind of error; {@code null} if it succeeded
		 * @return this builder
		 */
		public Builder error(@Nullable ErrorKind error) {
			this.error = error;
			return this;
		}

		/**
		 * Set the HTTP status.
		 * @param status the status; {@code null} if there was none
		 * @return this builder
		 */
		public Builder status(@Nullable Integer status) {
			this.status = status;
			return this;
		}

		/**
		 * Set the provider's own error code, or the property of a timeout.
		 * @param code the code; {@code null} if it sent none
		 * @return this builder
		 */
		public Builder code(@Nullable String code) {
			this.code = code;
			return this;
		}

		/**
		 * Set the provider's id of the request.
		 * @param requestId the id; {@code null} if it sent none
		 * @return this builder
		 */
		public Builder requestId(@Nullable String requestId) {
			this.requestId = requestId;
			return this;
		}

		/**
		 * Set the time from the attempt's start to its end.
		 * @param elapsed the time
		 * @return this builder
		 */
		public Builder elapsed(Duration elapsed) {
			this.elapsed = elapsed;
			return this;
		}

		/**
		 * Build the AttemptReport.
		 * @return a new AttemptReport
		 */
		public AttemptReport build() {
			return new AttemptReport(this);
		}

	}

}
