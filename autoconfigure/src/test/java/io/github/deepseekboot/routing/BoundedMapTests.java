package io.github.deepseekboot.routing;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BoundedMap}.
 */
class BoundedMapTests {

	private final BoundedMap<String, Value> map = new BoundedMap<>(100, (value) -> value.use == Use.IDLE,
			(value) -> value.use == Use.UNUSED);

	private Value put(String key, Use use) {
		return this.map.get(key, (missing) -> new Value(key, use));
	}

	private List<String> keys() {
		return this.map.values().stream().map((value) -> value.key).toList();
	}

	@Test
	void aValueIsMadeOnce() {
		AtomicInteger made = new AtomicInteger();
		for (int i = 0; i < 3; i++) {
			assertThat(this.map.get("a", (key) -> new Value(key + made.incrementAndGet(), Use.RUNNING)).key)
				.isEqualTo("a1");
		}
		assertThat(this.map.peek("b")).isNull();
		assertThat(this.map.size()).isEqualTo(1);
	}

	@Test
	void idleValuesAreForgottenBeforeUnusedOnes() {
		IntStream.range(0, 100).forEach((i) -> put("key-" + i, (i == 20) ? Use.IDLE : Use.UNUSED));
		put("next", Use.UNUSED);
		assertThat(keys()).hasSize(100).contains("key-0", "next").doesNotContain("key-20");
		put("another", Use.UNUSED);
		assertThat(keys()).hasSize(100).doesNotContain("key-0");
	}

	@Test
	void whatIsInUseStaysAndTheMapShrinksAgain() {
		List<Value> running = IntStream.range(0, 1000).mapToObj((i) -> put("key-" + i, Use.RUNNING)).toList();
		assertThat(this.map.size()).isEqualTo(1000);
		running.forEach((value) -> value.use = Use.IDLE);
		IntStream.range(0, 50).forEach((i) -> put("next-" + i, Use.RUNNING));
		assertThat(this.map.size()).isEqualTo(100);
		assertThat(keys()).contains("next-0", "next-49");
	}

	@Test
	void allCanBeForgotten() {
		put("a", Use.RUNNING);
		this.map.clear();
		assertThat(this.map.size()).isZero();
		assertThat(put("a", Use.IDLE).use).isEqualTo(Use.IDLE);
	}

	private enum Use {

		IDLE, UNUSED, RUNNING

	}

	private static final class Value {

		private final String key;

		private Use use;

		Value(String key, Use use) {
			this.key = key;
			this.use = use;
		}

	}

}
