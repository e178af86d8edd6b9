package io.github.deepseekboot.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.springframework.boot.convert.DurationStyle;

import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.routing.RoutingSettings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/guide/timeouts.md} has all timeouts and the defaults of the
 * code.
 */
class TimeoutsGuideTests {

	private static final Pattern ROW = Pattern.compile("^\\| `([\\w.-]+)` \\|[^|]*\\| ([^|]*) \\|", Pattern.MULTILINE);

	private static final Pattern TIME = Pattern.compile("`(\\d+(?:ms|s|m))`");

	@Test
	void timeoutsAndDefaultsAreThoseOfTheCode() throws IOException {
		ProviderTimeouts defaults = ProviderTimeouts.DEFAULTS;
		Map<String, String> rows = rows();
		Map<String, Duration> expected = new LinkedHashMap<>();
		expected.put("connect", defaults.connect());
		expected.put("tls", defaults.tls());
		expected.put("acquire", defaults.acquire());
		expected.put("first-token", defaults.firstToken(true));
		expected.put("idle-bytes", defaults.idleBytes());
		expected.put("idle-tokens", defaults.idleTokens());
		expected.put("finish-grace", defaults.finishGrace());
		expected.put("total", defaults.total());
		assertThat(rows.keySet().stream().filter((row) -> !row.contains(".")))
			.containsExactlyElementsOf(expected.keySet());
		expected.forEach((row, time) -> assertThat(first(rows.get(row))).as(row).isEqualTo(time));
		assertThat(rows.get("first-token")).endsWith("else `10m`");
		assertThat(defaults.firstToken(false)).isEqualTo(Duration.ofMinutes(10));
	}

	@Test
	void limitsAndRetriesHaveTheDefaultsOfTheCode() throws IOException {
		RoutingSettings defaults = RoutingSettings.DEFAULTS;
		Map<String, String> rows = rows();
		assertThat(rows).containsEntry("deepseek.retry.max-attempts", "`" + defaults.maxAttempts() + "`")
			.containsEntry("deepseek.retry.extra-sends", "`" + defaults.extraSends() + "`")
			.containsEntry("deepseek.retry.budget", "`" + defaults.budget() + "`")
			.containsEntry("deepseek.limit.max-concurrent", "`" + defaults.maxConcurrent() + "`");
		assertThat(first(rows.get("deepseek.retry.backoff"))).isEqualTo(defaults.backoff());
		assertThat(first(rows.get("deepseek.retry.max-backoff"))).isEqualTo(defaults.maxBackoff());
		assertThat(first(rows.get("deepseek.limit.max-wait"))).isEqualTo(defaults.maxWait());
	}

	private static Duration first(String cell) {
		return TIME.matcher(cell)
			.results()
			.map((time) -> DurationStyle.detectAndParse(time.group(1)))
			.findFirst()
			.orElseThrow();
	}

	private static Map<String, String> rows() throws IOException {
		String page = Files.readString(Path.of("../docs/guide/timeouts.md"));
		Map<String, String> rows = new LinkedHashMap<>();
		String table = page.replaceAll("(?m)^(\\| `[\\w.-]+`), `.*$", "");
		ROW.matcher(table).results().forEach((row) -> rows.put(row.group(1), row.group(2).strip()));
		return rows;
	}

}
