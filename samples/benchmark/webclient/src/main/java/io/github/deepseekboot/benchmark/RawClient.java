package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * WebClient without any decoding, the floor for all that is built on it. In place of the
 * text it passes, at the end, how many bytes came.
 */
public final class RawClient implements ClientUnderTest {

	private final WebClient webClient;

	/**
	 * Create the client.
	 * @param baseUrl the base URL of the provider
	 */
	public RawClient(String baseUrl) {
		this.webClient = PlainWebClient.webClient(baseUrl);
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		AtomicLong bytes = new AtomicLong();
		return PlainWebClient.request(this.webClient, true)
			.exchangeToFlux((response) -> response.body(BodyExtractors.toDataBuffers()))
			.doOnNext((buffer) -> {
				bytes.addAndGet(buffer.readableByteCount());
				DataBufferUtils.release(buffer);
			})
			.doOnComplete(() -> text.accept(bytes.toString()))
			.then()
			.toFuture();
	}

}
