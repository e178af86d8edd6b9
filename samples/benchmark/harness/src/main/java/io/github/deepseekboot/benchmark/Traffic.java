package io.github.deepseekboot.benchmark;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Streamed answers as they are on the wire, each event in an HTTP chunk of its own.
 */
enum Traffic {

	/**
	 * A fifth reasoning, then content, in several scripts and with all sorts of escapes.
	 */
	REAL {
		@Override
		String delta(int index, int chunks) {
			String piece = PIECES[index % PIECES.length];
			return (index < chunks / 5) ? "{\"content\":null,\"reasoning_content\":\"" + piece + "\"}"
					: "{\"content\":\"" + piece + "\",\"reasoning_content\":null}";
		}

		@Override
		String piece(int index, int chunks) {
			return (index < chunks / 5) ? "" : TEXTS[index % TEXTS.length];
		}
	},

	/**
	 * One tool call, whose arguments come in fragments.
	 */
	TOOLS {
		@Override
		String delta(int index, int chunks) {
			String head = (index == 0) ? "\"id\":\"call_00_1\",\"type\":\"function\"," : "";
			String name = (index == 0) ? "\"name\":\"note\"," : "";
			String arguments = piece(index, chunks).replace("\"", "\\\"");
			return "{\"tool_calls\":[{\"index\":0,%s\"function\":{%s\"arguments\":\"%s\"}}]}".formatted(head, name,
					arguments);
		}

		@Override
		String piece(int index, int chunks) {
			return (index == 0) ? "{\"t0\":\"" : (index == chunks - 1) ? "\"}" : FRAGMENTS[index % FRAGMENTS.length];
		}
	};

	// in JSON, and what they say
	private static final String[] PIECES = { " The", " weather", " in", "杭州", "今天", "是", " sunny", ",", "\\n\\n",
			"\\u4eca\\u5929", " with", " 21", "\\u00b0", "C", "。", " \\\"fine\\\"", " ☀️", " and", "\\ud83d\\ude0a",
			" dry" };

	private static final String[] TEXTS = { " The", " weather", " in", "杭州", "今天", "是", " sunny", ",", "\n\n", "今天",
			" with", " 21", "°", "C", "。", " \"fine\"", " ☀️", " and", "😊", " dry" };

	private static final String[] FRAGMENTS = { "more", " text", "\",\"", "key", "\":\"" };

	private static final String EVENT = """
			data: {"id":"8f14e45f-ceea-467f-a8d2-0b5c6f1e2a3b","object":"chat.completion.chunk","created":1763700000,\
			"model":"deepseek-v4-flash","system_fingerprint":"fp_51a0000000_simulated","choices":[{"index":0,\
			"delta":%s,"logprobs":null,"finish_reason":%s}],"usage":%s}

			""";

	private static final String USAGE = """
			{"prompt_tokens":12,"completion_tokens":345,"total_tokens":357}""";

	abstract String delta(int index, int chunks);

	abstract String piece(int index, int chunks);

	static Traffic of(String name) {
		return Arrays.stream(values())
			.filter((traffic) -> traffic.id().equals(name))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("--text is plain, real or tools, not '" + name + "'"));
	}

	String id() {
		return name().toLowerCase(Locale.ROOT);
	}

	/**
	 * The content or the arguments of an answer, without its reasoning.
	 * @param chunks how many chunks it comes in
	 * @return the text
	 */
	String text(int chunks) {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < chunks; i++) {
			text.append(piece(i, chunks));
		}
		return text.toString();
	}

	/**
	 * The body of an answer, in the chunked encoding of HTTP.
	 * @param chunks how many chunks with text it has
	 * @return the bytes
	 */
	byte[] body(int chunks) {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		write(body, EVENT.formatted("{\"role\":\"assistant\",\"content\":\"\"}", "null", "null"));
		for (int i = 0; i < chunks; i++) {
			write(body, EVENT.formatted(delta(i, chunks), "null", "null"));
		}
		write(body, EVENT.formatted("{\"content\":\"\"}", (this == TOOLS) ? "\"tool_calls\"" : "\"stop\"", USAGE));
		write(body, "data: [DONE]\n\n");
		write(body, "");
		return body.toByteArray();
	}

	private static void write(ByteArrayOutputStream body, String event) {
		byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
		body.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
		body.writeBytes(bytes);
		body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
	}

}
