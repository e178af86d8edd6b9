package io.github.deepseekboot.benchmark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that was started here, pinned to a core where the system can do that, with a pipe
 * to it and one from it. Its errors go to a file.
 */
final class JvmProcess implements AutoCloseable {

	private static final boolean CAN_PIN = Files.isExecutable(Path.of("/usr/bin/taskset"));

	private final String name;

	private final Process process;

	private final BufferedReader output;

	private final Writer input;

	private JvmProcess(String name, Process process) {
		this.name = name;
		this.process = process;
		this.output = process.inputReader(StandardCharsets.UTF_8);
		this.input = process.outputWriter(StandardCharsets.UTF_8);
	}

	static JvmProcess start(String name, String cpus, Path logs, List<String> arguments) {
		List<String> command = new ArrayList<>();
		if (CAN_PIN && !cpus.isEmpty()) {
			command.addAll(List.of("/usr/bin/taskset", "-c", cpus));
		}
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		if (Runtime.version().feature() >= 24) {
			command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
		}
		command.addAll(arguments);
		try {
			Files.createDirectories(logs);
			File log = logs.resolve(name + ".log").toFile();
			return new JvmProcess(name, new ProcessBuilder(command).redirectError(log).start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	// read on to a line that begins so
	String await(String prefix) {
		try {
			for (String line = this.output.readLine(); line != null; line = this.output.readLine()) {
				if (line.startsWith(prefix)) {
					return line.substring(prefix.length());
				}
				if (line.startsWith(ClientProcess.FAILURE)) {
					throw new ClientFailedException(line.substring(ClientProcess.FAILURE.length()));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		throw new ClientFailedException("the process '" + this.name + "' ended; its log says why");
	}

	Result run(String command) {
		try {
			this.input.write(command + "\n");
			this.input.flush();
		}
		catch (IOException ex) {
			throw new ClientFailedException("the process '" + this.name + "' ended; its log says why");
		}
		return Result.parse(await(ClientProcess.RESULT));
	}

	// let a client go, which ends when its input does, and make sure
	@Override
	public void close() {
		try {
			this.input.close();
		}
		catch (IOException ex) {
			// it is gone already
		}
		try {
			if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

	void kill() {
		this.process.destroyForcibly();
	}

	/**
	 * A client did not do what it was asked.
	 */
	static final class ClientFailedException extends RuntimeException {

		ClientFailedException(String message) {
			super(message);
		}

	}

}
