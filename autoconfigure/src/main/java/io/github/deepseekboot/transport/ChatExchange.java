package io.github.deepseekboot.transport;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.provider.Provider;

/**
 * One request and its response, which {@link ChatStream} or {@link ChatAnswer} makes
 * something of.
 *
 * @param provider the provider that answers
 * @param attempt what to ask
 * @param limits how much is held in memory
 * @param clock the time for the timeouts
 * @param endsWithoutMarker counts streams that were complete without {@code [DONE]}
 * @param body sends the request and gives the buffers of the response, or fails with a
 * {@link DeepSeekException}; fills in the head when the response begins
 */
record ChatExchange(Provider provider, Attempt attempt, ResponseLimits limits, TransportClock clock,
		LongAdder endsWithoutMarker, Function<ResponseHead, Publisher<DataBuffer>> body) {

	/**
	 * Begin it.
	 * @param actual the subscriber, which gets an error if it cannot begin
	 * @param reader makes the subscriber that reads the response
	 */
	void begin(CoreSubscriber<?> actual, Function<ResponseHead, Reader> reader) {
		ResponseHead head = new ResponseHead();
		Publisher<DataBuffer> buffers;
		try {
			buffers = this.body.apply(head);
		}
		catch (Throwable ex) {
			Exceptions.throwIfJvmFatal(ex);
			Operators.error(actual, failures(head).translate(ex));
			return;
		}
		Reader subscriber = reader.apply(head);
		try {
			buffers.subscribe(subscriber);
		}
		catch (Throwable ex) {
			// subscribing is what runs the application's filters
			DeepSeekException failure = failures(head).ofApplication(ex);
			if (subscriber.isSubscribed()) {
				subscriber.onError(failure);
			}
			else {
				Operators.error(actual, failure);
			}
			Exceptions.throwIfFatal(ex);
		}
	}

	Failures failures(ResponseHead head) {
		return new Failures(this.provider, this.attempt, head.requestId(), head.status());
	}

	/**
	 * Reads the response.
	 */
	interface Reader extends CoreSubscriber<DataBuffer> {

		/**
		 * Whether a failure can be signalled to it.
		 * @return {@code false} before {@code onSubscribe}
		 */
		boolean isSubscribed();

	}

}
