package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.provider.DoneMarker;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.recordings.ExpectedOutcome;
import io.github.deepseekboot.recordings.RecordedExchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Wherever the network cuts a stream into buffers, its deltas are the same; wherever it
 * cuts the stream off, the answer is never taken for complete.
 */
@NullUnmarked
class ChatStreamSplitTests {

	private static final int EVERY_OFFSET_UP_TO = 20_000;

	private static final int SAMPLES = 300;

	private static final int SINGLE_BYTES_UP_TO = 4_096;

	private static final long SEED = 20261122;

	@TestFactory
	Stream<DynamicTest> corpusSplitAnywhere() {
		return tests(RecordedExchange.corpus(), ExpectedOutcome.corpus(), ChatStreamSplitTests::split);
	}

	@TestFactory
	Stream<DynamicTest> recordingsSplitAnywhere() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return tests(RecordedExchange.recorded(), ExpectedOutcome.recorded(), ChatStreamSplitTests::split);
	}

	@TestFactory
	Stream<DynamicTest> corpusTruncatedAnywhere() {
		return tests(RecordedExchange.corpus(), ExpectedOutcome.corpus(), ChatStreamSplitTests::truncate);
	}

	@TestFactory
	Stream<DynamicTest> recordingsTruncatedAnywhere() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return tests(RecordedExchange.recorded(), ExpectedOutcome.recorded(), ChatStreamSplitTests::truncate);
	}

	@Test
	void byDefaultAFinishReasonMakesAnAnswerComplete() {
		Provider provider = TestProviders.provider("openai");
		byte[] body = (Streams.content("Hi") + "\n\n" + Streams.stop() + "\n\n").getBytes(StandardCharsets.UTF_8);
		for (int end = 0; end < body.length; end++) {
			assertThat(deliver(provider, Streams.pieces(body, end)).isComplete()).as("cut at %d", end).isFalse();
		}
		assertThat(deliver(provider, Streams.pieces(body, body.length)).isComplete()).isTrue();
	}

	@TestFactory
	Stream<DynamicTest> splitOverSockets() {
		return tests(RecordedExchange.corpus()
			.stream()
			.filter((exchange) -> exchange.name().matches("sse-(multibyte|crlf|mixed-ends|multi-line)-stream"))
			.toList(), ExpectedOutcome.corpus(), (provider, body) -> {
				Streams.Delivery complete = deliver(provider, Streams.pieces(body, body.length));
				List<ChatDelta> pieces = overSocket(provider, body);
				assertThat(new Streams.Delivery(pieces, null, true).isSameAs(complete)).isTrue();
			});
	}

	private static List<ChatDelta> overSocket(Provider provider, byte[] body) {
		Random random = new Random(SEED);
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", "text/event-stream", "x-request-id", "request-1");
			int start = 0;
			while (start < body.length) {
				int end = Math.min(body.length, start + 1 + random.nextInt(7));
				exchange.chunk(Arrays.copyOfRange(body, start, end));
				start = end;
			}
			exchange.end();
		})) {
			return TestProviders.client(TestProviders.builder(provider.preset().id(), server.baseUrl()).build())
				.stream(TestProviders.attempt())
				.collectList()
				.block(TestProviders.SOON);
		}
	}

	private static void split(Provider provider, byte[] body) {
		Streams.Delivery complete = deliver(provider, Streams.pieces(body, body.length));
		offsets(body).forEach((offset) -> {
			Streams.Delivery pieces = deliver(provider, Streams.pieces(body, offset, body.length));
			if (!pieces.isSameAs(complete)) {
				fail("split at %d: %s instead of %s", offset, pieces, complete);
			}
		});
		if (body.length < SINGLE_BYTES_UP_TO) {
			int[] ends = IntStream.rangeClosed(1, body.length).toArray();
			assertThat(deliver(provider, Streams.pieces(body, ends)).isSameAs(complete)).as("byte by byte").isTrue();
		}
	}

	private static void truncate(Provider anyProvider, byte[] body) {
		// else an answer is complete, too, where its finish reasons are
		Provider provider = TestProviders.builder(anyProvider.preset().id(), anyProvider.baseUrl())
			.doneMarker(DoneMarker.REQUIRED)
			.build();
		boolean complete = deliver(provider, Streams.pieces(body, body.length)).isComplete();
		int done = endOfMarker(body);
		offsets(body).forEach((offset) -> {
			Streams.Delivery delivery = deliver(provider, Streams.pieces(body, offset));
			if (delivery.isComplete()) {
				assertThat(complete).isTrue();
				assertThat(offset).as("offset of a complete answer").isGreaterThanOrEqualTo(done);
				return;
			}
			assertThat(complete && offset >= done).as("an answer cut at %d, behind its marker, is complete", offset)
				.isFalse();
			assertThat(delivery.completed()).as("cut at %d", offset).isFalse();
			assertFailed(delivery, offset, complete);
		});
	}

	private static void assertFailed(Streams.Delivery delivery, int offset, boolean complete) {
		if (delivery.deltas().isEmpty()) {
			if (complete) {
				assertThat(delivery.failure().getKind()).as("cut at %d", offset)
					.isIn(ErrorKind.STREAM_CLOSED, ErrorKind.EMPTY_RESPONSE);
			}
			assertThat(delivery.failure()).isNotInstanceOf(StreamInterruptedException.class);
			return;
		}
		assertThat(delivery.failure()).as("cut at %d", offset).isInstanceOf(StreamInterruptedException.class);
		StreamInterruptedException interrupted = (StreamInterruptedException) delivery.failure();
		assertThat(interrupted.getPartialContent()).isEqualTo(delivery.content());
		assertThat(interrupted.getPartialReasoningContent()).isEqualTo(delivery.reasoning());
	}

	private static IntStream offsets(byte[] body) {
		if (body.length <= EVERY_OFFSET_UP_TO) {
			return IntStream.range(0, body.length);
		}
		return new Random(SEED).ints(SAMPLES, 0, body.length);
	}

	private static int endOfMarker(byte[] body) {
		String text = new String(body, StandardCharsets.ISO_8859_1);
		int marker = text.indexOf("[DONE]");
		return (marker != -1) ? marker + "[DONE]".length() : Integer.MAX_VALUE;
	}

	private static Streams.Delivery deliver(Provider provider, Flux<DataBuffer> body) {
		return Streams.delivery(Streams.of(provider, body));
	}

	private static Stream<DynamicTest> tests(List<RecordedExchange> exchanges, Map<String, ExpectedOutcome> outcomes,
			Check check) {
		return exchanges.stream()
			.filter((exchange) -> exchange.status() == 200 && exchange.isEventStream())
			.map((exchange) -> DynamicTest.dynamicTest(exchange.name(), () -> check
				.accept(TestProviders.provider(outcomes.get(exchange.name()).preset()), exchange.body())));
	}

	/**
	 * What is checked of a body.
	 */
	private interface Check {

		void accept(Provider provider, byte[] body);

	}

}
