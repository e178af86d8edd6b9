package io.github.deepseekboot.benchmark;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that allocation grows no faster than the work. Time is not asserted: it is not
 * stable.
 */
class GrowthTests {

	@Test
	void tenTimesTheWorkAllocatesTenTimesTheMemory() {
		try (Growth growth = new Growth()) {
			assertThat(growth.all()).hasSize(7).allSatisfy((work) -> {
				int size = (work.unit().equals("chunk")) ? 500 : 20_000;
				Runnable small = work.task().apply(size);
				Runnable large = work.task().apply(10 * size);
				double smallBytes = growth.measure(small, size, 5).bytes();
				double largeBytes = growth.measure(large, 10 * size, 2).bytes();
				assertThat(smallBytes).as("bytes a %s of %s", work.unit(), work.title()).isPositive();
				assertThat(largeBytes / smallBytes).as(work.title()).isLessThanOrEqualTo(1.5);
			});
		}
	}

}
