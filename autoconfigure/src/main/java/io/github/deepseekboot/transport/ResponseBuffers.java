package io.github.deepseekboot.transport;

import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.web.reactive.function.BodyExtractor;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient.RequestHeadersSpec;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

import io.github.deepseekboot.transport.netty.SendState;

/**
 * The body of a response. Sends the request when it is subscribed to, and once more if
 * its connection came from the pool and turned out to be closed: that costs a reconnect,
 * not an attempt, as long as the provider cannot have seen the request.
 *
 * <p>
 * The body goes from the connection to its one subscriber. It doesn't pass through what
 * {@code exchangeToFlux} puts behind the response to release a body that nobody has read,
 * which costs each call and each open stream a dozen objects.
 *
 * @param request makes the request
 * @param refused looks at the head of the response; an error in place of its body, or
 * {@code null} to read that
 * @param failed what becomes of a failure before the body, by whether the provider cannot
 * have seen the request
 * @param reconnected called when the request is sent once more
 */
record ResponseBuffers(Supplier<RequestHeadersSpec<?>> request,
		Function<ClientResponse, @Nullable Mono<? extends Throwable>> refused,
		BiFunction<Throwable, Boolean, Throwable> failed, Runnable reconnected) implements Publisher<DataBuffer> {

	@Override
	public void subscribe(Subscriber<? super DataBuffer> subscriber) {
		Exchange exchange = new Exchange(this, Operators.toCoreSubscriber(subscriber));
		subscriber.onSubscribe(exchange);
		exchange.send();
	}

	/**
	 * Subscribes to the response, then to its body.
	 */
	private static final class Exchange extends Operators.DeferredSubscription implements CoreSubscriber<DataBuffer> {

		private final ResponseBuffers buffers;

		private final CoreSubscriber<? super DataBuffer> actual;

		private volatile SendState state = new SendState();

		private volatile Context context;

		private volatile @Nullable Subscription response;

		private volatile boolean responded;

		private boolean again;

		Exchange(ResponseBuffers buffers, CoreSubscriber<? super DataBuffer> actual) {
			this.buffers = buffers;
			this.actual = actual;
			this.context = this.state.putInto(actual.currentContext());
		}

		void send() {
			if (isCancelled()) {
				return;
			}
			Flux<DataBuffer> response;
			try {
				response = this.buffers.request.get().exchangeToFlux(this::receive);
			}
			catch (Throwable ex) {
				Exceptions.throwIfFatal(ex);
				onError(ex);
				return;
			}
			response.subscribe(this);
		}

		private Flux<DataBuffer> receive(ClientResponse response) {
			Mono<? extends Throwable> refusal = this.buffers.refused.apply(response);
			if (refusal != null) {
				return refusal.flatMapMany(Flux::error);
			}
			this.responded = true;
			// nor does this: an open stream would keep what waited for its head
			this.response = null;
			response.body(this::read);
			// the body has its own way: nothing more is to come from here
			return Flux.never();
		}

		// not by the extractor for buffers: what it returns is given a description, which
		// stands between the connection and the reader, too
		private Exchange read(ClientHttpResponse response, BodyExtractor.Context context) {
			response.getBody().subscribe(this);
			return this;
		}

		@Override
		public Context currentContext() {
			return this.context;
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			if (this.responded) {
				set(subscription);
				return;
			}
			this.response = subscription;
			if (isCancelled()) {
				subscription.cancel();
			}
			else {
				subscription.request(Long.MAX_VALUE);
			}
		}

		@Override
		public void onNext(DataBuffer buffer) {
			this.actual.onNext(buffer);
		}

		@Override
		public void onError(Throwable failure) {
			if (this.responded) {
				this.actual.onError(failure);
				return;
			}
			boolean unsent = this.state.isUnsent(failure);
			if (!unsent || this.again || !this.state.isReused()) {
				this.actual.onError(this.buffers.failed.apply(failure, unsent));
				return;
			}
			this.again = true;
			this.buffers.reconnected.run();
			this.state = new SendState();
			this.context = this.state.putInto(this.actual.currentContext());
			send();
		}

		@Override
		public void onComplete() {
			this.state.afterwards(this.actual::onComplete);
		}

		@Override
		public void cancel() {
			super.cancel();
			this.state.cancel();
			Subscription response = this.response;
			if (response != null && !this.responded) {
				response.cancel();
			}
		}

	}

}
