package io.github.deepseekboot.routing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * A server on raw sockets that treats each request as its header says. A thread serves
 * each connection.
 */
final class HostileServer implements AutoCloseable {

	private static final String PIECE = "piece-";

	static final int PIECES = 40;

	private final ServerSocket listener;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final Map<String, List<String>> seen = new ConcurrentHashMap<>();

	private volatile boolean closed;

	private HostileServer(ServerSocket listener) {
		this.listener = listener;
	}

	static HostileServer start() throws IOException {
		HostileServer server = new HostileServer(new ServerSocket(0, 500, InetAddress.getLoopbackAddress()));
		daemon("misbehaving-acceptor", server::accept);
		return server;
	}

	private static void daemon(String name, Runnable work) {
		Thread thread = new Thread(work, name);
		thread.setDaemon(true);
		thread.start();
	}

	int port() {
		return this.listener.getLocalPort();
	}

	int openConnections() {
		return this.sockets.size();
	}

	/**
	 * What the server saw of the requests with a mark: for failures that nobody expects.
	 */
	List<String> seen(String mark) {
		return this.seen.getOrDefault(mark, List.of());
	}

	/**
	 * The complete answer to a request with a mark.
	 */
	static String text(String mark) {
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < PIECES; i++) {
			text.append(piece(mark, i));
		}
		return text.toString();
	}

	private static String piece(String mark, int number) {
		return mark + PIECE + number + ' ';
	}

	private void accept() {
		while (!this.closed) {
			try {
				Socket socket = this.listener.accept();
				this.sockets.add(socket);
				daemon("misbehaving-connection", () -> serve(socket));
			}
			catch (IOException ex) {
				// the listener was closed
			}
		}
	}

	private void serve(Socket socket) {
		try (socket) {
			socket.setTcpNoDelay(true);
			Exchange exchange = new Exchange(socket);
			while (!socket.isClosed() && exchange.next()) {
				List<String> seen = this.seen.computeIfAbsent(exchange.header("x-mark"),
						(mark) -> new CopyOnWriteArrayList<>());
				seen.add("asked on " + socket.getPort());
				exchange.play();
				seen.add("played on " + socket.getPort());
			}
		}
		catch (IOException | InterruptedException ex) {
			// the client went
		}
		finally {
			this.sockets.remove(socket);
		}
	}

	@Override
	public void close() throws IOException {
		this.closed = true;
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

	/**
	 * What is done to a request, and what the call may end with; nothing for an answer.
	 */
	enum Treatment {

		FINE, ONE_BYTE_CHUNKS, ONE_BYTE_WRITES, HTTP_1_0, CONNECTION_CLOSE, LATE_CLOSE, TRAILERS, HINTS,
		HALF_CLOSE_AFTER, RESET_AFTER(ErrorKind.STREAM_INTERRUPTED, ErrorKind.STREAM_CLOSED), GARBAGE_AFTER,
		SECOND_ANSWER_AFTER, EARLY_ANSWER, SLOW, EARLY_REFUSAL(ErrorKind.INVALID_REQUEST, ErrorKind.STREAM_CLOSED),
		NO_HEAD(ErrorKind.MALFORMED_RESPONSE), RESET_BEFORE(ErrorKind.STREAM_CLOSED),
		CLOSE_BEFORE(ErrorKind.STREAM_CLOSED), HALF_CLOSE_BEFORE(ErrorKind.STREAM_CLOSED),
		RESET_WITHIN(ErrorKind.STREAM_INTERRUPTED, ErrorKind.STREAM_CLOSED),
		CLOSE_WITHIN(ErrorKind.STREAM_INTERRUPTED, ErrorKind.STREAM_CLOSED),
		BROKEN_CHUNK_WITHIN(ErrorKind.STREAM_INTERRUPTED, ErrorKind.MALFORMED_RESPONSE), SILENCE(ErrorKind.TIMEOUT),
		RATE_LIMIT(ErrorKind.RATE_LIMITED), BUSY(ErrorKind.OVERLOADED), BROKEN(ErrorKind.SERVER_ERROR),
		REDIRECT(ErrorKind.REDIRECTED);

		private final Set<ErrorKind> errors;

		Treatment(ErrorKind... errors) {
			this.errors = (errors.length > 0) ? EnumSet.of(errors[0], errors) : EnumSet.noneOf(ErrorKind.class);
		}

		Set<ErrorKind> errors() {
			return this.errors;
		}

		boolean mayBeAnswered() {
			return this.errors.isEmpty() || this == RESET_AFTER;
		}

	}

	private static final class Exchange {

		private final Socket socket;

		private final InputStream in;

		private final OutputStream out;

		private String head = "";

		Exchange(Socket socket) throws IOException {
			this.socket = socket;
			this.in = socket.getInputStream();
			this.out = socket.getOutputStream();
		}

		boolean next() throws IOException {
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			for (int next = this.in.read(); next >= 0; next = this.in.read()) {
				bytes.write(next);
				if (next == '\n' && bytes.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
					this.head = bytes.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
					return true;
				}
			}
			return false;
		}

		private String header(String name) {
			return this.head.split("\r\n" + name + ": ")[1].split("\r\n")[0];
		}

		void play() throws IOException, InterruptedException {
			Treatment treatment = Treatment.valueOf(header("x-treatment").toUpperCase(Locale.ROOT));
			if (treatment == Treatment.EARLY_ANSWER) {
				chunked("");
				finish();
				readBody();
				return;
			}
			if (treatment == Treatment.EARLY_REFUSAL) {
				status(413, "");
				this.socket.close();
				return;
			}
			readBody();
			switch (treatment) {
				case ONE_BYTE_CHUNKS -> oneByteChunks();
				case ONE_BYTE_WRITES -> oneByteWrites();
				case HTTP_1_0 -> {
					write("HTTP/1.0 200 OK\r\nContent-Type: " + type() + "\r\n\r\n" + body(0, PIECES) + ending());
					this.socket.close();
				}
				case CONNECTION_CLOSE -> {
					chunked("Connection: close\r\n");
					finish();
					this.socket.close();
				}
				case LATE_CLOSE -> {
					chunked("");
					finish();
					Thread.sleep(ThreadLocalRandom.current().nextInt(5));
					this.socket.close();
				}
				case TRAILERS -> {
					chunked("Trailer: X-Sum\r\n");
					write("5;name=value\r\n\n\n\n\n\n\r\n");
					chunk(ending());
					write("0\r\nX-Sum: 1\r\n\r\n");
				}
				case HINTS -> {
					write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
					chunked("");
					finish();
				}
				case HALF_CLOSE_AFTER -> {
					chunked("");
					finish();
					this.socket.shutdownOutput();
				}
				case RESET_AFTER -> {
					chunked("");
					finish();
					reset();
				}
				case GARBAGE_AFTER -> {
					write("HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nContent-Length: "
							+ (body(0, PIECES) + ending()).length() + "\r\n\r\n" + body(0, PIECES) + ending()
							+ "garbage");
				}
				case SECOND_ANSWER_AFTER -> {
					String answer = "HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nContent-Length: "
							+ (body(0, PIECES) + ending()).length() + "\r\n\r\n" + body(0, PIECES) + ending();
					write(answer + answer);
				}
				case SLOW -> slow();
				case NO_HEAD -> {
					write(body(0, PIECES) + ending());
					this.socket.close();
				}
				case RESET_BEFORE -> reset();
				case CLOSE_BEFORE -> this.socket.close();
				case HALF_CLOSE_BEFORE -> {
					this.socket.shutdownOutput();
					awaitClose();
				}
				case RESET_WITHIN -> {
					half();
					Thread.sleep(ThreadLocalRandom.current().nextInt(5));
					reset();
				}
				case CLOSE_WITHIN -> {
					half();
					this.socket.close();
				}
				case BROKEN_CHUNK_WITHIN -> {
					half();
					write("zz\r\n");
					awaitClose();
				}
				case SILENCE -> awaitClose();
				case RATE_LIMIT -> status(429, "");
				case BUSY -> status(503, "");
				case BROKEN -> status(500, "");
				case REDIRECT -> status(307, "Location: http://127.0.0.1:9/\r\n");
				default -> {
					chunked("");
					finish();
				}
			}
		}

		private void readBody() throws IOException {
			this.in.skipNBytes(Long.parseLong(header("content-length")));
		}

		private boolean stream() {
			return header("accept").equals("text/event-stream");
		}

		private String type() {
			return stream() ? "text/event-stream" : "application/json";
		}

		private String body(int from, int to) {
			String mark = header("x-mark");
			if (!stream()) {
				return MisbehavingServer.completion(text(mark));
			}
			StringBuilder body = new StringBuilder();
			for (int i = from; i < to; i++) {
				body.append(MisbehavingServer.delta(piece(mark, i)));
			}
			return body.toString();
		}

		private String ending() {
			return stream() ? "data: [DONE]\n\n" : "\n";
		}

		private void chunked(String headers) throws IOException {
			write("HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nTransfer-Encoding: chunked\r\n" + headers
					+ "\r\n");
			if (stream()) {
				for (int i = 0; i < PIECES; i++) {
					chunk(body(i, i + 1));
				}
			}
			else {
				chunk(body(0, PIECES));
			}
		}

		private void finish() throws IOException {
			chunk(ending());
			write("0\r\n\r\n");
		}

		private void half() throws IOException {
			write("HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nTransfer-Encoding: chunked\r\n\r\n");
			String body = body(0, PIECES / 2);
			chunk(stream() ? body : body.substring(0, body.length() / 2));
		}

		private void slow() throws IOException, InterruptedException {
			write("HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nTransfer-Encoding: chunked\r\n\r\n");
			for (int i = 0; i < PIECES && stream(); i++) {
				Thread.sleep(ThreadLocalRandom.current().nextInt(10));
				chunk(body(i, i + 1));
			}
			if (!stream()) {
				chunk(body(0, PIECES));
			}
			finish();
		}

		private void oneByteChunks() throws IOException {
			StringBuilder all = new StringBuilder(
					"HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nTransfer-Encoding: chunked\r\n\r\n");
			for (char next : (body(0, PIECES) + ending()).toCharArray()) {
				all.append("1\r\n").append(next).append("\r\n");
			}
			write(all.append("0\r\n\r\n").toString());
		}

		private void oneByteWrites() throws IOException {
			write("HTTP/1.1 200 OK\r\nContent-Type: " + type() + "\r\nTransfer-Encoding: chunked\r\n\r\n");
			String body = body(0, PIECES) + ending();
			int single = Math.min(300, body.length());
			for (int i = 0; i < single; i++) {
				chunk(body.substring(i, i + 1));
			}
			chunk(body.substring(single));
			write("0\r\n\r\n");
		}

		private void status(int status, String headers) throws IOException {
			String body = "{\"error\":{\"message\":\"hostile\"}}";
			write("HTTP/1.1 " + status + " Status\r\nContent-Type: application/json\r\n" + headers + "Content-Length: "
					+ body.length() + "\r\n\r\n" + body);
		}

		private void chunk(String text) throws IOException {
			if (!text.isEmpty()) {
				write(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
			}
		}

		private void write(String text) throws IOException {
			this.out.write(text.getBytes(StandardCharsets.US_ASCII));
		}

		private void reset() throws IOException {
			this.socket.setSoLinger(true, 0);
			this.socket.close();
		}

		private void awaitClose() throws IOException {
			while (this.in.read() >= 0) {
				continue;
			}
			this.socket.close();
		}

	}

}
