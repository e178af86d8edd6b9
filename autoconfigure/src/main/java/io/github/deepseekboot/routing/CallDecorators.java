package io.github.deepseekboot.routing;

import java.util.List;
import java.util.function.UnaryOperator;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.routing.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.routing.RoutingEvent.CallInfo;

/**
 * Decorators around each other.
 */
final class CallDecorators implements CallDecorator {

	private static final Log logger = LogFactory.getLog(CallDecorator.class);

	private final List<CallDecorator> decorators;

	CallDecorators(List<CallDecorator> decorators) {
		this.decorators = List.copyOf(decorators);
	}

	@Override
	public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
		Mono<ChatCompletion> decorated = answer;
		for (int i = this.decorators.size() - 1; i >= 0; i--) {
			CallDecorator decorator = this.decorators.get(i);
			decorated = guarded((inner) -> decorator.decorate(call, inner), decorated);
		}
		return decorated;
	}

	@Override
	public Flux<ChatDelta> decorate(CallInfo call, Flux<ChatDelta> deltas) {
		Flux<ChatDelta> decorated = deltas;
		for (int i = this.decorators.size() - 1; i >= 0; i--) {
			CallDecorator decorator = this.decorators.get(i);
			decorated = guarded((inner) -> decorator.decorate(call, inner), decorated);
		}
		return decorated;
	}

	@Override
	public Context inside(AttemptStarted attempt, Context context) {
		Context inside = context;
		for (CallDecorator decorator : this.decorators) {
			inside = guarded((outer) -> decorator.inside(attempt, outer), inside);
		}
		return inside;
	}

	private static <T> T guarded(UnaryOperator<T> decoration, T undecorated) {
		try {
			return decoration.apply(undecorated);
		}
		catch (RuntimeException ex) {
			logger.warn("A call decorator failed and is passed over", ex);
			return undecorated;
		}
	}

}
