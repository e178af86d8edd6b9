package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.NullUnmarked;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Signal;
import reactor.test.subscriber.TestSubscriber;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.provider.Provider;

/**
 * Streams decoded from buffers in memory.
 */
@NullUnmarked
final class Streams {

	static final HttpHeaders HEADERS = eventStream();

	private Streams() {
	}

	static ChatStream of(Provider provider, Publisher<DataBuffer> body) {
		return of(provider, body, ResponseLimits.DEFAULTS, TransportClock.system(), TestProviders.attempt());
	}

	static ChatStream of(Provider provider, Publisher<DataBuffer> body, ResponseLimits limits, TransportClock clock,
			Attempt attempt) {
		return new ChatStream(new ChatExchange(provider, attempt, limits, clock, new LongAdder(), (head) -> {
			head.set("request-1", 200, HEADERS);
			return body;
		}));
	}

	private static HttpHeaders eventStream() {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.CONTENT_TYPE, "text/event-stream");
		return headers;
	}

	static DataBuffer buffer(String text) {
		return buffer(text.getBytes(StandardCharsets.UTF_8));
	}

	static DataBuffer buffer(byte[] bytes) {
		return DefaultDataBufferFactory.sharedInstance.wrap(bytes);
	}

	/**
	 * A body in the pieces that end at the offsets.
	 */
	static Flux<DataBuffer> pieces(byte[] body, int... ends) {
		List<DataBuffer> pieces = new ArrayList<>(ends.length);
		int start = 0;
		for (int end : ends) {
			pieces.add(buffer(Arrays.copyOfRange(body, start, end)));
			start = end;
		}
		return Flux.fromIterable(pieces);
	}

	static Flux<DataBuffer> events(String... events) {
		return Flux.fromArray(events).map((event) -> buffer(event + "\n\n"));
	}

	/**
	 * A chunk that brings text.
	 */
	static String content(String text) {
		return "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text
				+ "\"},\"finish_reason\":null}]}";
	}

	/**
	 * The chunk that ends an answer.
	 */
	static String stop() {
		return "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
				+ "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,"
				+ "\"total_tokens\":3}}";
	}

	static String done() {
		return "data: [DONE]";
	}

	/**
	 * Everything that a stream delivers, at once.
	 */
	static Delivery delivery(Flux<ChatDelta> stream) {
		TestSubscriber<ChatDelta> subscriber = TestSubscriber.create();
		stream.subscribe(subscriber);
		Signal<ChatDelta> end = subscriber.getTerminalSignal();
		return new Delivery(subscriber.getReceivedOnNext(),
				(end != null) ? (DeepSeekException) end.getThrowable() : null, subscriber.isTerminatedComplete());
	}

	/**
	 * What came of a stream.
	 */
	record Delivery(List<ChatDelta> deltas, DeepSeekException failure, boolean completed) {

		boolean isComplete() {
			return this.completed && !this.deltas.isEmpty() && this.deltas.get(this.deltas.size() - 1).isLast();
		}

		String content() {
			StringBuilder text = new StringBuilder();
			for (ChatDelta delta : this.deltas) {
				if (delta.choiceIndex() == 0 && delta.content() != null) {
					text.append(delta.content());
				}
			}
			return text.toString();
		}

		String reasoning() {
			StringBuilder text = new StringBuilder();
			for (ChatDelta delta : this.deltas) {
				if (delta.choiceIndex() == 0 && delta.reasoningContent() != null) {
					text.append(delta.reasoningContent());
				}
			}
			return text.toString();
		}

		boolean isSameAs(Delivery other) {
			if (this.completed != other.completed || (this.failure == null) != (other.failure == null)
					|| this.deltas.size() != other.deltas.size()) {
				return false;
			}
			if (this.failure != null && (this.failure.getKind() != other.failure.getKind()
					|| !Objects.equals(this.failure.getMessage(), other.failure.getMessage()))) {
				return false;
			}
			for (int i = 0; i < this.deltas.size(); i++) {
				if (!same(this.deltas.get(i), other.deltas.get(i))) {
					return false;
				}
			}
			return true;
		}

		private static boolean same(ChatDelta one, ChatDelta other) {
			return one.choiceIndex() == other.choiceIndex() && Objects.equals(one.content(), other.content())
					&& Objects.equals(one.reasoningContent(), other.reasoningContent())
					&& Objects.equals(one.finishReason(), other.finishReason())
					&& one.toolCalls().equals(other.toolCalls()) && Objects.equals(one.logprobs(), other.logprobs())
					&& one.isLast() == other.isLast() && Objects.equals(one.usage(), other.usage())
					&& one.origin().equals(other.origin());
		}

	}

}
