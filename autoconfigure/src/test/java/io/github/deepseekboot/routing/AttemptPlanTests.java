package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.routing.AttemptPlan.Step;
import io.github.deepseekboot.routing.FailureRule.Same;
import io.github.deepseekboot.routing.ProviderState.Availability;
import io.github.deepseekboot.routing.ProviderState.Entry;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AttemptPlan}, as a table and as a property.
 */
class AttemptPlanTests {

	/*
	 * Providers: "u" is usable, "s2" cools down softly for 2 s, "h2" asked for 2 s, "H2"
	 * did too and is probed, "f2" has an account at fault for 2 s, "o2" has an open
	 * circuit; with "-" it has no retry budget. Then the failures of the attempts in
	 * their order; with "!" one that was never processed, with "?" one of this request
	 * only, with "*" one of the application; a number is the seconds that the provider
	 * asks for. Then the steps: place in the chain, entry (usable, retry, last resort)
	 * and wait in milliseconds; "end" is the last failure, "hint" the seconds after which
	 * to come again.
	 */
	private static final String TABLE = """
			u            |                                            | 0u
			s2 u         |                                            | 1u
			u u u        | RATE_LIMITED OVERLOADED                    | 0u 1u 2u
			u s2 u       | TLS TLS                                    | 0u 2u 1l
			s2 s1 s3     | RATE_LIMITED RATE_LIMITED                  | 1l 0l 2l
			s2 o1        |                                            | 1l
			o1 o1        | CONNECTION                                 | 0l 1l
			f2 s9        | RATE_LIMITED                               | 1l 1r200
			f2 s9-       | RATE_LIMITED                               | 1l 0l
			f2 f1        | AUTHENTICATION AUTHENTICATION              | 1l 0l end
			h2           |                                            | 0l
			H2           |                                            | 0l2000
			H31          |                                            | hint31
			H31 h40      |                                            | 1l
			H31 H40      |                                            | hint31
			H20 H10      |                                            | 1l10000
			H20 s25      |                                            | 1l
			h20 s5 H1    | TLS TLS                                    | 1l 0l 2l1000
			u            | RATE_LIMITED RATE_LIMITED                  | 0u 0r200 0r400
			u            | RATE_LIMITED3                              | 0u 0r3000
			u            | RATE_LIMITED31                             | 0u end
			u-           | RATE_LIMITED                               | 0u end
			u            | CONNECTION CONNECTION                      | 0u 0r200 end
			u u          | CONNECTION CONNECTION CONNECTION           | 0u 0r200 1u 1r400
			u- u         | CONNECTION                                 | 0u 1u
			u u          | RATE_LIMITED RATE_LIMITED                  | 0u 1u 0r200
			u u          | RATE_LIMITED9 RATE_LIMITED                 | 0u 1u 1r200
			u u          | RATE_LIMITED AUTHENTICATION                | 0u 1u 0r200
			u u u        | SERVER_ERROR SERVER_ERROR                  | 0u 1u end
			u u u        | SERVER_ERROR RATE_LIMITED                  | 0u 1u 2u
			u u u        | TIMEOUT! TIMEOUT! TIMEOUT!                 | 0u 1u 2u end
			u u u        | TIMEOUT TLS TLS                            | 0u 1u 2u end
			u            | SERVER_ERROR SERVER_ERROR                  | 0u 0r200 end
			u            | TIMEOUT                                    | 0u end
			u f9         | SERVER_ERROR OUT_OF_CREDIT                 | 0u 0r200 1l
			u u          | INVALID_REQUEST                            | 0u end
			u u          | INVALID_REQUEST? CONTEXT_LENGTH?           | 0u 1u end
			u u          | RATE_LIMITED*                              | 0u end
			u u          | LOCAL_LIMIT UNSUPPORTED                    | 0u 1u end
			u u          | REDIRECTED                                 | 0u 1u
			u u          | RATE_LIMITED1 RATE_LIMITED1 RATE_LIMITED1 RATE_LIMITED1 RATE_LIMITED1 RATE_LIMITED1 \
			| 0u 1u 0r1000 1r400 0r800 1r1600 end
			""";

	private final List<FakeTarget> targets = new ArrayList<>();

	private long now;

	static Stream<Arguments> table() {
		return TABLE.lines()
			.map((line) -> Arrays.stream(line.split("\\|")).map(String::strip).toArray(String[]::new))
			.map((row) -> Arguments.of(row[0], row[1], row[2]));
	}

	@ParameterizedTest(name = "{0} | {1}")
	@MethodSource("table")
	void decides(String providers, String failures, String steps) {
		for (String provider : providers.split(" ")) {
			this.targets.add(new FakeTarget("p" + this.targets.size(), provider));
		}
		AttemptPlan plan = plan(RoutingSettings.DEFAULTS, false, Duration.ofMinutes(20));
		List<String> taken = new ArrayList<>();
		Step step = plan.first();
		taken.add(text(step, null));
		for (String text : failures.isEmpty() ? new String[0] : failures.split(" ")) {
			this.now += step.delay();
			plan.begun(step.target());
			DeepSeekException failure = failure(text);
			this.targets.get(step.target()).failed(failure);
			step = plan.failed(step.target(), failure);
			taken.add(text(step, failure));
		}
		assertThat(String.join(" ", taken)).isEqualTo(steps);
	}

	private AttemptPlan plan(RoutingSettings settings, boolean pinned, Duration total) {
		return new AttemptPlan(this.targets, pinned, settings, this.now + total.toNanos(), () -> this.now,
				(bound) -> 0);
	}

	private static String text(Step step, @Nullable DeepSeekException failure) {
		if (step.failure() == null) {
			return step.target() + step.entry().name().substring(0, 1).toLowerCase(Locale.ROOT)
					+ ((step.delay() > 0) ? TimeUnit.NANOSECONDS.toMillis(step.delay()) : "");
		}
		if (step.failure() == failure) {
			return "end";
		}
		return "hint" + Objects.requireNonNull(step.failure().getRetryAfter()).toSeconds();
	}

	private static DeepSeekException failure(String text) {
		String kind = text.replaceAll("[^A-Z_]", "");
		String seconds = text.replaceAll("\\D", "");
		return DeepSeekException.builder(ErrorKind.valueOf(kind), "failed")
			.retryAfter(seconds.isEmpty() ? null : Duration.ofSeconds(Long.parseLong(seconds)))
			.neverProcessed(text.endsWith("!"))
			.scope(text.endsWith("?") ? FailureScope.REQUEST
					: text.endsWith("*") ? FailureScope.APPLICATION : FailureScope.PROVIDER)
			.build();
	}

	@Test
	void aPinnedCallGoesToItsProviderWhateverThatIsLike() {
		this.targets.add(new FakeTarget("a", "H60"));
		AttemptPlan plan = plan(RoutingSettings.DEFAULTS, true, Duration.ofMinutes(20));
		assertThat(plan.first()).isEqualTo(new Step(0, 0, Entry.PINNED, null));
		plan.begun(0);
		assertThat(plan.canTakeOver()).isFalse();
		DeepSeekException failure = failure("CONNECTION");
		assertThat(plan.failed(0, failure).entry()).isEqualTo(Entry.PINNED);
	}

	@Test
	void noWaitEndsAfterTheDeadline() {
		this.targets.add(new FakeTarget("a", "H2"));
		assertThat(plan(RoutingSettings.DEFAULTS, false, Duration.ofSeconds(2)).first().failure()).isNotNull();
		assertThat(plan(RoutingSettings.DEFAULTS, false, Duration.ofMillis(2001)).first().failure()).isNull();
	}

	@Test
	void whoIsTurnedAwayContinues() {
		this.targets.add(new FakeTarget("a", "u"));
		this.targets.add(new FakeTarget("b", "u"));
		AttemptPlan plan = plan(RoutingSettings.DEFAULTS, false, Duration.ofMinutes(20));
		Step first = plan.first();
		this.targets.get(0).become("s1");
		Step second = plan.turnedAway(first);
		assertThat(text(second, null)).isEqualTo("1u");
		this.targets.get(1).become("H3");
		Step third = plan.turnedAway(second);
		assertThat(text(third, null)).as("a soft cool-down stops nobody").isEqualTo("0l");
		this.targets.get(0).become("H2");
		assertThat(text(plan.turnedAway(third), null)).isEqualTo("0l2000");
	}

	@Test
	void anotherCanTakeOverWhileItIsUsableAndAllowed() {
		this.targets.add(new FakeTarget("a", "u"));
		this.targets.add(new FakeTarget("b", "u"));
		AttemptPlan plan = plan(RoutingSettings.DEFAULTS, false, Duration.ofMinutes(20));
		plan.begun(0);
		assertThat(plan.canTakeOver()).isTrue();
		this.targets.get(1).become("s1");
		assertThat(plan.canTakeOver()).isFalse();
		this.targets.get(1).become("u");
		AttemptPlan once = plan(RoutingSettings.builder().maxAttempts(1).build(), false, Duration.ofMinutes(20));
		once.begun(0);
		assertThat(once.canTakeOver()).isFalse();
		AttemptPlan cheap = plan(RoutingSettings.builder().extraSends(0).build(), false, Duration.ofMinutes(20));
		cheap.begun(0);
		assertThat(cheap.canTakeOver()).isFalse();
	}

	@Test
	void theBackOffDoublesToItsMostAndIsShortenedByChance() {
		this.targets.add(new FakeTarget("a", "u"));
		RoutingSettings settings = RoutingSettings.builder().maxAttempts(8).budget(100).build();
		AttemptPlan plan = new AttemptPlan(this.targets, false, settings, Duration.ofMinutes(20).toNanos(),
				() -> this.now, (bound) -> bound - 1);
		List<Long> waits = new ArrayList<>();
		plan.first();
		for (int i = 0; i < 7; i++) {
			plan.begun(0);
			waits.add(Duration.ofNanos(plan.failed(0, failure("RATE_LIMITED")).delay()).toMillis());
		}
		assertThat(waits).containsExactly(100L, 200L, 400L, 800L, 1600L, 2500L, 2500L);
	}

	@Test
	void everyPlanKeepsItsRules() {
		for (int seed = 0; seed < 20_000; seed++) {
			try {
				follow(new Random(seed));
			}
			catch (AssertionError ex) {
				throw new AssertionError("seed " + seed, ex);
			}
		}
	}

	private void follow(Random random) {
		this.now = random.nextLong();
		this.targets.clear();
		int size = 1 + random.nextInt(4);
		for (int i = 0; i < size; i++) {
			this.targets.add(new FakeTarget("p" + i, anyState(random)));
		}
		RoutingSettings settings = RoutingSettings.builder()
			.maxAttempts(1 + random.nextInt(8))
			.extraSends(random.nextInt(3))
			.build();
		long deadline = this.now + TimeUnit.SECONDS.toNanos(1 + random.nextInt(60));
		AttemptPlan plan = new AttemptPlan(this.targets, false, settings, deadline, () -> this.now,
				(bound) -> random.nextLong(bound));
		FailureRule[] asked = new FailureRule[size];
		boolean[] turnedAway = new boolean[size];
		DeepSeekException failure = null;
		int attempts = 0;
		int ambiguous = 0;
		long waited = 0;
		Step step = plan.first();
		for (int steps = 0; step.failure() == null; steps++) {
			assertThat(steps).as("steps").isLessThan(1000);
			FailureRule rule = asked[step.target()];
			assertThat(attempts).isLessThan(settings.maxAttempts());
			assertThat(ambiguous).isLessThanOrEqualTo(settings.extraSends());
			assertThat(step.delay()).isNotNegative().isLessThan(deadline - this.now);
			waited = (rule != null) ? 0 : waited + step.delay();
			assertThat(Math.max(step.delay(), waited)).isLessThanOrEqualTo(AttemptPlan.LONGEST_WAIT.toNanos());
			Availability available = this.targets.get(step.target()).availability();
			if (rule != null) {
				assertThat(step.entry()).isEqualTo(Entry.RETRY);
				assertThat(rule.same()).isNotEqualTo(Same.NO);
				assertThat(available.retryBudget() && available.circuitReady()).isTrue();
				assertThat(step.delay()).isGreaterThanOrEqualTo((rule.same() == Same.ONCE) ? 1 : available.hardLeft());
			}
			else if (step.entry() == Entry.LAST_RESORT && step.delay() == 0) {
				assertThat(available.hardLeft() > 0 && available.probed()).isFalse();
			}
			else if (step.entry() == Entry.USABLE) {
				assertThat(available.usable()).isTrue();
			}
			this.now += step.delay() + random.nextInt(1_000_000);
			FakeTarget target = this.targets.get(random.nextInt(size));
			target.become(anyState(random));
			if (random.nextInt(5) == 0) {
				turnedAway[step.target()] = true;
				step = plan.turnedAway(step);
				continue;
			}
			plan.begun(step.target());
			Arrays.fill(turnedAway, false);
			attempts++;
			waited = 0;
			failure = failure(ErrorKind.values()[random.nextInt(ErrorKind.values().length)].name()
					+ new String[] { "", "", "", "!", "?", "*", "3", "40" }[random.nextInt(8)]);
			asked[step.target()] = FailureRule.of(failure);
			ambiguous += asked[step.target()].ambiguous() ? 1 : 0;
			step = plan.failed(step.target(), failure);
		}
		if (failure != null) {
			assertThat(step.failure()).isSameAs(failure);
		}
		else {
			assertThat(step.failure().getRetryAfter()).isNotNull();
		}
		boolean canContinue = failure != null && FailureRule.of(failure).next() && attempts < settings.maxAttempts()
				&& ambiguous <= settings.extraSends() && this.now < deadline;
		for (int i = 0; i < size && canContinue; i++) {
			assertThat(asked[i] == null && !turnedAway[i] && this.targets.get(i).availability().usable())
				.as("a usable provider is left")
				.isFalse();
		}
	}

	private static String anyState(Random random) {
		return "uuuushHfo".charAt(random.nextInt(9)) + String.valueOf(1 + random.nextInt(50))
				+ ((random.nextInt(4) == 0) ? "-" : "");
	}

	private final class FakeTarget implements AttemptPlan.Target {

		private final String provider;

		private String state = "u";

		private long until;

		FakeTarget(String provider, String state) {
			this.provider = provider;
			become(state);
		}

		void become(String state) {
			this.state = state;
			String seconds = state.replaceAll("\\D", "");
			this.until = AttemptPlanTests.this.now
					+ (seconds.isEmpty() ? 0 : TimeUnit.SECONDS.toNanos(Long.parseLong(seconds)));
		}

		void failed(DeepSeekException failure) {
			FailureRule rule = FailureRule.of(failure);
			String budget = this.state.endsWith("-") ? "-" : "";
			Duration asked = failure.getRetryAfter();
			if (asked != null) {
				become("h" + asked.toSeconds() + budget);
			}
			else if (rule.cools()) {
				become(((rule.coolDown().fixed() == null) ? "s1" : "f300") + budget);
			}
		}

		@Override
		public String provider() {
			return this.provider;
		}

		@Override
		public Availability availability() {
			char kind = this.state.charAt(0);
			long left = Math.max(0, this.until - AttemptPlanTests.this.now);
			boolean usable = kind == 'u' || left == 0;
			return new Availability(usable, usable ? 0 : left, (kind == 'h' || kind == 'H') ? left : 0,
					ErrorKind.RATE_LIMITED, kind == 'f' && !usable, kind == 'H', kind != 'o' || usable,
					!this.state.endsWith("-"));
		}

	}

}
