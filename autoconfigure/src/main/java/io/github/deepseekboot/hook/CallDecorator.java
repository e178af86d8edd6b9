package io.github.deepseekboot.hook;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;

/**
 * Callback interface to decorate calls and attempts where events are not enough: to put
 * something into the Reactor context of what happens inside, or to see what is delivered.
 * Beans of this type go around each other in their order, the first one outermost.
 */
public interface CallDecorator {

	/**
	 * A decorator that does nothing.
	 */
	CallDecorator NONE = new CallDecorator() {
	};

	/**
	 * Decorate a call.
	 * @param call the call
	 * @param answer the answer of the call, to be subscribed to exactly once
	 * @return the answer, decorated
	 */
	default Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
		return answer;
	}

	/**
	 * Decorate a streaming call.
	 * @param call the call
	 * @param deltas the deltas of the call, to be subscribed to exactly once
	 * @return the deltas, decorated
	 */
	default Flux<ChatDelta> decorate(CallInfo call, Flux<ChatDelta> deltas) {
		return deltas;
	}

	/**
	 * Return the context inside of an attempt.
	 * @param attempt the attempt, that the event {@code AttemptStarted} announced
	 * @param context the context of the call
	 * @return the context of the attempt
	 */
	default Context inside(RoutingEvent.AttemptStarted attempt, Context context) {
		return context;
	}

}
