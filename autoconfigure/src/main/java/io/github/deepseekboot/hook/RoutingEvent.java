package io.github.deepseekboot.hook;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;

/**
 * Event that is published while calls are routed.
 * <p>
 * A minor release may add events, and properties of events. None is removed or renamed
 * within a major release. A {@code switch} over events therefore needs a {@code default},
 * and a listener passes over an event that it does not know. In tests, events are created
 * with their builders, which ask only for what each event has had from the start.
 */
public sealed interface RoutingEvent {

	/**
	 * A call was subscribed to.
	 */
	final class CallStarted implements RoutingEvent {

		private final CallInfo call;

		private CallStarted(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			this.call = builder.call;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call) {
			return new Builder(call);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof CallStarted that && this.call.equals(that.call);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call);
		}

		@Override
		public String toString() {
			return "CallStarted[call=" + this.call + "]";
		}

		/**
		 * Builder for {@link CallStarted}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private Builder(CallInfo call) {
				this.call = call;
			}

			/**
			 * Build the CallStarted.
			 * @return a new CallStarted
			 */
			public CallStarted build() {
				return new CallStarted(this);
			}

		}

	}

	/**
	 * An attempt begins: it has its permit of the provider.
	 */
	final class AttemptStarted implements RoutingEvent {

		private final CallInfo call;

		private final int number;

		private final String provider;

		private final String model;

		private AttemptStarted(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			Assert.notNull(builder.provider, "'provider' must not be null");
			Assert.notNull(builder.model, "'model' must not be null");
			this.call = builder.call;
			this.number = builder.number;
			this.provider = builder.provider;
			this.model = builder.model;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @param number the number
		 * @param provider the id
		 * @param model the id
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call, int number, String provider, String model) {
			return new Builder(call, number, provider, model);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		/**
		 * Return the attempt's number in its call, from 1.
		 * @return the number
		 */
		public int number() {
			return this.number;
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		/**
		 * Return the provider's id of the model.
		 * @return the id
		 */
		public String model() {
			return this.model;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof AttemptStarted that && this.call.equals(that.call) && this.number == that.number
					&& this.provider.equals(that.provider) && this.model.equals(that.model);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call, this.number, this.provider, this.model);
		}

		@Override
		public String toString() {
			return "AttemptStarted[call=" + this.call + ", number=" + this.number + ", provider=" + this.provider
					+ ", model=" + this.model + "]";
		}

		/**
		 * Builder for {@link AttemptStarted}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private final int number;

			private final String provider;

			private final String model;

			private Builder(CallInfo call, int number, String provider, String model) {
				this.call = call;
				this.number = number;
				this.provider = provider;
				this.model = model;
			}

			/**
			 * Build the AttemptStarted.
			 * @return a new AttemptStarted
			 */
			public AttemptStarted build() {
				return new AttemptStarted(this);
			}

		}

	}

	/**
	 * The first content, reasoning or tool call of a stream arrived.
	 */
	final class FirstToken implements RoutingEvent {

		private final CallInfo call;

		private final String provider;

		private final String model;

		private final Duration sinceStart;

		private FirstToken(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			Assert.notNull(builder.provider, "'provider' must not be null");
			Assert.notNull(builder.model, "'model' must not be null");
			Assert.notNull(builder.sinceStart, "'sinceStart' must not be null");
			this.call = builder.call;
			this.provider = builder.provider;
			this.model = builder.model;
			this.sinceStart = builder.sinceStart;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @param provider the id
		 * @param model the id
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call, String provider, String model) {
			return new Builder(call, provider, model);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		/**
		 * Return the provider's id of the model.
		 * @return the id
		 */
		public String model() {
			return this.model;
		}

		/**
		 * Return the time from the call's start.
		 * @return the time
		 */
		public Duration sinceStart() {
			return this.sinceStart;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof FirstToken that && this.call.equals(that.call)
					&& this.provider.equals(that.provider) && this.model.equals(that.model)
					&& this.sinceStart.equals(that.sinceStart);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call, this.provider, this.model, this.sinceStart);
		}

		@Override
		public String toString() {
			return "FirstToken[call=" + this.call + ", provider=" + this.provider + ", model=" + this.model
					+ ", sinceStart=" + this.sinceStart + "]";
		}

		/**
		 * Builder for {@link FirstToken}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private final String provider;

			private final String model;

			private Duration sinceStart = Duration.ZERO;

			private Builder(CallInfo call, String provider, String model) {
				this.call = call;
				this.provider = provider;
				this.model = model;
			}

			/**
			 * Set the time from the call's start.
			 * @param sinceStart the time
			 * @return this builder
			 */
			public Builder sinceStart(Duration sinceStart) {
				this.sinceStart = sinceStart;
				return this;
			}

			/**
			 * Build the FirstToken.
			 * @return a new FirstToken
			 */
			public FirstToken build() {
				return new FirstToken(this);
			}

		}

	}

	/**
	 * Called after an attempt ended, in whichever way.
	 */
	final class AttemptEnded implements RoutingEvent {

		private final CallInfo call;

		private final AttemptReport report;

		private AttemptEnded(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			Assert.notNull(builder.report, "'report' must not be null");
			this.call = builder.call;
			this.report = builder.report;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @param report the report
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call, AttemptReport report) {
			return new Builder(call, report);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		/**
		 * Return what the attempt came to; its error is {@code CANCELLED} for a cancelled
		 * one.
		 * @return the report
		 */
		public AttemptReport report() {
			return this.report;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof AttemptEnded that && this.call.equals(that.call) && this.report.equals(that.report);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call, this.report);
		}

		@Override
		public String toString() {
			return "AttemptEnded[call=" + this.call + ", report=" + this.report + "]";
		}

		/**
		 * Builder for {@link AttemptEnded}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private final AttemptReport report;

			private Builder(CallInfo call, AttemptReport report) {
				this.call = call;
				this.report = report;
			}

			/**
			 * Build the AttemptEnded.
			 * @return a new AttemptEnded
			 */
			public AttemptEnded build() {
				return new AttemptEnded(this);
			}

		}

	}

	/**
	 * A call fails over to another provider.
	 */
	final class FailedOver implements RoutingEvent {

		private final CallInfo call;

		private final String from;

		private final String to;

		private final ErrorKind reason;

		private final boolean maybeBilledTwice;

		private FailedOver(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			Assert.notNull(builder.from, "'from' must not be null");
			Assert.notNull(builder.to, "'to' must not be null");
			Assert.notNull(builder.reason, "'reason' must not be null");
			this.call = builder.call;
			this.from = builder.from;
			this.to = builder.to;
			this.reason = builder.reason;
			this.maybeBilledTwice = builder.maybeBilledTwice;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @param from the id
		 * @param to the id
		 * @param reason the kind of error
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call, String from, String to, ErrorKind reason) {
			return new Builder(call, from, to, reason);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		/**
		 * Return the provider that failed.
		 * @return the id
		 */
		public String from() {
			return this.from;
		}

		/**
		 * Return the provider that is asked next.
		 * @return the id
		 */
		public String to() {
			return this.to;
		}

		/**
		 * Return why the first one failed.
		 * @return the kind of error
		 */
		public ErrorKind reason() {
			return this.reason;
		}

		/**
		 * Return whether the failed attempt may have been done and billed.
		 * @return {@code true} if it may
		 */
		public boolean maybeBilledTwice() {
			return this.maybeBilledTwice;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof FailedOver that && this.call.equals(that.call) && this.from.equals(that.from)
					&& this.to.equals(that.to) && this.reason.equals(that.reason)
					&& this.maybeBilledTwice == that.maybeBilledTwice;
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call, this.from, this.to, this.reason, this.maybeBilledTwice);
		}

		@Override
		public String toString() {
			return "FailedOver[call=" + this.call + ", from=" + this.from + ", to=" + this.to + ", reason="
					+ this.reason + ", maybeBilledTwice=" + this.maybeBilledTwice + "]";
		}

		/**
		 * Builder for {@link FailedOver}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private final String from;

			private final String to;

			private final ErrorKind reason;

			private boolean maybeBilledTwice = false;

			private Builder(CallInfo call, String from, String to, ErrorKind reason) {
				this.call = call;
				this.from = from;
				this.to = to;
				this.reason = reason;
			}

			/**
			 * Set whether the failed attempt may have been done and billed.
			 * @param maybeBilledTwice {@code true} if it may
			 * @return this builder
			 */
			public Builder maybeBilledTwice(boolean maybeBilledTwice) {
				this.maybeBilledTwice = maybeBilledTwice;
				return this;
			}

			/**
			 * Build the FailedOver.
			 * @return a new FailedOver
			 */
			public FailedOver build() {
				return new FailedOver(this);
			}

		}

	}

	/**
	 * A call is tried again at the same provider.
	 */
	final class Retried implements RoutingEvent {

		private final CallInfo call;

		private final String provider;

		private final ErrorKind reason;

		private final Duration delay;

		private final boolean maybeBilledTwice;

		private Retried(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			Assert.notNull(builder.provider, "'provider' must not be null");
			Assert.notNull(builder.reason, "'reason' must not be null");
			Assert.notNull(builder.delay, "'delay' must not be null");
			this.call = builder.call;
			this.provider = builder.provider;
			this.reason = builder.reason;
			this.delay = builder.delay;
			this.maybeBilledTwice = builder.maybeBilledTwice;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @param provider the id
		 * @param reason the kind of error
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call, String provider, ErrorKind reason) {
			return new Builder(call, provider, reason);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		/**
		 * Return why the attempt failed.
		 * @return the kind of error
		 */
		public ErrorKind reason() {
			return this.reason;
		}

		/**
		 * Return how long the call waits before the next attempt.
		 * @return the time
		 */
		public Duration delay() {
			return this.delay;
		}

		/**
		 * Return whether the failed attempt may have been done and billed.
		 * @return {@code true} if it may
		 */
		public boolean maybeBilledTwice() {
			return this.maybeBilledTwice;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof Retried that && this.call.equals(that.call) && this.provider.equals(that.provider)
					&& this.reason.equals(that.reason) && this.delay.equals(that.delay)
					&& this.maybeBilledTwice == that.maybeBilledTwice;
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call, this.provider, this.reason, this.delay, this.maybeBilledTwice);
		}

		@Override
		public String toString() {
			return "Retried[call=" + this.call + ", provider=" + this.provider + ", reason=" + this.reason + ", delay="
					+ this.delay + ", maybeBilledTwice=" + this.maybeBilledTwice + "]";
		}

		/**
		 * Builder for {@link Retried}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private final String provider;

			private final ErrorKind reason;

			private Duration delay = Duration.ZERO;

			private boolean maybeBilledTwice = false;

			private Builder(CallInfo call, String provider, ErrorKind reason) {
				this.call = call;
				this.provider = provider;
				this.reason = reason;
			}

			/**
			 * Set how long the call waits before the next attempt.
			 * @param delay the time
			 * @return this builder
			 */
			public Builder delay(Duration delay) {
				this.delay = delay;
				return this;
			}

			/**
			 * Set whether the failed attempt may have been done and billed.
			 * @param maybeBilledTwice {@code true} if it may
			 * @return this builder
			 */
			public Builder maybeBilledTwice(boolean maybeBilledTwice) {
				this.maybeBilledTwice = maybeBilledTwice;
				return this;
			}

			/**
			 * Build the Retried.
			 * @return a new Retried
			 */
			public Retried build() {
				return new Retried(this);
			}

		}

	}

	/**
	 * A call ended, in whichever way.
	 */
	final class CallEnded implements RoutingEvent {

		private final CallInfo call;

		private final Outcome outcome;

		private final @Nullable String provider;

		private final @Nullable String model;

		private final @Nullable String responseModel;

		private final @Nullable Usage usage;

		private final @Nullable ChatCompletion completion;

		private final @Nullable DeepSeekException failure;

		private final List<AttemptReport> attempts;

		private final Duration elapsed;

		private CallEnded(Builder builder) {
			Assert.notNull(builder.call, "'call' must not be null");
			Assert.notNull(builder.outcome, "'outcome' must not be null");
			Assert.notNull(builder.attempts, "'attempts' must not be null");
			Assert.notNull(builder.elapsed, "'elapsed' must not be null");
			this.call = builder.call;
			this.outcome = builder.outcome;
			this.provider = builder.provider;
			this.model = builder.model;
			this.responseModel = builder.responseModel;
			this.usage = builder.usage;
			this.completion = builder.completion;
			this.failure = builder.failure;
			this.attempts = List.copyOf(builder.attempts);
			this.elapsed = builder.elapsed;
		}

		/**
		 * Create a builder for the event.
		 * @param call the call
		 * @param outcome success, error or cancel
		 * @return a new builder
		 */
		public static Builder builder(CallInfo call, Outcome outcome) {
			return new Builder(call, outcome);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		/**
		 * Return how the call ended.
		 * @return success, error or cancel
		 */
		public Outcome outcome() {
			return this.outcome;
		}

		/**
		 * Return the provider that answered or failed last.
		 * @return the id, or {@code null} if none was asked
		 */
		public @Nullable String provider() {
			return this.provider;
		}

		/**
		 * Return the model that was asked last, as the provider names it.
		 * @return the id, or {@code null} if none was asked
		 */
		public @Nullable String model() {
			return this.model;
		}

		/**
		 * Return the model that answered, as the provider names it.
		 * @return the id, or {@code null} if there was no answer or it did not say
		 */
		public @Nullable String responseModel() {
			return this.responseModel;
		}

		/**
		 * Return the tokens counted.
		 * @return the usage, or {@code null} if the provider reported none
		 */
		public @Nullable Usage usage() {
			return this.usage;
		}

		/**
		 * Return the complete answer.
		 * @return the answer, or {@code null} for a stream or no answer
		 */
		public @Nullable ChatCompletion completion() {
			return this.completion;
		}

		/**
		 * Return why the call failed.
		 * @return the failure, or {@code null} unless the outcome is {@code ERROR}
		 */
		public @Nullable DeepSeekException failure() {
			return this.failure;
		}

		/**
		 * Return the attempts made.
		 * @return the attempts; empty for none
		 */
		public List<AttemptReport> attempts() {
			return this.attempts;
		}

		/**
		 * Return the time from the call's start.
		 * @return the time
		 */
		public Duration elapsed() {
			return this.elapsed;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof CallEnded that && this.call.equals(that.call) && this.outcome.equals(that.outcome)
					&& Objects.equals(this.provider, that.provider) && Objects.equals(this.model, that.model)
					&& Objects.equals(this.responseModel, that.responseModel) && Objects.equals(this.usage, that.usage)
					&& Objects.equals(this.completion, that.completion) && Objects.equals(this.failure, that.failure)
					&& this.attempts.equals(that.attempts) && this.elapsed.equals(that.elapsed);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.call, this.outcome, this.provider, this.model, this.responseModel, this.usage,
					this.completion, this.failure, this.attempts, this.elapsed);
		}

		@Override
		public String toString() {
			return "CallEnded[call=" + this.call + ", outcome=" + this.outcome + ", provider=" + this.provider
					+ ", model=" + this.model + ", responseModel=" + this.responseModel + ", usage=" + this.usage
					+ ", completion=" + this.completion + ", failure=" + this.failure + ", attempts=" + this.attempts
					+ ", elapsed=" + this.elapsed + "]";
		}

		/**
		 * Builder for {@link CallEnded}.
		 */
		public static final class Builder {

			private final CallInfo call;

			private final Outcome outcome;

			private @Nullable String provider;

			private @Nullable String model;

			private @Nullable String responseModel;

			private @Nullable Usage usage;

			private @Nullable ChatCompletion completion;

			private @Nullable DeepSeekException failure;

			private List<AttemptReport> attempts = List.of();

			private Duration elapsed = Duration.ZERO;

			private Builder(CallInfo call, Outcome outcome) {
				this.call = call;
				this.outcome = outcome;
			}

			/**
			 * Set the provider that answered or failed last.
			 * @param provider the id; {@code null} if none was asked
			 * @return this builder
			 */
			public Builder provider(@Nullable String provider) {
				this.provider = provider;
				return this;
			}

			/**
			 * Set the model that was asked last, as the provider names it.
			 * @param model the id; {@code null} if none was asked
			 * @return this builder
			 */
			public Builder model(@Nullable String model) {
				this.model = model;
				return this;
			}

			/**
			 * Set the model that answered, as the provider names it.
			 * @param responseModel the id; {@code null} if there was no answer or it did
			 * not say
			 * @return this builder
			 */
			public Builder responseModel(@Nullable String responseModel) {
				this.responseModel = responseModel;
				return this;
			}

			/**
			 * Set the tokens counted.
			 * @param usage the usage; {@code null} if the provider reported none
			 * @return this builder
			 */
			public Builder usage(@Nullable Usage usage) {
				this.usage = usage;
				return this;
			}

			/**
			 * Set the complete answer.
			 * @param completion the answer; {@code null} for a stream or no answer
			 * @return this builder
			 */
			public Builder completion(@Nullable ChatCompletion completion) {
				this.completion = completion;
				return this;
			}

			/**
			 * Set why the call failed.
			 * @param failure the failure; {@code null} unless the outcome is
			 * {@code ERROR}
			 * @return this builder
			 */
			public Builder failure(@Nullable DeepSeekException failure) {
				this.failure = failure;
				return this;
			}

			/**
			 * Set the attempts made.
			 * @param attempts the attempts; empty for none
			 * @return this builder
			 */
			public Builder attempts(List<AttemptReport> attempts) {
				this.attempts = attempts;
				return this;
			}

			/**
			 * Set the time from the call's start.
			 * @param elapsed the time
			 * @return this builder
			 */
			public Builder elapsed(Duration elapsed) {
				this.elapsed = elapsed;
				return this;
			}

			/**
			 * Build the CallEnded.
			 * @return a new CallEnded
			 */
			public CallEnded build() {
				return new CallEnded(this);
			}

		}

	}

	/**
	 * A provider is passed over for a while.
	 */
	final class CoolDownStarted implements RoutingEvent {

		private final String provider;

		private final ErrorKind reason;

		private final @Nullable String model;

		private final Duration duration;

		private final String credential;

		private final boolean asked;

		private CoolDownStarted(Builder builder) {
			Assert.notNull(builder.provider, "'provider' must not be null");
			Assert.notNull(builder.reason, "'reason' must not be null");
			Assert.notNull(builder.duration, "'duration' must not be null");
			this.provider = builder.provider;
			this.reason = builder.reason;
			this.model = builder.model;
			this.duration = builder.duration;
			this.credential = builder.credential;
			this.asked = builder.asked;
		}

		/**
		 * Create a builder for the event.
		 * @param provider the id
		 * @param reason the kind of error
		 * @return a new builder
		 */
		public static Builder builder(String provider, ErrorKind reason) {
			return new Builder(provider, reason);
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		/**
		 * Return why the provider is passed over.
		 * @return the kind of error
		 */
		public ErrorKind reason() {
			return this.reason;
		}

		/**
		 * Return the one model that is passed over.
		 * @return the id, or {@code null} for all models
		 */
		public @Nullable String model() {
			return this.model;
		}

		/**
		 * Return for how long it is passed over.
		 * @return the time
		 */
		public Duration duration() {
			return this.duration;
		}

		/**
		 * Return whose calls pass it over.
		 * @return the fingerprint of the key; empty for none
		 */
		public String credential() {
			return this.credential;
		}

		/**
		 * Return whether the provider asked for the time.
		 * @return {@code false} if this library chose it
		 */
		public boolean asked() {
			return this.asked;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof CoolDownStarted that && this.provider.equals(that.provider)
					&& this.reason.equals(that.reason) && Objects.equals(this.model, that.model)
					&& this.duration.equals(that.duration) && this.credential.equals(that.credential)
					&& this.asked == that.asked;
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.provider, this.reason, this.model, this.duration, this.credential, this.asked);
		}

		@Override
		public String toString() {
			return "CoolDownStarted[provider=" + this.provider + ", reason=" + this.reason + ", model=" + this.model
					+ ", duration=" + this.duration + ", credential=" + this.credential + ", asked=" + this.asked + "]";
		}

		/**
		 * Builder for {@link CoolDownStarted}.
		 */
		public static final class Builder {

			private final String provider;

			private final ErrorKind reason;

			private @Nullable String model;

			private Duration duration = Duration.ZERO;

			private String credential = "";

			private boolean asked;

			private Builder(String provider, ErrorKind reason) {
				this.provider = provider;
				this.reason = reason;
			}

			/**
			 * Set the one model that is passed over.
			 * @param model the id; {@code null} for all models
			 * @return this builder
			 */
			public Builder model(@Nullable String model) {
				this.model = model;
				return this;
			}

			/**
			 * Set for how long it is passed over.
			 * @param duration the time
			 * @return this builder
			 */
			public Builder duration(Duration duration) {
				this.duration = duration;
				return this;
			}

			/**
			 * Set whose calls pass it over.
			 * @param credential the fingerprint of the key; by default an empty string,
			 * for none
			 * @return this builder
			 */
			public Builder credential(String credential) {
				this.credential = credential;
				return this;
			}

			/**
			 * Set whether the provider asked for the time.
			 * @param asked whether it asked, {@code false} by default
			 * @return this builder
			 */
			public Builder asked(boolean asked) {
				this.asked = asked;
				return this;
			}

			/**
			 * Build the CoolDownStarted.
			 * @return a new CoolDownStarted
			 */
			public CoolDownStarted build() {
				return new CoolDownStarted(this);
			}

		}

	}

	/**
	 * The circuit of a provider changed.
	 */
	final class CircuitChanged implements RoutingEvent {

		private final String provider;

		private final CircuitState from;

		private final CircuitState to;

		private CircuitChanged(Builder builder) {
			Assert.notNull(builder.provider, "'provider' must not be null");
			Assert.notNull(builder.from, "'from' must not be null");
			Assert.notNull(builder.to, "'to' must not be null");
			this.provider = builder.provider;
			this.from = builder.from;
			this.to = builder.to;
		}

		/**
		 * Create a builder for the event.
		 * @param provider the id
		 * @param from the state
		 * @param to the state
		 * @return a new builder
		 */
		public static Builder builder(String provider, CircuitState from, CircuitState to) {
			return new Builder(provider, from, to);
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		/**
		 * Return the state before.
		 * @return the state
		 */
		public CircuitState from() {
			return this.from;
		}

		/**
		 * Return the state now.
		 * @return the state
		 */
		public CircuitState to() {
			return this.to;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof CircuitChanged that && this.provider.equals(that.provider)
					&& this.from.equals(that.from) && this.to.equals(that.to);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.provider, this.from, this.to);
		}

		@Override
		public String toString() {
			return "CircuitChanged[provider=" + this.provider + ", from=" + this.from + ", to=" + this.to + "]";
		}

		/**
		 * Builder for {@link CircuitChanged}.
		 */
		public static final class Builder {

			private final String provider;

			private final CircuitState from;

			private final CircuitState to;

			private Builder(String provider, CircuitState from, CircuitState to) {
				this.provider = provider;
				this.from = from;
				this.to = to;
			}

			/**
			 * Build the CircuitChanged.
			 * @return a new CircuitChanged
			 */
			public CircuitChanged build() {
				return new CircuitChanged(this);
			}

		}

	}

	/**
	 * Another order of providers holds for new calls.
	 */
	final class ChainChanged implements RoutingEvent {

		private final ProviderChain chain;

		private ChainChanged(Builder builder) {
			Assert.notNull(builder.chain, "'chain' must not be null");
			this.chain = builder.chain;
		}

		/**
		 * Create a builder for the event.
		 * @param chain the order, the default provider first
		 * @return a new builder
		 */
		public static Builder builder(ProviderChain chain) {
			return new Builder(chain);
		}

		/**
		 * Return the order of the providers.
		 * @return the order, the default provider first
		 */
		public ProviderChain chain() {
			return this.chain;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			return other instanceof ChainChanged that && this.chain.equals(that.chain);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.chain);
		}

		@Override
		public String toString() {
			return "ChainChanged[chain=" + this.chain + "]";
		}

		/**
		 * Builder for {@link ChainChanged}.
		 */
		public static final class Builder {

			private final ProviderChain chain;

			private Builder(ProviderChain chain) {
				this.chain = chain;
			}

			/**
			 * Build the ChainChanged.
			 * @return a new ChainChanged
			 */
			public ChainChanged build() {
				return new ChainChanged(this);
			}

		}

	}

	/**
	 * An operator had cool-downs and failures of a provider forgotten.
	 */
	final class ProviderReset implements RoutingEvent {

		private final String provider;

		private ProviderReset(String provider) {
			Assert.notNull(provider, "'provider' must not be null");
			this.provider = provider;
		}

		/**
		 * Create the event.
		 * @param provider the provider's id
		 * @return the event
		 */
		public static ProviderReset of(String provider) {
			return new ProviderReset(provider);
		}

		/**
		 * Return the provider's id.
		 * @return the id
		 */
		public String provider() {
			return this.provider;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof ProviderReset that && this.provider.equals(that.provider);
		}

		@Override
		public int hashCode() {
			return this.provider.hashCode();
		}

		@Override
		public String toString() {
			return "ProviderReset[provider=" + this.provider + "]";
		}

	}

	/**
	 * One call of the application, known by its identity.
	 */
	final class CallInfo {

		private final ChatRequest request;

		private final boolean stream;

		private CallInfo(ChatRequest request, boolean stream) {
			this.request = request;
			this.stream = stream;
		}

		/**
		 * Create a call, which differs from every other.
		 * @param request what is asked
		 * @param stream whether the answer is streamed
		 * @return the call
		 */
		public static CallInfo of(ChatRequest request, boolean stream) {
			return new CallInfo(request, stream);
		}

		/**
		 * Return the request of the application.
		 * @return the request
		 */
		public ChatRequest request() {
			return this.request;
		}

		/**
		 * Whether the answer is streamed.
		 * @return {@code true} for a stream
		 */
		public boolean stream() {
			return this.stream;
		}

	}

	/**
	 * How a call ended.
	 */
	enum Outcome {

		/**
		 * With a complete answer.
		 */
		SUCCESS,

		/**
		 * With an exception.
		 */
		ERROR,

		/**
		 * By the subscriber.
		 */
		CANCEL

	}

	/**
	 * The state of a circuit.
	 */
	enum CircuitState {

		/**
		 * Calls go through.
		 */
		CLOSED,

		/**
		 * No call goes through.
		 */
		OPEN,

		/**
		 * A trial call goes through.
		 */
		HALF_OPEN

	}

}
