package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.autoconfigure.ConfigurationMetadata.Property;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@code docs/properties.md} lists the properties as the metadata does.
 * {@code -Ddocs.write=true} writes the lists anew.
 */
class PropertiesDocumentTests {

	private static final Path DOCUMENT = Path.of("..", "docs", "properties.md");

	@Test
	void theDocumentListsTheProperties() throws IOException {
		Map<String, StringBuilder> tables = new LinkedHashMap<>();
		ConfigurationMetadata metadata = ConfigurationMetadata.read();
		metadata.properties()
			.forEach((name, property) -> tables.computeIfAbsent(section(name), (section) -> new StringBuilder("""

					| Property | Type | Default | Description |
					|---|---|---|---|
					""")).append(row(name, property, choice(metadata, name))));
		String document = Files.readString(DOCUMENT);
		String expected = document;
		for (Map.Entry<String, StringBuilder> table : tables.entrySet()) {
			String begin = "<!-- begin " + table.getKey() + " -->";
			String end = "<!-- end -->";
			int from = expected.indexOf(begin);
			assertThat(from).as(begin).isNotNegative();
			int to = expected.indexOf(end, from);
			expected = expected.substring(0, from + begin.length()) + "\n" + table.getValue() + "\n"
					+ expected.substring(to);
		}
		assertThat(expected.split("<!-- begin", -1)).hasSize(tables.size() + 1);
		if (Boolean.getBoolean("docs.write")) {
			Files.writeString(DOCUMENT, expected);
		}
		else {
			assertThat(document).isEqualTo(expected);
		}
	}

	private static String section(String name) {
		if (name.startsWith("deepseek.providers.")) {
			return "providers";
		}
		String[] parts = name.split("\\.", -1);
		return (parts.length > 2) ? parts[1] : "deepseek";
	}

	private static String choice(ConfigurationMetadata metadata, String name) {
		List<String> values = metadata.hints().get(name);
		return (values == null || metadata.open().contains(name)) ? ""
				: values.stream().collect(Collectors.joining("`, `", " One of `", "`."));
	}

	private static String row(String name, Property property, String choice) {
		String shown = name.replaceFirst("providers\\.\\*", "providers.<id>")
			.replaceFirst("models\\.\\*", "models.<name>");
		String type = String.valueOf(property.type()).replaceAll("[a-zA-Z.]+\\.|\\w+\\$", "").replace(",", ", ");
		String defaultValue = (property.defaultValue() != null) ? "`" + property.defaultValue() + "`" : "";
		return "| `%s` | `%s` | %s | %s%s |\n".formatted(shown, type, defaultValue, property.description(), choice);
	}

}
