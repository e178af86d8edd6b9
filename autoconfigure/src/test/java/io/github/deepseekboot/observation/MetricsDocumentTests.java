package io.github.deepseekboot.observation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.observation.ChatObservation.HighCardinality;
import io.github.deepseekboot.observation.ChatObservation.LowCardinality;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/metrics.md} lists the meters and observations as the enums do.
 * {@code -Ddocs.write=true} writes the lists anew.
 */
class MetricsDocumentTests {

	private static final Path DOCUMENT = Path.of("..", "docs", "metrics.md");

	@Test
	void theDocumentListsMetersAndObservations() throws IOException {
		Map<String, String> tables = new LinkedHashMap<>();
		tables.put("meters", meters());
		tables.put("gen-ai", standardNames());
		tables.put("observations", observations());
		String document = Files.readString(DOCUMENT);
		String expected = document;
		for (Map.Entry<String, String> table : tables.entrySet()) {
			String begin = "<!-- begin " + table.getKey() + " -->";
			int from = expected.indexOf(begin);
			assertThat(from).as(begin).isNotNegative();
			int to = expected.indexOf("<!-- end -->", from);
			expected = expected.substring(0, from + begin.length()) + "\n\n" + table.getValue() + "\n"
					+ expected.substring(to);
		}
		if (Boolean.getBoolean("docs.write")) {
			Files.writeString(DOCUMENT, expected);
		}
		else {
			assertThat(document).isEqualTo(expected);
		}
	}

	private static String meters() {
		StringBuilder table = new StringBuilder(
				"| Meter | In Prometheus | Kind | Tags | What it is |\n|---|---|---|---|---|\n");
		for (ChatMeter meter : ChatMeter.values()) {
			table.append("| `%s` | `%s` | %s | %s | %s |\n".formatted(meter.meterName(), prometheus(meter),
					meter.kind().name().toLowerCase(Locale.ROOT), code(meter.tags()), meter.description()));
		}
		return table.toString();
	}

	private static String prometheus(ChatMeter meter) {
		return meter.meterName().replace('.', '_') + switch (meter.kind()) {
			case TIMER -> "_seconds";
			case COUNTER -> "_total";
			case SUMMARY, GAUGE -> "";
		};
	}

	private static String standardNames() {
		StringBuilder table = new StringBuilder("| Meter | Is then called | Tags |\n|---|---|---|\n");
		for (ChatMeter meter : ChatMeter.values()) {
			String name = MeterConvention.GEN_AI.name(meter);
			if (!name.equals(meter.meterName())) {
				List<String> tags = switch (meter) {
					case OPERATION_DURATION ->
						tags(MeterConvention.GEN_AI.durationTags("p", "m", "r", false, "success", "none"));
					case TOKEN_USAGE -> tags(MeterConvention.GEN_AI.usageTags("p", "m", "input"));
					default -> tags(MeterConvention.GEN_AI.firstTokenTags("p", "m"));
				};
				table.append("| `%s` | `%s` | %s |\n".formatted(meter.meterName(), name, code(tags)));
			}
		}
		return table.toString();
	}

	private static List<String> tags(List<String> namesAndValues) {
		return Tags.of(namesAndValues.toArray(String[]::new)).stream().map(Tag::getKey).toList();
	}

	private static String observations() {
		DefaultChatCallObservationConvention call = new DefaultChatCallObservationConvention(0);
		DefaultChatAttemptObservationConvention attempt = new DefaultChatAttemptObservationConvention();
		return """
				| Observation | Span | Kind |
				|---|---|---|
				| `%s` | `chat <model>` | client |
				| `%s` | `attempt <provider>` | internal |

				| Key | |
				|---|---|
				%s%s""".formatted(call.getName(), attempt.getName(), rows(LowCardinality.values(), "always"),
				rows(HighCardinality.values(), "if known"));
	}

	private static String rows(KeyName[] keys, String when) {
		return keys(keys).stream().map((key) -> "| `%s` | %s |\n".formatted(key, when)).collect(Collectors.joining());
	}

	private static List<String> keys(KeyName[] keys) {
		return Arrays.stream(keys).map(KeyName::asString).toList();
	}

	private static String code(List<String> names) {
		return names.stream().map((name) -> "`" + name + "`").collect(Collectors.joining(", "));
	}

}
