package io.github.deepseekboot.benchmark;

import java.util.List;

/**
 * Holds many streams open that get a token now and then, and tells how late the tokens
 * come, how long a stream was silent, and what a stream holds in memory.
 */
final class Pace {

	private final Bench bench;

	private final int streams;

	private final int rate;

	private final int seconds;

	private final int rampSeconds;

	Pace(Bench bench, Options options, int streams, int rate, int seconds, int rampSeconds) {
		this.bench = bench;
		this.streams = options.get("streams", streams);
		this.rate = options.get("rate", rate);
		this.seconds = options.get("seconds", seconds);
		this.rampSeconds = options.get("ramp-seconds", rampSeconds);
	}

	/**
	 * Measure and print.
	 * @param libraries the clients
	 * @param warmUps how often to do it before the run that counts
	 * @param withMemory whether to look at the memory, which holds up the tokens
	 * @return whether all clients did their work
	 */
	boolean run(List<Library> libraries, int warmUps, boolean withMemory) {
		int chunks = this.seconds * this.rate;
		System.out.printf("%n%s%n%n%d streams of %d tokens a second for %d s, begun within %d s%n%n", Bench.machine(),
				this.streams, this.rate, this.seconds, this.rampSeconds);
		System.out.print("| client | open at once | tokens | longest silence, ms | latency, ms: median | 99 % | 99.9 % "
				+ "| longest | CPU, µs / token |");
		System.out.println(
				(withMemory)
						? " heap, bytes / stream | Netty's direct memory, bytes / stream "
								+ "| JDK's direct buffers, bytes / stream | heap, MiB | resident, MiB | threads |"
						: "");
		System.out.println("|---".repeat((withMemory) ? 15 : 9) + "|");
		boolean well = true;
		for (Library library : libraries) {
			JvmProcess provider = this.bench
				.provider(List.of("--chunks=" + chunks, "--rate=" + this.rate, "--send-times=true"));
			// not a multiple of the time between two tokens, so that the streams are out
			// of step
			long between = this.rampSeconds * 1_000_000_000L / this.streams + 7_919;
			String command = "paced %d %d %d %s".formatted(this.streams, chunks, between, withMemory);
			try (JvmProcess client = this.bench.client(library, Bench.baseUrl(provider), List.of())) {
				for (int i = 0; i < warmUps; i++) {
					client.run(command);
				}
				row(library, client.run(command), withMemory);
			}
			catch (JvmProcess.ClientFailedException ex) {
				System.out.printf("| %s | FAILED: %s |%n", library.id(), ex.getMessage());
				well = false;
			}
			finally {
				provider.kill();
			}
		}
		return well;
	}

	private void row(Library library, Result result, boolean withMemory) {
		System.out.printf("| %s (%s) | %d | %d | %.0f | %.2f | %.2f | %.2f | %.2f | %.1f |", library.id(),
				library.version(this.bench.directory()), result.get("openAtOnce"), result.get("tokens"),
				millis(result, "maxGapNanos"), millis(result, "latency50Nanos"), millis(result, "latency99Nanos"),
				millis(result, "latency999Nanos"), millis(result, "latencyMaxNanos"),
				result.get("cpuNanos") / 1e3 / result.get("tokens"));
		if (withMemory) {
			System.out.printf(" %d | %d | %d | %d | %d | %d |", perStream(result, "heap"), perStream(result, "netty"),
					perStream(result, "direct"), result.get("heapBusy") >> 20, result.get("residentBusy") >> 20,
					result.get("threadsBusy"));
		}
		System.out.println();
	}

	private static double millis(Result result, String name) {
		return result.get(name) / 1e6;
	}

	private long perStream(Result result, String name) {
		return (result.get(name + "Busy") - result.get(name + "Idle")) / this.streams;
	}

}
