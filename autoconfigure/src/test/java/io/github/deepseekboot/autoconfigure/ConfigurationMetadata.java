package io.github.deepseekboot.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The configuration metadata of this module, as tools see it.
 *
 * @param properties the properties by name
 * @param groups the types of the groups by name
 * @param hints the proposed values by the hint's name
 * @param open the names of the hints that allow any other value
 */
record ConfigurationMetadata(Map<String, Property> properties, Map<String, String> groups,
		Map<String, List<String>> hints, List<String> open) {

	static ConfigurationMetadata read() throws IOException {
		try (InputStream file = DeepSeekProperties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			// other modules have files of that name; what is tested comes first
			return read(Objects.requireNonNull(file));
		}
	}

	private static ConfigurationMetadata read(InputStream file) {
		JsonNode metadata = JsonMapper.shared().readTree(file);
		Map<String, Property> properties = new TreeMap<>();
		for (JsonNode property : metadata.get("properties")) {
			String name = property.get("name").stringValue();
			if (!name.startsWith("deepseek.")) {
				// Spring Boot's own properties of our endpoint
				continue;
			}
			if (properties.put(name, Property.of(property)) != null) {
				throw new IllegalStateException("two entries of " + name);
			}
		}
		Map<String, String> groups = new TreeMap<>();
		metadata.get("groups")
			.values()
			.stream()
			.filter((group) -> group.get("name").stringValue().startsWith("deepseek"))
			.forEach((group) -> groups.put(group.get("name").stringValue(), group.get("type").stringValue()));
		Map<String, List<String>> hints = new LinkedHashMap<>();
		metadata.get("hints")
			.forEach((hint) -> hints.put(hint.get("name").stringValue(),
					hint.get("values").values().stream().map((value) -> value.get("value").stringValue()).toList()));
		List<String> open = metadata.get("hints")
			.values()
			.stream()
			.filter((hint) -> hint.path("providers").path(0).path("name").asString("").equals("any"))
			.map((hint) -> hint.get("name").stringValue())
			.toList();
		return new ConfigurationMetadata(properties, groups, hints, open);
	}

	/**
	 * One property.
	 *
	 * @param type its type
	 * @param description what it is for
	 * @param defaultValue its default, as text
	 */
	record Property(@Nullable String type, @Nullable String description, @Nullable String defaultValue) {

		static Property of(JsonNode property) {
			return new Property(text(property.get("type")), text(property.get("description")),
					text(property.get("defaultValue")));
		}

		private static @Nullable String text(@Nullable JsonNode node) {
			return (node != null) ? node.asString() : null;
		}

	}

}
