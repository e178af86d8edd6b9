package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPreset;
import io.github.deepseekboot.provider.ProviderPresets;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/providers.md} says what the presets say.
 */
class ProvidersDocumentTests {

	private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\|.*$", Pattern.MULTILINE);

	@Test
	void eachPresetHasARowThatIsTrue() throws IOException {
		Map<String, String> rows = ROW.matcher(Files.readString(Path.of("..", "docs", "providers.md")))
			.results()
			.collect(Collectors.toMap((row) -> row.group(1), MatchResult::group));
		assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(ProviderPresets.ids());
		rows.forEach((id, row) -> {
			List<String> cells = List.of(row.split(" \\| ", -1));
			ProviderPreset preset = ProviderPresets.get(id);
			assertThat(cells.get(1)).as(id)
				.isEqualTo((preset.baseUrl() != null) ? "`" + preset.baseUrl() + "`" : "none: set `base-url`");
			model(cells.get(2), preset.models().get("chat"));
			model(cells.get(3), preset.models().get("reasoner"));
			assertThat(cells.get(5)).as(id)
				.isEqualTo("`" + preset.replay().name().toLowerCase(Locale.ROOT).replace('_', '-') + "`");
			assertThat(cells.get(6)).as(id)
				.isEqualTo(preset.traceHeaders().stream().collect(Collectors.joining("`, `", "`", "`")));
		});
	}

	private static void model(String cell, @Nullable ProviderModel model) {
		if (model == null) {
			assertThat(cell).startsWith("none");
			return;
		}
		String thinking = (model.thinking() == null) ? "" : model.thinking() ? ", thinking" : ", not thinking";
		assertThat(cell).isEqualTo("`" + model.id() + "`" + thinking);
	}

}
