package io.github.deepseekboot.benchmark;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A streamed answer in DeepSeek's words, handed over in buffers of one size in place of
 * an exchange. Everything happens on the thread that subscribes, so that what is measured
 * is the client's and nothing else.
 */
public final class WireAnswer implements ExchangeFilterFunction {

	/**
	 * The text in each chunk.
	 */
	public static final String PIECE = " simulat";

	private static final String EVENT = """
			data: {"id":"8f14e45f-ceea-467f-a8d2-0b5c6f1e2a3b","object":"chat.completion.chunk","created":1763700000,\
			"model":"deepseek-v4-flash","system_fingerprint":"fp_51a0000000_simulated","choices":[{"index":0,\
			"delta":%s,"logprobs":null,"finish_reason":%s}],"usage":%s}

			""";

	private static final String USAGE = """
			{"prompt_tokens":12,"completion_tokens":345,"total_tokens":357}""";

	private final byte[] body;

	private final int bufferBytes;

	private WireAnswer(byte[] body, int bufferBytes) {
		this.body = body;
		this.bufferBytes = bufferBytes;
	}

	/**
	 * An answer in chunks of text.
	 * @param chunks how many
	 * @return the answer, in buffers of 16 KiB
	 */
	public static WireAnswer content(int chunks) {
		return of(chunks, (index) -> "{\"content\":\"" + PIECE + "\"}", "\"stop\"");
	}

	/**
	 * An answer that is one chunk of text after chunks of reasoning.
	 * @param chunks how many chunks of reasoning
	 * @return the answer, in buffers of 16 KiB
	 */
	public static WireAnswer reasoning(int chunks) {
		return of(chunks + 1, (index) -> (index < chunks) ? "{\"content\":null,\"reasoning_content\":\"" + PIECE + "\"}"
				: "{\"content\":\"So.\",\"reasoning_content\":null}", "\"stop\"");
	}

	/**
	 * An answer that calls a tool.
	 * @param fragments how many fragments its arguments come in
	 * @return the answer, in buffers of 16 KiB
	 */
	public static WireAnswer toolCall(int fragments) {
		return of(fragments, (index) -> {
			String arguments = (index == 0) ? "{\\\"t\\\":\\\"" : (index == fragments - 1) ? "\\\"}" : PIECE;
			String head = (index == 0) ? "\"id\":\"call_00_1\",\"type\":\"function\"," : "";
			String name = (index == 0) ? "\"name\":\"note\"," : "";
			return "{\"tool_calls\":[{\"index\":0,%s\"function\":{%s\"arguments\":\"%s\"}}]}".formatted(head, name,
					arguments);
		}, "\"tool_calls\"");
	}

	private static WireAnswer of(int chunks, IntFunction<String> delta, String finishReason) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		write(out, EVENT.formatted("{\"role\":\"assistant\",\"content\":\"\"}", "null", "null"));
		for (int i = 0; i < chunks; i++) {
			write(out, EVENT.formatted(delta.apply(i), "null", "null"));
		}
		write(out, EVENT.formatted("{\"content\":\"\"}", finishReason, USAGE));
		write(out, "data: [DONE]\n\n");
		return new WireAnswer(out.toByteArray(), 16 * 1024);
	}

	private static void write(ByteArrayOutputStream out, String text) {
		out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * The same answer in buffers of another size.
	 * @param bytes the size of a buffer
	 * @return the answer
	 */
	public WireAnswer inBuffersOf(int bytes) {
		return new WireAnswer(this.body, bytes);
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		return Mono.fromSupplier(() -> ClientResponse.create(HttpStatus.OK)
			.headers((headers) -> headers.setContentType(MediaType.TEXT_EVENT_STREAM))
			.body(buffers())
			.build());
	}

	private Flux<DataBuffer> buffers() {
		int count = (this.body.length + this.bufferBytes - 1) / this.bufferBytes;
		return Flux.range(0, count).map((index) -> {
			int start = index * this.bufferBytes;
			int length = Math.min(this.bufferBytes, this.body.length - start);
			return DefaultDataBufferFactory.sharedInstance.wrap(ByteBuffer.wrap(this.body, start, length));
		});
	}

}
