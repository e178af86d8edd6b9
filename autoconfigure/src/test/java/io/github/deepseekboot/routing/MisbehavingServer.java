package io.github.deepseekboot.routing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ServerSocketFactory;

/**
 * A server that does what no server should, byte by byte. Each request that arrives plays
 * the next behaviour of the script; the last one is played again and again.
 */
final class MisbehavingServer implements AutoCloseable {

	static final String STREAM_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
			+ "Transfer-Encoding: chunked\r\n\r\n";

	private final ServerSocket listener;

	private final List<Behaviour> script;

	private final AtomicInteger position = new AtomicInteger();

	private final AtomicInteger connections = new AtomicInteger();

	private final AtomicInteger requests = new AtomicInteger();

	private final AtomicInteger closedByClient = new AtomicInteger();

	private final AtomicLong bytesWritten = new AtomicLong();

	private final List<String> bodies = new CopyOnWriteArrayList<>();

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final List<SocketChannel> fillers = new ArrayList<>();

	private volatile boolean closed;

	private MisbehavingServer(ServerSocket listener, Behaviour... script) {
		this.listener = listener;
		this.script = List.of(script);
	}

	static MisbehavingServer start(Behaviour... script) throws IOException {
		return start(ServerSocketFactory.getDefault(), script);
	}

	static MisbehavingServer start(ServerSocketFactory factory, Behaviour... script) throws IOException {
		MisbehavingServer server = new MisbehavingServer(
				factory.createServerSocket(0, 200, InetAddress.getLoopbackAddress()), script);
		Thread acceptor = new Thread(server::accept, "misbehaving-acceptor");
		acceptor.setDaemon(true);
		acceptor.start();
		return server;
	}

	/**
	 * A server whose queue of connections is full: the next one is never answered.
	 */
	static MisbehavingServer blackhole() throws IOException {
		ServerSocket listener = new ServerSocket();
		listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
		MisbehavingServer server = new MisbehavingServer(listener);
		for (int i = 0; i < 8; i++) {
			SocketChannel filler = SocketChannel.open();
			filler.configureBlocking(false);
			filler.connect(listener.getLocalSocketAddress());
			server.fillers.add(filler);
		}
		return server;
	}

	/**
	 * A port where nobody listens.
	 */
	static int deadPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	int port() {
		return this.listener.getLocalPort();
	}

	int connections() {
		return this.connections.get();
	}

	int requests() {
		return this.requests.get();
	}

	int closedByClient() {
		return this.closedByClient.get();
	}

	long bytesWritten() {
		return this.bytesWritten.get();
	}

	/**
	 * The request bodies that arrived complete.
	 */
	List<String> bodies() {
		return this.bodies;
	}

	/**
	 * Reset all the connections that are open. A thread that reads from one keeps it open
	 * until it has noticed, so wait for that.
	 */
	void resetAll() throws IOException {
		List<Socket> open = List.copyOf(this.sockets);
		for (Socket socket : open) {
			try {
				socket.setSoLinger(true, 0);
			}
			catch (SocketException ex) {
				// the client was faster
			}
			socket.close();
		}
		long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
		while (open.stream().anyMatch(this.sockets::contains) && System.nanoTime() - deadline < 0) {
			Thread.onSpinWait();
		}
	}

	private void accept() {
		while (!this.closed) {
			try {
				Socket socket = this.listener.accept();
				this.connections.incrementAndGet();
				this.sockets.add(socket);
				Thread worker = new Thread(() -> serve(socket), "misbehaving-connection");
				worker.setDaemon(true);
				worker.start();
			}
			catch (IOException ex) {
				// the listener was closed, or a handshake failed
			}
		}
	}

	private Behaviour next() {
		return this.script.get(Math.min(this.position.getAndIncrement(), this.script.size() - 1));
	}

	private void serve(Socket socket) {
		try {
			socket.setTcpNoDelay(true);
			while (!socket.isClosed()) {
				Exchange exchange = new Exchange(socket);
				Behaviour behaviour = null;
				if (this.script.get(Math.min(this.position.get(), this.script.size() - 1)) instanceof EarlyBehaviour) {
					behaviour = next();
				}
				else if (exchange.readRequest()) {
					behaviour = next();
				}
				if (behaviour == null) {
					return;
				}
				behaviour.play(exchange);
			}
		}
		catch (IOException ex) {
			if (!this.closed && !socket.isClosed()) {
				this.closedByClient.incrementAndGet();
			}
		}
		catch (Exception ex) {
			// the test is over
		}
		finally {
			closeQuietly(socket);
			this.sockets.remove(socket);
		}
	}

	private static void closeQuietly(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// it is closed now
		}
	}

	@Override
	public void close() throws IOException {
		this.closed = true;
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
		for (SocketChannel filler : this.fillers) {
			filler.close();
		}
	}

	static Behaviour answer(String text) {
		return (exchange) -> {
			if (exchange.wantsStream()) {
				exchange.write(STREAM_HEAD);
				exchange.token(text);
				exchange.end();
			}
			else {
				exchange.json(completion(text));
			}
		};
	}

	static String completion(String text) {
		return "{\"id\":\"1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
				+ text + "\"},\"finish_reason\":\"stop\"}]}";
	}

	static String delta(String text) {
		return "data: {\"id\":\"1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text
				+ "\"}}]}\n\n";
	}

	/**
	 * What happens to one request.
	 */
	@FunctionalInterface
	interface Behaviour {

		void play(Exchange exchange) throws Exception;

	}

	/**
	 * What happens to a connection before its request was read.
	 */
	@FunctionalInterface
	interface EarlyBehaviour extends Behaviour {

	}

	/**
	 * One request on one connection.
	 */
	final class Exchange {

		private final Socket socket;

		private String head = "";

		private Exchange(Socket socket) {
			this.socket = socket;
		}

		private boolean readRequest() throws IOException {
			this.head = readHead();
			if (this.head.isEmpty()) {
				MisbehavingServer.this.closedByClient.incrementAndGet();
				return false;
			}
			int length = Integer.parseInt(this.head.toLowerCase().split("content-length: ")[1].split("\r\n")[0]);
			byte[] body = this.socket.getInputStream().readNBytes(length);
			MisbehavingServer.this.bodies.add(new String(body, StandardCharsets.UTF_8));
			MisbehavingServer.this.requests.incrementAndGet();
			return true;
		}

		/**
		 * Read the head of the request only.
		 */
		String readHead() throws IOException {
			InputStream in = this.socket.getInputStream();
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			int next;
			while ((next = in.read()) >= 0) {
				bytes.write(next);
				if (next == '\n' && bytes.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
					return bytes.toString(StandardCharsets.US_ASCII);
				}
			}
			return "";
		}

		boolean wantsStream() {
			return this.head.toLowerCase().contains("accept: text/event-stream");
		}

		void write(String text) throws IOException {
			write(text.getBytes(StandardCharsets.UTF_8));
		}

		void write(byte[] bytes) throws IOException {
			OutputStream out = this.socket.getOutputStream();
			out.write(bytes);
			out.flush();
			MisbehavingServer.this.bytesWritten.addAndGet(bytes.length);
		}

		/**
		 * Write one chunk of a chunked body.
		 */
		void chunk(String text) throws IOException {
			byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
			ByteArrayOutputStream framed = new ByteArrayOutputStream();
			framed.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
			framed.writeBytes(bytes);
			framed.writeBytes(new byte[] { '\r', '\n' });
			write(framed.toByteArray());
		}

		void token(String text) throws IOException {
			chunk(delta(text));
		}

		/**
		 * End a stream as a server should.
		 */
		void end() throws IOException {
			chunk("data: [DONE]\n\n");
			write("0\r\n\r\n");
		}

		void json(String body) throws IOException {
			write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
					+ body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
		}

		void status(int status, String headers, String body) throws IOException {
			write("HTTP/1.1 " + status + " Status\r\nContent-Type: application/json\r\n" + headers + "Content-Length: "
					+ body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
		}

		void reset() throws IOException {
			this.socket.setSoLinger(true, 0);
			this.socket.close();
		}

		/**
		 * Say that nothing more comes, but continue to listen.
		 */
		void halfClose() throws IOException {
			this.socket.shutdownOutput();
		}

		void close() throws IOException {
			this.socket.close();
		}

		/**
		 * Wait until the client closes the connection; count it.
		 */
		void awaitClose() throws IOException {
			try {
				while (this.socket.getInputStream().read() >= 0) {
					continue;
				}
				MisbehavingServer.this.closedByClient.incrementAndGet();
			}
			catch (IOException ex) {
				if (!MisbehavingServer.this.closed) {
					MisbehavingServer.this.closedByClient.incrementAndGet();
				}
			}
			this.socket.close();
		}

		/**
		 * Write something again and again until the client closes the connection.
		 */
		void repeatUntilClosed(String text, long everyMillis) throws IOException, InterruptedException {
			try {
				while (true) {
					chunk(text);
					Thread.sleep(everyMillis);
				}
			}
			catch (IOException ex) {
				if (!MisbehavingServer.this.closed) {
					MisbehavingServer.this.closedByClient.incrementAndGet();
				}
				this.socket.close();
			}
		}

	}

}
