package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.provider.ApiKey;
import io.github.deepseekboot.transport.TestProviders;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ErrorBody}.
 */
class ErrorBodyTests {

	private static final ApiKey KEY = ApiKey.of(TestProviders.KEY);

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}} | no | c",
			"{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":null}} | no | t",
			"{\"error\":{\"message\":\"no\",\"code\":429}} | no | 429", "{\"error\":\"no\"} | no |",
			"{\"error\":\"no\",\"code\":7} | no | 7", "{\"code\":20012,\"message\":\"no\",\"data\":null} | no | 20012",
			"{\"message\":\"no\",\"data\":null} | no |", "{\"error\":null,\"message\":\"no\",\"code\":1} | no | 1",
			"\"no\" | no |", "[{\"error\":{\"message\":\"no\",\"code\":400}}] | no | 400", "[\"no\"] | no |",
			"500 | 500 |", "plain words | plain words |", "404 page not found | 404 page not found |",
			"{\"detail\":\"no\"} | {\"detail\":\"no\"} |", "{\"code\":1} | {\"code\":1} | 1",
			"{\"error\":{\"message\":{\"a\":1}}} | {\"error\":{\"message\":{\"a\":1}}} |", "{} | {} |", "[] | [] |",
			"null | null |", "true | true |", "{\"error\":{\"message\":\"no | {\"error\":{\"message\":\"no |",
			"data: {\"error\":{\"message\":\"no\",\"code\":\"c\"}} | no | c" })
	void everyShapeHasAMessage(String body, String message, String code) {
		ErrorBody error = read(body);
		assertThat(error.message()).isEqualTo(message);
		assertThat(error.code()).isEqualTo(code);
	}

	@Test
	void errorSentAsAnEventIsRead() {
		ErrorBody error = read("event: error\r\ndata: {\"code\":30001,\"message\":\"no\"}\r\n\r\n");
		assertThat(error).isEqualTo(new ErrorBody("no", "30001", null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\n\r\n" })
	void emptyBodySaysNothing(String body) {
		assertThat(read(body)).isEqualTo(new ErrorBody(null, null, null));
	}

	@Test
	void octetsThatAreNoUtf8AreShown() {
		ErrorBody error = ErrorBody.read(new byte[] { (byte) 0x1f, (byte) 0x8b, 8, 0, (byte) 0xff }, KEY);
		assertThat(error.message()).contains("\\u0008\\u0000");
	}

	@Test
	void controlCharactersAreEscaped() {
		String evil = "a\r\nb\tc\u001b[31md\u0000e\u0085f\u2028g\u202eh\u007f";
		String json = WireJson.MAPPER.writeValueAsString(Map.of("message", evil, "code", "x\ny"));
		ErrorBody error = read(json);
		assertThat(error.message()).isEqualTo("a\\r\\nb\\tc\\u001b[31md\\u0000e\\u0085f\\u2028g\\u202eh\\u007f");
		assertThat(error.code()).isEqualTo("x\\ny");
		assertThat(ErrorBody.snippet(evil, null)).isEqualTo(error.message());
	}

	@Test
	void longTextsAreCut() {
		String text = "x".repeat(100_000);
		assertThat(read("{\"message\":\"" + text + "\",\"code\":\"" + text + "\"}").message()).hasSize(500)
			.endsWith("…");
		assertThat(read("{\"message\":\"" + text + "\",\"code\":\"" + text + "\"}").code()).hasSize(100).endsWith("…");
		assertThat(read(text).message()).hasSize(200).endsWith("…");
		assertThat(ErrorBody.snippet("\u0000".repeat(1000), null)).hasSizeLessThanOrEqualTo(200).endsWith("…");
		assertThat(ErrorBody.snippet("\u0000".repeat(34), null)).hasSizeLessThanOrEqualTo(200).endsWith("…");
		assertThat(ErrorBody.snippet("x".repeat(200), null)).isEqualTo("x".repeat(200));
		assertThat(ErrorBody.snippet("😀".repeat(150), null).codePoints())
			.noneMatch((codePoint) -> Character.getType(codePoint) == Character.SURROGATE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "the key " + TestProviders.KEY + " is bad", "key=" + TestProviders.KEY,
			"the key sk-0f1e2d3c is bad", "Your api key: ****e1f0 is invalid",
			"Incorrect key: sk-0f1e****************e1f0.", "got sk-0f1e2d...e1f0",
			"header Bearer abcdefghijklmnopqrstuvwxyz was refused" })
	void keysAreMasked(String text) {
		for (String body : new String[] { text, "{\"message\":\"" + text + "\"}", "\"" + text + "\"",
				"{\"error\":{\"message\":\"m\",\"code\":\"" + text + "\"}}" }) {
			ErrorBody error = read(body);
			assertThat(error.toString()).contains("****").doesNotContain("0f1e", "e1f0", "abcdefgh");
		}
	}

	@Test
	void keyOfAnyFormIsMaskedWhereverTheTextIsCut() {
		ApiKey key = ApiKey.of("d0a1b2c3-11aa-22bb-33cc-445566778899");
		for (int padding = 100; padding < 520; padding++) {
			byte[] body = ("x".repeat(padding) + key.value() + "yyy").getBytes(StandardCharsets.UTF_8);
			assertThat(ErrorBody.read(body, key).message()).as("behind %d characters", padding)
				.doesNotContain("d0a1", "8899");
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"error\":{\"message\":\"m\"},\"request_id\":\"abc-123\"} | abc-123",
			"{\"error\":{\"message\":\"m\",\"request_id\":\"abc-124\"}} | abc-124",
			"{\"error\":{\"message\":\"Not found. Request id: 0217abcdef.\"}} | 0217abcdef",
			"{\"error\":{\"message\":\"bad (request id: 2025-abc_def)\"}} | 2025-abc_def",
			"{\"error\":{\"message\":\"bad key, request_id: 0b9c1f36-1111-2222\"}} | 0b9c1f36-1111-2222",
			"oops, Request ID 12345678 | 12345678", "{\"request_id\":\"a b\",\"message\":\"m\"} |",
			"{\"request_id\":{\"a\":1},\"message\":\"m\"} |", "{\"message\":\"your request id is unknown\"} |" })
	void requestIdIsFoundInTheBody(String body, String requestId) {
		assertThat(read(body).requestId()).isEqualTo(requestId);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "abc-123 | true", "a/b:c.d+e=@ | true", "a b | false", "<script> | false" })
	void requestIdHasHarmlessCharacters(String value, boolean valid) {
		assertThat(ErrorBody.requestId(value)).isEqualTo(valid ? value : null);
		assertThat(ErrorBody.requestId("a\nb")).isNull();
		assertThat(ErrorBody.requestId("a".repeat(129))).isNull();
		assertThat(ErrorBody.requestId("")).isNull();
	}

	private static ErrorBody read(String body) {
		return ErrorBody.read(body.getBytes(StandardCharsets.UTF_8), KEY);
	}

}
