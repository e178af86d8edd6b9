package io.github.deepseekboot.benchmark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Answers each request with the same stream, whose bytes it made before. Runs in a
 * process of its own until that is stopped; started with the {@link Traffic} and the
 * number of chunks.
 */
public final class CannedProvider implements AutoCloseable {

	private static final int WRITE = 32 * 1024;

	private static final byte[] HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
		.getBytes(StandardCharsets.US_ASCII);

	private final ServerSocket socket;

	private final byte[] body;

	CannedProvider(Traffic traffic, int chunks) throws IOException {
		this.body = traffic.body(chunks);
		this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
	}

	/**
	 * Start the provider and serve.
	 * @param args the traffic, the number of chunks
	 * @throws IOException if there is no port
	 */
	public static void main(String[] args) throws IOException {
		try (CannedProvider provider = new CannedProvider(Traffic.of(args[0]), Integer.parseInt(args[1]))) {
			System.out.println(Bench.READY + "http://127.0.0.1:" + provider.port());
			provider.serve();
		}
	}

	int port() {
		return this.socket.getLocalPort();
	}

	/**
	 * Take connections until closed, each in a thread of its own.
	 * @throws IOException when closed
	 */
	void serve() throws IOException {
		while (true) {
			Socket connection = this.socket.accept();
			Thread thread = new Thread(() -> serve(connection));
			thread.setDaemon(true);
			thread.start();
		}
	}

	private void serve(Socket connection) {
		try (connection) {
			connection.setTcpNoDelay(true);
			InputStream in = new BufferedInputStream(connection.getInputStream());
			OutputStream out = connection.getOutputStream();
			while (readRequest(in)) {
				out.write(HEAD);
				for (int i = 0; i < this.body.length; i += WRITE) {
					out.write(this.body, i, Math.min(WRITE, this.body.length - i));
				}
			}
		}
		catch (IOException ex) {
			// the client is gone
		}
	}

	private static boolean readRequest(InputStream in) throws IOException {
		int length = 0;
		boolean chunked = false;
		boolean begun = false;
		for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
			begun = true;
			String header = line.toLowerCase(Locale.ROOT);
			if (header.startsWith("content-length:")) {
				length = Integer.parseInt(header.substring(15).strip());
			}
			chunked |= header.startsWith("transfer-encoding:") && header.contains("chunked");
		}
		in.skipNBytes(length);
		if (chunked) {
			for (int size = readSize(in); size > 0; size = readSize(in)) {
				in.skipNBytes(size + 2);
			}
			readLine(in);
		}
		return begun;
	}

	private static int readSize(InputStream in) throws IOException {
		return Integer.parseInt(readLine(in).strip(), 16);
	}

	private static String readLine(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
			if (next != '\r') {
				line.append((char) next);
			}
		}
		return line.toString();
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
