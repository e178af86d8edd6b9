package io.github.deepseekboot.hook;

import java.time.Duration;
import java.util.List;

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
 * with their factories and builders. Two events are equal only if they are the same.
 */
public sealed interface RoutingEvent {

	/**
	 * A call was subscribed to.
	 */
	final class CallStarted implements RoutingEvent {

		private final CallInfo call;

		private CallStarted(CallInfo call) {
			Assert.notNull(call, "'call' must not be null");
			this.call = call;
		}

		/**
		 * Create the event.
		 * @param call the call
		 * @return the event
		 */
		public static CallStarted of(CallInfo call) {
			return new CallStarted(call);
		}

		/**
		 * Return the call.
		 * @return the call
		 */
		public CallInfo call() {
			return this.call;
		}

		@Override
		public String toString() {
			return "CallStarted[call=" + this.call + "]";
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

		private AttemptStarted(CallInfo call, int number, String provider, String model) {
			Assert.notNull(call, "'call' must not be null");
			Assert.notNull(provider, "'provider' must not be null");
			Assert.notNull(model, "'model' must not be null");
			this.call = call;
			this.number = number;
			this.provider = provider;
			this.model = model;
		}

		/**
		 * Create the event.
		 * @param call the call
		 * @param number the attempt's number in its call, from 1
		 * @param provider the provider's id
		 * @param model the provider's id of the model
		 * @return the event
		 */
		public static AttemptStarted of(CallInfo call, int number, String provider, String model) {
			return new AttemptStarted(call, number, provider, model);
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
		public String toString() {
			return "AttemptStarted[call=" + this.call + ", number=" + this.number + ", provider=" + this.provider
					+ ", model=" + this.model + "]";
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

		private FirstToken(CallInfo call, String provider, String model, Duration sinceStart) {
			Assert.notNull(call, "'call' must not be null");
			Assert.notNull(provider, "'provider' must not be null");
			Assert.notNull(model, "'model' must not be null");
			Assert.notNull(sinceStart, "'sinceStart' must not be null");
			this.call = call;
			this.provider = provider;
			this.model = model;
			this.sinceStart = sinceStart;
		}

		/**
		 * Create the event.
		 * @param call the call
		 * @param provider the provider's id
		 * @param model the provider's id of the model
		 * @param sinceStart the time from the call's start
		 * @return the event
		 */
		public static FirstToken of(CallInfo call, String provider, String model, Duration sinceStart) {
			return new FirstToken(call, provider, model, sinceStart);
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
		public String toString() {
			return "FirstToken[call=" + this.call + ", provider=" + this.provider + ", model=" + this.model
					+ ", sinceStart=" + this.sinceStart + "]";
		}

	}

	/**
	 * Called after an attempt ended, in whichever way.
	 */
	final class AttemptEnded implements RoutingEvent {

		private final CallInfo call;

		private final AttemptReport report;

		private final @Nullable DeepSeekException failure;

		private AttemptEnded(CallInfo call, AttemptReport report, @Nullable DeepSeekException failure) {
			Assert.notNull(call, "'call' must not be null");
			Assert.notNull(report, "'report' must not be null");
			this.call = call;
			this.report = report;
			this.failure = failure;
		}

		/**
		 * Create the event.
		 * @param call the call
		 * @param report what the attempt came to
		 * @param failure why it failed, or {@code null} if it did not
		 * @return the event
		 */
		public static AttemptEnded of(CallInfo call, AttemptReport report, @Nullable DeepSeekException failure) {
			return new AttemptEnded(call, report, failure);
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

		/**
		 * Return why the attempt failed. Its reason has the words of the provider, which
		 * may quote the prompt.
		 * @return the failure, or {@code null} if the attempt succeeded or was cancelled
		 */
		public @Nullable DeepSeekException failure() {
			return this.failure;
		}

		@Override
		public String toString() {
			return "AttemptEnded[call=" + this.call + ", report=" + this.report + ", failure=" + this.failure + "]";
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

		private FailedOver(CallInfo call, String from, String to, ErrorKind reason, boolean maybeBilledTwice) {
			Assert.notNull(call, "'call' must not be null");
			Assert.notNull(from, "'from' must not be null");
			Assert.notNull(to, "'to' must not be null");
			Assert.notNull(reason, "'reason' must not be null");
			this.call = call;
			this.from = from;
			this.to = to;
			this.reason = reason;
			this.maybeBilledTwice = maybeBilledTwice;
		}

		/**
		 * Create the event.
		 * @param call the call
		 * @param from the id of the provider that failed
		 * @param to the id of the provider that is asked next
		 * @param reason why the first one failed
		 * @param maybeBilledTwice whether the failed attempt may have been done and
		 * billed
		 * @return the event
		 */
		public static FailedOver of(CallInfo call, String from, String to, ErrorKind reason, boolean maybeBilledTwice) {
			return new FailedOver(call, from, to, reason, maybeBilledTwice);
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
		public String toString() {
			return "FailedOver[call=" + this.call + ", from=" + this.from + ", to=" + this.to + ", reason="
					+ this.reason + ", maybeBilledTwice=" + this.maybeBilledTwice + "]";
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

		private Retried(CallInfo call, String provider, ErrorKind reason, Duration delay, boolean maybeBilledTwice) {
			Assert.notNull(call, "'call' must not be null");
			Assert.notNull(provider, "'provider' must not be null");
			Assert.notNull(reason, "'reason' must not be null");
			Assert.notNull(delay, "'delay' must not be null");
			this.call = call;
			this.provider = provider;
			this.reason = reason;
			this.delay = delay;
			this.maybeBilledTwice = maybeBilledTwice;
		}

		/**
		 * Create the event.
		 * @param call the call
		 * @param provider the provider's id
		 * @param reason why the attempt failed
		 * @param delay how long the call waits before the next attempt
		 * @param maybeBilledTwice whether the failed attempt may have been done and
		 * billed
		 * @return the event
		 */
		public static Retried of(CallInfo call, String provider, ErrorKind reason, Duration delay,
				boolean maybeBilledTwice) {
			return new Retried(call, provider, reason, delay, maybeBilledTwice);
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
		public String toString() {
			return "Retried[call=" + this.call + ", provider=" + this.provider + ", reason=" + this.reason + ", delay="
					+ this.delay + ", maybeBilledTwice=" + this.maybeBilledTwice + "]";
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
				Assert.notNull(attempts, "'attempts' must not be null");
				Assert.noNullElements(attempts, "'attempts' must not contain null");
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
				Assert.notNull(credential, "'credential' must not be null");
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

		private CircuitChanged(String provider, CircuitState from, CircuitState to) {
			Assert.notNull(provider, "'provider' must not be null");
			Assert.notNull(from, "'from' must not be null");
			Assert.notNull(to, "'to' must not be null");
			this.provider = provider;
			this.from = from;
			this.to = to;
		}

		/**
		 * Create the event.
		 * @param provider the provider's id
		 * @param from the state before
		 * @param to the state now
		 * @return the event
		 */
		public static CircuitChanged of(String provider, CircuitState from, CircuitState to) {
			return new CircuitChanged(provider, from, to);
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
		public String toString() {
			return "CircuitChanged[provider=" + this.provider + ", from=" + this.from + ", to=" + this.to + "]";
		}

	}

	/**
	 * Another order of providers holds for new calls.
	 */
	final class ChainChanged implements RoutingEvent {

		private final ProviderChain chain;

		private ChainChanged(ProviderChain chain) {
			Assert.notNull(chain, "'chain' must not be null");
			this.chain = chain;
		}

		/**
		 * Create the event.
		 * @param chain the order of the providers, the default provider first
		 * @return the event
		 */
		public static ChainChanged of(ProviderChain chain) {
			return new ChainChanged(chain);
		}

		/**
		 * Return the order of the providers.
		 * @return the order, the default provider first
		 */
		public ProviderChain chain() {
			return this.chain;
		}

		@Override
		public String toString() {
			return "ChainChanged[chain=" + this.chain + "]";
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
		 * Return whether the answer is streamed.
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
