package io.github.deepseekboot.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * WebClient without any decoding but a look for the send time in each chunk: the floor
 * for latencies.
 */
public final class SendTimeClient implements ClientUnderTest {

	private static final byte[] BEFORE = "\"content\":\" ".getBytes(StandardCharsets.US_ASCII);

	private final WebClient webClient;

	/**
	 * Create the client.
	 * @param baseUrl the base URL of the provider
	 */
	public SendTimeClient(String baseUrl) {
		this.webClient = PlainWebClient.webClient(baseUrl);
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		Search search = new Search(text);
		return PlainWebClient.request(this.webClient, true)
			.exchangeToFlux((response) -> response.body(BodyExtractors.toDataBuffers()))
			.doOnNext(search::in)
			.then()
			.toFuture();
	}

	/**
	 * Looks at each byte of a stream once, however it is split.
	 */
	private static final class Search {

		private final Consumer<String> text;

		private final StringBuilder time = new StringBuilder(20);

		// of BEFORE, or all of it while the time is read
		private int matched;

		Search(Consumer<String> text) {
			this.text = text;
		}

		void in(DataBuffer buffer) {
			for (int i = buffer.readPosition(); i < buffer.writePosition(); i++) {
				next(buffer.getByte(i));
			}
			DataBufferUtils.release(buffer);
		}

		private void next(byte value) {
			if (this.matched < BEFORE.length) {
				this.matched = (value == BEFORE[this.matched]) ? this.matched + 1 : (value == BEFORE[0]) ? 1 : 0;
			}
			else if (value != '"') {
				this.time.append((char) value);
			}
			else {
				this.text.accept(this.time.toString());
				this.time.setLength(0);
				this.matched = 0;
			}
		}

	}

}
