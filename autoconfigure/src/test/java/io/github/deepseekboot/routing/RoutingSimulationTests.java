package io.github.deepseekboot.routing;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import reactor.core.publisher.Hooks;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs {@link RoutingSimulation} for many seeds: {@code -Dsimulation.seeds} says how
 * many, {@code -Dsimulation.first} where they begin.
 */
class RoutingSimulationTests {

	private static final int MOST_FAILURES = Integer.getInteger("simulation.failures", 5);

	private static final LoggingSystem logging = LoggingSystem.get(RoutingSimulationTests.class.getClassLoader());

	@BeforeAll
	static void silence() {
		logging.setLogLevel("io.github.deepseekboot", LogLevel.OFF);
		logging.setLogLevel("reactor", LogLevel.OFF);
	}

	@AfterAll
	static void speak() {
		// as in logback-test.xml
		logging.setLogLevel("io.github.deepseekboot", LogLevel.INFO);
		logging.setLogLevel("reactor", null);
		Hooks.resetOnErrorDropped();
	}

	@Test
	void whatMustHoldHoldsForEverySeed() {
		long first = Long.getLong("simulation.first", 0);
		long seeds = Long.getLong("simulation.seeds", 20_000);
		long calls = 0;
		long begun = System.nanoTime();
		List<AssertionError> broken = new ArrayList<>();
		for (long seed = first; seed < first + seeds && broken.size() < MOST_FAILURES; seed++) {
			try {
				calls += run(seed);
			}
			catch (AssertionError ex) {
				broken.add(ex);
			}
		}
		System.out.printf("simulation: %,d seeds, %,d calls, %.1f s (%.1f s of processor time)%n", seeds, calls,
				(System.nanoTime() - begun) / 1e9, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9);
		if (!broken.isEmpty()) {
			broken.subList(1, broken.size()).forEach(broken.get(0)::addSuppressed);
			throw broken.get(0);
		}
	}

	@Test
	void aPermitThatComesWithTheEndOfTheTotalTimeoutBeginsNoAttempt() {
		assertThat(run(2_340_018)).isPositive();
	}

	private static int run(long seed) {
		try {
			RoutingSimulation simulation = new RoutingSimulation(seed);
			// hooks add up
			Hooks.resetOnErrorDropped();
			Hooks.onErrorDropped(simulation::dropped);
			int calls = simulation.run();
			AssertionError broken = simulation.broken();
			if (broken != null) {
				throw broken;
			}
			return calls;
		}
		catch (Throwable ex) {
			throw new AssertionError("seed " + seed + ": " + ex.getMessage() + System.lineSeparator()
					+ "again: mvn -pl autoconfigure test -Dtest=RoutingSimulationTests -Dsimulation.first=" + seed
					+ " -Dsimulation.seeds=1", ex);
		}
	}

}
