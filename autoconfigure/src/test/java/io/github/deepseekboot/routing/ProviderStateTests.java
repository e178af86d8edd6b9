package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CircuitChanged;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingEvent.CoolDownStarted;
import io.github.deepseekboot.routing.ProviderState.Admission;
import io.github.deepseekboot.routing.ProviderState.Entry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProviderState}.
 */
class ProviderStateTests {

	private static final String MODEL = "model";

	private final List<RoutingEvent> events = new ArrayList<>();

	private long now = Long.MAX_VALUE - Duration.ofSeconds(100).toNanos();

	private final ProviderState state = state(RoutingSettings.builder().budget(3).build());

	private ProviderState state(RoutingSettings settings) {
		return new ProviderState("a", "key", settings, () -> this.now, this.events::add);
	}

	private void pass(Duration time) {
		this.now += time.toNanos();
	}

	private Admission begin(Entry entry) {
		return Objects.requireNonNull(this.state.tryBegin(MODEL, entry), "not admitted");
	}

	private void fail(ErrorKind kind, @Nullable Duration retryAfter) {
		fail(begin(Entry.LAST_RESORT), kind, retryAfter);
	}

	private void fail(Admission admission, ErrorKind kind, @Nullable Duration retryAfter) {
		fail(admission, DeepSeekException.builder(kind, "failed").retryAfter(retryAfter).build());
	}

	private static void fail(Admission admission, DeepSeekException failure) {
		admission.failed(failure, AttemptReport.builder(1, "a", MODEL).error(failure.getKind()).build());
	}

	private @Nullable Duration coolDownLeft() {
		return this.state.status().coolDownLeft();
	}

	private boolean isUsable() {
		return this.state.availability(MODEL).usable();
	}

	@Test
	void aCoolDownOfOurOwnGrowsWithConsecutiveFailures() {
		for (long millis : new long[] { 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000 }) {
			fail(ErrorKind.RATE_LIMITED, null);
			assertThat(coolDownLeft()).isEqualTo(Duration.ofMillis(millis));
			assertThat(this.state.availability(MODEL).hardLeft()).isZero();
			pass(Duration.ofMillis(millis));
			assertThat(isUsable()).isTrue();
		}
		begin(Entry.USABLE).succeeded();
		fail(ErrorKind.OVERLOADED, null);
		assertThat(coolDownLeft()).as("a success ends the growth").isEqualTo(Duration.ofMillis(500));
	}

	@Test
	void aTimeThatNoProviderWouldAskForIsLimited() {
		// an interceptor's failure may have it
		fail(ErrorKind.RATE_LIMITED, Duration.ofDays(365_000));
		assertThat(coolDownLeft()).isEqualTo(Duration.ofHours(1));
		this.state.reset();
		fail(ErrorKind.MODEL_NOT_FOUND, Duration.ofDays(365_000));
		assertThat(this.state.availability(MODEL).usableIn()).isEqualTo(Duration.ofHours(1).toNanos());
		this.state.reset();
		fail(ErrorKind.RATE_LIMITED, Duration.ofSeconds(-1));
		assertThat(coolDownLeft()).isEqualTo(Duration.ofMillis(500));
	}

	@Test
	void attemptsThatFailTogetherAreOneFailure() {
		List<Admission> together = List.of(begin(Entry.USABLE), begin(Entry.USABLE), begin(Entry.USABLE));
		pass(Duration.ofMillis(10));
		together.forEach((admission) -> fail(admission, ErrorKind.RATE_LIMITED, null));
		assertThat(coolDownLeft()).isEqualTo(Duration.ofMillis(500));
		pass(Duration.ofSeconds(1));
		fail(ErrorKind.RATE_LIMITED, null);
		assertThat(coolDownLeft()).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void aSuccessEndsACoolDownOfOurOwn() {
		fail(ErrorKind.RATE_LIMITED, null);
		begin(Entry.LAST_RESORT).committed();
		assertThat(coolDownLeft()).isNull();
		fail(ErrorKind.OUT_OF_CREDIT, null);
		assertThat(coolDownLeft()).isEqualTo(Duration.ofMinutes(10));
		begin(Entry.PINNED).succeeded();
		assertThat(coolDownLeft()).isNull();
		fail(ErrorKind.MODEL_NOT_FOUND, null);
		assertThat(this.state.availability("another").usable()).isTrue();
		assertThat(isUsable()).isFalse();
		begin(Entry.LAST_RESORT).succeeded();
		assertThat(isUsable()).isTrue();
	}

	@Test
	void aSuccessFromBeforeTheFailureEndsNothing() {
		Admission old = begin(Entry.USABLE);
		pass(Duration.ofMillis(1));
		fail(ErrorKind.RATE_LIMITED, null);
		old.succeeded();
		assertThat(coolDownLeft()).isEqualTo(Duration.ofMillis(500));
	}

	@Test
	void theTimeThatAProviderAskedForIsKept() {
		fail(ErrorKind.RATE_LIMITED, Duration.ofSeconds(7));
		begin(Entry.LAST_RESORT).succeeded();
		assertThat(coolDownLeft()).isEqualTo(Duration.ofSeconds(7));
		fail(ErrorKind.RATE_LIMITED, Duration.ofSeconds(2));
		assertThat(coolDownLeft()).as("a shorter one does not end a longer one").isEqualTo(Duration.ofSeconds(7));
		fail(ErrorKind.RATE_LIMITED, null);
		assertThat(coolDownLeft()).isEqualTo(Duration.ofSeconds(7));
		this.state.announce();
		assertThat(this.events).filteredOn(CoolDownStarted.class::isInstance).hasSize(2);
		pass(Duration.ofSeconds(7));
		assertThat(isUsable()).isTrue();
	}

	@Test
	void anyFailureOfTheProviderMayAskForTime() {
		fail(ErrorKind.SERVER_ERROR, Duration.ofSeconds(3));
		assertThat(coolDownLeft()).isEqualTo(Duration.ofSeconds(3));
	}

	@Test
	void oneProbeAtATimeWhereTimeWasAskedFor() {
		fail(ErrorKind.RATE_LIMITED, Duration.ofSeconds(7));
		assertThat(this.state.tryBegin(MODEL, Entry.USABLE)).isNull();
		Admission probe = begin(Entry.LAST_RESORT);
		assertThat(this.state.availability(MODEL).probed()).isTrue();
		assertThat(this.state.tryBegin(MODEL, Entry.LAST_RESORT)).isNull();
		assertThat(this.state.tryBegin(MODEL, Entry.RETRY)).isNull();
		begin(Entry.PINNED).cancelled();
		assertThat(this.state.availability(MODEL).probed()).isTrue();
		probe.cancelled();
		begin(Entry.RETRY).cancelled();
		pass(Duration.ofSeconds(7));
		begin(Entry.LAST_RESORT);
		begin(Entry.LAST_RESORT);
		assertThat(this.state.status().inFlight()).isEqualTo(2);
	}

	@Test
	void aRefusalOfOneRequestIsHeldAgainstNobody() {
		for (ErrorKind kind : ErrorKind.values()) {
			for (FailureScope scope : List.of(FailureScope.REQUEST, FailureScope.APPLICATION)) {
				fail(begin(Entry.USABLE),
						DeepSeekException.builder(kind, "no").scope(scope).retryAfter(Duration.ofSeconds(9)).build());
			}
		}
		assertThat(isUsable()).isTrue();
		assertThat(this.state.availability(MODEL).retryBudget()).isTrue();
		this.state.announce();
		assertThat(this.events).isEmpty();
	}

	@Test
	void theBudgetTakesOneVerdictOfEachAttempt() {
		for (int i = 0; i < 2; i++) {
			Admission broken = begin(Entry.USABLE);
			broken.committed();
			fail(broken, ErrorKind.SERVER_ERROR, null);
		}
		assertThat(this.state.availability(MODEL).retryBudget()).isTrue();
		fail(ErrorKind.SERVER_ERROR, null);
		assertThat(this.state.availability(MODEL).retryBudget()).isFalse();
		for (int i = 0; i < 11; i++) {
			begin(Entry.USABLE).succeeded();
		}
		assertThat(this.state.availability(MODEL).retryBudget()).isTrue();
	}

	@Test
	void anAttemptEndsOnce() {
		Admission admission = begin(Entry.USABLE);
		admission.succeeded();
		admission.cancelled();
		fail(admission, ErrorKind.RATE_LIMITED, null);
		admission.committed();
		assertThat(this.state.status().inFlight()).isZero();
		assertThat(isUsable()).isTrue();
	}

	@Test
	void aCancelledAttemptIsASuccessOnceItDelivers() {
		ProviderState strict = state(RoutingSettings.builder().failureRate(100).window(2).build());
		Admission silent = Objects.requireNonNull(strict.tryBegin(MODEL, Entry.USABLE));
		silent.cancelled();
		assertThat(strict.status().lastSuccessAge()).isNull();
		Admission delivering = Objects.requireNonNull(strict.tryBegin(MODEL, Entry.USABLE));
		delivering.committed();
		delivering.cancelled();
		assertThat(strict.status().lastSuccessAge()).isZero();
	}

	@Test
	void whatAnAttemptNeedNotMind() {
		ProviderState open = state(RoutingSettings.builder().failureRate(100).window(1).build());
		fail(Objects.requireNonNull(open.tryBegin(MODEL, Entry.USABLE)), new DeepSeekException(ErrorKind.TLS, "no"));
		assertThat(open.status().circuit()).isEqualTo(CircuitState.OPEN);
		assertThat(open.availability(MODEL).usableIn()).isEqualTo(Duration.ofSeconds(30).toNanos());
		assertThat(open.tryBegin(MODEL, Entry.USABLE)).isNull();
		assertThat(open.tryBegin(MODEL, Entry.RETRY)).isNull();
		Admission lastResort = Objects.requireNonNull(open.tryBegin(MODEL, Entry.LAST_RESORT));
		lastResort.succeeded();
		assertThat(open.status().circuit()).as("no permission, no say").isEqualTo(CircuitState.OPEN);
	}

	@Test
	void resettingForgetsCoolDownsBudgetAndCircuit() {
		fail(ErrorKind.RATE_LIMITED, Duration.ofSeconds(7));
		fail(ErrorKind.OUT_OF_CREDIT, null);
		fail(ErrorKind.MODEL_NOT_FOUND, null);
		assertThat(this.state.availability(MODEL).retryBudget()).isFalse();
		this.state.reset();
		assertThat(isUsable()).isTrue();
		assertThat(this.state.availability(MODEL).retryBudget()).isTrue();
		assertThat(this.state.isIdle()).isTrue();
	}

	@Test
	void manyMissingModelsDoNotEndEachOthersCoolDowns() {
		for (int i = 0; i < 150; i++) {
			String model = "model-" + i;
			fail(Objects.requireNonNull(this.state.tryBegin(model, Entry.USABLE)),
					new DeepSeekException(ErrorKind.MODEL_NOT_FOUND, "no"));
		}
		assertThat(this.state.availability("model-149").usable()).isFalse();
		assertThat(this.state.status().missingModels()).hasSize(100).contains("model-149");
		pass(Duration.ofMinutes(5));
		assertThat(this.state.status().missingModels()).isEmpty();
	}

	@Test
	void eventsOfOneProviderComeInTheOrderInWhichTheyHappened() {
		List<ProviderState> states = new ArrayList<>();
		ProviderState strict = new ProviderState("a", "key",
				RoutingSettings.builder().failureRate(100).window(1).build(), () -> this.now, (event) -> {
					if (event instanceof CircuitChanged changed && changed.to() == CircuitState.OPEN) {
						states.get(0).reset();
					}
					this.events.add(event);
				});
		states.add(strict);
		fail(Objects.requireNonNull(strict.tryBegin(MODEL, Entry.USABLE)),
				new DeepSeekException(ErrorKind.OVERLOADED, "no"));
		assertThat(this.events).as("nothing before the attempt is over").isEmpty();
		strict.announce();
		assertThat(this.events).extracting((event) -> event.getClass().getSimpleName())
			.containsExactly("CircuitChanged", "CoolDownStarted", "CircuitChanged");
		assertThat(this.events.get(2)).isInstanceOfSatisfying(CircuitChanged.class,
				(changed) -> assertThat(changed.to()).isEqualTo(CircuitState.CLOSED));
	}

}
