package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ChunkEnvelope}, through the reader that uses it.
 */
@NullUnmarked
class ChunkEnvelopeTests {

	private static final String CONTENT = """
			{"id":"1","choices":[{"index":0,"delta":{"content":"%s","reasoning_content":null}}],"usage":null}""";

	private static final String COUNTED = """
			{"choices":[{"index":1,"delta":{"content":null,"reasoning_content":"a"}}],"usage":%s,"end":true}""";

	private static final String CALLED = """
			{"choices":[{"index":0,"delta":{"content":null,"tool_calls":[{"index":0,"function":{"arguments":"%s"}}]}}]}""";

	private final ChunkEnvelope envelope = new ChunkEnvelope();

	private final AnswerReader reader = new AnswerReader(this.envelope);

	@ParameterizedTest
	@CsvSource({ "b,b", "'',''", "a\\nb,'a\nb'", "\\\"\\\\\\/,'\"\\/'", "ä€😀,ä€😀", "\\tä\\n,'\tä\n'" })
	void chunkThatDiffersByItsTextIsRecognised(String json, String text) {
		read(CONTENT.formatted("a"));
		assertThat(isRecognised(CONTENT.formatted(json))).isTrue();
		read(CONTENT.formatted(json));
		assertThat(this.reader.choice(0).content).isEqualTo(text);
		assertThat(this.reader.choice(0).reasoning).isNull();
		assertThat(this.reader.envelopeChanged()).isFalse();
	}

	@Test
	void escapedCharactersAreRecognised() {
		read(CONTENT.formatted("a"));
		String json = "\\u0041\\u00e4 \\u4f60\\u597D\\ud83d\\uDE00\\u0000\\uffff z";
		assertThat(isRecognised(CONTENT.formatted(json))).isTrue();
		read(CONTENT.formatted(json));
		assertThat(this.reader.choice(0).content).isEqualTo("Aä 你好😀\0\uffff z");
	}

	@ParameterizedTest
	@ValueSource(strings = { "\\ud83d", "\\ude00", "\\ud83d\\u0041", "\\u12", "\\u00g0", "a\uFFFDb", "\u0001", "\\x",
			"a\",\"b", "a\"}", "\\" })
	void textThatIsNotPlainIsParsed(String json) {
		read(CONTENT.formatted("a"));
		assertThat(isRecognised(CONTENT.formatted(json))).isFalse();
	}

	@Test
	void bytesThatAreNotUtf8AreParsed() {
		read(CONTENT.formatted("a"));
		byte[] bytes = CONTENT.formatted("b").getBytes(StandardCharsets.UTF_8);
		bytes[CONTENT.indexOf("%s")] = (byte) 0xC3;
		assertThat(this.envelope.text(bytes, 0, bytes.length)).isNull();
	}

	@Test
	void fragmentOfToolCallIsRecognised() {
		read(CALLED.replace("\"function\":{", "\"id\":\"call_1\",\"function\":{\"name\":\"weather\",").formatted(""));
		read(CALLED.formatted("{"));
		String fragment = CALLED.formatted("\\\"city\\\":\\\"\\u4f60");
		assertThat(isRecognised(fragment)).isTrue();
		read(fragment);
		assertThat(this.reader.choice(0).toolCalls).containsExactly(new ToolCallDelta(0, null, null, "\"city\":\"你"));
		assertThat(this.reader.choice(0).content).isNull();
		read(CALLED.formatted(""));
		assertThat(this.reader.choice(0).toolCalls).isEmpty();
	}

	@Test
	void fragmentsOfSeveralCallsAreNotMixed() {
		read(CALLED.formatted("{"));
		read(CALLED.replace("[{\"index\":0,\"func", "[{\"index\":1,\"func").formatted("["));
		read(CALLED.replace("[{\"index\":0,\"func", "[{\"index\":1,\"func").formatted("]"));
		assertThat(this.reader.choice(0).toolCalls).containsExactly(new ToolCallDelta(1, null, null, "]"));
		read(CALLED.formatted("}"));
		assertThat(this.reader.choice(0).toolCalls).containsExactly(new ToolCallDelta(0, null, null, "}"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"a\":1}", "5", "[]" })
	void argumentsThatAreNoTextAreParsed(String arguments) {
		String chunk = CALLED.replace("\"%s\"", arguments);
		read(chunk);
		assertThat(isRecognised(chunk)).isFalse();
	}

	@Test
	void twoFragmentsInOneChunkAreParsed() {
		String chunk = CALLED.replace("\"%s\"}}", "\"a\"}},{\"index\":1,\"function\":{\"arguments\":\"b\"}}");
		read(chunk);
		assertThat(this.reader.choice(0).toolCalls).hasSize(2);
		assertThat(isRecognised(chunk)).isFalse();
	}

	@Test
	void theLastOfManyUsagesCounts() {
		read(COUNTED.formatted("{\"prompt_tokens\":5,\"completion_tokens\":9,\"total_tokens\":14}"));
		String chunk = COUNTED.formatted("{\"prompt_tokens\":5,\"completion_tokens\":10,\"total_tokens\":15}");
		assertThat(isRecognised(chunk)).isTrue();
		read(chunk);
		assertThat(this.reader.choice(0).index).isEqualTo(1);
		assertThat(this.reader.usage()).isEqualTo(Usage.of(5, 10));
		read(COUNTED.formatted("null"));
		assertThat(this.reader.usage().completionTokens()).isEqualTo(10);
	}

	@ParameterizedTest
	@ValueSource(strings = { "00", "05", "-1", "1.5", "1e3", "1111111111111111111", "", "null", "\"1\"" })
	void onlyWholeNumbersAreCounts(String number) {
		read(COUNTED.formatted("{\"completion_tokens\":9}"));
		assertThat(isRecognised(COUNTED.formatted("{\"completion_tokens\":%s}".formatted(number)))).isFalse();
	}

	@Test
	void digitsElsewhereAreNoCounts() {
		String usage = "{\"completion_tokens\":9,\"note\":\"\\u%s\"}";
		read(COUNTED.formatted(usage.formatted("1041")));
		assertThatExceptionOfType(JacksonException.class)
			.isThrownBy(() -> read(COUNTED.formatted(usage.formatted("1"))));
	}

	@Test
	void streamWhoseChunksAllDifferIsNotLearntForEver() {
		for (int i = 0; i < 32; i++) {
			read(CONTENT.replace("null", "\"" + i + "\"").replace("reasoning_content", "other").formatted("a"));
		}
		read(CONTENT.formatted("a"));
		assertThat(isRecognised(CONTENT.formatted("b"))).isFalse();
	}

	private boolean isRecognised(String json) {
		byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
		return this.envelope.text(bytes, 0, bytes.length) != null;
	}

	private void read(String json) {
		byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
		this.reader.read(bytes, 0, bytes.length);
	}

}
