package io.github.deepseekboot.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Holds one client, and runs what it reads from standard input until that ends. Started
 * with the client's class and the base URL of the provider.
 * <ul>
 * <li>{@code stream <streams> <at once>}: streams that flood</li>
 * <li>{@code complete <calls>}: complete answers, one after the other</li>
 * <li>{@code paced <streams> <chunks> <nanoseconds between two starts> <memory>}: streams
 * of send times; what they hold in memory is looked at if {@code <memory>} is true, which
 * costs a full collection</li>
 * </ul>
 * Each is answered with one line: {@value #RESULT} and a {@link Result}, or
 * {@value #FAILURE} and a message.
 */
public final class ClientProcess {

	static final String RESULT = "@result ";

	static final String FAILURE = "@failure ";

	private static final long PATIENCE_SECONDS = 300;

	private final ClientUnderTest client;

	private final Meter meter = new Meter();

	ClientProcess(ClientUnderTest client) {
		this.client = client;
	}

	/**
	 * Start the process.
	 * @param args the class of the client, the base URL
	 * @throws ReflectiveOperationException if the client cannot be made
	 * @throws IOException if standard input cannot be read
	 */
	public static void main(String[] args) throws ReflectiveOperationException, IOException {
		ClientUnderTest client = (ClientUnderTest) Class.forName(args[0])
			.getConstructor(String.class)
			.newInstance(args[1]);
		ClientProcess process = new ClientProcess(client);
		BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = input.readLine(); line != null; line = input.readLine()) {
			System.out.println(answer(process, line));
		}
		// some clients have threads that would hold up the end
		System.exit(0);
	}

	private static String answer(ClientProcess process, String command) {
		try {
			return RESULT + process.run(command);
		}
		catch (Exception ex) {
			ex.printStackTrace();
			return FAILURE + String.valueOf(ex).replaceAll("\\s+", " ");
		}
	}

	Result run(String command) throws Exception {
		String[] words = command.split(" ");
		return switch (words[0]) {
			case "stream" -> stream(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
			case "complete" -> complete(Integer.parseInt(words[1]));
			case "paced" -> paced(Integer.parseInt(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3]),
					Boolean.parseBoolean(words[4]));
			default -> throw new IllegalArgumentException("no command: " + command);
		};
	}

	private Result stream(int streams, int atOnce) throws Exception {
		Meter.Reading before = this.meter.read();
		Semaphore permits = new Semaphore(atOnce);
		List<TextSum> sums = new ArrayList<>(streams);
		List<CompletableFuture<Void>> ends = new ArrayList<>(streams);
		for (int i = 0; i < streams; i++) {
			if (!permits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				throw new TimeoutException("a stream did not end");
			}
			TextSum sum = new TextSum();
			sums.add(sum);
			ends.add(this.client.stream(sum).whenComplete((nothing, ex) -> permits.release()));
		}
		await(ends);
		Meter.Reading after = this.meter.read();
		return cost(before, after, theSame(sums));
	}

	private Result complete(int calls) {
		Meter.Reading before = this.meter.read();
		List<TextSum> sums = new ArrayList<>(calls);
		for (int i = 0; i < calls; i++) {
			TextSum sum = new TextSum();
			sum.accept(this.client.complete());
			sums.add(sum);
		}
		Meter.Reading after = this.meter.read();
		return cost(before, after, theSame(sums));
	}

	private static TextSum theSame(List<TextSum> sums) {
		TextSum first = sums.get(0);
		for (TextSum sum : sums) {
			if (!sum.isSameAs(first)) {
				throw new IllegalStateException(
						"texts differ: one has %d characters, another %d".formatted(first.length(), sum.length()));
			}
		}
		return first;
	}

	private static Result cost(Meter.Reading before, Meter.Reading after, TextSum text) {
		return new Result().put("cpuNanos", after.cpuNanos() - before.cpuNanos())
			.put("wallNanos", after.wallNanos() - before.wallNanos())
			.put("compilationMillis", after.compilationMillis() - before.compilationMillis())
			.put("allocatedBytes", after.allocatedSince(before))
			.put("heapAllocatedBytes", after.heapAllocatedSince(before))
			.put("textLength", text.length())
			.put("textHash", text.hash());
	}

	private Result paced(int streams, int chunks, long nanosBetween, boolean withMemory) throws Exception {
		Latencies latencies = new Latencies();
		Memory idle = (withMemory) ? Memory.afterCollection() : Memory.UNKNOWN;
		Meter.Reading before = this.meter.read();
		List<PacedStream> running = new ArrayList<>(streams);
		List<CompletableFuture<Void>> ends = new ArrayList<>(streams);
		long start = System.nanoTime();
		for (int i = 0; i < streams; i++) {
			long due = start + i * nanosBetween;
			for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
				LockSupport.parkNanos(left);
			}
			PacedStream stream = new PacedStream(latencies);
			running.add(stream);
			ends.add(this.client.stream(stream));
		}
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
		while (running.stream().anyMatch((stream) -> stream.tokens() == 0) && System.nanoTime() < deadline
				&& ends.stream().noneMatch(CompletableFuture::isDone)) {
			LockSupport.parkNanos(10_000_000);
		}
		long open = ends.stream().filter((end) -> !end.isDone()).count();
		Memory busy = (withMemory) ? Memory.afterCollection() : Memory.UNKNOWN;
		await(ends);
		Meter.Reading after = this.meter.read();
		for (PacedStream stream : running) {
			if (stream.tokens() != chunks) {
				throw new IllegalStateException("a stream had %d of %d tokens".formatted(stream.tokens(), chunks));
			}
		}
		return new Result().put("streams", streams)
			.put("openAtOnce", open)
			.put("tokens", latencies.total())
			.put("maxGapNanos", running.stream().mapToLong(PacedStream::maxGapNanos).max().orElse(0))
			.put("latency50Nanos", latencies.quantile(0.5))
			.put("latency99Nanos", latencies.quantile(0.99))
			.put("latency999Nanos", latencies.quantile(0.999))
			.put("latencyMaxNanos", latencies.max())
			.put("cpuNanos", after.cpuNanos() - before.cpuNanos())
			.put("heapIdle", idle.heap())
			.put("heapBusy", busy.heap())
			.put("nettyIdle", idle.netty())
			.put("nettyBusy", busy.netty())
			.put("directIdle", idle.direct())
			.put("directBusy", busy.direct())
			.put("residentBusy", busy.resident())
			.put("threadsBusy", busy.threads());
	}

	private static void await(List<CompletableFuture<Void>> ends) throws Exception {
		@Nullable Throwable failure = null;
		int failures = 0;
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
		for (CompletableFuture<Void> end : ends) {
			try {
				end.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
			}
			catch (ExecutionException ex) {
				failures++;
				failure = ex.getCause();
			}
		}
		if (failure != null) {
			throw new IllegalStateException("%d of %d streams failed: %s".formatted(failures, ends.size(), failure),
					failure);
		}
	}

}
