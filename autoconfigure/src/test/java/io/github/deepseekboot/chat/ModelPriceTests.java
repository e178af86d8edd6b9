package io.github.deepseekboot.chat;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ModelPrice} and {@link PeakHours}, against calculations by hand.
 */
class ModelPriceTests {

	private static final ZoneId BEIJING = ZoneId.of("Asia/Shanghai");

	// DeepSeek's of November 2026
	private static final PeakHours PEAK = new PeakHours(new BigDecimal("2"), BEIJING,
			EnumSet.range(DayOfWeek.MONDAY, DayOfWeek.FRIDAY),
			List.of(PeakHours.Hours.parse("09:00-12:00"), PeakHours.Hours.parse("14:00-18:00")),
			Set.of(LocalDate.of(2026, 10, 1)));

	private static final ModelPrice FLASH = ModelPrice.builder(BigDecimal.ONE, new BigDecimal("4"), "CNY")
		.cachedInput(new BigDecimal("0.02"))
		.peak(PEAK)
		.build();

	// 400,000 not cached at 1, 600,000 cached at 0.02, 250,000 out at 4
	private static final Usage USAGE = Usage.builder()
		.promptTokens(1_000_000L)
		.completionTokens(250_000L)
		.totalTokens(1_250_000L)
		.cacheHitTokens(600_000L)
		.build();

	@Test
	void nobodyIsPaidForAsking() {
		BigDecimal less = new BigDecimal("-0.01");
		assertThatIllegalArgumentException().isThrownBy(() -> FLASH.toBuilder().input(less).build())
			.withMessage("'input' must not be negative");
		assertThatIllegalArgumentException().isThrownBy(() -> FLASH.toBuilder().cachedInput(less).build())
			.withMessage("'cachedInput' must not be negative");
		assertThatIllegalArgumentException().isThrownBy(() -> FLASH.toBuilder().output(less).build())
			.withMessage("'output' must not be negative");
		assertThatIllegalArgumentException().isThrownBy(() -> FLASH.toBuilder().currency(" ").build())
			.withMessage("'currency' must not be empty");
	}

	@ParameterizedTest
	@CsvSource({
			// Thursday in Beijing, eight hours ahead of UTC
			"2026-11-26T00:59:59.999999999Z, 1.412", "2026-11-26T01:00:00Z, 2.824",
			"2026-11-26T03:59:59.999999999Z, 2.824", "2026-11-26T04:00:00Z, 1.412", "2026-11-26T05:59:59Z, 1.412",
			"2026-11-26T06:00:00Z, 2.824", "2026-11-26T09:59:59.999Z, 2.824", "2026-11-26T10:00:00Z, 1.412",
			// still Sunday in New York, Monday in Beijing
			"2026-11-22T20:00:00-05:00, 2.824", "2026-11-22T19:59:59-05:00, 1.412",
			// still Friday in New York, Saturday in Beijing
			"2026-11-27T20:00:00-05:00, 1.412", "2026-11-27T04:30:00-05:00, 2.824",
			// a public holiday, and the days around it
			"2026-10-01T10:00:00+08:00, 1.412", "2026-09-30T10:00:00+08:00, 2.824", "2026-10-02T10:00:00+08:00, 2.824",
			"2026-10-01T23:00:00-04:00, 2.824" })
	void theMomentOfCompletionDecides(String moment, BigDecimal amount) {
		Cost cost = FLASH.cost(USAGE, OffsetDateTime.parse(moment).toInstant());
		assertThat(cost).isNotNull();
		assertThat(cost.amount()).isEqualByComparingTo(amount);
		assertThat(cost.currency()).isEqualTo("CNY");
	}

	@ParameterizedTest
	@CsvSource({ "2026-03-29T00:59:59Z, true", "2026-03-29T01:00:00Z, false", "2026-03-29T00:30:00Z, true",
			// the hour that comes twice
			"2026-10-25T00:30:00Z, true", "2026-10-25T01:30:00Z, true", "2026-10-25T02:00:00Z, false" })
	void hoursAreThoseOfTheZoneWhenClocksAreChanged(String moment, boolean peak) {
		PeakHours hours = new PeakHours(BigDecimal.TEN, ZoneId.of("Europe/Berlin"), Set.of(),
				List.of(PeakHours.Hours.parse("00:30-03:00")), Set.of());
		assertThat(hours.contains(Instant.parse(moment))).isEqualTo(peak);
	}

	@ParameterizedTest
	@CsvSource({ "2026-11-27T21:59:59Z, false", "2026-11-27T22:00:00Z, true", "2026-11-28T01:59:59Z, true",
			"2026-11-28T02:00:00Z, false", "2026-11-28T22:00:00Z, false", "2026-11-27T01:00:00Z, false" })
	void hoursOverMidnightBelongToTheDayOnWhichTheyBegin(String moment, boolean peak) {
		PeakHours hours = new PeakHours(BigDecimal.TEN, ZoneId.of("UTC"), Set.of(DayOfWeek.FRIDAY),
				List.of(PeakHours.Hours.parse("22:00-02:00")), Set.of());
		assertThat(hours.contains(Instant.parse(moment))).isEqualTo(peak);
	}

	@Test
	void aSpanMayEndTheDay() {
		PeakHours hours = new PeakHours(BigDecimal.TEN, ZoneId.of("UTC"), Set.of(DayOfWeek.FRIDAY),
				List.of(PeakHours.Hours.parse("18:00-24:00")), Set.of());
		assertThat(hours.contains(Instant.parse("2026-11-27T23:59:59Z"))).isTrue();
		assertThat(hours.contains(Instant.parse("2026-11-28T00:00:00Z"))).isFalse();
		assertThat(hours.contains(Instant.parse("2026-11-27T00:00:00Z"))).isFalse();
	}

	@Test
	void withoutHoursAllTheDayIsPeak() {
		PeakHours days = new PeakHours(BigDecimal.TEN, BEIJING, Set.of(DayOfWeek.SUNDAY), List.of(), Set.of());
		assertThat(days.contains(Instant.parse("2026-11-28T16:00:00Z"))).isTrue();
		assertThat(days.contains(Instant.parse("2026-11-28T15:59:59Z"))).isFalse();
		assertThat(days.contains(Instant.parse("2026-11-29T16:00:00Z"))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "9-12", "09:00", "09:00-12:00-13:00", "09:00-09:00", "24:00-09:00", "09:00-25:00" })
	void aSpanThatIsWrittenOtherwiseIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> PeakHours.Hours.parse(text))
			.withMessageContaining("09:00-12:00");
	}

	@Test
	void whatIsNotKnownHasNoCost() {
		assertThat(FLASH.cost(Usage.builder().promptTokens(1L).build(), Instant.EPOCH)).isNull();
		assertThat(FLASH.cost(USAGE.toBuilder().consistent(false).build(), Instant.EPOCH)).isNull();
	}

	@Test
	void costsAddUpWithinACurrency() {
		Usage one = USAGE.toBuilder().cost(new Cost(new BigDecimal("1.5"), "CNY")).build();
		assertThat(one.plus(one).cost()).isEqualTo(new Cost(new BigDecimal("3.0"), "CNY"));
		assertThat(one.plus(USAGE.toBuilder().cost(new Cost(BigDecimal.ONE, "USD")).build()).cost()).isNull();
		assertThat(one.plus(USAGE).cost()).isNull();
	}

}
