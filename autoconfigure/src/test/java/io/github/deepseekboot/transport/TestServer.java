package io.github.deepseekboot.transport;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.NullUnmarked;

/**
 * A provider on a loopback socket that writes exactly the bytes that a test asks for.
 */
@NullUnmarked
public final class TestServer implements AutoCloseable {

	private final Handler handler;

	private final ServerSocket listener;

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "test-server");
		thread.setDaemon(true);
		return thread;
	});

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final AtomicInteger accepted = new AtomicInteger();

	private final List<Request> requests = new CopyOnWriteArrayList<>();

	private TestServer(Handler handler) {
		this.handler = handler;
		try {
			this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.threads.execute(this::accept);
	}

	public static TestServer start(Handler handler) {
		return new TestServer(handler);
	}

	/**
	 * A server that gives the same answer to every request.
	 */
	public static TestServer answering(int status, String contentType, String body) {
		return start((exchange) -> exchange.respond(status, body, "Content-Type", contentType));
	}

	public String baseUrl() {
		return "http://127.0.0.1:" + this.listener.getLocalPort();
	}

	/**
	 * How many connections were made.
	 */
	public int accepted() {
		return this.accepted.get();
	}

	public List<Request> requests() {
		return this.requests;
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.listener.accept();
				this.accepted.incrementAndGet();
				this.sockets.add(socket);
				this.threads.execute(() -> serve(socket));
			}
		}
		catch (IOException ex) {
			// closed
		}
	}

	private void serve(Socket socket) {
		try (socket) {
			socket.setTcpNoDelay(true);
			InputStream in = new BufferedInputStream(socket.getInputStream());
			Request request = Request.read(in);
			while (request != null) {
				this.requests.add(request);
				this.handler.handle(new Exchange(request, socket, in));
				request = socket.isClosed() ? null : Request.read(in);
			}
		}
		catch (IOException ex) {
			// the client hung up
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.sockets.remove(socket);
		}
	}

	@Override
	public void close() {
		try {
			this.listener.close();
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.threads.shutdownNow();
		}
	}

	/**
	 * Answers one request.
	 */
	public interface Handler {

		void handle(Exchange exchange) throws IOException, InterruptedException;

	}

	/**
	 * A request as it came over the wire.
	 */
	public record Request(String method, String path, Map<String, String> headers, byte[] body) {

		public String text() {
			return new String(this.body, StandardCharsets.UTF_8);
		}

		private static Request read(InputStream in) throws IOException {
			String line = line(in);
			if (line == null) {
				return null;
			}
			Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
			String header = line(in);
			while (header != null && !header.isEmpty()) {
				int colon = header.indexOf(':');
				if (colon == -1) {
					return null;
				}
				headers.put(header.substring(0, colon), header.substring(colon + 1).strip());
				header = line(in);
			}
			byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
			String[] words = line.split(" ");
			return new Request(words[0], words[1], headers, body);
		}

		private static String line(InputStream in) throws IOException {
			ByteArrayOutputStream line = new ByteArrayOutputStream();
			int next = in.read();
			if (next == -1) {
				return null;
			}
			while (next != '\n' && next != -1) {
				line.write(next);
				next = in.read();
			}
			return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
		}

	}

	/**
	 * One request and the socket to answer it on.
	 */
	public static final class Exchange {

		private final Request request;

		private final Socket socket;

		private final InputStream in;

		private final OutputStream out;

		private Exchange(Request request, Socket socket, InputStream in) throws IOException {
			this.request = request;
			this.socket = socket;
			this.in = in;
			this.out = socket.getOutputStream();
		}

		public Request request() {
			return this.request;
		}

		/**
		 * A complete answer with its length.
		 */
		public void respond(int status, String body, String... headers) throws IOException {
			respond(status, body.getBytes(StandardCharsets.UTF_8), headers);
		}

		public void respond(int status, byte[] body, String... headers) throws IOException {
			ByteArrayOutputStream answer = new ByteArrayOutputStream();
			answer.writeBytes(headText(status, headers).getBytes(StandardCharsets.ISO_8859_1));
			answer.writeBytes(("Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
			answer.writeBytes(body);
			raw(answer.toByteArray());
		}

		/**
		 * The head of an answer whose body follows in chunks.
		 */
		public void head(int status, String... headers) throws IOException {
			raw((headText(status, headers) + "Transfer-Encoding: chunked\r\n\r\n")
				.getBytes(StandardCharsets.ISO_8859_1));
		}

		public void chunk(String text) throws IOException {
			chunk(text.getBytes(StandardCharsets.UTF_8));
		}

		public void chunk(byte[] bytes) throws IOException {
			ByteArrayOutputStream chunk = new ByteArrayOutputStream();
			chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
			chunk.writeBytes(bytes);
			chunk.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
			raw(chunk.toByteArray());
		}

		/**
		 * The end of a body in chunks.
		 */
		public void end() throws IOException {
			raw("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		}

		public void raw(byte[] bytes) throws IOException {
			this.out.write(bytes);
			this.out.flush();
		}

		/**
		 * Close the connection as a crash would.
		 */
		public void reset() throws IOException {
			this.socket.setSoLinger(true, 0);
			this.socket.close();
		}

		public void close() throws IOException {
			this.socket.close();
		}

		/**
		 * Wait until the client closes the connection.
		 * @return {@code false} if it sent something instead, or let the time pass
		 */
		public boolean closedByClient(int millis) throws IOException {
			this.socket.setSoTimeout(millis);
			try {
				return this.in.read() == -1;
			}
			catch (SocketException ex) {
				return true;
			}
			catch (IOException ex) {
				return false;
			}
		}

		private static String headText(int status, String... headers) {
			StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" Some Reason\r\n");
			for (int i = 0; i < headers.length; i += 2) {
				head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
			}
			return head.toString();
		}

	}

}
