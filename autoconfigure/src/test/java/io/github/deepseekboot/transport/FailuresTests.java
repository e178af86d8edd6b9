package io.github.deepseekboot.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import javax.net.ssl.SSLHandshakeException;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.util.DisconnectedClientHelper;
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

	private final Failures failures = new Failures(TestProviders.provider("deepseek"), TestProviders.attempt(), "r1",
			null);

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
		assertThat(Stream.<Throwable>iterate(failure, Objects::nonNull, Throwable::getCause)).contains(cause);
		// or a web framework would end its response as if it were complete
		assertThat(DisconnectedClientHelper.isClientDisconnectedException(failure)).isFalse();
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
			.hasMessage("deepseek: an event is too large [LOCAL_LIMIT, model deepseek-test, request id r1]. "
					+ "Raise the limit under deepseek.limit or deepseek.providers.deepseek.limit.");
	}

}
