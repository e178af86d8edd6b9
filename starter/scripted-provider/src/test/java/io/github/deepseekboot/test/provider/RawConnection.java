package io.github.deepseekboot.test.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * A plain socket to a simulated provider, for what only shows at the level of bytes.
 */
final class RawConnection implements AutoCloseable {

	private final Socket socket;

	private final String path;

	private final ByteArrayOutputStream received = new ByteArrayOutputStream();

	RawConnection(ScriptedProvider provider) throws IOException {
		URI base = URI.create(provider.baseUrl());
		this.path = base.getPath();
		this.socket = new Socket(InetAddress.getLoopbackAddress(), base.getPort());
	}

	RawConnection post(Object body) throws IOException {
		return send("POST", "/chat/completions", body.toString());
	}

	RawConnection send(String method, String page, String body) throws IOException {
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		String head = """
				%s %s HTTP/1.1\r
				Host: localhost\r
				Authorization: Bearer %s\r
				Content-Type: application/json\r
				Content-Length: %d\r
				\r
				""".formatted(method, this.path + page, TestClient.KEY, bytes.length);
		this.socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
		this.socket.getOutputStream().write(bytes);
		this.socket.getOutputStream().flush();
		return this;
	}

	/**
	 * Read until the server ends it, falls silent or a text has come.
	 */
	End read(int silenceMillis, String until) throws IOException {
		this.socket.setSoTimeout(silenceMillis);
		byte[] buffer = new byte[8192];
		try {
			while (until.isEmpty() || !text().contains(until)) {
				int count = this.socket.getInputStream().read(buffer);
				if (count < 0) {
					return End.CLOSED;
				}
				this.received.write(buffer, 0, count);
			}
			return End.FOUND;
		}
		catch (SocketTimeoutException ex) {
			return End.SILENT;
		}
		catch (SocketException ex) {
			return End.RESET;
		}
	}

	String text() {
		return this.received.toString(StandardCharsets.UTF_8);
	}

	String body() {
		String text = text();
		int head = text.indexOf("\r\n\r\n");
		return (head < 0) ? "" : text.substring(head + 4);
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

	enum End {

		CLOSED, RESET, SILENT, FOUND

	}

}
