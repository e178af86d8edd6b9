package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SseDecoder}.
 */
class SseDecoderTests {

	private static final int LIMIT = 100;

	@Test
	void characterSplitBetweenBuffersStaysComplete() {
		byte[] bytes = "data: ä€😀\n\n".getBytes(StandardCharsets.UTF_8);
		for (int offset = 0; offset <= bytes.length; offset++) {
			SseDecoder decoder = new SseDecoder(LIMIT);
			List<String> events = new ArrayList<>();
			read(decoder, bytes, 0, offset, events);
			read(decoder, bytes, offset, bytes.length, events);
			assertThat(events).as("split at %d", offset).containsExactly("ä€😀");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "data: a|data: b||data: c||", "data:a|data:b||data:c||" })
	void everyKindOfLineEndMeansTheSame(String lines) {
		for (String end : List.of("\n", "\r\n", "\r")) {
			assertThat(events(lines.replace("|", end))).as("with %d", (int) end.charAt(0)).containsExactly("a\nb", "c");
		}
		assertThat(events("data: a\r\ndata: b\r\rdata: c\n\r\n")).containsExactly("a\nb", "c");
		assertThat(events("data: a\rdata: b\n\ndata: c\r\n\r")).containsExactly("a\nb", "c");
	}

	@Test
	void carriageReturnAndLineFeedInTwoBuffersAreOneLineEnd() {
		assertThat(events("data: a\r", "\ndata: b\r", "\n\r", "\n")).containsExactly("a\nb");
		assertThat(events("data: a\r", "\n", "\r", "\n", "data: b\r", "\n\r", "\n")).containsExactly("a", "b");
		assertThat(events("data: a\r", "", "\n\r\n")).containsExactly("a");
	}

	@Test
	void noOtherCharacterEndsALine() {
		for (int offset = 0; offset < 16; offset++) {
			String start = "x".repeat(offset);
			for (char character = 0; character < 0x180; character++) {
				if (character != '\n' && character != '\r') {
					String data = "-" + start + character + character + "x";
					assertThat(events("data: " + data + "\r\ndata: " + data + "x\n\n")).as("U+%04X", (int) character)
						.containsExactly(data + "\n" + data + "x");
				}
			}
		}
	}

	@Test
	void linesOfDataAreJoinedByLineFeeds() {
		assertThat(events("data: {\ndata: \"a\":\ndata:\ndata:  1}\n\n")).containsExactly("{\n\"a\":\n\n 1}");
	}

	@Test
	void linesOfDataAreJoinedAcrossBuffersAndComments() {
		assertThat(events("data: a\n: comment\nda", "ta: b\nid: 7\n", "data: c\n", "\n")).containsExactly("a\nb\nc");
	}

	@Test
	void theBufferOfEventsThatComeWholeIsNoLargerThanTheyAre() {
		SseDecoder decoder = new SseDecoder(10_000);
		String event = "data: " + "a".repeat(592) + "\n\n";
		List<String> events = new ArrayList<>();
		read(decoder, event, events);
		read(decoder, event, events);
		assertThat(events).hasSize(2);
		assertThat(decoder.array()).hasSize(event.length());
	}

	@Test
	void theBufferOfALineInPiecesIsDoubled() {
		SseDecoder decoder = new SseDecoder(10_000);
		List<String> events = new ArrayList<>();
		read(decoder, "data: " + "a".repeat(592), events);
		read(decoder, "a", events);
		assertThat(decoder.array()).hasSize(2 * 598);
	}

	@Test
	void byteOrderMarkIsDroppedAtTheStartOnly() {
		assertThat(events("\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: \uFEFFc\n\n")).containsExactly("a", "\uFEFFc");
		byte[] bytes = "\uFEFFdata: a\n\n".getBytes(StandardCharsets.UTF_8);
		SseDecoder decoder = new SseDecoder(LIMIT);
		List<String> events = new ArrayList<>();
		for (int i = 0; i < bytes.length; i++) {
			read(decoder, bytes, i, i + 1, events);
		}
		assertThat(events).containsExactly("a");
	}

	@ParameterizedTest
	@ValueSource(strings = { ": keep-alive\n\n", ":\n\n", ": a\n: b\n", ": OPENROUTER PROCESSING\n\n" })
	void commentsBringNothing(String comment) {
		assertThat(events(comment + "data: a\n\n" + comment + "data: b\n\n")).containsExactly("a", "b");
	}

	@Test
	void theSpaceBehindTheColonIsNotData() {
		assertThat(events("data:a\n\ndata: a\n\ndata:  a\n\n")).containsExactly("a", "a", " a");
	}

	@ParameterizedTest
	@ValueSource(strings = { "event: message", "event:", "id: 1", "id", "retry: soon", "retry: 99999999999999",
			"foo: bar", "foo", "data2: x", "dat: x", " data: x", "DATA: x" })
	void otherFieldsAreIgnored(String field) {
		assertThat(events(field + "\ndata: a\n" + field + "\n\n" + field + "\n\ndata: b\n\n")).containsExactly("a",
				"b");
	}

	@Test
	void dataWithoutColonIsSkipped() {
		assertThat(events("data\n\ndata\ndata: a\ndata\n\n")).containsExactly("a");
	}

	@Test
	void emptyDataIsAnEmptyEvent() {
		assertThat(events("data:\n\ndata: \n\ndata: a\n\n")).containsExactly("", "", "a");
	}

	@Test
	void eventWithoutBlankLineIsDropped() {
		SseDecoder decoder = new SseDecoder(LIMIT);
		List<String> events = new ArrayList<>();
		read(decoder, "data: a\n\ndata: b\n", events);
		decoder.finish();
		assertThat(events).containsExactly("a");
		assertThat(decoder.isDone()).isFalse();
		assertThat(decoder.isBlank()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "data: [DONE]", "data:[DONE]", "data: [DONE]\n", "data: [DONE]\r", "data: [DONE]\r\n\r\n",
			"data: [DONE]  \n", "data:  [DONE]\n\n" })
	void theMarkerNeedsNoBlankLine(String marker) {
		SseDecoder decoder = new SseDecoder(LIMIT);
		List<String> events = new ArrayList<>();
		read(decoder, "data: a\n\n" + marker, events);
		decoder.finish();
		assertThat(events).containsExactly("a");
		assertThat(decoder.isDone()).isTrue();
	}

	@Test
	void theMarkerRightBehindAChunkIsReadAtTheEnd() {
		SseDecoder decoder = new SseDecoder(LIMIT);
		List<String> events = new ArrayList<>();
		read(decoder, "data: {\"a\":1}\ndata: [DONE]", events);
		assertThat(events).isEmpty();
		assertThat(decoder.finish()).isTrue();
		assertThat(new String(decoder.array(), decoder.offset(), decoder.length(), StandardCharsets.UTF_8))
			.isEqualTo("{\"a\":1}");
		decoder.consume();
		assertThat(decoder.isDone()).isFalse();
		assertThat(decoder.finish()).isFalse();
		assertThat(decoder.isDone()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "data: [DONE", "data: DONE", "data: [DONE]x", "data: \"[DONE]\"", "[DONE]", ": [DONE]",
			"event: [DONE]" })
	void whatOnlyResemblesTheMarkerIsNone(String line) {
		SseDecoder decoder = new SseDecoder(LIMIT);
		read(decoder, line + "\n\n", new ArrayList<>());
		decoder.finish();
		assertThat(decoder.isDone()).isFalse();
	}

	@Test
	void chunksNeedNoNameOfAField() {
		String chunk = "{\"choices\":[{\"delta\":{}}]}";
		String usage = "{\"choices\":[],\"usage\":{}}";
		for (String end : new String[] { "\n", "\r\n", "" }) {
			SseDecoder decoder = new SseDecoder(LIMIT);
			List<String> events = new ArrayList<>();
			read(decoder, " " + chunk + "\r\n" + usage + end, events);
			assertThat(decoder.finish()).isEqualTo(end.isEmpty());
			if (end.isEmpty()) {
				events.add(new String(decoder.array(), decoder.offset(), decoder.length(), StandardCharsets.UTF_8));
			}
			assertThat(events).containsExactly(chunk, usage);
			assertThat(decoder.stray()).isNull();
		}
	}

	@Test
	void linesOfOtherJsonAreNoChunks() {
		SseDecoder decoder = new SseDecoder(LIMIT);
		List<String> events = new ArrayList<>();
		String lines = "{\"choices\":[{\"message\":{}}]}\n{\"error\":\"delta\"}\n{\"choices\":[{\"delta\":{\n";
		read(decoder, lines, events);
		assertThat(decoder.finish()).isFalse();
		assertThat(events).isEmpty();
		assertThat(decoder.stray()).isEqualTo(lines.strip());
	}

	@Test
	void theMarkerAmongLinesOfJsonNeedsNoName() {
		SseDecoder decoder = new SseDecoder(LIMIT);
		read(decoder, "{\"choices\":[{\"delta\":{}}]}\n[DONE]\n", new ArrayList<>());
		assertThat(decoder.isDone()).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "{`choices`:[{`delta`:{}}]}\\n | true", "{`choices`:[{`delta`:{}}]}\\r\\n{ | true",
					"{`choices`:[{`delta`:{}}]} | false", "{`choices`:[{`message`:{}}]}\\n | false",
					"{\\n`delta`:`choices`} | false", "`delta` `choices`\\n | false" })
	void aStreamOfLinesIsKnownByItsFirst(String body, boolean lines) {
		byte[] bytes = body.replace('`', '"')
			.replace("\\n", "\n")
			.replace("\\r", "\r")
			.getBytes(StandardCharsets.UTF_8);
		assertThat(SseDecoder.isBareStream(bytes, 0, bytes.length)).isEqualTo(lines);
	}

	@Test
	void nothingIsReadBehindTheMarker() {
		assertThat(events("data: a\n\ndata: [DONE]\n\ndata: b\n\ndata: [DONE]\n\n")).containsExactly("a");
	}

	@ParameterizedTest
	@CsvSource({ "'',true", "'\n\r\n\n',true", "'\uFEFF\n',true", "': comment\n',false", "'data: a',false",
			"'id: 1\n',false" })
	void blankMeansThatThereWasNoFieldAndNoComment(String body, boolean blank) {
		SseDecoder decoder = new SseDecoder(LIMIT);
		read(decoder, body, new ArrayList<>());
		decoder.finish();
		assertThat(decoder.isBlank()).isEqualTo(blank);
	}

	@Test
	void dataOfTheLimitFits() {
		String data = "x".repeat(LIMIT);
		assertThat(events("data: " + data + "\n\n")).containsExactly(data);
		String line = "y".repeat((LIMIT - 1) / 2);
		assertThat(events("data: " + line + "\ndata: " + line + "\n\n")).containsExactly(line + "\n" + line);
	}

	@Test
	void dataOverTheLimitFails() {
		assertOverLimit("data: " + "x".repeat(LIMIT + 1) + "\n\n");
	}

	@Test
	void linesThatTogetherAreOverTheLimitFail() {
		assertOverLimit("data: " + "x".repeat(LIMIT / 2) + "\ndata: " + "x".repeat(LIMIT / 2) + "\n\n");
		assertOverLimit("data:\n".repeat(LIMIT + 2));
	}

	@Test
	void endlessLineFailsBeforeItEnds() {
		for (String start : List.of("data: ", ": ", "foo: ", "")) {
			SseDecoder decoder = new SseDecoder(LIMIT);
			assertThatExceptionOfType(DeepSeekException.class).as("line of '%s'", start).isThrownBy(() -> {
				read(decoder, start, new ArrayList<>());
				for (int i = 0; i < 1000; i++) {
					read(decoder, "x".repeat(100), new ArrayList<>());
				}
			}).satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT));
		}
	}

	@Test
	void manyEventsMayBeMoreThanTheLimitTogether() {
		String event = "data: " + "x".repeat(LIMIT) + "\n\n";
		assertThat(events(event.repeat(1000))).hasSize(1000).containsOnly("x".repeat(LIMIT));
	}

	private static void assertOverLimit(String body) {
		assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> events(body))
			.withMessageContaining("larger than " + LIMIT + " bytes")
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT));
	}

	private static List<String> events(String... buffers) {
		SseDecoder decoder = new SseDecoder(LIMIT);
		List<String> events = new ArrayList<>();
		for (String buffer : buffers) {
			read(decoder, buffer, events);
		}
		return events;
	}

	private static void read(SseDecoder decoder, String text, List<String> events) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		read(decoder, bytes, 0, bytes.length, events);
	}

	private static void read(SseDecoder decoder, byte[] bytes, int from, int to, List<String> events) {
		byte[] piece = new byte[to - from];
		System.arraycopy(bytes, from, piece, 0, piece.length);
		decoder.feed(DefaultDataBufferFactory.sharedInstance.wrap(piece));
		while (decoder.next()) {
			if (decoder.isDone()) {
				return;
			}
			events.add(new String(decoder.array(), decoder.offset(), decoder.length(), StandardCharsets.UTF_8));
			decoder.consume();
		}
	}

}
