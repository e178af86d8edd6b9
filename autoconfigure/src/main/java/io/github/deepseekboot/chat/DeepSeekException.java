package io.github.deepseekboot.chat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Exception that is thrown when a call fails. The same exception comes out of the
 * blocking, the {@code Mono} and the {@code Flux} API. {@link #getKind()} says what to do
 * about it; the rest says where it happened. It never carries a key or a request header.
 */
public class DeepSeekException extends RuntimeException {

	private final String reason;

	private final ErrorKind kind;

	private final @Nullable Integer status;

	private final @Nullable String code;

	private final @Nullable String provider;

	private final @Nullable String model;

	private final @Nullable String requestId;

	private final @Nullable Duration retryAfter;

	private final @Nullable Usage usage;

	private final FailureScope scope;

	private final boolean neverProcessed;

	private final List<String> passedOver;

	// set once more on an exception that cannot be copied
	private final AtomicReference<List<AttemptReport>> attempts;

	/**
	 * Create an exception with a kind and a message only.
	 * @param kind what went wrong
	 * @param message the reason and the cure
	 */
	public DeepSeekException(ErrorKind kind, String message) {
		this(builder(kind, message));
	}

	/**
	 * Create an exception from a builder.
	 * @param builder the builder
	 */
	protected DeepSeekException(Builder builder) {
		super(builder.text(), builder.cause);
		this.reason = builder.message;
		this.kind = builder.kind;
		this.status = builder.status;
		this.code = builder.code;
		this.provider = builder.provider;
		this.model = builder.model;
		this.requestId = builder.requestId;
		this.retryAfter = builder.retryAfter;
		this.usage = builder.usage;
		this.scope = builder.scope;
		this.neverProcessed = builder.neverProcessed;
		this.passedOver = builder.passedOver;
		this.attempts = new AtomicReference<>(builder.attempts);
	}

	/**
	 * Create a builder for a failure.
	 * @param kind what went wrong
	 * @param message the reason, without key, provider name or status: those are added
	 * @return a builder
	 */
	public static Builder builder(ErrorKind kind, String message) {
		return new Builder(kind, message);
	}

	/**
	 * Create a builder with all that a failure has, for one that differs in a detail.
	 * @param failure the other failure
	 * @return a builder with everything that the other one says, its cause included
	 */
	public static Builder from(DeepSeekException failure) {
		return failure.copyBuilder();
	}

	/**
	 * Return the message: provider, reason, kind and details, from the second attempt on
	 * the attempts, who was not asked, and the advice.
	 * @return the message
	 */
	@Override
	public String getMessage() {
		StringBuilder message = new StringBuilder(super.getMessage()).append(summary(getAttempts()));
		if (!this.passedOver.isEmpty()) {
			message.append("; not asked: ").append(String.join("; ", this.passedOver));
		}
		String advice = getAdvice();
		return (advice != null) ? message.append(". ").append(advice).toString() : message.toString();
	}

	/**
	 * Return what to do about the failure, with the property to change.
	 * @return a sentence, or {@code null} if the reason says it all
	 */
	public @Nullable String getAdvice() {
		return ErrorAdvice.of(this.kind, this.scope, this.provider);
	}

	/**
	 * Return the providers of the chain that were not asked, each with the reason.
	 * @return texts such as {@code "siliconflow: OUT_OF_CREDIT, for 9 min"}; empty if all
	 * were asked
	 */
	public List<String> getPassedOver() {
		return this.passedOver;
	}

	/**
	 * Return the bare reason, fit for showing to a user: the message without provider,
	 * kind, status and the like.
	 * @return the reason
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * Return the kind of failure, from a small fixed set.
	 * @return the kind
	 */
	public ErrorKind getKind() {
		return this.kind;
	}

	/**
	 * Return the HTTP status of the answer.
	 * @return the status, or {@code null} if there was no answer
	 */
	public @Nullable Integer getStatus() {
		return this.status;
	}

	/**
	 * Return the provider's own error code; for a timeout of this library, or too many
	 * calls at once, the property that limits them.
	 * @return the code as the provider wrote it, or {@code null}
	 */
	public @Nullable String getCode() {
		return this.code;
	}

	/**
	 * Return the id of the provider that failed last.
	 * @return the id, or {@code null} if no provider was chosen yet
	 */
	public @Nullable String getProvider() {
		return this.provider;
	}

	/**
	 * Return the model that was asked for, as the provider names it.
	 * @return the model, or {@code null} if none was chosen yet
	 */
	public @Nullable String getModel() {
		return this.model;
	}

	/**
	 * Return the provider's id of the failed request, worth quoting to its support.
	 * @return the id, or {@code null}
	 */
	public @Nullable String getRequestId() {
		return this.requestId;
	}

	/**
	 * Return the time that the provider asks to wait before the next call.
	 * @return the time, or {@code null} if it gave none
	 */
	public @Nullable Duration getRetryAfter() {
		return this.retryAfter;
	}

	/**
	 * Return the tokens that the provider reported before the answer broke off, which it
	 * will bill.
	 * @return the usage, or {@code null} if it reported none
	 */
	public @Nullable Usage getUsage() {
		return this.usage;
	}

	/**
	 * Return the attempts that were made for this call.
	 * @return the attempts in their order; empty if nothing was sent
	 */
	public List<AttemptReport> getAttempts() {
		return Objects.requireNonNull(this.attempts.get());
	}

	/**
	 * Return the scope of the failure. Beside the kind, it decides whether others are
	 * asked and whether it is held against the provider.
	 * @return the scope; {@link FailureScope#PROVIDER} unless set
	 */
	public FailureScope getScope() {
		return this.scope;
	}

	/**
	 * Return whether it is certain that the provider did not process the request, so that
	 * sending it again cannot be billed twice, whatever the kind.
	 * @return {@code true} if certain; with {@code false} the kind says how likely it is
	 */
	public boolean isNeverProcessed() {
		return this.neverProcessed;
	}

	/**
	 * Return the same failure with the attempts of its call.
	 * @param attempts the attempts
	 * @return an exception of the same class, with this one's cause, stack trace and
	 * suppressed exceptions: a copy, or this exception itself if its class does not
	 * override {@link #copy(Builder)}, or if that fails or returns no new exception of
	 * the class
	 */
	public DeepSeekException withAttempts(List<AttemptReport> attempts) {
		return withAttempts(attempts, this.passedOver);
	}

	/**
	 * Return the same failure with the attempts of its call, and with who was not asked.
	 * @param attempts the attempts
	 * @param passedOver the providers that were not asked, each with the reason
	 * @return an exception of the same class, as {@link #withAttempts(List)} returns it
	 */
	public DeepSeekException withAttempts(List<AttemptReport> attempts, List<String> passedOver) {
		DeepSeekException copy = copyOrNull(attempts, passedOver);
		if (copy == null) {
			this.attempts.set(List.copyOf(attempts));
			return this;
		}
		copy.attempts.set(List.copyOf(attempts));
		return copy;
	}

	// a subclass may be the application's, and must not keep its call from ending
	private @Nullable DeepSeekException copyOrNull(List<AttemptReport> attempts, List<String> passedOver) {
		try {
			DeepSeekException copy = copy(copyBuilder().attempts(attempts).passedOver(passedOver));
			if (copy == null || copy == this || copy.getClass() != getClass()) {
				return null;
			}
			copy.setStackTrace(getStackTrace());
			// one that was handed out before has them
			if (copy.getSuppressed().length == 0) {
				for (Throwable suppressed : getSuppressed()) {
					copy.addSuppressed(suppressed);
				}
			}
			return copy;
		}
		catch (Throwable ex) {
			return null;
		}
	}

	// one attempt is what the message is about anyway
	private static String summary(List<AttemptReport> attempts) {
		if (attempts.size() < 2) {
			return "";
		}
		StringJoiner summary = new StringJoiner(", ", "; attempts: ", "");
		for (AttemptReport attempt : attempts) {
			summary.add(attempt.number() + " " + attempt.provider() + " "
					+ ((attempt.error() != null) ? attempt.error() : "answered")
					+ ((attempt.status() != null) ? " " + attempt.status() : ""));
		}
		return summary.toString();
	}

	/**
	 * Make an exception of this one's class. Subclasses override it so that their
	 * exceptions may be shared between calls.
	 * @param builder what the copy says
	 * @return a new exception of the same class
	 */
	protected DeepSeekException copy(Builder builder) {
		return new DeepSeekException(builder);
	}

	private Builder copyBuilder() {
		Builder builder = new Builder(this.kind, this.reason);
		builder.status = this.status;
		builder.code = this.code;
		builder.provider = this.provider;
		builder.model = this.model;
		builder.requestId = this.requestId;
		builder.retryAfter = this.retryAfter;
		builder.usage = this.usage;
		builder.scope = this.scope;
		builder.neverProcessed = this.neverProcessed;
		builder.passedOver = this.passedOver;
		builder.attempts = getAttempts();
		builder.cause = getCause();
		return builder;
	}

	/**
	 * Builder for {@link DeepSeekException}.
	 */
	public static final class Builder {

		private final ErrorKind kind;

		private final String message;

		private @Nullable Integer status;

		private @Nullable String code;

		private @Nullable String provider;

		private @Nullable String model;

		private @Nullable String requestId;

		private @Nullable Duration retryAfter;

		private @Nullable Usage usage;

		private FailureScope scope = FailureScope.PROVIDER;

		private boolean neverProcessed;

		private List<String> passedOver = List.of();

		private List<AttemptReport> attempts = List.of();

		private @Nullable Throwable cause;

		private Builder(ErrorKind kind, String message) {
			Assert.notNull(kind, "'kind' must not be null");
			Assert.notNull(message, "'message' must not be null");
			this.kind = kind;
			this.message = message;
		}

		/**
		 * Set the HTTP status.
		 * @param status the status
		 * @return this builder
		 */
		public Builder status(@Nullable Integer status) {
			this.status = status;
			return this;
		}

		/**
		 * Set the provider's own error code, or the property of a timeout.
		 * @param code the code
		 * @return this builder
		 */
		public Builder code(@Nullable String code) {
			this.code = code;
			return this;
		}

		/**
		 * Set the provider's id.
		 * @param provider the id
		 * @return this builder
		 */
		public Builder provider(@Nullable String provider) {
			this.provider = provider;
			return this;
		}

		/**
		 * Set the model that was asked.
		 * @param model the model as the provider names it
		 * @return this builder
		 */
		public Builder model(@Nullable String model) {
			this.model = model;
			return this;
		}

		/**
		 * Set the provider's id of the request.
		 * @param requestId the id
		 * @return this builder
		 */
		public Builder requestId(@Nullable String requestId) {
			this.requestId = requestId;
			return this;
		}

		/**
		 * Set the time that the provider asks to wait.
		 * @param retryAfter the time
		 * @return this builder
		 */
		public Builder retryAfter(@Nullable Duration retryAfter) {
			this.retryAfter = retryAfter;
			return this;
		}

		/**
		 * Set the tokens that the provider reported before the answer broke off.
		 * @param usage the usage
		 * @return this builder
		 */
		public Builder usage(@Nullable Usage usage) {
			this.usage = usage;
			return this;
		}

		/**
		 * Set the scope of the failure.
		 * @param scope the scope; {@link FailureScope#PROVIDER} by default
		 * @return this builder
		 */
		public Builder scope(FailureScope scope) {
			Assert.notNull(scope, "'scope' must not be null");
			this.scope = scope;
			return this;
		}

		/**
		 * Say that the provider certainly did not process the request: sending it again
		 * cannot be billed twice, even if the kind alone would leave that open.
		 * @param neverProcessed whether that is certain; {@code false} by default
		 * @return this builder
		 */
		public Builder neverProcessed(boolean neverProcessed) {
			this.neverProcessed = neverProcessed;
			return this;
		}

		/**
		 * Set the attempts that were made.
		 * @param attempts the attempts
		 * @return this builder
		 */
		public Builder attempts(List<AttemptReport> attempts) {
			this.attempts = List.copyOf(Elements.of(attempts, "attempts"));
			return this;
		}

		/**
		 * Set the providers that were not asked.
		 * @param passedOver each with the reason
		 * @return this builder
		 */
		public Builder passedOver(List<String> passedOver) {
			this.passedOver = List.copyOf(Elements.of(passedOver, "passedOver"));
			return this;
		}

		/**
		 * Set the cause of the failure. Must not carry request headers: mind that
		 * {@code WebClientRequestException} does.
		 * @param cause the cause
		 * @return this builder
		 */
		public Builder cause(@Nullable Throwable cause) {
			this.cause = cause;
			return this;
		}

		/**
		 * Build the exception.
		 * @return the exception
		 */
		public DeepSeekException build() {
			return new DeepSeekException(this);
		}

		/**
		 * Make the exception for a stream that broke after its first delta.
		 * @param causeKind what broke it
		 * @param partialContent the answer so far
		 * @param partialReasoningContent the reasoning so far
		 * @param partialToolCalls the tool calls so far; the last may be cut
		 * @return the exception
		 */
		public StreamInterruptedException buildInterrupted(ErrorKind causeKind, String partialContent,
				String partialReasoningContent, List<ToolCall> partialToolCalls) {
			Assert.notNull(causeKind, "'causeKind' must not be null");
			Assert.notNull(partialContent, "'partialContent' must not be null");
			Assert.notNull(partialReasoningContent, "'partialReasoningContent' must not be null");
			Elements.of(partialToolCalls, "partialToolCalls");
			return new StreamInterruptedException(this, causeKind, partialContent, partialReasoningContent,
					partialToolCalls);
		}

		private String text() {
			StringBuilder text = new StringBuilder();
			if (this.provider != null) {
				text.append(this.provider).append(": ");
			}
			text.append(this.message).append(" [").append(this.kind);
			append(text, "status", this.status);
			append(text, "code", this.code);
			append(text, "model", this.model);
			append(text, "request id", this.requestId);
			append(text, "retry after", (this.retryAfter != null) ? DurationText.of(this.retryAfter) : null);
			return text.append(']').toString();
		}

		private static void append(StringBuilder text, String name, @Nullable Object value) {
			if (value != null) {
				text.append(", ").append(name).append(' ').append(value);
			}
		}

	}

}
