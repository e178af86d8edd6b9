package io.github.deepseekboot.provider;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests that what the presets say of their hosts is not too old to be released.
 */
class PresetDatesTests {

	private static final int MAX_DAYS = 90;

	@Test
	void eachPresetHasADayThatHasBeen() {
		LocalDate tomorrow = LocalDate.now(ZoneOffset.UTC).plusDays(1);
		assertThat(ProviderPresets.ids()).allSatisfy((id) -> assertThat(ProviderPresets.get(id).asOf()).isNotNull()
			.isAfter(LocalDate.of(2026, 1, 1))
			.isBeforeOrEqualTo(tomorrow));
	}

	@Test
	void aPresetIsTooOldAfterThreeMonths() {
		LocalDate oldest = ProviderPresets.ids()
			.stream()
			.map((id) -> ProviderPresets.get(id).asOf())
			.min(LocalDate::compareTo)
			.orElseThrow();
		assertThat(tooOld(oldest.plusDays(MAX_DAYS))).isEmpty();
		assertThat(tooOld(oldest.plusDays(MAX_DAYS + 1))).isNotEmpty();
		assertThat(tooOld(LocalDate.MAX)).containsExactlyElementsOf(ProviderPresets.ids());
	}

	@Test
	void noPresetIsTooOldToBeReleased() {
		List<String> tooOld = tooOld(LocalDate.now(ZoneOffset.UTC));
		if (!Boolean.getBoolean("release")) {
			assumeTrue(tooOld.isEmpty(), () -> "before a release, compare with their hosts: " + tooOld);
		}
		assertThat(tooOld).as("presets to be compared with their hosts before a release").isEmpty();
	}

	private static List<String> tooOld(LocalDate today) {
		List<String> tooOld = new ArrayList<>();
		for (String id : ProviderPresets.ids()) {
			if (ProviderPresets.get(id).asOf().plusDays(MAX_DAYS).isBefore(today)) {
				tooOld.add(id);
			}
		}
		return tooOld;
	}

}
