package io.github.deepseekboot.langchain4j;

import java.util.List;
import java.util.Objects;

import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.AttemptReport;

/**
 * Metadata of an answer, with who gave it and at which attempt.
 */
public final class RoutingChatResponseMetadata extends ChatResponseMetadata {

	private final @Nullable String provider;

	private final @Nullable String requestId;

	private final @Nullable String systemFingerprint;

	private final List<AttemptReport> attempts;

	private RoutingChatResponseMetadata(Builder builder) {
		super(builder);
		this.provider = builder.provider;
		this.requestId = builder.requestId;
		this.systemFingerprint = builder.systemFingerprint;
		this.attempts = builder.attempts;
	}

	/**
	 * Create a builder for metadata.
	 * @return an empty builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the id of the provider that answered.
	 * @return the id, or {@code null} if it is not known
	 */
	public @Nullable String provider() {
		return this.provider;
	}

	/**
	 * Return the provider's id of the request.
	 * @return the id, or {@code null} if it gave none
	 */
	public @Nullable String requestId() {
		return this.requestId;
	}

	/**
	 * Return the provider's mark of the model's build.
	 * @return the mark, or {@code null} if it gave none
	 */
	public @Nullable String systemFingerprint() {
		return this.systemFingerprint;
	}

	/**
	 * Return the attempts made for this answer.
	 * @return the attempts, the successful one last
	 */
	public List<AttemptReport> attempts() {
		return this.attempts;
	}

	@Override
	public Builder toBuilder() {
		Builder builder = builder();
		toBuilder(builder);
		return builder.provider(this.provider)
			.requestId(this.requestId)
			.systemFingerprint(this.systemFingerprint)
			.attempts(this.attempts);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RoutingChatResponseMetadata that && super.equals(other)
				&& Objects.equals(this.provider, that.provider) && Objects.equals(this.requestId, that.requestId)
				&& Objects.equals(this.systemFingerprint, that.systemFingerprint)
				&& this.attempts.equals(that.attempts);
	}

	@Override
	public int hashCode() {
		return Objects.hash(super.hashCode(), this.provider, this.requestId, this.systemFingerprint, this.attempts);
	}

	@Override
	public String toString() {
		return "RoutingChatResponseMetadata[" + super.toString() + ", provider=" + this.provider + ", requestId="
				+ this.requestId + ", attempts=" + this.attempts.size() + "]";
	}

	/**
	 * Builds metadata.
	 */
	public static final class Builder extends ChatResponseMetadata.Builder<Builder> {

		private @Nullable String provider;

		private @Nullable String requestId;

		private @Nullable String systemFingerprint;

		private List<AttemptReport> attempts = List.of();

		private Builder() {
		}

		/**
		 * The id of the provider that answered.
		 * @param provider the id
		 * @return this builder
		 */
		public Builder provider(@Nullable String provider) {
			this.provider = provider;
			return this;
		}

		/**
		 * The provider's id of the request.
		 * @param requestId the id
		 * @return this builder
		 */
		public Builder requestId(@Nullable String requestId) {
			this.requestId = requestId;
			return this;
		}

		/**
		 * The provider's mark of the model's build.
		 * @param systemFingerprint the mark
		 * @return this builder
		 */
		public Builder systemFingerprint(@Nullable String systemFingerprint) {
			this.systemFingerprint = systemFingerprint;
			return this;
		}

		/**
		 * The attempts made for the answer.
		 * @param attempts the attempts, the successful one last
		 * @return this builder
		 */
		public Builder attempts(List<AttemptReport> attempts) {
			Assert.notNull(attempts, "'attempts' must not be null");
			Assert.noNullElements(attempts, "'attempts' must not contain null");
			this.attempts = List.copyOf(attempts);
			return this;
		}

		@Override
		public RoutingChatResponseMetadata build() {
			return new RoutingChatResponseMetadata(this);
		}

	}

}
