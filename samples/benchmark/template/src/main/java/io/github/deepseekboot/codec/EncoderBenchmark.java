package io.github.deepseekboot.codec;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;

/**
 * Requests written as JSON. In the package of the writer, which is nobody else's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EncoderBenchmark {

	private static final int MESSAGE = 1024;

	private final ChatRequestWriter writer = new ChatRequestWriter(
			Provider.builder("deepseek", ProviderPresets.get("deepseek")).build());

	private final ProviderModel model = ProviderModel.of("deepseek-v4-flash");

	private final ChatRequest small = ChatRequest.of("How is the weather?");

	private final ChatRequest history = history(1024 * 1024);

	private static ChatRequest history(int bytes) {
		ChatRequest.Builder request = ChatRequest.builder();
		String text = "What was said before. ".repeat(MESSAGE).substring(0, MESSAGE);
		for (int i = 0; i < bytes / MESSAGE; i++) {
			request.message((i % 2 == 0) ? ChatMessage.user(text) : ChatMessage.assistant(text));
		}
		return request.user("And now?").build();
	}

	/**
	 * Write a question.
	 * @return the JSON
	 */
	@Benchmark
	public byte[] smallRequest() {
		return this.writer.write(this.small, this.model, true);
	}

	/**
	 * Write a history of 1 MiB.
	 * @return the JSON
	 */
	@Benchmark
	public byte[] historyOfOneMebibyte() {
		return this.writer.write(this.history, this.model, true);
	}

}
