package io.github.deepseekboot.routing;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.routing.RoutingFixture.Result;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Answers whose kind is known at their head, and bytes that are no text: the faults 114
 * and 116 of docs/reliability.md, over sockets.
 */
class AnswerHeadTests extends AbstractRoutingTests {

	@ParameterizedTest
	@CsvSource({ "302, false", "302, true", "307, true", "308, false" })
	void fault114RedirectWithAnEndlessBodyEndsAtItsHead(int status, boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 " + status + " Moved\r\nLocation: http://127.0.0.1:1/\r\n"
					+ "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
			exchange.repeatUntilClosed("x".repeat(60_000), 0);
		});
		RoutingFixture fixture = fixture().provider("a", server.port())
			.provider("b", server(MisbehavingServer.answer("from b")).port());
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a REDIRECTED, b ok");
		assertThat(result.attempts().get(0).elapsed()).isLessThan(Duration.ofSeconds(1));
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault114CompressedErrorWithAnEndlessBodyEndsAtItsHead(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
					+ "Transfer-Encoding: chunked\r\n\r\n");
			exchange.repeatUntilClosed("x".repeat(1000), 1);
		});
		RoutingFixture fixture = fixture().provider("a", server.port())
			.provider("b", server(MisbehavingServer.answer("from b")).port());
		assertThat(fixture.call(stream).path()).isEqualTo("a OVERLOADED, b ok");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault114ErrorWithAnEndlessBodyIsReadInPart() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 429 Slow Down\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
			exchange.repeatUntilClosed("x".repeat(60_000), 0);
		});
		RoutingFixture fixture = fixture().provider("a", server.port())
			.provider("b", server(MisbehavingServer.answer("from b")).port());
		assertThat(fixture.call(true).path()).isEqualTo("a RATE_LIMITED, b ok");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void switchingProtocolsIsNoRedirect(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n");
			exchange.awaitClose();
		});
		RoutingFixture fixture = fixture().provider("a", server.port())
			.provider("b", server(MisbehavingServer.answer("from b")).port());
		assertThat(fixture.call(stream).path()).isEqualTo("a MALFORMED_RESPONSE, b ok");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "F4908080", "C080", "EDA080", "EDBFBF", "FF", "C328" })
	void fault116BytesThatAreNoTextAreMalformed(String hex) throws IOException {
		byte[] sequence = HexFormat.of().parseHex(hex);
		String[] answer = MisbehavingServer.completion("§").split("§");
		String[] delta = MisbehavingServer.delta("§").split("§");
		MisbehavingServer server = server((exchange) -> {
			boolean stream = exchange.wantsStream();
			String[] parts = stream ? delta : answer;
			exchange.write("HTTP/1.1 200 OK\r\nContent-Type: " + (stream ? "text/event-stream" : "application/json")
					+ "\r\nContent-Length: " + (parts[0].length() + sequence.length + parts[1].length()) + "\r\n\r\n");
			exchange.write(parts[0]);
			exchange.write(sequence);
			exchange.write(parts[1]);
		});
		RoutingFixture fixture = fixture().provider("a", server.port())
			.provider("b", server(MisbehavingServer.answer("from b")).port());
		assertThat(fixture.call(false).path()).isEqualTo("a MALFORMED_RESPONSE, b ok");
		assertThat(fixture.call(true).path()).isEqualTo("a MALFORMED_RESPONSE, b ok");
	}

	@Test
	void fault116BytesThatAreNoTextBehindTextInterrupt() throws IOException {
		String[] delta = MisbehavingServer.delta("§").split("§");
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("one");
			exchange.token("two");
			exchange.write(Integer.toHexString(delta[0].length() + 2 + delta[1].length()) + "\r\n" + delta[0]);
			exchange.write(new byte[] { (byte) 0xC0, (byte) 0x80 });
			exchange.write(delta[1] + "\r\n");
			exchange.end();
		});
		Result result = fixture().provider("a", server.port()).call(true);
		assertThat(result.text()).isEqualTo("onetwo");
		assertThat(((StreamInterruptedException) result.error()).getCauseKind())
			.isEqualTo(ErrorKind.MALFORMED_RESPONSE);
	}

}
