package io.github.deepseekboot.chat;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;

import org.springframework.util.Assert;

/**
 * Hours in which a model costs more, or less, than at other times.
 *
 * @param factor what prices are multiplied by in these hours
 * @param zone the time zone of days, hours and dates
 * @param days the days of the week; empty for all
 * @param hours the hours of such a day, such as {@code 09:00-12:00}; empty for all day
 * @param except dates on which there are no such hours, such as public holidays
 */
public record PeakHours(BigDecimal factor, ZoneId zone, Set<DayOfWeek> days, List<Hours> hours, Set<LocalDate> except) {

	public PeakHours {
		Assert.notNull(factor, "'factor' must not be null");
		Assert.isTrue(factor.signum() >= 0, "'factor' must not be negative");
		Assert.notNull(zone, "'zone' must not be null");
		days = Set.copyOf(days);
		hours = List.copyOf(hours);
		except = Set.copyOf(except);
	}

	/**
	 * Return whether a moment lies in these hours.
	 * @param moment the moment
	 * @return {@code true} if prices are multiplied by the factor
	 */
	public boolean contains(Instant moment) {
		ZonedDateTime local = moment.atZone(this.zone);
		if (this.hours.isEmpty()) {
			return isDay(local.toLocalDate());
		}
		for (Hours span : this.hours) {
			boolean overMidnight = !span.from().isBefore(span.to());
			if (!local.toLocalTime().isBefore(span.from()) && (overMidnight || local.toLocalTime().isBefore(span.to()))
					&& isDay(local.toLocalDate())) {
				return true;
			}
			// hours that began on the day before may end after midnight
			if (overMidnight && local.toLocalTime().isBefore(span.to()) && isDay(local.toLocalDate().minusDays(1))) {
				return true;
			}
		}
		return false;
	}

	private boolean isDay(LocalDate date) {
		return !this.except.contains(date) && (this.days.isEmpty() || this.days.contains(date.getDayOfWeek()));
	}

	/**
	 * Span of a day. It may go past midnight, and then belongs to the day on which it
	 * begins.
	 *
	 * @param from when it begins, inclusive
	 * @param to when it ends, exclusive; midnight ends the day
	 */
	public record Hours(LocalTime from, LocalTime to) {

		public Hours {
			Assert.isTrue(!from.equals(to), "'from' and 'to' must not be the same");
		}

		/**
		 * Read a span.
		 * @param text such as {@code 09:00-12:00}; {@code 24:00} ends the day
		 * @return the span
		 * @throws IllegalArgumentException if it is written otherwise
		 */
		public static Hours parse(String text) {
			String[] ends = text.split("-", -1);
			try {
				Assert.isTrue(ends.length == 2, "it has no two ends");
				String end = ends[1].strip();
				return new Hours(LocalTime.parse(ends[0].strip()),
						end.equals("24:00") ? LocalTime.MIDNIGHT : LocalTime.parse(end));
			}
			catch (RuntimeException ex) {
				throw new IllegalArgumentException("'" + text + "' is no span of hours such as 09:00-12:00", ex);
			}
		}

	}

}
