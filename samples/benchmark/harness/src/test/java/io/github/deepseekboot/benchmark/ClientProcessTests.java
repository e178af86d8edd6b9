package io.github.deepseekboot.benchmark;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests {@link ClientProcess} with clients that succeed and clients that fail.
 */
class ClientProcessTests {

	@Test
	void aTextIsTheSameHoweverItIsCut() throws Exception {
		Result result = run("stream 2 1", List.of("one", " ", "two"), List.of("", "one two"));
		TextSum sum = new TextSum();
		sum.accept("one two");
		assertThat(result.get("textLength")).isEqualTo(7);
		assertThat(result.get("textHash")).isEqualTo(sum.hash());
		assertThat(Result.parse(result.toString()).get("textHash")).isEqualTo(sum.hash());
	}

	@Test
	void aTextThatIsLostOrMixedUpIsAFailure() {
		assertThatIllegalStateException().isThrownBy(() -> run("stream 2 1", List.of("one", "two"), List.of("one")))
			.withMessageStartingWith("texts differ");
		assertThatIllegalStateException()
			.isThrownBy(() -> run("stream 2 1", List.of("one", "two"), List.of("two", "one")))
			.withMessageStartingWith("texts differ");
	}

	@Test
	void aStreamThatFailsIsAFailure() {
		ClientUnderTest client = (text) -> CompletableFuture.failedFuture(new IllegalStateException("cut off"));
		assertThatIllegalStateException().isThrownBy(() -> new ClientProcess(client).run("stream 3 3"))
			.withMessageContainingAll("3 of 3 streams failed", "cut off");
	}

	@Test
	void whatAllThreadsAllocateIsCounted() throws Exception {
		ClientUnderTest client = (text) -> CompletableFuture.runAsync(() -> {
			for (int i = 0; i < 1000; i++) {
				text.accept(new String(new char[100_000]).substring(99_999));
			}
		});
		ClientProcess process = new ClientProcess(client);
		process.run("stream 1 1");
		Result result = process.run("stream 1 1");
		assertThat(result.get("textLength")).isEqualTo(1000);
		assertThat(result.get("allocatedBytes")).isGreaterThan(200_000_000L);
	}

	@Test
	void sendTimesBecomeLatenciesAndSilences() throws Exception {
		ClientUnderTest client = (text) -> {
			text.accept("");
			long now = System.nanoTime();
			text.accept(" " + (now - 5_000_000));
			text.accept(" " + (now - 1_000_000_000));
			return CompletableFuture.completedFuture(null);
		};
		Result result = new ClientProcess(client).run("paced 3 2 1 true");
		assertThat(result.get("tokens")).isEqualTo(6);
		assertThat(result.get("latency50Nanos")).isGreaterThanOrEqualTo(5_000_000);
		assertThat(result.get("latencyMaxNanos")).isGreaterThanOrEqualTo(1_000_000_000);
		assertThat(result.get("maxGapNanos")).isPositive();
		assertThat(result.get("heapBusy")).isPositive();
		assertThatIllegalStateException().isThrownBy(() -> new ClientProcess(client).run("paced 1 3 1 false"))
			.withMessage("a stream had 2 of 3 tokens");
	}

	@Test
	void anUnknownCommandIsAFailure() {
		assertThatIllegalArgumentException().isThrownBy(() -> run("dance"));
	}

	@SafeVarargs
	private static Result run(String command, List<String>... texts) throws Exception {
		Queue<List<String>> left = new ArrayDeque<>(List.of(texts));
		ClientUnderTest client = (Consumer<String> text) -> {
			left.remove().forEach(text);
			return CompletableFuture.completedFuture(null);
		};
		return new ClientProcess(client).run(command);
	}

}
