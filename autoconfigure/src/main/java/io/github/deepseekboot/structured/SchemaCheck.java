package io.github.deepseekboot.structured;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Finds what is missing or {@code null} against a schema: Jackson would leave it unset
 * without a word. Whether the rest fits is found out by Jackson.
 */
final class SchemaCheck {

	private final Map<?, ?> root;

	private final Map<Set<String>, Map<String, Set<String>>> aliases;

	private final List<String> problems = new ArrayList<>();

	private SchemaCheck(Map<?, ?> root, Map<Set<String>, Map<String, Set<String>>> aliases) {
		this.root = root;
		this.aliases = aliases;
	}

	/**
	 * Check a value.
	 * @param value the value
	 * @param schema the schema
	 * @param aliases other names of properties, by the names of all properties of an
	 * object
	 * @return what is wrong
	 */
	static List<String> check(JsonNode value, Map<String, Object> schema,
			Map<Set<String>, Map<String, Set<String>>> aliases) {
		SchemaCheck check = new SchemaCheck(schema, aliases);
		check.check("", value, schema);
		return check.problems;
	}

	private void check(String path, JsonNode value, @Nullable Object declared) {
		Map<?, ?> schema = resolve(declared);
		if (value.isNull()) {
			if (!isNullable(schema)) {
				this.problems.add((path.isEmpty() ? "the answer" : path) + ": must not be null");
			}
			return;
		}
		if (schema.get("anyOf") instanceof Collection<?> options) {
			checkAny(path, value, options);
		}
		if (value.isObject()) {
			checkProperties(path, value, schema);
		}
		else if (value.isArray() && schema.get("items") instanceof Map<?, ?> items) {
			for (int i = 0; i < value.size(); i++) {
				check(path + "[" + i + "]", value.get(i), items);
			}
		}
	}

	private void checkProperties(String path, JsonNode value, Map<?, ?> schema) {
		Map<?, ?> properties = map(schema.get("properties"));
		Map<String, Set<String>> others = this.aliases.isEmpty() ? Map.of()
				: this.aliases.getOrDefault(properties.keySet(), Map.of());
		if (schema.get("required") instanceof Collection<?> required) {
			for (Object name : required) {
				if (!value.has(name.toString()) && !isNullable(resolve(properties.get(name)))
						&& others.getOrDefault(name, Set.of()).stream().noneMatch(value::has)) {
					this.problems.add(join(path, name.toString()) + ": is missing");
				}
			}
		}
		value.forEachEntry((name, property) -> {
			Object declared = properties.get(properties.containsKey(name) ? name : named(others, name));
			check(join(path, name), property, (declared != null) ? declared : schema.get("additionalProperties"));
		});
	}

	private static String named(Map<String, Set<String>> aliases, String alias) {
		return aliases.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().contains(alias))
			.map(Map.Entry::getKey)
			.findFirst()
			.orElse(alias);
	}

	// right if one of the options finds nothing wrong
	private void checkAny(String path, JsonNode value, Collection<?> options) {
		List<String> least = null;
		for (Object option : options) {
			SchemaCheck check = new SchemaCheck(this.root, this.aliases);
			check.check(path, value, option);
			if (!isOnlyNull(option) && (least == null || check.problems.size() < least.size())) {
				least = check.problems;
			}
		}
		this.problems.addAll((least != null) ? least : List.of());
	}

	private boolean isNullable(Map<?, ?> schema) {
		Object type = schema.get("type");
		if (schema.get("anyOf") instanceof Collection<?> options) {
			return options.stream().anyMatch((option) -> isNullable(resolve(option)));
		}
		// a schema that says nothing of the type allows all
		return type == null || type.equals("null") || (type instanceof Collection<?> types && types.contains("null"));
	}

	private boolean isOnlyNull(Object schema) {
		return "null".equals(resolve(schema).get("type"));
	}

	private Map<?, ?> resolve(@Nullable Object declared) {
		Map<?, ?> schema = map(declared);
		if (!(schema.get("$ref") instanceof String reference) || !reference.startsWith("#")) {
			return schema;
		}
		Map<?, ?> target = this.root;
		for (String step : reference.substring(1).split("/")) {
			target = step.isEmpty() ? target : map(target.get(step));
		}
		return target;
	}

	private static Map<?, ?> map(@Nullable Object value) {
		return (value instanceof Map<?, ?> map) ? map : Map.of();
	}

	private static String join(String path, String name) {
		return path.isEmpty() ? name : path + "." + name;
	}

}
