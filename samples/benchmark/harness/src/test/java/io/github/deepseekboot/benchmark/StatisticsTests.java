package io.github.deepseekboot.benchmark;

import java.util.stream.DoubleStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests {@link Statistics} and {@link Latencies}.
 */
class StatisticsTests {

	@Test
	void quantilesLieBetweenTheRanks() {
		Statistics statistics = new Statistics(DoubleStream.of(4.0, 1.0, 2.0, 3.0));
		assertThat(statistics.min()).isEqualTo(1);
		assertThat(statistics.median()).isEqualTo(2.5);
		assertThat(statistics.upperQuartile()).isEqualTo(3.25);
		assertThat(statistics.max()).isEqualTo(4);
		assertThat(statistics.range("%.1f")).isEqualTo("1.0 – 2.5 – 4.0");
	}

	@Test
	void oneValueStandsAlone() {
		assertThat(new Statistics(DoubleStream.of(7.0)).range("%.0f")).isEqualTo("7");
	}

	@Test
	void noValueIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Statistics(DoubleStream.empty()));
	}

	@Test
	void latenciesAreRoundedUpAndTheGreatestIsExact() {
		Latencies latencies = new Latencies();
		for (int i = 1; i <= 99; i++) {
			latencies.add(i * 100_000L + 1);
		}
		latencies.add(7_000_000_123L);
		assertThat(latencies.total()).isEqualTo(100);
		assertThat(latencies.quantile(0.5)).isEqualTo(5_010_000);
		assertThat(latencies.quantile(0.99)).isEqualTo(9_910_000);
		assertThat(latencies.quantile(1)).isEqualTo(7_000_000_123L);
		assertThat(latencies.max()).isEqualTo(7_000_000_123L);
	}

}
