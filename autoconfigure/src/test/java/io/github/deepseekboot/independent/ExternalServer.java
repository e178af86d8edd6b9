package io.github.deepseekboot.independent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A server in a process of its own, which ends with the test.
 */
public final class ExternalServer implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private final Process process;

	private ExternalServer(Process process) {
		this.process = process;
	}

	/**
	 * Start a server and wait until it listens.
	 * @param folder its working directory, which gets what it prints
	 * @param port where it will listen on the loopback address
	 * @param command the command
	 * @return the running server
	 */
	public static ExternalServer start(Path folder, int port, List<String> command) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
			.redirectErrorStream(true)
			.redirectOutput(folder.resolve("output.txt").toFile());
		ExternalServer server = new ExternalServer(builder.start());
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (!isListening(port)) {
			if (!server.process.isAlive() || System.nanoTime() - deadline > 0) {
				server.close();
				throw new IllegalStateException(command + " does not listen; see " + folder.resolve("output.txt"));
			}
			Thread.onSpinWait();
		}
		return server;
	}

	/**
	 * Find a program.
	 * @param name its name
	 * @return its path; empty if it is not installed
	 */
	public static Optional<String> program(String name) {
		String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin";
		return Arrays.stream(path.split(":"))
			.map((folder) -> Path.of(folder, name))
			.filter((program) -> program.toFile().canExecute())
			.map(Path::toString)
			.findFirst();
	}

	public static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static boolean isListening(int port) {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	long pid() {
		return this.process.pid();
	}

	@Override
	public void close() {
		this.process.destroy();
		try {
			if (!this.process.waitFor(5, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

}
