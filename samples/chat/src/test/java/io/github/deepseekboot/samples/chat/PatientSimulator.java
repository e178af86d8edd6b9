package io.github.deepseekboot.samples.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.Script;

/**
 * A simulator in a process of its own, since both ends of ten thousand connections are
 * more than the files that a process may open. It answers after a while.
 */
public final class PatientSimulator implements AutoCloseable {

	private final Process process;

	private final String baseUrl;

	private PatientSimulator(Process process, String baseUrl) {
		this.process = process;
		this.baseUrl = baseUrl;
	}

	/**
	 * Start a simulator.
	 * @param quick how many answers come at once
	 * @param patience how long it waits before each further answer
	 */
	static PatientSimulator start(int quick, Duration patience) throws IOException {
		Process process = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-Xmx1g", "-cp",
				System.getProperty("java.class.path"), PatientSimulator.class.getName(), Integer.toString(quick),
				patience.toString())
			.redirectError(ProcessBuilder.Redirect.DISCARD)
			.start();
		BufferedReader reader = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
		String line = reader.readLine();
		while (line != null && !line.startsWith("http://")) {
			line = reader.readLine();
		}
		if (line == null) {
			throw new IOException("the simulator did not start");
		}
		return new PatientSimulator(process, line);
	}

	String baseUrl() {
		return this.baseUrl;
	}

	@Override
	public void close() {
		this.process.destroy();
	}

	/**
	 * Run the simulator until the parent process ends.
	 * @param args how many answers come at once, how long to wait before the others
	 * @throws IOException if standard input cannot be read
	 */
	public static void main(String[] args) throws IOException {
		Script[] scripts = new Script[Integer.parseInt(args[0]) + 1];
		Arrays.fill(scripts, Script.answering("Hello"));
		scripts[scripts.length - 1] = scripts[0].toBuilder().firstByteDelay(Duration.parse(args[1])).build();
		try (ProviderSimulator simulator = ProviderSimulator.start()) {
			simulator.provider("deepseek").sequence(scripts);
			System.out.println(simulator.baseUrl("deepseek"));
			System.in.transferTo(OutputStream.nullOutputStream());
		}
	}

}
