package io.github.deepseekboot.codec;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ErrorBody}.
 */
class ErrorBodyTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}} | no | c",
			"{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":null}} | no | t",
			"{\"error\":{\"message\":\"no\",\"code\":429}} | no | 429", "{\"error\":\"no\"} | no |",
			"{\"error\":\"no\",\"code\":7} | no | 7", "{\"code\":20012,\"message\":\"no\",\"data\":null} | no | 20012",
			"{\"message\":\"no\",\"data\":null} | no |", "{\"error\":null,\"message\":\"no\",\"code\":1} | no | 1",
			"\"no\" | no |", "[{\"error\":{\"message\":\"no\",\"code\":400}}] | no | 400", "[\"no\"] | no |",
			"500 | 500 |", "plain words | plain words |", "404 page not found | 404 page not found |",
			"{\"detail\":\"no\"} | no |", "{\"code\":1} | {\"code\":1} | 1",
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
		assertThat(error.message()).isEqualTo("no");
		assertThat(error.code()).isEqualTo("30001");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\n\r\n" })
	void emptyBodySaysNothing(String body) {
		assertThat(read(body).message()).isNull();
		assertThat(read(body).codes()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			// gateways around hosts
			"{\"error\":{\"message\":\"Provider returned error\",\"code\":400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message\\\":\\\"too long\\\",\\\"code\\\":\\\"c\\\"}}\",\"provider_name\":\"Host\"}}} | too long | c",
			"{\"error\":{\"message\":\"Provider returned error\",\"code\":429,\"metadata\":{\"raw\":\"slow down\"}}} | slow down | 429",
			"{\"error\":{\"message\":\"Provider returned error\",\"code\":502,\"metadata\":{\"raw\":\"\"}}} | Provider returned error | 502",
			"{\"error\":{\"message\":\"Provider returned error\",\"metadata\":{\"raw\":{\"error\":{\"message\":\"no\",\"code\":7}}}}} | no | 7",
			"{\"error\":{\"error\":{\"message\":\"no\",\"type\":\"t\"}}} | no | t",
			"{\"error\":{\"message\":\"outer\",\"code\":\"o\",\"error\":{\"message\":\"inner\",\"code\":\"i\"}}} | inner | i",
			"{\"error\":\"{\\\"error\\\":{\\\"message\\\":\\\"no\\\",\\\"code\\\":\\\"c\\\"}}\"} | no | c",
			"{\"error\":{\"message\":\"litellm.BadRequestError: OpenAIException - {\\\"error\\\":{\\\"message\\\":\\\"no\\\",\\\"code\\\":\\\"c\\\"}}\",\"type\":\"t\"}} | no | c",
			"{\"message\":\"upstream error: status 503\",\"upstream_error\":{\"message\":\"no\"}} | no |",
			"{\"errors\":[{\"code\":7,\"message\":\"no\"}],\"success\":false} | no | 7",
			"{\"error\":{\"code\":\"content_filter\",\"message\":\"filtered\",\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}} | filtered | ResponsibleAIPolicyViolation",
			"{\"error\":{\"code\":429,\"message\":\"no\",\"details\":[{\"@type\":\"x\",\"reason\":\"R\"}]}} | no | R",
			// the words of frameworks
			"{\"detail\":\"Not Found\"} | Not Found |", "{\"detail\":{\"error\":{\"message\":\"no\"}}} | no |",
			"{\"detail\":[{\"loc\":[\"body\",\"messages\",0],\"msg\":\"field required\",\"type\":\"missing\"}]} | body.messages.0: field required |",
			"{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"a\"},{\"loc\":[\"x\"],\"msg\":\"b\"}]} | body: a; x: b |",
			"{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"no\"} | no | about:blank",
			"{\"title\":\"Bad Gateway\",\"status\":502} | Bad Gateway | 502",
			"{\"statusCode\":400,\"message\":\"no\",\"error\":\"Bad Request\"} | no | 400",
			"{\"timestamp\":\"2026-01-01T00:00:00Z\",\"status\":404,\"error\":\"Not Found\",\"path\":\"/x\"} | Not Found | 404",
			"{\"success\":false,\"msg\":\"no\",\"code\":500} | no | 500",
			"{\"error_msg\":\"no\",\"error_code\":336003} | no | 336003",
			// lines of streams
			"error: {\"code\":400,\"message\":\"no\"} | no | 400", "data: error: no | error: no |",
			"error: no words | no words |",
			// pages
			"<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html> | 502 Bad Gateway |",
			"<!DOCTYPE html><html><body><h1>Sorry, you have been <b>blocked</b></h1></body></html> | Sorry, you have been blocked |",
			"<html><head><title></title></head><body><p>Too &lt;large&gt;</p></body></html> | Too <large> |" })
	void innermostWordsAreFound(String body, String message, String code) {
		ErrorBody error = read(body);
		assertThat(error.message()).isEqualTo(message);
		if (code != null) {
			assertThat(error.codes()).contains(code);
		}
	}

	@Test
	void pagesAreDistinguishedFromTheHostsOwnErrors() {
		assertThat(read("<html><title>x</title></html>").isPage()).isTrue();
		assertThat(read("  <!-- c -->\n<!doctype HTML><p>x").isPage()).isTrue();
		assertThat(read("<html><title>x</title></html>").isStructured()).isFalse();
		assertThat(read("404 page not found").isStructured()).isFalse();
		assertThat(read("{\"error\":\"a < b\"}").isPage()).isFalse();
		assertThat(read("{\"error\":\"no\"}").isStructured()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", "{}", "[]", "\"\"", "\" \"", "false", "0", "{\"message\":\"\"}",
			"{\"message\":\"\",\"type\":\"\",\"param\":\"\",\"code\":null}", "{\"code\":0}",
			"{\"code\":0,\"message\":\"\"}", "{\"code\":0,\"message\":\"Success\"}",
			"{\"code\":\"0\",\"message\":\"ok\"}", "{\"code\":200,\"message\":\"OK\"}", "{\"metadata\":{}}", "[{}]" })
	void blankErrorIsNone(String json) {
		assertThat(ErrorBody.isNone(WireJson.MAPPER.readTree(json))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"no\"", "true", "{\"message\":\"no\"}", "{\"code\":1}",
			"{\"code\":\"c\",\"message\":\"\"}", "{\"type\":\"overloaded_error\"}", "[{\"message\":\"no\"}]",
			"{\"code\":0,\"message\":\"no\"}", "{\"metadata\":{\"raw\":\"no\"}}" })
	void errorWithContentIsOne(String json) {
		assertThat(ErrorBody.isNone(WireJson.MAPPER.readTree(json))).isFalse();
	}

	@Test
	void deepAndLongBodiesAreBounded() {
		String deep = "{\"error\":".repeat(400) + "{\"message\":\"no\"}" + "}".repeat(400);
		assertThat(read(deep).message()).isNotNull();
		assertThat(read("{\"message\":\"" + "x".repeat(100_000) + "\"}").message()).hasSize(16 * 1024);
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

	@Test
	void bodiesOfOlderGatewaysAreReadInTheirOwnEncoding() throws IOException {
		String json = "{\"message\":\"账户余额不足\"}";
		assertThat(ErrorBody.read(json.getBytes("GB18030"), null).message()).isEqualTo("账户余额不足");
		assertThat(ErrorBody.read(json.getBytes("GBK"), StandardCharsets.UTF_8).message()).isEqualTo("账户余额不足");
		assertThat(ErrorBody.read(json.getBytes("UTF-16"), StandardCharsets.UTF_16).message()).isEqualTo("账户余额不足");
		assertThat(ErrorBody
			.read("{\"message\":\"refusé\"}".getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1)
			.message()).isEqualTo("refusé");
		assertThat(read(json).message()).isEqualTo("账户余额不足");
	}

	@Test
	void bodyThatIsCutWithinACharacterStaysUtf8() {
		byte[] body = "账户余额不足".getBytes(StandardCharsets.UTF_8);
		for (int end = 9; end <= body.length; end++) {
			assertThat(ErrorBody.read(Arrays.copyOf(body, end), null).message()).as("cut at %d", end).startsWith("账户余");
		}
		byte[] old = "余额".getBytes(Charset.forName("GB18030"));
		assertThat(ErrorBody.read(old, null).message()).isEqualTo("余额");
		assertThat(ErrorBody.read(Arrays.copyOf(old, 2), null).message()).isEqualTo("余");
	}

	@ParameterizedTest
	@ValueSource(strings = { "ISO-8859-1", "US-ASCII", "windows-1252" })
	void whatIsUtf8IsReadAsSuchWhateverSingleByteCharsetItIsSaidToHave(String charset) {
		byte[] body = "{\"message\":\"账户余额不足\"}".getBytes(StandardCharsets.UTF_8);
		assertThat(ErrorBody.read(body, Charset.forName(charset)).message()).isEqualTo("账户余额不足");
		Charset latin = StandardCharsets.ISO_8859_1;
		assertThat(ErrorBody.read("refusé".getBytes(latin), latin).message()).isEqualTo("refusé");
	}

	private static ErrorBody read(String body) {
		return ErrorBody.read(body.getBytes(StandardCharsets.UTF_8), null);
	}

}
