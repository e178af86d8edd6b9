package io.github.deepseekboot.codec;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * Reads how long a provider asks to wait, wherever it says so: in {@code retry-after-ms}
 * or {@code Retry-After}, in fields of the body, in its words, or, of a limit that was
 * reached, in the {@code X-RateLimit-Reset} headers. A moment counts from the answer's
 * own {@code Date}, since a host's clock may be wrong.
 */
public final class RetryHint {

	private static final Duration MAX = Duration.ofHours(1);

	private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(\\.\\d{1,9})?");

	private static final Pattern UNITS = Pattern.compile("(?i)(\\d{1,9}(?:\\.\\d{1,9})?)\\s*"
			+ "(milliseconds?|millis|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])\\s*");

	private static final Pattern IN_WORDS = Pattern
		.compile("(?i)\\b(?:try(?:ing)?(?: your request| it)? again|retry(?:ing)?"
				+ "(?: your request| it)?|wait(?: for)?|available|resets?|back)\\b[\\w ]{0,20}?(?:\\b(?:in|after|for)\\b|:)?\\s*"
				+ "((?:\\d{1,9}(?:\\.\\d{1,9})?\\s*(?:milliseconds?|millis|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)"
				+ "(?![a-z])(?:,|,? and)?\\s*)+)");

	private static final String CHINESE_WAIT = "(\\d{1,9}(?:\\.\\d{1,9})?)\\s*个?(毫秒|秒|分|小时|天)钟?";

	private static final Pattern CHINESE = Pattern
		.compile(CHINESE_WAIT + "\\s*(?:之|以)?(?:后|再|重试|恢复|重置)|(?:等待?|稍候|间隔|剩余)[^\\d]{0,6}" + CHINESE_WAIT);

	// a clock in China, unless the words say another
	private static final Pattern CHINESE_MOMENT = Pattern.compile(
			"(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d(?::\\d\\d)?)" + "\\s*(?:(?:之|以)?后|时?(?:重置|恢复|刷新|解除|重试|再试|可用))");

	private static final Pattern MOMENT_IN_WORDS = Pattern
		.compile("(?i)\\b(?:again|retry|wait|available|resets?|until|back|regain access)\\b[^\\d]{0,30}"
				+ "(\\d{4}-\\d\\d-\\d\\d)(?:T|,? (?:at )?)(\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?) ?(Z|UTC|GMT|[+-]\\d\\d:?\\d\\d)");

	// RateLimit of the HTTP draft: nothing remaining, and the seconds to the reset
	private static final Pattern DRAFT = Pattern.compile(
			"\\b(?:remaining|r)=0\\b.*\\b(?:reset|t)=(\\d{1,9})|\\b(?:reset|t)=(\\d{1,9})\\b.*\\b(?:remaining|r)=0\\b");

	private static final List<String> BODY_SECONDS = List.of("retry-after", "retry-after-seconds", "retryafter",
			"retrydelay", "reset-seconds", "reset-after", "retry-in", "retry-in-seconds", "wait-seconds",
			"estimated-time", "resets-in-seconds", "reset-in-seconds", "resets-at", "retryafterseconds",
			"retry-after-secs", "wait-time", "waittime", "reset-at", "resetat", "resets-in", "reset-in", "reset-time",
			"resettime");

	private static final List<String> MILLIS = List.of("retry-after-ms", "x-ms-retry-after-ms", "retryafterms",
			"retry-after-millis");

	private RetryHint() {
	}

	/**
	 * Read it.
	 * @param kind what the failure is
	 * @param headers the response headers: by name, in lower case, their first value
	 * @param body what the provider said
	 * @param now the time
	 * @return the time to wait, at most an hour, or {@code null} if there is none that
	 * makes sense
	 */
	public static @Nullable Duration of(ErrorKind kind, Map<String, String> headers, ErrorBody body, Instant now) {
		Instant then = date(headers.get("date"), now);
		Duration wait = fields(headers::get, List.of("retry-after"), then);
		if (wait == null) {
			wait = fields(body.waits()::get, BODY_SECONDS, then);
		}
		for (int i = 0; wait == null && i < body.texts().size(); i++) {
			wait = words(body.texts().get(i), then);
		}
		if (wait == null && kind == ErrorKind.RATE_LIMITED) {
			wait = reset(headers, then);
			wait = (wait != null) ? wait : reset(body.waits(), then);
		}
		return wait;
	}

	private static Instant date(@Nullable String header, Instant now) {
		Instant date = (header != null) ? moment(header.strip()) : null;
		return (date != null) ? date : now;
	}

	private static @Nullable Duration fields(Function<String, @Nullable String> values, List<String> names,
			Instant now) {
		for (String name : MILLIS) {
			String millis = values.apply(name);
			if (millis != null && NUMBER.matcher(millis.strip()).matches()) {
				return capped(Double.parseDouble(millis.strip()));
			}
		}
		for (String name : names) {
			String value = values.apply(name);
			Duration wait = (value != null) ? resetAt(value.strip(), false, now) : null;
			if (wait != null) {
				return wait;
			}
		}
		return null;
	}

	private static @Nullable Duration words(String text, Instant now) {
		Matcher words = IN_WORDS.matcher(text);
		if (words.find()) {
			return units(words.group(1));
		}
		Matcher chinese = CHINESE.matcher(text);
		if (chinese.find()) {
			int group = (chinese.group(1) != null) ? 1 : 3;
			return capped(Double.parseDouble(chinese.group(group)) * millisInChinese(chinese.group(group + 1)));
		}
		Matcher chineseMoment = CHINESE_MOMENT.matcher(text);
		if (chineseMoment.find()) {
			Instant then = moment(chineseMoment.group(1) + "T" + chineseMoment.group(2) + "+08:00");
			return (then != null) ? until(then, now) : null;
		}
		Matcher moment = MOMENT_IN_WORDS.matcher(text);
		if (!moment.find()) {
			return null;
		}
		String zone = moment.group(3);
		String offset = Character.isLetter(zone.charAt(0)) ? "Z"
				: (zone.length() == 5) ? zone.substring(0, 3) + ":" + zone.substring(3) : zone;
		Instant then = moment(moment.group(1) + "T" + moment.group(2) + offset);
		return (then != null) ? until(then, now) : null;
	}

	private static double millisInChinese(String unit) {
		return switch (unit.charAt(0)) {
			case '毫' -> 1;
			case '秒' -> 1000;
			case '分' -> 60_000;
			case '小' -> 3_600_000;
			default -> 86_400_000;
		};
	}

	// of several limits, those that are used up say when to come back
	private static @Nullable Duration reset(Map<String, String> headers, Instant now) {
		Duration longest = null;
		for (Map.Entry<String, String> header : headers.entrySet()) {
			String name = header.getKey().toLowerCase(Locale.ROOT);
			if (name.equals("ratelimit")) {
				Matcher draft = DRAFT.matcher(header.getValue());
				longest = draft.find()
						? capped(Double.parseDouble((draft.group(1) != null) ? draft.group(1) : draft.group(2)) * 1000)
						: longest;
				continue;
			}
			if (!isReset(name)) {
				continue;
			}
			String remaining = headers.get(name.replace("reset", "remaining"));
			if (remaining != null && NUMBER.matcher(remaining.strip()).matches()
					&& Double.parseDouble(remaining.strip()) > 0) {
				continue;
			}
			Duration wait = resetAt(header.getValue().strip(), name.endsWith("-ms"), now);
			if (wait != null && (longest == null || wait.compareTo(longest) > 0)) {
				longest = wait;
			}
		}
		return longest;
	}

	private static boolean isReset(String name) {
		return name.contains("reset") && (name.contains("ratelimit") || name.contains("rate-limit"));
	}

	private static @Nullable Duration resetAt(String value, boolean millis, Instant now) {
		if (NUMBER.matcher(value).matches()) {
			double number = Double.parseDouble(value);
			if (number >= 1e11) {
				return until(Instant.ofEpochMilli((long) number), now);
			}
			if (number >= 1e9) {
				return until(Instant.ofEpochMilli((long) (number * 1000)), now);
			}
			return capped(millis ? number : number * 1000);
		}
		Instant moment = moment(value);
		return (moment != null) ? until(moment, now) : units(value);
	}

	private static @Nullable Duration units(String text) {
		Matcher part = UNITS.matcher(text);
		double millis = 0;
		boolean found = false;
		while (part.find()) {
			found = true;
			millis += Double.parseDouble(part.group(1)) * millis(part.group(2).toLowerCase(Locale.ROOT));
		}
		return found ? capped(millis) : null;
	}

	private static double millis(String unit) {
		if (unit.startsWith("ms") || unit.startsWith("mil")) {
			return 1;
		}
		return switch (unit.charAt(0)) {
			case 's' -> 1000;
			case 'm' -> 60_000;
			case 'h' -> 3_600_000;
			default -> 86_400_000;
		};
	}

	private static @Nullable Instant moment(String value) {
		try {
			return ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
		}
		catch (DateTimeException ex) {
			// perhaps the other form
		}
		try {
			return OffsetDateTime.parse(value).toInstant();
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	private static @Nullable Duration until(Instant moment, Instant now) {
		Duration wait = Duration.between(now, moment);
		return wait.isNegative() ? null : (wait.compareTo(MAX) > 0) ? MAX : wait;
	}

	private static Duration capped(double millis) {
		return (millis > MAX.toMillis()) ? MAX : Duration.ofMillis((long) millis);
	}

}
