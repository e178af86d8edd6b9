package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.Usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link AnswerReader}.
 */
@NullUnmarked
class AnswerReaderTests {

	private final AnswerReader reader = new AnswerReader();

	@Test
	void unknownFieldsAreSkipped() {
		read("""
				{"new":{"a":[1,{"b":2}]},"choices":[{"new":[[]],"delta":{"new":{"content":"no"},"content":"yes","x":1}}],
				"usage":{"new":{"prompt_tokens":9},"prompt_tokens":1}}""");
		assertThat(this.reader.choice(0).content).isEqualTo("yes");
		assertThat(this.reader.usage().promptTokens()).isEqualTo(1);
	}

	@Test
	void unknownFinishReasonIsKeptAsItIs() {
		read("""
				{"choices":[{"delta":{"role":"oracle"},"finish_reason":"paused_for_tea"}]}""");
		assertThat(this.reader.choice(0).finishReason).isEqualTo(new FinishReason("paused_for_tea"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", """
			{"id":null,"model":null,"created":null,"system_fingerprint":null,"choices":null,"usage":null,"error":null,
			"code":null,"message":null,"tool_calls":null,"x_groq":null,"bot_usage":null}""", """
			{"choices":[null]}""", """
			{"choices":[{"index":null,"delta":null,"message":null,"finish_reason":null,"logprobs":null}]}""", """
			{"choices":[{"delta":{"role":null,"content":null,"reasoning_content":null,"reasoning":null,
			"reasoning_details":null,"tool_calls":null}}]}""", """
			{"choices":[{"delta":{"reasoning_details":[null],"tool_calls":[null]},
			"logprobs":{"content":null,"reasoning_content":[null]}}]}""", """
			{"usage":{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null,"prompt_tokens_details":null,
			"completion_tokens_details":null,"prompt_cache_hit_tokens":null}}""" })
	void nullMayStandAnywhere(String answer) {
		read(answer);
		assertThat(this.reader.error()).isNull();
		assertThat(this.reader.usage()).isNull();
		assertThat(this.reader.id()).isNull();
		for (int i = 0; i < this.reader.choiceCount(); i++) {
			assertThat(this.reader.choice(i).content).isNull();
			assertThat(this.reader.choice(i).reasoning).isNull();
			assertThat(this.reader.choice(i).hasToolCalls()).isFalse();
			assertThat(this.reader.choice(i).finishReason).isNull();
			assertThat(this.reader.choice(i).logprobs).isNull();
		}
	}

	@Test
	void nullInsideOfAToolCallIsUnknown() {
		read("""
				{"choices":[{"delta":{"tool_calls":[{"index":null,"id":null,"type":null,"function":null},
				{"index":5,"function":{"name":"f","arguments":null}}]}}]}""");
		// what brings nothing is no tool call
		assertThat(this.reader.choice(0).toolCalls).containsExactly(new ToolCallDelta(5, null, "f", null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "7", "true", "\"text\"", "[1]", "{\"a\":1}" })
	void valuesOfTheWrongTypeAreNoFailure(String value) {
		read("""
				{"id":%1$s,"model":%1$s,"created":%1$s,"choices":[{"finish_reason":%1$s,"logprobs":%1$s,"delta":{"content":%1$s,
				"reasoning_content":%1$s,"tool_calls":%1$s}}],"usage":%1$s,"x_groq":%1$s,"bot_usage":%1$s}"""
			.formatted(value));
		assertThat(this.reader.choiceCount()).isEqualTo(1);
	}

	@Test
	void usageWithoutChoicesIsUsageOnly() {
		read("""
				{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""");
		assertThat(this.reader.choiceCount()).isZero();
		assertThat(this.reader.error()).isNull();
		assertThat(this.reader.usage())
			.isEqualTo(Usage.builder().promptTokens(3L).completionTokens(4L).totalTokens(7L).build());
	}

	@Test
	void missingUsageIsUnknown() {
		read("""
				{"choices":[{"delta":{"content":"a"}}]}""");
		assertThat(this.reader.usage()).isNull();
		read("""
				{"choices":[],"usage":{"prompt_tokens":3}}""");
		assertThat(this.reader.usage()).isEqualTo(Usage.builder().promptTokens(3L).build());
	}

	@ParameterizedTest
	@ValueSource(strings = { """
			{"prompt_tokens":-1,"completion_tokens":2,"total_tokens":1}""", """
			{"prompt_tokens":5,"completion_tokens":2,"total_tokens":3}""", """
			{"prompt_tokens":99999999999999999999999,"completion_tokens":2,"total_tokens":3}""", """
			{"prompt_tokens":1e300,"completion_tokens":2}""", """
			{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_cache_hit_tokens":6}""", """
			{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_cache_miss_tokens":6}""",
			"""
					{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"completion_tokens_details":{"reasoning_tokens":-3}}""" })
	void usageThatCannotBeTrueIsFlagged(String usage) {
		read("{\"choices\":[],\"usage\":" + usage + "}");
		assertThat(this.reader.usage().consistent()).isFalse();
	}

	@Test
	void theLastUsageCounts() {
		read("""
				{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}""");
		read("""
				{"choices":[],"usage":null}""");
		read("""
				{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}}""");
		read("""
				{"choices":[]}""");
		assertThat(this.reader.usage())
			.isEqualTo(Usage.builder().promptTokens(3L).completionTokens(9L).totalTokens(12L).build());
	}

	@Test
	void cacheHitsAndMissesArePartsOfThePrompt() {
		read("""
				{"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":8},
				"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}}""");
		assertThat(this.reader.usage()).isEqualTo(Usage.builder()
			.promptTokens(10L)
			.completionTokens(2L)
			.totalTokens(12L)
			.cacheHitTokens(8L)
			.cacheMissTokens(2L)
			.build());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"many\"", "\"\"", "\"12 or so\"", "true", "[12]", "{\"count\":12}", "null" })
	void countThatIsNoNumberIsNone(String count) {
		read("{\"choices\":[],\"usage\":{\"prompt_tokens\":" + count + ",\"completion_tokens\":" + count
				+ ",\"total_tokens\":7,\"prompt_cache_hit_tokens\":" + count
				+ ",\"completion_tokens_details\":{\"reasoning_tokens\":" + count + "}}}");
		assertThat(this.reader.usage()).isEqualTo(Usage.builder().totalTokens(7L).build());
		AnswerReader other = new AnswerReader();
		byte[] bytes = ("{\"usage\":{\"prompt_tokens\":" + count + "}}").getBytes(StandardCharsets.UTF_8);
		other.read(bytes, 0, bytes.length);
		assertThat(other.usage()).isNull();
	}

	@Test
	void choicesAreLimited() {
		String choice = "{\"delta\":{\"content\":\"a\"}}";
		read("{\"choices\":[" + String.join(",", Collections.nCopies(128, choice)) + "]}");
		assertThat(this.reader.choiceCount()).isEqualTo(128);
		assertMalformed("{\"choices\":[" + String.join(",", Collections.nCopies(129, choice)) + "]}");
	}

	@Test
	void usageIsFoundWhereProvidersPutIt() {
		read("""
				{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}}""");
		assertThat(this.reader.usage().totalTokens()).isEqualTo(3);
		read("""
				{"choices":[],"bot_usage":{"model_usage":[{"prompt_tokens":4,"completion_tokens":5,"total_tokens":9}]}}""");
		assertThat(this.reader.usage().totalTokens()).isEqualTo(9);
		read("""
				{"usage":{"prompt_tokens":4.0,"completion_tokens":5.0,"total_tokens":9.0,"cached_tokens":1,"reasoning_tokens":2}}""");
		assertThat(this.reader.usage()).isEqualTo(Usage.builder()
			.promptTokens(4L)
			.completionTokens(5L)
			.totalTokens(9L)
			.cacheHitTokens(1L)
			.reasoningTokens(2L)
			.build());
	}

	@Test
	void toolCallsKeepTheirIndexes() {
		read("""
				{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":""}},
				{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}}]}""");
		assertThat(this.reader.choice(0).toolCalls).containsExactly(new ToolCallDelta(1, "b", "g", ""),
				new ToolCallDelta(0, "a", "f", "{"));
	}

	@Test
	void argumentsThatAreAnObjectBecomeTheirText() {
		read("""
				{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":[1,"ä"]}}}]},
				"finish_reason":"tool_calls"}],"model":"m"}""");
		assertThat(this.reader.choice(0).toolCalls)
			.containsExactly(new ToolCallDelta(0, "a", "f", "{\"x\":[1,\"ä\"]}"));
		assertThat(this.reader.choice(0).finishReason).isEqualTo(FinishReason.TOOL_CALLS);
		assertThat(this.reader.model()).isEqualTo("m");
	}

	@Test
	void hugeIndexIsTakenAsItIs() {
		read("""
				{"choices":[{"index":2147483647,"delta":{"tool_calls":[{"index":2147483647,"id":"a"}]}}]}""");
		assertThat(this.reader.choice(0).index).isEqualTo(Integer.MAX_VALUE);
		assertThat(this.reader.choice(0).toolCalls)
			.containsExactly(new ToolCallDelta(Integer.MAX_VALUE, "a", null, null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "2147483648", "-1", "1e99" })
	void indexOutOfRangeIsMalformed(String index) {
		assertMalformed("{\"choices\":[{\"index\":" + index + "}]}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "2147483648", "1e99" })
	void indexOfAToolCallOutOfRangeIsMalformed(String index) {
		assertMalformed("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":" + index + "}]}}]}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "{", "{\"choices\":[", "{} {}", "{}]", "null", "17", "true", "nonsense",
			"{'a':1}", "<html>" })
	void whatIsNoJsonObjectIsMalformed(String text) {
		assertMalformed(text);
	}

	@Test
	void deepNestingIsMalformed() {
		read("{\"a\":" + "[".repeat(498) + "]".repeat(498) + "}");
		assertMalformed("{\"a\":" + "[".repeat(501) + "]".repeat(501) + "}");
	}

	@Test
	void hugeNumberIsMalformed() {
		assertMalformed("{\"created\":" + "9".repeat(10_000) + "}");
		assertMalformed("{\"usage\":{\"prompt_tokens\":" + "9".repeat(10_000) + "}}");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"delta\":{\"content\":\"new\"},\"message\":{\"content\":\"all\"}}",
			"{\"message\":{\"content\":\"all\",\"reasoning_content\":\"r\"},\"delta\":{\"content\":\"new\"}}" })
	void deltaComesBeforeMessage(String choice) {
		read("{\"choices\":[" + choice + "]}");
		assertThat(this.reader.choice(0).content).isEqualTo("new");
		assertThat(this.reader.choice(0).reasoning).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"reasoning_content\":\"r\"", "\"reasoning\":\"r\"",
			"\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"r\"}]",
			"\"reasoning\":\"r\",\"reasoning_content\":null", "\"reasoning_content\":\"\",\"reasoning\":\"r\"",
			"\"reasoning_content\":\"r\",\"reasoning\":\"r\",\"reasoning_details\":[{\"text\":\"r\"}]" })
	void reasoningIsReadOnceFromWhereverItIs(String field) {
		read("{\"choices\":[{\"delta\":{" + field + "}}]}");
		assertThat(this.reader.choice(0).reasoning).isEqualTo("r");
	}

	@Test
	void contentInPartsIsTheirText() {
		read("""
				{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}]}}]}""");
		assertThat(this.reader.choice(0).content).isEqualTo("ab");
	}

	@ParameterizedTest
	@CsvSource({ "1700000000,1700000000", "1700000000.73,1700000000", "0,", "-5,", "1e40,", "\"x\"," })
	void timeOfCreationIsReadLeniently(String created, Long seconds) {
		read("{\"created\":" + created + "}");
		assertThat(this.reader.created()).isEqualTo((seconds != null) ? Instant.ofEpochSecond(seconds) : null);
	}

	@Test
	void envelopeIsKeptFromTheFirstThatHasIt() {
		read("""
				{"id":"","model":"m1"}""");
		assertThat(this.reader.envelopeChanged()).isTrue();
		read("""
				{"id":"1","model":"m2","created":0,"system_fingerprint":""}""");
		assertThat(this.reader.envelopeChanged()).isTrue();
		read("""
				{"id":"2","model":"m1"}""");
		assertThat(this.reader.envelopeChanged()).isFalse();
		assertThat(List.of(this.reader.id(), this.reader.model())).containsExactly("1", "m1");
		assertThat(this.reader.systemFingerprint()).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"error\":{\"message\":\"no\",\"code\":429},\"id\":\"x\"} | no | 429",
			"{\"id\":\"x\",\"error\":{\"message\":\"no\",\"code\":\"c\"},\"choices\":[{\"delta\":{\"content\":\"a\"}}]} | no | c",
			"{\"code\":20012,\"message\":\"no\",\"data\":null} | no | 20012", "{\"error\":\"no\",\"x\":1} | no |",
			"{\"message\":\"no\",\"data\":null} | no |", "\"no\" | no |", "[{\"error\":{\"message\":\"no\"}}] | no |" })
	void errorInPlaceOfAnAnswerIsFound(String body, String message, String code) {
		read(body);
		ErrorBody error = ErrorBody.of(this.reader.error());
		assertThat(error.message()).isEqualTo(message);
		assertThat(error.code()).isEqualTo(code);
	}

	@Test
	void errorIsForgottenWithTheNextAnswer() {
		read("{\"error\":{\"message\":\"no\"}}");
		read("{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"message\":\"fine\",\"code\":0}");
		assertThat(this.reader.error()).isNull();
		assertThat(this.reader.choice(0).content).isEqualTo("a");
	}

	@ParameterizedTest
	@ValueSource(strings = { """
			{"code":0,"message":"success","request_id":"r1","data":{"choices":[],"usage":{"prompt_tokens":3}}}""", """
			{"code":"200","msg":"OK","type":"chat","result":{"choices":[],"usage":{"prompt_tokens":3}}}""", """
			{"choices":[],"usage":{"prompt_tokens":3},"code":0,"message":"success","request_id":"r1"}""", """
			{"choices":[],"usage":{"prompt_tokens":3},"detail":{"message":"成功"},"retry_after":1}""" })
	void wordsForSuccessBesideTheUsageAreNoError(String chunk) {
		read(chunk);
		assertThat(this.reader.error()).isNull();
		assertThat(this.reader.usage().promptTokens()).isEqualTo(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { """
			{"code":0,"message":"busy","request_id":"r1","data":{"choices":[]}}""", """
			{"code":1001,"message":"success","request_id":"r1"}""" })
	void wordsOrACodeForAFailureAreAnError(String chunk) {
		read(chunk);
		assertThat(this.reader.error()).isNotNull();
	}

	@Test
	void envelopesWithinEnvelopesAreNotOpened() {
		String answer = "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}";
		read("{\"data\":" + answer + "}");
		assertThat(this.reader.choiceCount()).isOne();
		read("{\"data\":{\"error\":null,\"data\":" + answer + "}}");
		assertThat(this.reader.choiceCount()).isZero();
	}

	private void assertMalformed(String json) {
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> read(json));
	}

	private void read(String json) {
		byte[] bytes = ("#" + json + "#").getBytes(StandardCharsets.UTF_8);
		this.reader.read(bytes, 1, bytes.length - 2);
	}

}
