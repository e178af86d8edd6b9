package io.github.deepseekboot.chat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * Durations as people write them, for messages.
 */
public final class DurationText {

	private DurationText() {
	}

	/**
	 * Write a duration.
	 * @param duration the duration
	 * @return a text such as {@code "250 ms"}, {@code "1.5 s"}, {@code "5 min"} or
	 * {@code "2 h"}
	 */
	public static String of(Duration duration) {
		long millis = duration.toMillis();
		if (millis < 1000) {
			return millis + " ms";
		}
		return (millis < 60_000) ? text(millis, 1000, "s")
				: (millis < 3_600_000) ? text(millis, 60_000, "min") : text(millis, 3_600_000, "h");
	}

	private static String text(long millis, long unit, String name) {
		BigDecimal count = BigDecimal.valueOf(millis).divide(BigDecimal.valueOf(unit), 1, RoundingMode.HALF_UP);
		return count.stripTrailingZeros().toPlainString() + " " + name;
	}

}
