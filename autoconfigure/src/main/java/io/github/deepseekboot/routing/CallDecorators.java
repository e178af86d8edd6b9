package io.github.deepseekboot.routing;

import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.RoutingEvent.AttemptStarted;
import io.github.deepseekboot.hook.RoutingEvent.CallInfo;

/**
 * Decorators around each other.
 */
public final class CallDecorators implements CallDecorator {

	private final List<CallDecorator> decorators;

	private CallDecorators(List<CallDecorator> decorators) {
		this.decorators = decorators.stream()
			.flatMap((decorator) -> (decorator instanceof CallDecorators several) ? several.decorators.stream()
					: Stream.of(decorator))
			.toList();
	}

	/**
	 * Return several decorators as one.
	 * @param decorators the decorators, the outermost first: what it puts into the
	 * context is there for the others
	 * @return the decorator. What one of them throws is logged, and the call continues
	 * without it
	 */
	public static CallDecorator of(List<CallDecorator> decorators) {
		return decorators.isEmpty() ? CallDecorator.NONE : new CallDecorators(decorators);
	}

	@Override
	public Mono<ChatCompletion> decorate(CallInfo call, Mono<ChatCompletion> answer) {
		Mono<ChatCompletion> decorated = answer;
		for (int i = this.decorators.size() - 1; i >= 0; i--) {
			CallDecorator decorator = this.decorators.get(i);
			decorated = guarded(decorator, (inner) -> decorator.decorate(call, inner), decorated);
		}
		return decorated;
	}

	@Override
	public Flux<ChatDelta> decorate(CallInfo call, Flux<ChatDelta> deltas) {
		Flux<ChatDelta> decorated = deltas;
		for (int i = this.decorators.size() - 1; i >= 0; i--) {
			CallDecorator decorator = this.decorators.get(i);
			decorated = guarded(decorator, (inner) -> decorator.decorate(call, inner), decorated);
		}
		return decorated;
	}

	@Override
	public Context inside(AttemptStarted attempt, Context context) {
		Context inside = context;
		for (CallDecorator decorator : this.decorators) {
			inside = guarded(decorator, (outer) -> decorator.inside(attempt, outer), inside);
		}
		return inside;
	}

	private static <T> T guarded(CallDecorator decorator, UnaryOperator<T> decoration, T undecorated) {
		try {
			return Objects.requireNonNull(decoration.apply(undecorated), "a decoration must not be null");
		}
		catch (Throwable ex) {
			Foreign.failed(decorator, "decorate a call", ex);
			return undecorated;
		}
	}

}
