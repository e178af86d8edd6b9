package io.github.deepseekboot.provider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ErrorFamilies}: what the failures of hosts mean, whoever sends them.
 */
@NullUnmarked
class ErrorFamiliesTests {

	@TestFactory
	Stream<DynamicTest> failures() throws IOException {
		String table;
		try (InputStream file = ErrorFamiliesTests.class.getResourceAsStream("/corpus/failures.lst")) {
			table = new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		List<String[]> rows = table.lines()
			.filter((line) -> !line.startsWith("#"))
			.map((line) -> line.split("\t", -1))
			.toList();
		assertThat(rows).hasSizeGreaterThan(100).allSatisfy((row) -> assertThat(row).hasSizeBetween(5, 6));
		return rows.stream()
			.map((row) -> DynamicTest.dynamicTest(row[0] + " " + row[1] + " " + row[2] + " " + row[3],
					() -> verify(row)));
	}

	private static void verify(String[] row) {
		Integer status = Integer.valueOf(row[0]);
		List<String> codes = Stream.of(row[1], row[2]).filter((code) -> !code.isEmpty()).toList();
		for (String preset : List.of("openai", "deepseek", "vllm", "together")) {
			ErrorRule meaning = dialect(preset).classify((status != 200) ? status : null, codes, row[3], List.of());
			assertThat(meaning.kind()).as(preset).isEqualTo(ErrorKind.valueOf(row[4]));
			assertThat(meaning.thisRequest()).as("about this request, %s", preset).isEqualTo(row.length == 6);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "error", "abort", "aborted", "insufficient_system_resource", "network_error",
			"server_error", "internal_error", "upstream_error", "ERROR", "failed", "cancelled", "canceled", "timeout",
			"overloaded", "engine_overloaded", "service_unavailable", "disconnected", "generation_failed" })
	void answersThatWereGivenUpAreKnown(String reason) {
		assertThat(dialect("openai").givenUp(reason)).isIn(ErrorKind.OVERLOADED, ErrorKind.SERVER_ERROR);
	}

	@ParameterizedTest
	@ValueSource(strings = { "stop", "length", "tool_calls", "function_call", "content_filter", "eos", "end_turn",
			"stop_sequence", "max_tokens", "model_length", "STOP", "completed", "model_context_window_exceeded",
			"unheard-of", "repetition", "sensitive" })
	void goodAndUnknownReasonsAreLeftAlone(String reason) {
		assertThat(dialect("openai").givenUp(reason)).isNull();
	}

	@Test
	void noReasonSaysNothing() {
		assertThat(dialect("openai").givenUp(null)).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "a_b,a_b,true", "a_b,AB,true", "a_b,A.b,true", "a_b,abc,false", "*b*,abc,true", "a*,abc,true",
			"*c,abc,true", "*a,abc,false", "a*c,abc,true", "a*c,ac,true", "a*c,ab,false", "ab*ba,aba,false",
			"*,x,true" })
	void codesAreComparedLeniently(String pattern, String code, boolean matches) {
		assertThat(ErrorRule.matches(pattern, code)).isEqualTo(matches);
	}

	private static Dialect dialect(String preset) {
		return new Dialect(ProviderPresets.get(preset), ReasoningReplay.NEVER, StructuredOutput.JSON_OBJECT);
	}

}
