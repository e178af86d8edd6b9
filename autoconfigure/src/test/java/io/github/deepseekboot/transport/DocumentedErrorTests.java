package io.github.deepseekboot.transport;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.stream.Stream;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The errors that providers document, in the shapes in which they send them, asked for as
 * a stream and as a complete answer.
 */
class DocumentedErrorTests {

	private static final String JSON = "application/json";

	private static final String TEXT = "text/plain; charset=utf-8";

	private static final WireMockServer server = new WireMockServer(
			WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));

	@BeforeAll
	static void startServer() {
		server.start();
	}

	@AfterAll
	static void stopServer() {
		server.stop();
	}

	@AfterEach
	void resetServer() {
		server.resetAll();
	}

	static Stream<Arguments> deepseek() {
		return Stream.of(
				envelope(400,
						"This model's maximum context length is 131072 tokens. However, you requested 140002 tokens.",
						ErrorKind.CONTEXT_LENGTH),
				envelope(400,
						"The supported API model names are deepseek-flash or deepseek-v4-pro, but you passed gpt-9.",
						ErrorKind.MODEL_NOT_FOUND),
				envelope(400, "Model Not Exist", ErrorKind.MODEL_NOT_FOUND),
				envelope(400, "Thinking mode does not support this tool_choice", ErrorKind.INVALID_REQUEST),
				envelope(400, "The `reasoning_content` in the thinking mode must be passed back to the API.",
						ErrorKind.INVALID_REQUEST),
				envelope(401, "Authentication Fails, Your api key is invalid", ErrorKind.AUTHENTICATION),
				envelope(402, "Insufficient Balance", ErrorKind.OUT_OF_CREDIT),
				envelope(422, "Failed to deserialize the JSON body into the target type", ErrorKind.INVALID_REQUEST),
				envelope(429, "Rate limit reached for TPM: too many tokens", ErrorKind.RATE_LIMITED),
				envelope(500, "Internal Server Error", ErrorKind.SERVER_ERROR),
				envelope(503, "Service is too busy", ErrorKind.OVERLOADED));
	}

	private static Arguments envelope(int status, String message, ErrorKind kind) {
		return Arguments.of(status, message, kind);
	}

	@ParameterizedTest
	@MethodSource
	void deepseek(int status, String message, ErrorKind kind) {
		for (String contentType : new String[] { JSON, "application/octet-stream" }) {
			answer(aResponse().withStatus(status)
				.withHeader("Content-Type", contentType)
				.withHeader("x-ds-trace-id", "trace-1")
				.withBody("{\"error\":{\"message\":\"" + message
						+ "\",\"type\":\"some_error\",\"param\":null,\"code\":\"invalid_request_error\"}}"));
			for (DeepSeekException failure : failures("deepseek")) {
				assertThat(failure.getKind()).isEqualTo(kind);
				assertThat(failure.getStatus()).isEqualTo(status);
				assertThat(failure.getCode()).isEqualTo("invalid_request_error");
				assertThat(failure).hasMessageStartingWith("deepseek: " + sentence(message))
					.hasMessageContaining(" [" + kind);
				assertThat(failure.getRequestId()).isEqualTo("trace-1");
				assertThat(failure.getRetryAfter()).isNull();
				assertThat(failure.getModel()).isEqualTo("deepseek-test");
			}
		}
	}

	static Stream<Arguments> siliconflow() {
		return Stream.of(
				flat(400, 20012, "Model does not exist. Please check it carefully.", ErrorKind.MODEL_NOT_FOUND),
				flat(400, 20015, "length of prompt_tokens (68957) must be less than max_seq_len (65536).",
						ErrorKind.CONTEXT_LENGTH),
				flat(400, 20015, "number of input tokens (9) has exceeded max_prompt_tokens (8) limit.",
						ErrorKind.CONTEXT_LENGTH),
				flat(400, 20015, "The parameter is invalid. Please check again.", ErrorKind.INVALID_REQUEST),
				flat(400, 20024, "Json mode is not supported for this model.", ErrorKind.UNSUPPORTED),
				flat(400, 20037, "Function call is not supported for this model.", ErrorKind.UNSUPPORTED),
				flat(413, 20042, "The request is too large.", ErrorKind.INVALID_REQUEST),
				flat(451, 20021, "The content is sensitive.", ErrorKind.CONTENT_FILTERED),
				flat(401, 30014, "Token is invalid.", ErrorKind.AUTHENTICATION),
				flat(403, 30001, "Sorry, your account balance is insufficient", ErrorKind.OUT_OF_CREDIT),
				flat(403, 30003, "Model disabled.", ErrorKind.MODEL_NOT_FOUND),
				flat(403, 30005, "Real-name check needed.", ErrorKind.AUTHENTICATION),
				flat(403, 30011, "Paid accounts only.", ErrorKind.AUTHENTICATION),
				flat(503, 50603, "System is too busy now.", ErrorKind.OVERLOADED),
				flat(429, 50601, "Request was rejected due to rate limiting: RPM.", ErrorKind.RATE_LIMITED),
				flat(429, 50606, "Request was rejected due to rate limiting: RPD.", ErrorKind.RATE_LIMITED),
				flat(503, 50505, "Model service overloaded. Please try again later.", ErrorKind.OVERLOADED),
				flat(503, 50508, "System is too busy now. Please try again later.", ErrorKind.OVERLOADED),
				flat(504, 50501, "Request processing timed out.", ErrorKind.SERVER_ERROR),
				flat(504, 50506, "Request processing timed out.", ErrorKind.SERVER_ERROR));
	}

	private static Arguments flat(int status, int code, String message, ErrorKind kind) {
		return Arguments.of(status, code, message, kind);
	}

	@ParameterizedTest
	@MethodSource
	void siliconflow(int status, int code, String message, ErrorKind kind) {
		answer(aResponse().withStatus(status)
			.withHeader("Content-Type", JSON)
			.withHeader("x-siliconcloud-trace-id", "ti_1")
			.withBody("{\"code\":" + code + ",\"message\":\"" + message + "\",\"data\":null}"));
		for (String preset : new String[] { "siliconflow", "siliconflowintl" }) {
			for (DeepSeekException failure : failures(preset)) {
				assertThat(failure.getKind()).isEqualTo(kind);
				assertThat(failure.getStatus()).isEqualTo(status);
				assertThat(failure.getCode()).isEqualTo(Integer.toString(code));
				assertThat(failure).hasMessageStartingWith(preset + ": " + message + " [" + kind);
				assertThat(failure.getRequestId()).isEqualTo("ti_1");
			}
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "401 | \"Invalid token\" | Invalid token | AUTHENTICATION",
					"401 | \"Api key is invalid\" | Api key is invalid | AUTHENTICATION",
					"403 | \"Forbidden\" | Forbidden | AUTHENTICATION",
					"404 | 404 page not found | 404 page not found | MODEL_NOT_FOUND",
					"429 | {\"message\":\"TPM limit reached.\",\"data\":null} | TPM limit reached. | RATE_LIMITED",
					"503 | {\"code\":50505,\"message\":\"busy\",\"data\":\"x\"} | busy | OVERLOADED",
					"504 | \"Gateway Timeout\" | Gateway Timeout | SERVER_ERROR",
					"504 | `` | status 504 | SERVER_ERROR" })
	void siliconflowInOtherShapes(int status, String body, String message, ErrorKind kind) {
		answer(aResponse().withStatus(status).withHeader("Content-Type", TEXT).withBody(body));
		for (DeepSeekException failure : failures("siliconflow")) {
			assertThat(failure.getKind()).isEqualTo(kind);
			assertThat(failure.getStatus()).isEqualTo(status);
			assertThat(failure).hasMessageContaining(message);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"400 | {\"object\":\"error\",\"message\":\"bad body\",\"code\":400} | bad body | INVALID_REQUEST",
			"400 | {\"error\":{\"message\":\"This model's maximum context length is 65536 tokens\"}} | maximum context"
					+ " length | CONTEXT_LENGTH",
			"401 | {\"error\":\"Unauthorized\"} | Unauthorized | AUTHENTICATION",
			"404 | {\"detail\":\"Not Found\"} | Not Found | MODEL_NOT_FOUND",
			"415 | Unsupported Media Type | Unsupported Media Type | INVALID_REQUEST",
			"500 | Internal Server Error | Internal Server Error | SERVER_ERROR",
			"503 | {\"message\":\"Too many requests\"} | Too many requests | RATE_LIMITED",
			"503 | <html>busy</html> | busy | RATE_LIMITED" })
	void alayanew(int status, String body, String message, ErrorKind kind) {
		answer(aResponse().withStatus(status)
			.withHeader("Content-Type", body.startsWith("{") ? JSON : TEXT)
			.withHeader("x-request-id", "r-1")
			.withBody(body));
		for (DeepSeekException failure : failures("alayanew")) {
			assertThat(failure.getKind()).isEqualTo(kind);
			assertThat(failure.getStatus()).isEqualTo(status);
			assertThat(failure.getRequestId()).isEqualTo("r-1");
			assertThat(failure).hasMessageContaining(message);
		}
	}

	@ParameterizedTest
	@CsvSource({ "retry-after-ms,1500,PT1.5S", "Retry-After,7,PT7S", "Retry-After,-7,", "Retry-After,soon,",
			"Retry-After,315360000,PT1H", "Retry-After,99999999999999999999999999,", "retry-after-ms,-1," })
	void timeToWaitIsHandedOn(String header, String value, Duration wait) {
		answer(aResponse().withStatus(429)
			.withHeader(header, value)
			.withBody("{\"error\":{\"message\":\"slow down\"}}"));
		for (DeepSeekException failure : failures("deepseek")) {
			assertThat(failure.getKind()).isEqualTo(ErrorKind.RATE_LIMITED);
			assertThat(failure.getRetryAfter()).isEqualTo(wait);
		}
	}

	@Test
	void timeToWaitMayBeADate() {
		answer(aResponse().withStatus(503)
			.withHeader("Retry-After", date(ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(90))));
		for (DeepSeekException failure : failures("deepseek")) {
			assertThat(failure.getRetryAfter()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(91));
		}
		answer(aResponse().withStatus(503)
			.withHeader("Retry-After", date(ZonedDateTime.now(ZoneOffset.UTC).plusYears(10))));
		for (DeepSeekException failure : failures("deepseek")) {
			assertThat(failure.getRetryAfter()).isEqualTo(Duration.ofHours(1));
		}
		answer(aResponse().withStatus(503)
			.withHeader("Retry-After", date(ZonedDateTime.now(ZoneOffset.UTC).minusDays(1))));
		for (DeepSeekException failure : failures("deepseek")) {
			assertThat(failure.getRetryAfter()).isNull();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "deepseek", "siliconflow", "alayanew", "openai" })
	void whatProvidersEchoGivesNothingAway(String preset) {
		String evil = "Bad key " + TestProviders.KEY + ", header Bearer " + TestProviders.KEY
				+ ";\\r\\n2026-11-22 INFO forged\\u001b[2J" + "x".repeat(10_000);
		for (String body : new String[] {
				"{\"error\":{\"message\":\"" + evil + "\",\"code\":\"" + TestProviders.KEY + "\"}}",
				"{\"code\":\"" + TestProviders.KEY + "\",\"message\":\"" + evil + "\"}", "\"" + evil + "\"", evil,
				TestProviders.KEY, "{\"" + TestProviders.KEY + "\":1}" }) {
			for (int status : new int[] { 200, 401 }) {
				answer(aResponse().withStatus(status)
					.withHeader("Content-Type", JSON)
					.withHeader("x-request-id", "evil " + TestProviders.KEY)
					.withBody(body));
				for (DeepSeekException failure : failures(preset)) {
					assertThat(failure.getMessage()).doesNotContain("\r", "\n", "\u001b");
				}
			}
		}
	}

	@Test
	void requestIdOfTheBodyIsUsedWhereThereIsNoHeader() {
		answer(aResponse().withStatus(404)
			.withBody("{\"error\":{\"code\":\"ModelNotOpen\",\"message\":\"Not open. Request id: 02175abc\"}}"));
		for (DeepSeekException failure : failures("openai")) {
			assertThat(failure.getRequestId()).isEqualTo("02175abc");
		}
	}

	private static void answer(ResponseDefinitionBuilder response) {
		server.resetAll();
		server.stubFor(post(anyUrl()).willReturn(response));
	}

	/**
	 * What a stream and a complete answer fail with.
	 */
	private static DeepSeekException[] failures(String preset) {
		ProviderClient client = TestProviders.client(TestProviders.builder(preset, server.baseUrl()).build());
		return new DeepSeekException[] { Failure.of(client.stream(TestProviders.attempt())),
				Failure.of(client.complete(TestProviders.attempt())) };
	}

	private static String date(ZonedDateTime time) {
		return DateTimeFormatter.RFC_1123_DATE_TIME.format(time);
	}

	// what follows, a suggestion for one, follows a sentence without its full stop
	private static String sentence(String message) {
		return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
	}

}
