package io.github.deepseekboot.benchmark;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;

/**
 * Deltas put together to a completion, a delta an operation.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CollectingBenchmark {

	private static final int CHUNKS = 1000;

	private final List<ChatDelta> content = deltas(WireAnswer.content(CHUNKS));

	private final List<ChatDelta> toolCall = deltas(WireAnswer.toolCall(CHUNKS));

	private static List<ChatDelta> deltas(WireAnswer answer) {
		return Objects
			.requireNonNull(DecoderBenchmark.client(answer).stream(DecoderBenchmark.attempt()).collectList().block());
	}

	/**
	 * Collect text.
	 * @return the completion
	 */
	@Benchmark
	@OperationsPerInvocation(CHUNKS)
	public ChatCompletion text() {
		return this.content.stream().collect(ChatCompletion.collector());
	}

	/**
	 * Collect the arguments of a tool call.
	 * @return the completion
	 */
	@Benchmark
	@OperationsPerInvocation(CHUNKS)
	public ChatCompletion toolArguments() {
		return this.toolCall.stream().collect(ChatCompletion.collector());
	}

}
