package io.github.deepseekboot.provider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Dialect}: what failures mean.
 */
class DialectTests {

	@ParameterizedTest
	@CsvSource({ "400,INVALID_REQUEST", "401,AUTHENTICATION", "402,OUT_OF_CREDIT", "403,AUTHENTICATION",
			"404,MODEL_NOT_FOUND", "405,INVALID_REQUEST", "408,TIMEOUT", "410,MODEL_NOT_FOUND", "413,INVALID_REQUEST",
			"415,INVALID_REQUEST", "422,INVALID_REQUEST", "429,RATE_LIMITED", "451,CONTENT_FILTERED",
			"500,SERVER_ERROR", "501,SERVER_ERROR", "502,SERVER_ERROR", "503,OVERLOADED", "504,SERVER_ERROR",
			"520,SERVER_ERROR", "529,OVERLOADED" })
	void statusDecidesWhereNothingElseIsKnown(int status, ErrorKind kind) {
		for (String preset : new String[] { "deepseek", "siliconflow", "openai" }) {
			assertThat(dialect(preset).classify(status, null, null)).as(preset).isEqualTo(kind);
			assertThat(dialect(preset).classify(status, "invalid_request_error", "no")).as(preset).isEqualTo(kind);
		}
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "-,429,RATE_LIMITED", "-,503,OVERLOADED", "-,402,OUT_OF_CREDIT",
			"-,-,SERVER_ERROR", "-,20012,SERVER_ERROR", "-,invalid_request_error,SERVER_ERROR", "-,999,SERVER_ERROR" })
	void errorInsideOfAnAnswerGoesByItsCode(Integer status, String code, ErrorKind kind) {
		assertThat(dialect("openai").classify(status, code, null)).isEqualTo(kind);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "429 | Too many tokens per minute, slow down | RATE_LIMITED",
			"429 | Rate limit of your context window tier | RATE_LIMITED", "429 | Insufficient balance | OUT_OF_CREDIT",
			"400 | This model's maximum context length is 65536 tokens | CONTEXT_LENGTH",
			"403 | Input exceeds the context window | CONTEXT_LENGTH", "413 | too many input tokens | CONTEXT_LENGTH",
			"400 | x/y is not a valid model ID | MODEL_NOT_FOUND",
			"400 | The model `x` does not exist | MODEL_NOT_FOUND", "500 | The model does not exist | SERVER_ERROR" })
	void wordsDecideWhereStatusAndCodeSayTooLittle(int status, String message, ErrorKind kind) {
		assertThat(dialect("openai").classify(status, null, message)).isEqualTo(kind);
		assertThat(dialect("deepseek").classify(status, "invalid_request_error", message)).isEqualTo(kind);
	}

	@Test
	void rulesOfTheProviderComeBeforeTheRulesForAll() {
		assertThat(dialect("siliconflow").classify(429, "50505", null)).isEqualTo(ErrorKind.OVERLOADED);
		assertThat(dialect("alayanew").classify(503, null, null)).isEqualTo(ErrorKind.RATE_LIMITED);
		assertThat(dialect("siliconflow").classify(503, null, null)).isEqualTo(ErrorKind.OVERLOADED);
	}

	@Test
	void everyPresetCanBeRead() {
		for (String id : ProviderPresets.ids()) {
			assertThat(ProviderPresets.get(id).id()).isEqualTo(id);
			assertThat(ProviderPresets.get(id).traceHeaders()).isNotEmpty();
		}
	}

	private static Dialect dialect(String preset) {
		return new Dialect(ProviderPresets.get(preset), ReasoningReplay.NEVER, StructuredOutput.JSON_OBJECT);
	}

}
