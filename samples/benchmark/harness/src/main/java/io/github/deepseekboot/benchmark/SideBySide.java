package io.github.deepseekboot.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Lets clients do the same work in turns, each in a JVM of its own that is warm, and sets
 * each run in relation to the run of plain WebClient in the same round.
 */
final class SideBySide {

	private static final String REFERENCE = "webclient";

	private static final int QUIET_RUNS = 3;

	// of the time of a run
	private static final double QUIET = 0.01;

	private final Bench bench;

	private final Options options;

	private final Work work;

	private final List<Contestant> contestants = new ArrayList<>();

	SideBySide(Bench bench, Options options, Work work) {
		this.bench = bench;
		this.options = options;
		this.work = work;
	}

	/**
	 * Measure and print.
	 * @param libraries the clients
	 * @param jvmArguments further arguments for the JVM of each client
	 * @return whether all clients did their work
	 */
	boolean run(List<Library> libraries, List<String> jvmArguments) {
		int rounds = this.options.get("rounds", 12);
		JvmProcess provider = this.work.provider().apply(this.bench);
		try {
			String baseUrl = Bench.baseUrl(provider);
			for (Library library : libraries) {
				this.contestants.add(new Contestant(library, this.bench.client(library, baseUrl, jvmArguments)));
			}
			this.contestants.forEach((contestant) -> contestant.attempt(this::warmUp));
			Contestant.takeTurns(this.contestants, rounds, (next) -> next.results.add(measure(next)));
		}
		finally {
			this.contestants.forEach((contestant) -> contestant.process.close());
			provider.kill();
		}
		report(rounds);
		return this.contestants.stream().allMatch((contestant) -> contestant.failure == null);
	}

	private void warmUp(Contestant contestant) {
		long limit = this.options.get("warm-up-seconds", 90) * 1_000_000_000L;
		long start = System.nanoTime();
		int quiet = 0;
		int runs = 0;
		while (quiet < QUIET_RUNS && System.nanoTime() - start < limit) {
			Result result = measure(contestant);
			runs++;
			boolean isQuiet = result.get("compilationMillis") * 1e6 <= QUIET * result.get("wallNanos");
			quiet = (isQuiet) ? quiet + 1 : 0;
		}
		contestant.warmUp = "%d runs, %s".formatted(runs, (quiet < QUIET_RUNS) ? "JIT not quiet" : "JIT quiet");
		System.err.println(contestant.library.id() + " is warm: " + contestant.warmUp);
	}

	private Result measure(Contestant contestant) {
		Result result = contestant.process.run(this.work.command());
		if (contestant.library.id().equals("raw")) {
			// counts bytes only, the same number each time
			if (!contestant.results.isEmpty() && contestant.results.get(0).get("textHash") != result.get("textHash")) {
				throw new JvmProcess.ClientFailedException("received another number of bytes than before");
			}
		}
		else if (result.get("textLength") != this.work.text().length()
				|| result.get("textHash") != this.work.text().hash()) {
			throw new JvmProcess.ClientFailedException("the text is not the one that was sent: %d characters, not %d"
				.formatted(result.get("textLength"), this.work.text().length()));
		}
		return result;
	}

	private void report(int rounds) {
		System.out.printf("%n%s%n%n", Bench.machine());
		System.out.printf("%s; %d rounds; min – median – max; every text compared with the one sent%n%n",
				this.work.title(), rounds);
		System.out.printf("| client | CPU, µs / %1$s | × plain WebClient | upper quartile | allocated, bytes / %1$s "
				+ "| × plain WebClient | by the collector's accounts | warm-up |%n", this.work.unit());
		System.out.println("|---|---|---|---|---|---|---|---|");
		List<Result> reference = Contestant.resultsOf(this.contestants, REFERENCE);
		this.contestants.forEach((contestant) -> row(contestant, reference));
		this.contestants.stream()
			.filter((contestant) -> contestant.failure != null)
			.forEach((contestant) -> System.out.printf("%nFAILED: %s: %s%n", contestant.library.id(),
					contestant.failure));
	}

	private void row(Contestant contestant, List<Result> reference) {
		String name = "%s (%s)".formatted(contestant.library.id(), contestant.library.version(this.bench.directory()));
		List<Result> own = contestant.results;
		if (contestant.failure != null || own.isEmpty()) {
			System.out.printf("| %s | FAILED | | | | | | |%n", name);
			return;
		}
		String cpuRatio = "";
		String quartile = "";
		String bytesRatio = "";
		if (reference.size() == own.size()) {
			Statistics ratio = ratio(own, reference, "cpuNanos");
			cpuRatio = ratio.range("%.2f");
			quartile = String.format(Locale.ROOT, "%.2f", ratio.upperQuartile());
			bytesRatio = ratio(own, reference, "allocatedBytes").range("%.2f");
		}
		System.out.printf("| %s | %s | %s | %s | %s | %s | %.0f | %s |%n", name,
				perUnit(own, "cpuNanos", 1e-3).range("%.2f"), cpuRatio, quartile,
				perUnit(own, "allocatedBytes", 1).range("%.0f"), bytesRatio,
				perUnit(own, "heapAllocatedBytes", 1).median(), contestant.warmUp);
	}

	private Statistics perUnit(List<Result> results, String name, double factor) {
		return new Statistics(
				results.stream().mapToDouble((result) -> factor * result.get(name) / this.work.unitsPerRun()));
	}

	// run by run, so that what disturbs a round disturbs both
	private static Statistics ratio(List<Result> own, List<Result> reference, String name) {
		return new Statistics(IntStream.range(0, own.size())
			.mapToDouble((i) -> (double) own.get(i).get(name) / reference.get(i).get(name)));
	}

	/**
	 * What each client shall do in a run.
	 *
	 * @param title what it is, in words
	 * @param unit what the costs are divided by
	 * @param command the command for the {@link ClientProcess}
	 * @param unitsPerRun how many units that does
	 * @param provider starts the provider
	 * @param text of the text that each answer must have
	 */
	record Work(String title, String unit, String command, long unitsPerRun, Function<Bench, JvmProcess> provider,
			TextSum text) {

		static Work streams(Options options) {
			int chunks = options.get("chunks", 10_000);
			int bytes = options.get("chunk-bytes", 4);
			int streams = options.get("streams", 30);
			int atOnce = options.get("at-once", 1);
			String title = "%d streams of %d chunks, %d at once".formatted(streams, chunks, atOnce);
			String command = "stream %d %d".formatted(streams, atOnce);
			long units = (long) streams * chunks;
			String text = options.get("text", "plain");
			if (text.equals("plain")) {
				return new Work(title + ", %d bytes of text a chunk".formatted(bytes), "chunk", command, units,
						(bench) -> bench.provider(List.of("--chunks=" + chunks, "--chunk-bytes=" + bytes)),
						sum(simulated(chunks * bytes)));
			}
			Traffic traffic = Traffic.of(text);
			return new Work(title + ", text: " + text + ", each event in an HTTP chunk of its own", "chunk", command,
					units, (bench) -> bench.cannedProvider(List.of(text, String.valueOf(chunks))),
					sum(traffic.text(chunks)));
		}

		static Work calls(Options options) {
			int bytes = options.get("answer-bytes", 2140);
			int calls = options.get("calls", 2000);
			return new Work("%d calls without streaming, %d bytes of text an answer".formatted(calls, bytes), "call",
					"complete " + calls, calls,
					(bench) -> bench.provider(List.of("--chunks=1", "--chunk-bytes=" + bytes)), sum(simulated(bytes)));
		}

		// the text that the simulator sends
		private static String simulated(int length) {
			String filler = " simulated text";
			return filler.repeat(length / filler.length() + 1).substring(0, length);
		}

		private static TextSum sum(String text) {
			TextSum sum = new TextSum();
			sum.accept(text);
			return sum;
		}

	}

}
