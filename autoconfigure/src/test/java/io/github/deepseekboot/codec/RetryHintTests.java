package io.github.deepseekboot.codec;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RetryHint}.
 */
class RetryHintTests {

	private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "7 | PT7S", "0 | PT0S", "1.5 | PT1.5S", " 7 | PT7S", "3600 | PT1H",
			"3601 | PT1H", "315360000 | PT1H", "99999999999999999 | PT1H", "Sun, 22 Nov 2026 10:00:30 GMT | PT30S",
			"Sun, 22 Nov 2026 10:00:00 GMT | PT0S", "Sat, 22 Nov 2036 10:00:00 GMT | PT1H",
			"Sun, 22 Nov 2026 09:59:59 GMT |", "Fri, 01 Jan 1999 00:00:00 GMT |", "-5 |", "soon |", "7s | PT7S",
			"1795341660 | PT1M", "1e9 |", "NaN |", "Infinity |", "0x10 |", "9999999999999999999999999 |", "'' |" })
	void retryAfterIsReadInSecondsOrAsADate(String value, Duration wait) {
		assertThat(of(Map.of("retry-after", value), "{}")).isEqualTo(wait);
	}

	@ParameterizedTest
	@CsvSource({ "1500,60,PT1.5S", "1500,,PT1.5S", "-1,60,PT1M", "soon,60,PT1M", "315360000000,60,PT1H", "0,60,PT0S" })
	void retryAfterInMillisecondsComesFirst(String millis, String seconds, Duration wait) {
		Map<String, String> headers = new HashMap<>(Map.of("retry-after-ms", millis));
		if (seconds != null) {
			headers.put("retry-after", seconds);
		}
		assertThat(of(headers, "{}")).isEqualTo(wait);
	}

	@Test
	void dateCountsFromTheDateOfTheAnswer() {
		assertThat(of(Map.of("date", "Sun, 22 Nov 2026 11:00:00 GMT", "retry-after", "Sun, 22 Nov 2026 11:00:02 GMT"),
				"{}"))
			.isEqualTo(Duration.ofSeconds(2));
		assertThat(of(Map.of("date", "garbage", "retry-after", "Sun, 22 Nov 2026 10:00:02 GMT"), "{}"))
			.isEqualTo(Duration.ofSeconds(2));
		long reset = Instant.parse("2026-11-22T11:00:05Z").getEpochSecond();
		assertThat(of(Map.of("date", "Sun, 22 Nov 2026 11:00:00 GMT", "x-ratelimit-reset", "" + reset), "{}"))
			.isEqualTo(Duration.ofSeconds(5));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "Try again in 60 seconds. | PT1M", "Please try again in 20s. | PT20S",
			"Please try again in 1m30.5s. | PT1M30.5S", "Please retry in 34.07s. | PT34.07S",
			"please try again in 250ms | PT0.25S", "Retry after 5 minutes | PT5M", "retry after 2 hours | PT1H",
			"try again in 1 minute and 5 seconds | PT1M5S", "Please wait 30 seconds before | PT30S",
			"Rate limit reached, retrying in: 3 s | PT3S", "try your request again in 4 sec | PT4S",
			"limit of 60 requests per 30 seconds |", "try again later |", "Limit 6000, Used 5500 |",
			"again in 20 tokens |", "wait for the model to load |",
			"It will reset at 2026-11-22 18:01:00 +0800 CST | PT1M", "Try again after 2026-11-22T10:02:00Z. | PT2M",
			"available again at 2026-11-22 10:00:30 UTC | PT30S", "resets at 2026-11-22 10:00:30 |",
			"until 2020-01-01 00:00:00 UTC |", "请求过于频繁，请在30秒后重试 | PT30S", "请 5 分钟之后再试 | PT5M", "2小时后恢复 | PT1H",
			"每60秒最多10次 |" })
	void waitIsReadFromWords(String words, Duration wait) {
		assertThat(of(Map.of(), "{\"error\":{\"message\":\"" + words + "\"}}")).isEqualTo(wait);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "{\"error\":{\"message\":\"no\",\"retry_after\":7}} | PT7S",
			"{\"error\":{\"message\":\"no\",\"retry_after_ms\":1500}} | PT1.5S",
			"{\"retry_after_seconds\":\"12\",\"message\":\"no\"} | PT12S",
			"{\"error\":{\"code\":429,\"message\":\"no\",\"details\":[{\"@type\":\"QuotaFailure\"},{\"@type\":\"RetryInfo\",\"retryDelay\":\"34s\"}]}} | PT34S",
			"{\"error\":{\"message\":\"no\",\"metadata\":{\"headers\":{\"X-RateLimit-Remaining\":\"0\",\"X-RateLimit-Reset\":\"1795341605000\"}}}} | PT5S",
			"{\"error\":{\"message\":\"no\",\"metadata\":{\"headers\":{\"Retry-After\":\"9\"}}}} | PT9S",
			"{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"no\",\"resets_in_seconds\":1800}} | PT30M",
			"{\"error\":{\"message\":\"no\",\"resets_at\":1795341660}} | PT1M",
			"{\"error\":\"the model is loading\",\"estimated_time\":20.0} | PT20S",
			"{\"error\":{\"message\":\"[m] [429]: {\\\"error\\\":{\\\"message\\\":\\\"no\\\"}} (reset after 30s)\"}} | PT30S",
			"{\"error\":{\"message\":\"no\",\"metadata\":{\"headers\":{\"ratelimit-reset\":\"8\"}}}} | PT8S" })
	void waitIsReadFromFieldsOfTheBody(String body, Duration wait) {
		assertThat(of(Map.of(), body)).isEqualTo(wait);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "1795341660 | PT1M", "1795341660000 | PT1M", "1795341660.5 | PT1M0.5S", "60 | PT1M",
					"1.5 | PT1.5S", "6m0s | PT6M", "120ms | PT0.12S", "1s | PT1S", "2026-11-22T10:01:00Z | PT1M",
					"Sun, 22 Nov 2026 10:01:00 GMT | PT1M", "1795359600 | PT1H", "1795341599 |", "soon |", "'' |" })
	void resetOfALimitIsReadInEveryForm(String value, Duration wait) {
		assertThat(of(Map.of("x-ratelimit-reset", value), "{}")).isEqualTo(wait);
	}

	@Test
	void ofSeveralLimitsThoseThatAreUsedUpCount() {
		Map<String, String> headers = Map.of("x-ratelimit-reset-requests", "1h", "x-ratelimit-remaining-requests", "99",
				"x-ratelimit-reset-tokens", "7s", "x-ratelimit-remaining-tokens", "0");
		assertThat(of(headers, "{}")).isEqualTo(Duration.ofSeconds(7));
		assertThat(RetryHint.of(ErrorKind.INVALID_REQUEST, headers, ErrorBody.read("{}"), NOW)).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "ratelimit-reset | 8 | PT8S", "x-rate-limit-reset | 1795341660 | PT1M",
					"anthropic-ratelimit-requests-reset | 2026-11-22T10:01:00Z | PT1M",
					"x-ratelimit-reset-after | 2.5 | PT2.5S", "x-ratelimit-limit-reset-ms | 1500 | PT1.5S",
					"ratelimit | limit=100, remaining=0, reset=7 | PT7S", "ratelimit | \"default\";r=0;t=7 | PT7S",
					"ratelimit | \"default\";r=3;t=7 |", "ratelimit-policy | 100;w=60 |" })
	void otherHeadersTellOfLimitsToo(String name, String value, Duration wait) {
		assertThat(of(Map.of(name, value), "{}")).isEqualTo(wait);
	}

	private static Duration of(Map<String, String> headers, String body) {
		return RetryHint.of(ErrorKind.RATE_LIMITED, headers, ErrorBody.read(body), NOW);
	}

}
