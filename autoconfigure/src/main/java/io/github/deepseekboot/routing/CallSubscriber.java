package io.github.deepseekboot.routing;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoOperator;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Stands between a call and its subscriber: sees every end that is not the call's own. A
 * subscriber that cancels, or that throws what it must not, ends the call and gets
 * nothing more.
 *
 * @param <T> what the subscriber gets
 */
final class CallSubscriber<T> implements CoreSubscriber<T>, Subscription {

	private static final Log logger = LogFactory.getLog(RoutingClient.class);

	private final Call call;

	private final CoreSubscriber<? super T> actual;

	private @Nullable Subscription upstream;

	// signals come one after the other; only a cancellation comes from anywhere
	private volatile boolean over;

	private CallSubscriber(Call call, CoreSubscriber<? super T> actual) {
		this.call = call;
		this.actual = actual;
	}

	static <T> Mono<T> guard(Call call, Mono<T> answer) {
		return new MonoOperator<>(answer) {

			@Override
			public void subscribe(CoreSubscriber<? super T> actual) {
				call.subscribed(actual.currentContext());
				this.source.subscribe(new CallSubscriber<>(call, actual));
			}

		};
	}

	static <T> Flux<T> guard(Call call, Flux<T> answer) {
		return new FluxOperator<>(answer) {

			@Override
			public void subscribe(CoreSubscriber<? super T> actual) {
				call.subscribed(actual.currentContext());
				this.source.subscribe(new CallSubscriber<>(call, actual));
			}

		};
	}

	@Override
	public Context currentContext() {
		return this.actual.currentContext();
	}

	@Override
	public void onSubscribe(Subscription subscription) {
		if (Operators.validate(this.upstream, subscription)) {
			this.upstream = subscription;
			this.actual.onSubscribe(this);
		}
	}

	@Override
	public void onNext(T signal) {
		if (this.over) {
			return;
		}
		try {
			this.actual.onNext(signal);
		}
		catch (Throwable ex) {
			cancel();
			Exceptions.throwIfFatal(ex);
			logger.error("The subscriber of a call failed; the call is ended", ex);
		}
	}

	@Override
	public void onError(Throwable failure) {
		Throwable reported = this.call.failed(failure);
		if (!this.over) {
			this.over = true;
			this.actual.onError(reported);
		}
	}

	@Override
	public void onComplete() {
		if (!this.over) {
			this.over = true;
			this.actual.onComplete();
		}
	}

	@Override
	public void request(long count) {
		Subscription upstream = this.upstream;
		if (upstream != null) {
			upstream.request(count);
		}
	}

	@Override
	public void cancel() {
		if (this.over) {
			return;
		}
		this.over = true;
		Subscription upstream = this.upstream;
		try {
			if (upstream != null) {
				upstream.cancel();
			}
		}
		finally {
			this.call.cancelled();
		}
	}

}
