package io.github.deepseekboot.benchmark;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.web.reactive.function.client.WebClient;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.transport.Attempt;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * One attempt's stream, from buffers to deltas, a chunk an operation.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class DecoderBenchmark {

	private static final int CHUNKS = 1000;

	/**
	 * Bytes in a buffer that the connection hands over.
	 */
	@Param({ "16384", "283", "61" })
	public int bufferBytes;

	private @Nullable ProviderClient client;

	static Provider provider() {
		return Provider.builder("deepseek", ProviderPresets.get("deepseek"))
			.apiKey(ApiKey.of(ClientUnderTest.API_KEY))
			.build();
	}

	static ProviderClient client(WireAnswer answer) {
		return new ProviderClient(provider(), WebClient.builder().filter(answer).build());
	}

	static Attempt attempt() {
		return new Attempt(ChatRequest.of(ClientUnderTest.QUESTION), ProviderModel.of("deepseek-v4-flash"),
				ApiKey.of(ClientUnderTest.API_KEY), 1, Duration.ofMinutes(1), Duration.ofMinutes(5));
	}

	/**
	 * Make the client.
	 */
	@Setup
	public void setUp() {
		this.client = client(WireAnswer.content(CHUNKS).inBuffersOf(this.bufferBytes));
	}

	/**
	 * Stream an answer.
	 * @return the number of deltas
	 */
	@Benchmark
	@OperationsPerInvocation(CHUNKS)
	public @Nullable Long decode() {
		return (this.client != null) ? this.client.stream(attempt()).count().block() : null;
	}

}
