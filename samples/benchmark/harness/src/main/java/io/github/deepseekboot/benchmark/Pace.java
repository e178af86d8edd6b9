package io.github.deepseekboot.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Holds many streams open that get a token now and then, and reports how late the tokens
 * come, how long a stream was silent, and what a stream holds in memory.
 */
final class Pace {

	private final Bench bench;

	private final int streams;

	private final int rate;

	private final int seconds;

	private final int rampSeconds;

	private final int rounds;

	Pace(Bench bench, Options options, int streams, int rate, int seconds, int rampSeconds, int rounds) {
		this.bench = bench;
		this.streams = options.get("streams", streams);
		this.rate = options.get("rate", rate);
		this.seconds = options.get("seconds", seconds);
		this.rampSeconds = options.get("ramp-seconds", rampSeconds);
		this.rounds = options.get("rounds", rounds);
	}

	/**
	 * Measure and print.
	 * @param libraries the clients
	 * @param warmUps how often each does it before the runs that count
	 * @param withMemory whether to look at the memory, which holds up the tokens
	 * @return whether all clients did their work
	 */
	boolean run(List<Library> libraries, int warmUps, boolean withMemory) {
		int chunks = this.seconds * this.rate;
		// no multiple of the time between two tokens: the streams are out of step
		long between = this.rampSeconds * 1_000_000_000L / this.streams + 7_919;
		String command = "paced %d %d %d %s".formatted(this.streams, chunks, between, withMemory);
		List<Contestant> contestants = new ArrayList<>();
		JvmProcess provider = this.bench
			.provider(List.of("--chunks=" + chunks, "--rate=" + this.rate, "--send-times=true"));
		try {
			String baseUrl = Bench.baseUrl(provider);
			for (Library library : libraries) {
				contestants.add(new Contestant(library, this.bench.client(library, baseUrl, List.of())));
			}
			for (int i = 0; i < warmUps; i++) {
				contestants.forEach((contestant) -> contestant.attempt((next) -> next.process.run(command)));
			}
			Contestant.takeTurns(contestants, this.rounds, (next) -> next.results.add(next.process.run(command)));
		}
		finally {
			contestants.forEach((contestant) -> contestant.process.close());
			provider.kill();
		}
		report(contestants, withMemory);
		return contestants.stream().allMatch((contestant) -> contestant.failure == null);
	}

	private void report(List<Contestant> contestants, boolean withMemory) {
		List<Result> floor = Contestant.resultsOf(contestants, "floor");
		List<String> columns = new ArrayList<>(List.of("client", "open at once", "tokens", "longest silence, ms",
				"latency, ms: median", "99 %", "99.9 %", "longest", "CPU, µs / token"));
		if (!floor.isEmpty()) {
			columns.add("99 % above the floor, ms");
		}
		if (withMemory) {
			columns.addAll(List.of("heap, bytes / stream", "Netty's direct memory, bytes / stream",
					"JDK's direct buffers, bytes / stream", "heap, MiB", "resident, MiB", "threads"));
		}
		System.out.printf("%n%s%n%n%d streams of %d tokens a second for %d s, begun within %d s; %s%n%n",
				Bench.machine(), this.streams, this.rate, this.seconds, this.rampSeconds,
				(this.rounds > 1) ? this.rounds + " rounds; min – median – max" : "once");
		System.out.println(line(columns));
		System.out.println("|---".repeat(columns.size()) + "|");
		for (Contestant contestant : contestants) {
			System.out.println(
					(contestant.failure == null) ? line(row(contestant.library, contestant.results, floor, withMemory))
							: "| %s | FAILED: %s |".formatted(contestant.library.id(), contestant.failure));
		}
	}

	private static String line(List<String> cells) {
		return "| " + String.join(" | ", cells) + " |";
	}

	private List<String> row(Library library, List<Result> own, List<Result> floor, boolean withMemory) {
		Result last = own.get(own.size() - 1);
		List<String> cells = new ArrayList<>();
		cells.add("%s (%s)".formatted(library.id(), library.version(this.bench.directory())));
		cells.add(String.valueOf(own.stream().mapToLong((result) -> result.get("openAtOnce")).min().orElseThrow()));
		cells.add(String.valueOf(last.get("tokens")));
		cells.add(range(own, "maxGapNanos", "%.0f"));
		cells.add(range(own, "latency50Nanos", "%.2f"));
		cells.add(range(own, "latency99Nanos", "%.2f"));
		cells.add(range(own, "latency999Nanos", "%.2f"));
		cells.add(range(own, "latencyMaxNanos", "%.2f"));
		cells.add(new Statistics(
				own.stream().mapToDouble((result) -> result.get("cpuNanos") / 1e3 / result.get("tokens")))
			.range("%.1f"));
		if (!floor.isEmpty()) {
			// round by round, so that what disturbs a round disturbs both
			cells.add(new Statistics(IntStream.range(0, own.size())
				.mapToDouble((i) -> millis(own.get(i), "latency99Nanos") - millis(floor.get(i), "latency99Nanos")))
				.range("%.2f"));
		}
		if (withMemory) {
			for (String memory : List.of("heap", "netty", "direct")) {
				cells.add(String.valueOf((last.get(memory + "Busy") - last.get(memory + "Idle")) / this.streams));
			}
			cells.add(String.valueOf(last.get("heapBusy") >> 20));
			cells.add(String.valueOf(last.get("residentBusy") >> 20));
			cells.add(String.valueOf(last.get("threadsBusy")));
		}
		return cells;
	}

	private static String range(List<Result> results, String name, String format) {
		return new Statistics(results.stream().mapToDouble((result) -> millis(result, name))).range(format);
	}

	private static double millis(Result result, String name) {
		return result.get(name) / 1e6;
	}

}
