package io.github.deepseekboot.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import javax.net.ssl.SSLHandshakeException;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.netty.channel.AbortedException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Failures}.
 */
class FailuresTests {

	private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

	private final Failures failures = new Failures(TestProviders.provider("deepseek"), TestProviders.attempt(), "r1",
			null);

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "7 | PT7S", "0 | PT0S", "1.5 | PT1.5S", " 7 | PT7S", "3600 | PT1H", "3601 | PT1H",
					"315360000 | PT1H", "99999999999999999 | PT1H", "Sun, 22 Nov 2026 10:00:30 GMT | PT30S",
					"Sun, 22 Nov 2026 10:00:00 GMT | PT0S", "Sat, 22 Nov 2036 10:00:00 GMT | PT1H",
					"Sun, 22 Nov 2026 09:59:59 GMT |", "Fri, 01 Jan 1999 00:00:00 GMT |", "-5 |", "soon |", "7s |",
					"1e9 |", "NaN |", "Infinity |", "0x10 |", "9999999999999999999999999 |", "'' |" })
	void retryAfterIsReadInSecondsOrAsADate(String value, Duration wait) {
		HttpHeaders headers = new HttpHeaders();
		headers.set("Retry-After", value);
		assertThat(Failures.retryAfter(headers, NOW)).isEqualTo(wait);
	}

	@ParameterizedTest
	@CsvSource({ "1500,60,PT1.5S", "1500,,PT1.5S", "-1,60,PT1M", "soon,60,PT1M", "315360000000,60,PT1H", "0,60,PT0S" })
	void retryAfterInMillisecondsComesFirst(String millis, String seconds, Duration wait) {
		HttpHeaders headers = new HttpHeaders();
		headers.set("retry-after-ms", millis);
		if (seconds != null) {
			headers.set("Retry-After", seconds);
		}
		assertThat(Failures.retryAfter(headers, NOW)).isEqualTo(wait);
	}

	@Test
	void withoutTheHeaderThereIsNoTimeToWait() {
		assertThat(Failures.retryAfter(HttpHeaders.EMPTY, NOW)).isNull();
	}

	static Stream<Arguments> causes() {
		return Stream.of(Arguments.of(new ConnectException("refused"), ErrorKind.CONNECTION),
				Arguments.of(new ConnectTimeoutException("timed out"), ErrorKind.CONNECTION),
				Arguments.of(new UnknownHostException("no.such.host"), ErrorKind.CONNECTION),
				Arguments.of(new NoRouteToHostException("no route"), ErrorKind.CONNECTION),
				Arguments.of(new SSLHandshakeException("bad certificate"), ErrorKind.TLS),
				Arguments.of(new NotSslRecordException("not TLS"), ErrorKind.TLS),
				Arguments.of(new DecoderException(new SSLHandshakeException("bad certificate")), ErrorKind.TLS),
				Arguments.of(new PoolAcquireTimeoutException(Duration.ofSeconds(1)), ErrorKind.LOCAL_LIMIT),
				Arguments.of(new PoolAcquirePendingLimitException(1), ErrorKind.LOCAL_LIMIT),
				Arguments.of(new TimeoutException("late"), ErrorKind.TIMEOUT),
				Arguments.of(new IOException("Connection reset by peer"), ErrorKind.STREAM_CLOSED),
				Arguments.of(new ClosedChannelException(), ErrorKind.STREAM_CLOSED),
				Arguments.of(new AbortedException("Connection has been closed"), ErrorKind.STREAM_CLOSED),
				Arguments.of(new IllegalStateException("a bug"), ErrorKind.MALFORMED_RESPONSE));
	}

	@ParameterizedTest
	@MethodSource("causes")
	void causeDecidesTheKind(Throwable cause, ErrorKind kind) {
		DeepSeekException failure = this.failures.translate(cause);
		assertThat(failure.getKind()).isEqualTo(kind);
		assertThat(failure.getProvider()).isEqualTo("deepseek");
		assertThat(failure.getModel()).isEqualTo("deepseek-test");
		assertThat(failure.getRequestId()).isEqualTo("r1");
		assertThat(failure).hasCause(cause);
		assertThat(this.failures.translate(failure)).isSameAs(failure);
	}

	@Test
	void headersOfTheRequestAreNotKept() {
		HttpHeaders headers = new HttpHeaders();
		headers.setBearerAuth(TestProviders.KEY);
		for (Throwable cause : new Throwable[] { new ConnectException("refused"), new IllegalStateException() }) {
			DeepSeekException failure = this.failures.translate(
					new WebClientRequestException(cause, HttpMethod.POST, URI.create("http://127.0.0.1/x"), headers));
			Failure.assertSafe(failure);
			assertThat(failure).hasCause(cause);
		}
	}

	@Test
	void exceptionWithoutProviderGetsIt() {
		DeepSeekException failure = this.failures
			.translate(new DeepSeekException(ErrorKind.LOCAL_LIMIT, "an event is too large"));
		assertThat(failure)
			.hasMessage("deepseek: an event is too large [LOCAL_LIMIT, model deepseek-test, request id r1]");
	}

}
