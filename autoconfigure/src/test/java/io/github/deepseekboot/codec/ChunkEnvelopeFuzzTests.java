package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.recordings.RecordedExchange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares the reader that recognises chunks with the one that has each one parsed, on
 * the corpus, on recorded traffic where it is at hand, on made-up chunks, and on
 * mutations of all of these: they must never differ. The number of chunks is set by
 * {@code -Dfuzz.chunks=…}, where the random numbers begin by {@code -Dfuzz.seed=…}.
 */
class ChunkEnvelopeFuzzTests {

	private static final long CHUNKS = Long.getLong("fuzz.chunks", 400_000);

	private static final long SEED = Long.getLong("fuzz.seed", 20261122);

	private static final String[] TEXTS = { "", "a", " the", "\\n", "\\\"", "\\\\", "\\u0041", "\\ud83d\\ude00", "\\/",
			"\\u4f60\\u597d", "\\u00e4\\u0000\\u07ff\\u0800", "\\ud83d", "\\ude00", "\\ud83d\\u0041", "\\uDBFF\\uDFFFz",
			"\\u12", "\\ud83d\\ude", "\\u00g0", "ä€", "😀", "\\t\\r\\b\\f", "\uFFFD", "\\x", "\\", "\"", "\u0001",
			"\u007f", "a\nb", "\\u00", "}", "\",\"", "x".repeat(70), "y".repeat(70_000), "\\n".repeat(40_000), "null",
			"123" };

	private static final String[] VALUES = { "null", "\"\"", "\"t\"", "0", "1", "-1", "1.5", "\"stop\"", "{}", "[]",
			"[{\"text\":\"p\"}]", "{\"a\":1}", "true", "[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]",
			"99999999999", "{\"prompt_tokens\":7}", "{\"content\":[{\"token\":\"t\",\"logprob\":-1}]}",
			"{\"prompt_tokens\":12,\"completion_tokens\":3,\"total_tokens\":15,\"prompt_tokens_details\":{\"cached_tokens\":4}}",
			"{\"total_tokens\":1.5e3,\"note\":\"a:5,b\"}", "{\"tokens\":5}" };

	private static final String[] TOP = { "id", "model", "created", "system_fingerprint", "object", "usage", "x_groq",
			"bot_usage", "tool_calls", "code", "message", "error", "new" };

	private static final String[] INNER = { "content", "reasoning_content", "reasoning", "reasoning_details",
			"tool_calls", "role", "new" };

	private static final String[] TEXT_NAMES = { "content", "reasoning_content", "reasoning", "arguments" };

	private static final String[] CHOICE = { "index", "finish_reason", "logprobs", "message", "new" };

	private static final String[] FRAGMENT = { "index", "id", "type", "function", "name", "arguments", "new" };

	private static final String[] FUNCTION = { "name", "arguments", "new" };

	private final Random random = new Random(SEED);

	private long read;

	private long recognised;

	@Test
	void whatIsRecognisedIsWhatTheParserReads() {
		List<List<byte[]>> streams = Stream
			.concat(RecordedExchange.corpus().stream(), RecordedExchange.recorded().stream())
			.map((exchange) -> events(exchange.body()))
			.filter((events) -> !events.isEmpty())
			.toList();
		assertThat(streams).hasSizeGreaterThan(50);
		while (this.read < CHUNKS) {
			List<byte[]> stream = streams.get(this.random.nextInt(streams.size()));
			compare(switch (this.random.nextInt(4)) {
				case 0 -> madeUp();
				// as in long answers, of which the corpus has few
				case 1 -> Collections.nCopies(40, stream.get(this.random.nextInt(stream.size())));
				default -> stream;
			});
		}
		System.out.printf("compared %,d chunks, of which %,d were recognised%n", this.read, this.recognised);
		// else it would compare the parser with itself
		assertThat(this.recognised).isGreaterThan(this.read / 10).isLessThan(this.read);
	}

	private void compare(List<byte[]> stream) {
		ChunkEnvelope envelope = new ChunkEnvelope();
		AnswerReader recognising = new AnswerReader(envelope);
		AnswerReader parsing = new AnswerReader();
		int from = this.random.nextInt(stream.size());
		int to = Math.min(stream.size(), from + 40);
		int mutations = this.random.nextInt(4);
		boolean usageAsked = this.random.nextBoolean();
		for (int i = from; i < to; i++) {
			byte[] chunk = stream.get((i > from && this.random.nextInt(8) == 0) ? i - 1 : i);
			for (int n = this.random.nextInt(mutations + 1); n > 0; n--) {
				chunk = mutate(chunk, stream);
			}
			this.read++;
			int offset = this.random.nextInt(3);
			byte[] bytes = new byte[offset + chunk.length + 2];
			Arrays.fill(bytes, (byte) '"');
			System.arraycopy(chunk, 0, bytes, offset, chunk.length);
			this.recognised += (envelope.text(bytes, offset, chunk.length) != null) ? 1 : 0;
			String failure = read(recognising, bytes, offset, chunk.length);
			String expectedFailure = read(parsing, bytes, offset, chunk.length);
			boolean same = Objects.equals(failure, expectedFailure)
					&& (expectedFailure != null || describe(recognising).equals(describe(parsing))) && (!usageAsked
							|| this.random.nextInt(4) != 0 || Objects.equals(recognising.usage(), parsing.usage()));
			if (!same) {
				assertThat(failure + describe(recognising) + recognising.usage())
					.as("chunk %s", new String(chunk, StandardCharsets.ISO_8859_1))
					.isEqualTo(expectedFailure + describe(parsing) + parsing.usage());
			}
		}
		assertThat(recognising.usage()).isEqualTo(parsing.usage());
	}

	private static @Nullable String read(AnswerReader reader, byte[] bytes, int offset, int length) {
		try {
			reader.read(bytes, offset, length);
			return null;
		}
		catch (JacksonException ex) {
			return ex.getClass() + ex.getOriginalMessage();
		}
	}

	private static List<Object> describe(AnswerReader reader) {
		List<Object> all = new ArrayList<>();
		all.add(Arrays.asList(reader.id(), reader.model(), reader.created(), reader.systemFingerprint(),
				reader.envelopeChanged(), reader.error()));
		for (int i = 0; i < reader.choiceCount(); i++) {
			AnswerChoice choice = reader.choice(i);
			all.add(Arrays.asList(choice.index, choice.content, choice.reasoning, choice.finishReason, choice.toolCalls,
					choice.logprobs));
		}
		return all;
	}

	// mostly one that leaves the chunk UTF-8
	private byte anyByte() {
		return (byte) this.random.nextInt((this.random.nextInt(4) == 0) ? 256 : 128);
	}

	private byte[] mutate(byte[] chunk, List<byte[]> stream) {
		int at = this.random.nextInt(chunk.length + 1);
		switch (this.random.nextInt(12)) {
			case 0 -> {
				byte[] changed = chunk.clone();
				if (at < changed.length) {
					changed[at] = anyByte();
				}
				return changed;
			}
			case 1 -> {
				return replace(chunk, at, at, new byte[] { anyByte() });
			}
			case 2 -> {
				return replace(chunk, at, Math.min(chunk.length, at + 1 + this.random.nextInt(3)), new byte[0]);
			}
			case 3 -> {
				byte[] other = stream.get(this.random.nextInt(stream.size()));
				int split = Math.min(at, other.length);
				return replace(chunk, at, chunk.length, Arrays.copyOfRange(other, split, other.length));
			}
			case 4, 5 -> {
				return withNumber(chunk);
			}
			case 6 -> {
				return withValue(chunk);
			}
			default -> {
				return withText(chunk);
			}
		}
	}

	// another text in the place of one
	private byte[] withText(byte[] chunk) {
		String json = new String(chunk, StandardCharsets.UTF_8);
		String name = "\"" + TEXT_NAMES[this.random.nextInt(TEXT_NAMES.length)] + "\":";
		int start = json.indexOf(name);
		if (start < 0) {
			return chunk;
		}
		start += name.length();
		if (start >= json.length() || json.charAt(start) != '"') {
			return chunk;
		}
		int end = start + 1;
		while (end < json.length() && json.charAt(end) != '"') {
			end += (json.charAt(end) == '\\') ? 2 : 1;
		}
		String text = TEXTS[this.random.nextInt(TEXTS.length)] + TEXTS[this.random.nextInt(8)];
		if (this.random.nextInt(50) != 0 && text.length() > 200) {
			text = "";
		}
		return (json.substring(0, start + 1) + text + json.substring(Math.min(end, json.length())))
			.getBytes(StandardCharsets.UTF_8);
	}

	// another number in the place of one
	private byte[] withNumber(byte[] chunk) {
		int from = this.random.nextInt(chunk.length + 1);
		while (from < chunk.length && !isDigit(chunk[from])) {
			from++;
		}
		int to = from;
		while (to < chunk.length && isDigit(chunk[to])) {
			to++;
		}
		String number = switch (this.random.nextInt(10)) {
			case 0 -> "0";
			case 1 -> "00";
			case 2 -> "1.5";
			case 3 -> "1e3";
			case 4 -> "123456789012345678";
			case 5 -> "1".repeat(1200);
			default -> Integer.toString(this.random.nextInt(3000));
		};
		return (from < to) ? replace(chunk, from, to, number.getBytes(StandardCharsets.UTF_8)) : chunk;
	}

	private static boolean isDigit(byte current) {
		return current >= '0' && current <= '9';
	}

	// another value for one field
	private byte[] withValue(byte[] chunk) {
		String json = new String(chunk, StandardCharsets.UTF_8);
		int at = json.indexOf(":null", this.random.nextInt(json.length() + 1));
		return (at < 0) ? chunk
				: (json.substring(0, at + 1) + VALUES[this.random.nextInt(VALUES.length)] + json.substring(at + 5))
					.getBytes(StandardCharsets.UTF_8);
	}

	private static byte[] replace(byte[] chunk, int from, int to, byte[] by) {
		byte[] changed = Arrays.copyOf(chunk, chunk.length - (to - from) + by.length);
		System.arraycopy(by, 0, changed, from, by.length);
		System.arraycopy(chunk, to, changed, from + by.length, chunk.length - to);
		return changed;
	}

	// chunks of one form, with all that could be mistaken: fields twice, in any order,
	// in places where they mean nothing
	private List<byte[]> madeUp() {
		String form = object(TOP, 4,
				"\"choices\":[" + choice() + ((this.random.nextInt(10) == 0) ? "," + choice() : "") + "]");
		List<byte[]> stream = new ArrayList<>();
		for (int i = 0; i < 12; i++) {
			stream.add(form.replace("§", TEXTS[this.random.nextInt(8)])
				.replace("#", Integer.toString(this.random.nextInt(2000)))
				.getBytes(StandardCharsets.UTF_8));
		}
		return stream;
	}

	private String choice() {
		String text = (this.random.nextInt(4) == 0) ? toolCalls() : "\"" + INNER[this.random.nextInt(3)] + "\":\"§\"";
		String delta = "\"delta\":" + object(INNER, 3, text);
		String message = (this.random.nextInt(8) == 0) ? ",\"message\":" + object(INNER, 2, "\"content\":\"§\"") : "";
		return object(CHOICE, 2, delta + message);
	}

	private String toolCalls() {
		String function = object(FUNCTION, 2, "\"arguments\":\"§\"");
		String fragment = object(FRAGMENT, 3,
				(this.random.nextInt(4) == 0) ? "\"arguments\":\"§\"" : "\"function\":" + function);
		return (this.random.nextInt(5) == 0) ? "\"function_call\":" + function
				: "\"tool_calls\":[" + fragment + ((this.random.nextInt(8) == 0) ? "," + fragment : "") + "]";
	}

	private String object(String[] names, int most, String wanted) {
		List<String> fields = new ArrayList<>();
		for (int i = this.random.nextInt(most + 1); i > 0; i--) {
			String value = switch (this.random.nextInt(8)) {
				case 0, 1 -> VALUES[this.random.nextInt(VALUES.length)];
				case 2 -> "{\"prompt_tokens\":5,\"completion_tokens\":#,\"note\":\"\\u1041:5\",\"total_tokens\":#}";
				case 3 -> "{\"usage\":{\"completion_tokens\":#}}";
				case 4 -> "\"\"";
				default -> "null";
			};
			fields.add("\"" + names[this.random.nextInt(names.length)] + "\":" + value);
		}
		fields.add(this.random.nextInt(fields.size() + 1), wanted);
		return "{" + String.join((this.random.nextInt(10) == 0) ? " ,\n" : ",", fields) + "}";
	}

	private static List<byte[]> events(byte[] body) {
		SseDecoder decoder = new SseDecoder(1 << 20);
		List<byte[]> events = new ArrayList<>();
		decoder.feed(DefaultDataBufferFactory.sharedInstance.wrap(body));
		while (decoder.next() && !decoder.isDone()) {
			if (decoder.length() > 0) {
				events.add(Arrays.copyOfRange(decoder.array(), decoder.offset(), decoder.offset() + decoder.length()));
			}
			decoder.consume();
		}
		return events;
	}

}
