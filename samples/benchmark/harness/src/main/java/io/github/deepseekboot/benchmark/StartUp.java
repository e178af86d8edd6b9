package io.github.deepseekboot.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What the starter adds to an application that has {@code spring-boot-starter-webclient}:
 * jars, and time to start.
 */
final class StartUp {

	private static final String APPLICATION = "io.github.deepseekboot.benchmark.StartUpApplication";

	private final Bench bench;

	private final Options options;

	StartUp(Bench bench, Options options) {
		this.bench = bench;
		this.options = options;
	}

	void listJars() {
		List<Path> plain = plainJars();
		List<String> names = plain.stream().map(StartUp::name).toList();
		List<Path> added = starterJars().stream()
			.filter((jar) -> !names.contains(name(jar)))
			.sorted(Comparator.comparing(StartUp::name))
			.toList();
		System.out.printf("%n| jar | bytes |%n|---|---|%n");
		added.forEach((jar) -> System.out.printf("| %s | %d |%n", name(jar), size(jar)));
		System.out.printf("%n%d jars, %d bytes, on top of the %d jars, %d bytes, of spring-boot-starter-webclient%n",
				added.size(), sum(added), plain.size(), sum(plain));
	}

	void measure() {
		int runs = this.options.get("rounds", 20);
		List<Result> plain = new ArrayList<>();
		List<Result> starter = new ArrayList<>();
		start(plainJars());
		start(starterJars());
		for (int i = 0; i < runs; i++) {
			if (i % 2 == 0) {
				plain.add(start(plainJars()));
				starter.add(start(starterJars()));
			}
			else {
				starter.add(start(starterJars()));
				plain.add(start(plainJars()));
			}
		}
		System.out.printf("%n%s%n%n%d starts each, in turns; min – median – max%n%n", Bench.machine(), runs);
		System.out.println(
				"| from the start of the JVM to ready | plain WebClient | with the starter | × | upper quartile |");
		System.out.println("|---|---|---|---|---|");
		row("wall time, ms", "wallMillis", plain, starter);
		row("CPU time, ms", "cpuMillis", plain, starter);
		row("classes loaded", "classes", plain, starter);
	}

	private void row(String title, String name, List<Result> plain, List<Result> starter) {
		Statistics ratio = new Statistics(IntStream.range(0, plain.size())
			.mapToDouble((i) -> (double) starter.get(i).get(name) / plain.get(i).get(name)));
		System.out.printf("| %s | %s | %s | %s | %s |%n", title, values(plain, name).range("%.0f"),
				values(starter, name).range("%.0f"), ratio.range("%.2f"),
				String.format(Locale.ROOT, "%.2f", ratio.upperQuartile()));
	}

	private static Statistics values(List<Result> results, String name) {
		return new Statistics(results.stream().mapToDouble((result) -> result.get(name)));
	}

	// the application's class is the same: auto-configuration finds what is there
	private Result start(List<Path> jars) {
		List<String> classPath = new ArrayList<>();
		classPath.add(this.bench.directory().resolve("template/target/classes").toString());
		jars.forEach((jar) -> classPath.add(jar.toString()));
		try (JvmProcess application = JvmProcess.start("start-up", this.options.get("client-cpus", "0"),
				this.bench.logs(), List.of("-cp", String.join(File.pathSeparator, classPath), APPLICATION))) {
			return Result.parse(application.await(ClientProcess.RESULT));
		}
	}

	private List<Path> plainJars() {
		return jars(this.bench.directory().resolve("webclient")).stream()
			.filter((jar) -> !name(jar).startsWith("deepseek-"))
			.toList();
	}

	private List<Path> starterJars() {
		return jars(this.bench.directory().resolve("../../starter").normalize());
	}

	private static List<Path> jars(Path module) {
		return Arrays.stream(Library.classPath(module, false).split(File.pathSeparator)).map(Path::of).toList();
	}

	private static String name(Path jar) {
		return String.valueOf(jar.getFileName());
	}

	private static long sum(List<Path> jars) {
		return jars.stream().mapToLong(StartUp::size).sum();
	}

	private static long size(Path jar) {
		try {
			return Files.size(jar);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
