package io.github.deepseekboot.transport.netty;

import java.net.URI;
import java.util.function.Function;
import java.util.function.Supplier;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.util.function.SingletonSupplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.netty.Connection;
import reactor.util.context.Context;

/**
 * Connector that is created for its first request. Once the head of the response has
 * arrived, it releases the request: the connection keeps its subscriber to the end of the
 * body, and with it would keep the request, its headers in several forms, and the
 * observation.
 */
final class PooledConnector implements ClientHttpConnector {

	private final Supplier<ClientHttpConnector> connector;

	PooledConnector(Supplier<ClientHttpConnector> connector) {
		this.connector = SingletonSupplier.of(connector);
	}

	@Override
	public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
		return new Mono<>() {

			@Override
			public void subscribe(CoreSubscriber<? super ClientHttpResponse> actual) {
				Handover handover = new Handover(actual, requestCallback);
				Mono<ClientHttpResponse> response;
				try {
					response = PooledConnector.this.connector.get().connect(method, uri, handover);
				}
				catch (RuntimeException ex) {
					response = Mono.error(ex);
				}
				response.subscribe(handover);
			}

		};
	}

	/**
	 * Subscriber that writes the request and waits for the head of its response.
	 */
	private static final class Handover
			implements CoreSubscriber<ClientHttpResponse>, Subscription, Function<ClientHttpRequest, Mono<Void>> {

		private final Context context;

		private @Nullable CoreSubscriber<? super ClientHttpResponse> actual;

		private @Nullable Function<? super ClientHttpRequest, Mono<Void>> requestCallback;

		private @Nullable Channel channel;

		private @Nullable Subscription upstream;

		Handover(CoreSubscriber<? super ClientHttpResponse> actual,
				Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
			this.actual = actual;
			this.requestCallback = requestCallback;
			this.context = SendState.only(actual.currentContext());
		}

		@Override
		public Mono<Void> apply(ClientHttpRequest request) {
			Object connection = request.getNativeRequest();
			this.channel = (connection instanceof Connection known) ? known.channel() : null;
			CoreSubscriber<?> actual = this.actual;
			Function<? super ClientHttpRequest, Mono<Void>> requestCallback = this.requestCallback;
			return (actual != null && requestCallback != null)
					? requestCallback.apply(request).contextWrite(actual.currentContext()) : Mono.empty();
		}

		// the connection keeps the context, too: whoever writes the request has all of it
		@Override
		public Context currentContext() {
			return this.context;
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			CoreSubscriber<?> actual = this.actual;
			if (actual != null && Operators.validate(this.upstream, subscription)) {
				this.upstream = subscription;
				actual.onSubscribe(this);
			}
		}

		@Override
		public void onNext(ClientHttpResponse response) {
			CoreSubscriber<? super ClientHttpResponse> actual = this.actual;
			if (actual != null) {
				this.requestCallback = null;
				if (this.channel != null) {
					// Spring's connector would take them away only at the end
					this.channel.attr(ReactorClientHttpConnector.ATTRIBUTES_KEY).set(null);
				}
				this.channel = null;
				actual.onNext(response);
			}
		}

		@Override
		public void onError(Throwable failure) {
			CoreSubscriber<?> actual = this.actual;
			if (actual != null) {
				this.actual = null;
				actual.onError(failure);
			}
			else {
				Operators.onErrorDropped(failure, Context.empty());
			}
		}

		@Override
		public void onComplete() {
			CoreSubscriber<?> actual = this.actual;
			if (actual != null) {
				this.actual = null;
				actual.onComplete();
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
			Subscription upstream = this.upstream;
			if (upstream != null) {
				upstream.cancel();
			}
		}

	}

}
