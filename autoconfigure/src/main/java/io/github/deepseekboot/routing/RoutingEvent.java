package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.Usage;

/**
 * Something that happened while calls were routed.
 */
public sealed interface RoutingEvent {

	/**
	 * A call was subscribed to.
	 *
	 * @param call the call
	 */
	record CallStarted(CallInfo call) implements RoutingEvent {

	}

	/**
	 * An attempt begins: it has its turn at the provider.
	 *
	 * @param call the call
	 * @param number the attempt's number in its call, from 1
	 * @param provider the provider's id
	 * @param model the provider's id of the model
	 */
	record AttemptStarted(CallInfo call, int number, String provider, String model) implements RoutingEvent {

	}

	/**
	 * The first content, reasoning or tool call of a stream arrived.
	 *
	 * @param call the call
	 * @param provider the provider's id
	 * @param model the provider's id of the model
	 * @param sinceStart from the call's start
	 */
	record FirstToken(CallInfo call, String provider, String model, Duration sinceStart) implements RoutingEvent {

	}

	/**
	 * An attempt ended, in whichever way.
	 *
	 * @param call the call
	 * @param report what it came to; its error is {@code CANCELLED} for a cancelled one
	 */
	record AttemptEnded(CallInfo call, AttemptReport report) implements RoutingEvent {

	}

	/**
	 * A call goes on to another provider.
	 *
	 * @param call the call
	 * @param from the provider that failed
	 * @param to the provider that is asked next
	 * @param reason why the first one failed
	 * @param maybeBilledTwice whether the first one may have done and billed the work
	 */
	record FailedOver(CallInfo call, String from, String to, ErrorKind reason,
			boolean maybeBilledTwice) implements RoutingEvent {

	}

	/**
	 * A call is tried again at the same provider.
	 *
	 * @param call the call
	 * @param provider the provider
	 * @param reason why it failed
	 * @param delay how long the call waits before
	 * @param maybeBilledTwice whether the failed attempt may have been done and billed
	 */
	record Retried(CallInfo call, String provider, ErrorKind reason, Duration delay,
			boolean maybeBilledTwice) implements RoutingEvent {

	}

	/**
	 * A call ended, in whichever way.
	 *
	 * @param call the call
	 * @param outcome success, error or cancel
	 * @param provider the provider that answered or failed last; {@code null} if none was
	 * asked
	 * @param model the model that was asked last, as the provider names it
	 * @param responseModel the model that answered, as the provider names it
	 * @param usage the tokens counted, where the provider reported them
	 * @param completion the whole answer; {@code null} for a stream or no answer
	 * @param failure why the call failed, for the outcome {@code ERROR}
	 * @param attempts the attempts made
	 * @param elapsed from the call's start
	 */
	record CallEnded(CallInfo call, Outcome outcome, @Nullable String provider, @Nullable String model,
			@Nullable String responseModel, @Nullable Usage usage, @Nullable ChatCompletion completion,
			@Nullable DeepSeekException failure, List<AttemptReport> attempts,
			Duration elapsed) implements RoutingEvent {

	}

	/**
	 * A provider is passed over for a while.
	 *
	 * @param provider the provider
	 * @param reason why
	 * @param model the one model that is passed over, or {@code null} for all
	 * @param duration for how long
	 */
	record CoolDownStarted(String provider, ErrorKind reason, @Nullable String model,
			Duration duration) implements RoutingEvent {

	}

	/**
	 * The circuit of a provider changed.
	 *
	 * @param provider the provider
	 * @param from the state before
	 * @param to the state now
	 */
	record CircuitChanged(String provider, CircuitState from, CircuitState to) implements RoutingEvent {

	}

	/**
	 * Another order of providers holds for new calls.
	 *
	 * @param chain the order, the default provider first
	 */
	record ChainChanged(ProviderChain chain) implements RoutingEvent {

	}

	/**
	 * One call of the application, known by its identity.
	 */
	final class CallInfo {

		private final ChatRequest request;

		private final boolean stream;

		CallInfo(ChatRequest request, boolean stream) {
			this.request = request;
			this.stream = stream;
		}

		/**
		 * What was asked.
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
		 * With a whole answer.
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
