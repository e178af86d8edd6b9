package io.github.deepseekboot.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Runs one of the benchmarks that need several processes, and prints a table in Markdown.
 * Started by the script {@code run}, which lists the modes and options.
 */
public final class BenchmarkApplication {

	private static final String[] COMMON = { "clients", "rounds", "heap", "client-cpus", "provider-cpus" };

	private static final String DEFAULT_CLIENTS = "raw,webclient,deepseek,deepseek4j,langchain4j,"
			+ "langchain4j-bridge,spring-ai-1,spring-ai,spring-ai-openai,spring-ai-bridge";

	private BenchmarkApplication() {
	}

	/**
	 * Run a benchmark.
	 * @param args the directory of the benchmarks, the mode, the options
	 * @throws IOException if a recording cannot be read
	 */
	public static void main(String[] args) throws IOException {
		// the same decimal point in all tables
		Locale.setDefault(Locale.ROOT);
		List<String> arguments = Arrays.asList(args);
		Options options = new Options(arguments.subList(2, arguments.size()));
		Bench bench = new Bench(Path.of(args[0]).toAbsolutePath(), options);
		if (!run(args[1], bench, options)) {
			System.exit(1);
		}
	}

	private static boolean run(String mode, Bench bench, Options options) throws IOException {
		switch (mode) {
			case "stream" -> {
				known(options, "text", "chunks", "chunk-bytes", "streams", "at-once", "warm-up-seconds");
				return new SideBySide(bench, options, SideBySide.Work.streams(options))
					.run(clients(options, DEFAULT_CLIENTS), List.of());
			}
			case "complete" -> {
				known(options, "answer-bytes", "calls", "warm-up-seconds");
				return new SideBySide(bench, options, SideBySide.Work.calls(options))
					.run(clients(options, DEFAULT_CLIENTS.replace("raw,", "")), List.of());
			}
			case "many" -> {
				known(options, "streams", "rate", "seconds", "ramp-seconds");
				// each beside a provider of its own: so many streams leave traces in both
				boolean all = true;
				for (Library client : clients(options, "deepseek")) {
					all &= new Pace(bench, options, 10_000, 1, 60, 20, 1).run(List.of(client), 0, true);
				}
				return all;
			}
			case "latency" -> {
				known(options, "streams", "rate", "seconds", "ramp-seconds");
				return new Pace(bench, options, 200, 50, 20, 2, 5).run(clients(options, "floor,webclient,deepseek"), 2,
						false);
			}
			case "profile" -> {
				known(options, "of", "text", "chunks", "chunk-bytes", "streams", "at-once", "answer-bytes", "calls",
						"warm-up-seconds");
				Path recording = bench.logs().resolve("profile.jfr");
				boolean passed = new SideBySide(bench, options, work(options)).run(clients(options, "deepseek"),
						List.of("-XX:StartFlightRecording:settings=profile,filename=" + recording));
				AllocationProfile.print(recording);
				return passed;
			}
			case "start-up" -> {
				known(options);
				new StartUp(bench, options).measure();
				return true;
			}
			case "jars" -> {
				known(options);
				new StartUp(bench, options).listJars();
				return true;
			}
			default -> throw new IllegalArgumentException("no mode '" + mode + "'");
		}
	}

	private static SideBySide.Work work(Options options) {
		String work = options.get("of", "stream");
		return switch (work) {
			case "stream" -> SideBySide.Work.streams(options);
			case "complete" -> SideBySide.Work.calls(options);
			default -> throw new IllegalArgumentException("--of is stream or complete, not '" + work + "'");
		};
	}

	private static void known(Options options, String... further) {
		String[] known = Arrays.copyOf(COMMON, COMMON.length + further.length);
		System.arraycopy(further, 0, known, COMMON.length, further.length);
		options.refuseOthers(known);
	}

	private static List<Library> clients(Options options, String byDefault) {
		return options.list("clients", byDefault).stream().map(Library::of).toList();
	}

}
