package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPreset;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ThinkingRule;
import io.github.deepseekboot.recordings.ExpectedOutcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/providers.md} says what the presets say.
 * {@code -Ddocs.write=true} writes the rows anew, all but their last cells.
 */
class ProvidersDocumentTests {

	private static final Path DOCUMENT = Path.of("..", "docs", "providers.md");

	private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\|.* \\| ([^|]+) \\|$", Pattern.MULTILINE);

	private final String document = Files.readString(DOCUMENT);

	private final Map<String, MatchResult> rows = ROW.matcher(this.document)
		.results()
		.collect(Collectors.toMap((row) -> row.group(1), (row) -> row, (one, two) -> one, LinkedHashMap::new));

	ProvidersDocumentTests() throws IOException {
	}

	@Test
	void eachPresetHasARowThatIsTrue() throws IOException {
		assertThat(this.rows.keySet()).containsExactlyInAnyOrderElementsOf(ProviderPresets.ids());
		String expected = this.document;
		for (MatchResult row : this.rows.values()) {
			expected = expected.replace(row.group(), row(ProviderPresets.get(row.group(1)), row.group(2)));
		}
		if (Boolean.getBoolean("docs.write")) {
			Files.writeString(DOCUMENT, expected);
		}
		else {
			assertThat(this.document).isEqualTo(expected);
		}
	}

	@Test
	void whatNobodySawOrDocumentedIsMarked() {
		Set<String> recorded = new TreeSet<>();
		ExpectedOutcome.recorded().values().forEach((outcome) -> recorded.add(outcome.preset()));
		assertThat(recorded).hasSizeGreaterThan(10);
		this.rows.forEach((id, row) -> {
			String sure = row.group(2);
			assertThat(sure.contains("recorded")).as("%s: %s", id, sure).isEqualTo(recorded.contains(id));
			if (!sure.contains("recorded") && !sure.contains("documented")) {
				assertThat(sure).as(id).startsWith("**unverified**");
			}
		});
	}

	@Test
	void eachPresetIsDescribed() {
		String peculiar = this.document.substring(this.document.indexOf("## Peculiarities"));
		assertThat(ProviderPresets.ids()).allSatisfy((id) -> assertThat(peculiar).contains("**" + id + "**"));
	}

	private static String row(ProviderPreset preset, String sure) {
		Map<String, ProviderModel> models = preset.models();
		return "| " + String.join(" | ", "`" + preset.id() + "`",
				(preset.baseUrl() != null) ? "`" + preset.baseUrl() + "`" : "none: set `base-url`",
				model(models.get("chat")), model(models.get("reasoner")), thinking(preset.thinking()),
				"`" + lower(preset.replay()) + "`",
				preset.unsupported().isEmpty() ? "-"
						: preset.unsupported()
							.stream()
							.map(ProvidersDocumentTests::lower)
							.sorted()
							.collect(Collectors.joining(", ")),
				lower(preset.ping()), preset.traceHeaders().stream().collect(Collectors.joining("`, `", "`", "`")),
				String.valueOf(preset.asOf()), sure) + " |";
	}

	private static String model(@Nullable ProviderModel model) {
		if (model == null) {
			return "none: set `models`";
		}
		String thinking = (model.thinking() == null) ? "" : model.thinking() ? ", thinking" : ", not thinking";
		return "`" + model.id() + "`" + thinking;
	}

	private static String thinking(ThinkingRule rule) {
		String field = switch (rule.style()) {
			case NONE -> "not sent";
			case THINKING_TYPE -> "`thinking.type`";
			case ENABLE_THINKING -> "`enable_thinking`";
			case REASONING -> "`reasoning.enabled`, or `reasoning.effort`";
			case REASONING_ENABLED -> "`reasoning.enabled`";
			case CHAT_TEMPLATE -> "`chat_template_kwargs`";
			case REASONING_EFFORT -> "`reasoning_effort`, `none` for no";
		};
		boolean beside = !rule.efforts().isEmpty() && rule.style() != ThinkingRule.Style.REASONING
				&& rule.style() != ThinkingRule.Style.REASONING_EFFORT;
		String effort = beside ? ", `reasoning_effort`" : "";
		String models = (rule.effortModels() != null) ? " of " + ids(rule.effortModels()) : "";
		String off = (rule.offEffort() != null) ? ", `" + rule.offEffort() + "` for no" : "";
		String budget = rule.budgets().isEmpty() ? "" : ", else `thinking_budget`";
		String fixed = (rule.fixedModels() != null) ? "; no switch for " + ids(rule.fixedModels()) : "";
		String unopened = (rule.unopenedModels() != null)
				? "; the first `<think>` may be missing for " + ids(rule.unopenedModels()) : "";
		return field + effort + models + off + budget + fixed + unopened;
	}

	private static String ids(Pattern models) {
		return "`" + models.pattern().replace("(?i)", "").replace("|", "`, `") + "`";
	}

	private static String lower(Enum<?> value) {
		return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
