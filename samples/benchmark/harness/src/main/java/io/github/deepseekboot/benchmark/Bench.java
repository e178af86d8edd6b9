package io.github.deepseekboot.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where things are and which cores they run on: the provider has one of its own.
 */
final class Bench {

	static final String READY = "provider simulator on ";

	private final Path benchmark;

	private final Options options;

	Bench(Path benchmark, Options options) {
		this.benchmark = benchmark;
		this.options = options;
	}

	Path directory() {
		return this.benchmark;
	}

	/**
	 * Start the simulator.
	 * @param script its options
	 * @return the process
	 */
	JvmProcess provider(List<String> script) {
		return provider(Library.classPath(this.benchmark.resolveSibling("provider-simulator"), true),
				"io.github.deepseekboot.simulator.ProviderSimulatorApplication", script);
	}

	/**
	 * Start a {@link CannedProvider}.
	 * @param arguments its arguments
	 * @return the process
	 */
	JvmProcess cannedProvider(List<String> arguments) {
		return provider(this.benchmark.resolve("harness/target/classes").toString(), CannedProvider.class.getName(),
				arguments);
	}

	private JvmProcess provider(String classPath, String className, List<String> arguments) {
		List<String> all = new ArrayList<>(List.of("-Xmx2g", "-XX:+UseSerialGC", "-cp", classPath, className));
		all.addAll(arguments);
		return JvmProcess.start("provider", this.options.get("provider-cpus", "1"), logs(), all);
	}

	static String baseUrl(JvmProcess provider) {
		return provider.await(READY) + "/deepseek";
	}

	JvmProcess client(Library library, String baseUrl, List<String> jvmArguments) {
		List<String> arguments = new ArrayList<>(
				List.of("-Xms256m", "-Xmx" + this.options.get("heap", "512m"), "-XX:+UseSerialGC"));
		arguments.addAll(jvmArguments);
		arguments.addAll(List.of("-cp", library.classPath(this.benchmark),
				"io.github.deepseekboot.benchmark.ClientProcess", library.className(), baseUrl));
		return JvmProcess.start(library.id(), this.options.get("client-cpus", "0"), logs(), arguments);
	}

	Path logs() {
		return this.benchmark.resolve("target/logs");
	}

	/**
	 * Describe the machine in one line.
	 * @return the processor, the number of cores, the kernel, the JVM
	 */
	static String machine() {
		String processor = "unknown processor";
		try {
			processor = Files.readAllLines(Path.of("/proc/cpuinfo"))
				.stream()
				.filter((line) -> line.startsWith("model name"))
				.map((line) -> line.replaceAll(".*:\\s*", ""))
				.findFirst()
				.orElse(processor);
		}
		catch (IOException ex) {
			if (Files.exists(Path.of("/proc/cpuinfo"))) {
				throw new UncheckedIOException(ex);
			}
		}
		return "%s, %d cores, %s %s, JDK %s (%s)".formatted(processor, Runtime.getRuntime().availableProcessors(),
				System.getProperty("os.name"), System.getProperty("os.version"), Runtime.version(),
				System.getProperty("java.vendor"));
	}

}
