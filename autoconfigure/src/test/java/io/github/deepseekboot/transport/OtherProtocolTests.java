package io.github.deepseekboot.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for hosts whose port speaks the other protocol.
 */
@ExtendWith(OutputCaptureExtension.class)
class OtherProtocolTests {

	private final ServerSocket server;

	private byte[] answer = {};

	OtherProtocolTests() throws IOException {
		this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
		Thread thread = new Thread(this::serve, "other-protocol");
		thread.setDaemon(true);
		thread.start();
	}

	@AfterEach
	void close() throws IOException {
		this.server.close();
	}

	private void serve() {
		while (!this.server.isClosed()) {
			try (Socket socket = this.server.accept()) {
				socket.getInputStream().read(new byte[64 * 1024]);
				socket.getOutputStream().write(this.answer);
				socket.getOutputStream().flush();
				socket.shutdownOutput();
				// what still comes is read, so that the answer is not lost by a reset
				socket.setSoTimeout(500);
				socket.getInputStream().readAllBytes();
			}
			catch (IOException ex) {
				// the next one
			}
		}
	}

	private ProviderClient client(String scheme) {
		return TestProviders.client(
				TestProviders.builder("openai", scheme + "://127.0.0.1:" + this.server.getLocalPort() + "/v1").build());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void tlsAgainstAPlainPort(boolean stream, CapturedOutput output) {
		this.answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 12\r\n\r\nsecret-words"
			.getBytes(StandardCharsets.US_ASCII);
		ProviderClient client = client("https");
		DeepSeekException failure = stream ? Failure.of(client.stream(TestProviders.attempt()))
				: Failure.of(client.complete(TestProviders.attempt()));
		assertThat(failure.getKind()).isEqualTo(ErrorKind.TLS);
		assertThat(failure.getReason())
			.isEqualTo("the host speaks plain HTTP: use http:// in deepseek.providers.openai.base-url");
		assertThat(failure).hasNoCause();
		assertThat(Failure.of(client.models()).getReason()).isEqualTo(failure.getReason());
		assertThat(output.getAll()).doesNotContain("485454502f", "secret-words", "NotSslRecordException");
	}

	@Test
	void plainHttpAgainstATlsPort(CapturedOutput output) {
		this.answer = new byte[] { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46 };
		ProviderClient client = client("http");
		DeepSeekException failure = Failure.of(client.complete(TestProviders.attempt()));
		assertThat(failure.getKind()).isEqualTo(ErrorKind.TLS);
		assertThat(failure.getReason())
			.isEqualTo("the host speaks TLS: use https:// in deepseek.providers.openai.base-url");
		assertThat(Failure.of(client.models()).getReason()).isEqualTo(failure.getReason());
		assertThat(output.getAll()).doesNotContain("invalid version format");
	}

}
