package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.routing.Circuit.Permission;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Circuit}.
 */
class CircuitTests {

	private final List<String> changes = new ArrayList<>();

	private long now;

	private Circuit circuit(int failureRate, int window, int halfOpen) {
		RoutingSettings settings = RoutingSettings.builder()
			.failureRate(failureRate)
			.window(window)
			.openFor(Duration.ofSeconds(30))
			.halfOpen(halfOpen)
			.build();
		return new Circuit(settings, () -> this.now, (from, to) -> this.changes.add(from + " " + to));
	}

	private static Permission acquire(Circuit circuit) {
		return Objects.requireNonNull(circuit.tryAcquire(), "no permission");
	}

	private static void fail(Circuit circuit) {
		acquire(circuit).failed();
	}

	private static void succeed(Circuit circuit) {
		acquire(circuit).succeeded();
	}

	private void halfOpen(Circuit circuit) {
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
		this.now += Duration.ofSeconds(30).toNanos();
	}

	@Test
	void opensWhenTheRateOfTheLatestResultsIsReached() {
		Circuit circuit = circuit(50, 20, 1);
		for (int i = 0; i < 4; i++) {
			fail(circuit);
			succeed(circuit);
		}
		fail(circuit);
		assertThat(circuit.state()).as("nine results say nothing").isEqualTo(CircuitState.CLOSED);
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
		assertThat(this.changes).containsExactly("CLOSED OPEN");
		assertThat(circuit.tryAcquire()).isNull();
	}

	@Test
	void looksAtTheLatestResultsOnly() {
		Circuit circuit = circuit(60, 10, 1);
		for (int i = 0; i < 5; i++) {
			fail(circuit);
		}
		for (int i = 0; i < 10; i++) {
			succeed(circuit);
		}
		for (int i = 0; i < 5; i++) {
			fail(circuit);
			assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
		}
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
	}

	@Test
	void aSmallWindowNeedsNoMoreResultsThanItHas() {
		Circuit circuit = circuit(100, 1, 1);
		succeed(circuit);
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
	}

	@Test
	void afterTheWaitOneTrialDecides() {
		Circuit circuit = circuit(100, 1, 1);
		fail(circuit);
		this.now += Duration.ofSeconds(30).toNanos() - 1;
		assertThat(circuit.isReady()).isFalse();
		assertThat(circuit.openLeft()).isEqualTo(1);
		this.now++;
		assertThat(circuit.isReady()).isTrue();
		assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
		assertThat(this.changes).as("looking changes nothing").containsExactly("CLOSED OPEN");
		Permission trial = acquire(circuit);
		assertThat(circuit.isReady()).isFalse();
		assertThat(circuit.tryAcquire()).isNull();
		trial.failed();
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
		this.now += Duration.ofSeconds(30).toNanos();
		succeed(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
		assertThat(this.changes).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN", "HALF_OPEN OPEN", "OPEN HALF_OPEN",
				"HALF_OPEN CLOSED");
	}

	@Test
	void severalTrialsAreDecidedTogether() {
		Circuit circuit = circuit(50, 1, 3);
		halfOpen(circuit);
		Permission first = acquire(circuit);
		Permission second = acquire(circuit);
		Permission third = acquire(circuit);
		assertThat(circuit.tryAcquire()).isNull();
		first.failed();
		second.succeeded();
		assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
		assertThat(circuit.tryAcquire()).as("a trial that has ended is not made again").isNull();
		third.failed();
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
	}

	@Test
	void aTrialWithoutAVerdictMakesRoomForAnother() {
		Circuit circuit = circuit(100, 1, 1);
		halfOpen(circuit);
		Permission trial = acquire(circuit);
		trial.released();
		trial.released();
		assertThat(circuit.isReady()).isTrue();
		acquire(circuit);
		assertThat(circuit.tryAcquire()).isNull();
	}

	@Test
	void aStalePermissionHasNoSay() {
		Circuit circuit = circuit(100, 1, 1);
		Permission fromBefore = acquire(circuit);
		Permission alsoFromBefore = acquire(circuit);
		Permission releasedFromBefore = acquire(circuit);
		halfOpen(circuit);
		Permission trial = acquire(circuit);
		fromBefore.failed();
		assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
		alsoFromBefore.succeeded();
		assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
		releasedFromBefore.released();
		assertThat(circuit.tryAcquire()).as("the trial still runs").isNull();
		trial.succeeded();
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
	}

	@Test
	void aTrialOfAnEarlierRoundHasNoSayInTheNext() {
		Circuit circuit = circuit(50, 1, 2);
		halfOpen(circuit);
		Permission late = acquire(circuit);
		circuit.reset();
		halfOpen(circuit);
		acquire(circuit);
		late.failed();
		late.released();
		assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
		acquire(circuit);
		assertThat(circuit.tryAcquire()).isNull();
	}

	@Test
	void aPermissionHasOneVerdict() {
		Circuit circuit = circuit(100, 2, 1);
		Permission permission = acquire(circuit);
		permission.failed();
		permission.failed();
		permission.succeeded();
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
	}

	@Test
	void aTrialIsSettledAtTheCommitAndCountedAtItsEnd() {
		Circuit circuit = circuit(100, 1, 1);
		halfOpen(circuit);
		Permission trial = acquire(circuit);
		trial.committed();
		trial.committed();
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
		trial.failed();
		assertThat(circuit.state()).as("its end is the closed circuit's first result").isEqualTo(CircuitState.OPEN);
	}

	@Test
	void aTrialThatBreaksWhileOthersRunHasFailed() {
		Circuit circuit = circuit(50, 1, 2);
		halfOpen(circuit);
		Permission broken = acquire(circuit);
		Permission complete = acquire(circuit);
		broken.committed();
		broken.failed();
		assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
		complete.succeeded();
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
	}

	@Test
	void aTrialThatCommittedAndWasCancelledHasPassed() {
		Circuit circuit = circuit(100, 1, 2);
		halfOpen(circuit);
		Permission trial = acquire(circuit);
		trial.committed();
		trial.released();
		succeed(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
	}

	@Test
	void theCommitOfAClosedCircuitCountsNothing() {
		Circuit circuit = circuit(100, 2, 1);
		Permission permission = acquire(circuit);
		permission.committed();
		permission.failed();
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
	}

	@Test
	void resettingForgetsEverything() {
		Circuit circuit = circuit(100, 2, 1);
		fail(circuit);
		Permission running = acquire(circuit);
		circuit.reset();
		assertThat(this.changes).isEmpty();
		running.failed();
		fail(circuit);
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
		fail(circuit);
		circuit.reset();
		assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
		assertThat(circuit.isReady()).isTrue();
		assertThat(this.changes).containsExactly("CLOSED OPEN", "OPEN CLOSED");
	}

}
