package io.github.deepseekboot.schema;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds what contradicts a schema and is not noticed by Jackson: it would leave what is
 * missing or {@code null} unset, and make 2 of 2.7, a constant of the number of its place
 * and a day of a number, without a word. What keeps its meaning is left to Jackson, such
 * as a number in quotes.
 */
public final class SchemaCheck {

	// which Jackson reads as numbers
	private static final Set<String> NO_NUMBERS = Set.of("NaN", "Infinity", "+Infinity", "-Infinity", "INF", "-INF");

	private final Map<?, ?> root;

	private final Map<Set<String>, Map<String, Set<String>>> aliases;

	/**
	 * Create a check of values of a type.
	 * @param type the type
	 * @param schema the schema that was sent to the model
	 * @param mapper reads the values
	 */
	public SchemaCheck(Type type, Map<String, Object> schema, JsonMapper mapper) {
		this.root = schema;
		this.aliases = new ReadableTypes(mapper).aliases(type);
	}

	/**
	 * Check a value.
	 * @param value the value
	 * @return what is wrong, with the path to each; empty if nothing is
	 */
	public List<String> problems(JsonNode value) {
		List<String> problems = new ArrayList<>();
		check("", value, this.root, problems, new IdentityHashMap<>());
		return problems;
	}

	private void check(String path, JsonNode value, @Nullable Object declared, List<String> problems,
			Map<JsonNode, Map<Object, List<String>>> known) {
		Map<?, ?> schema = resolve(declared);
		if (schema.isEmpty()) {
			return;
		}
		if (value.isNull()) {
			if (!isNullable(schema)) {
				add(problems, path, "must not be null");
			}
			return;
		}
		if (schema.get("anyOf") instanceof Collection<?> options) {
			problems.addAll(leastProblems(path, value, options, known));
		}
		if (value.isObject()) {
			checkProperties(path, value, schema, problems, known);
		}
		else if (value.isArray() && schema.get("items") instanceof Map<?, ?> items) {
			for (int i = 0; i < value.size(); i++) {
				check(path + "[" + i + "]", value.get(i), items, problems, known);
			}
		}
		else {
			checkValue(path, value, schema, problems);
		}
	}

	private static void add(List<String> problems, String path, String problem) {
		problems.add((path.isEmpty() ? "the answer" : path) + ": " + problem);
	}

	private void checkValue(String path, JsonNode value, Map<?, ?> schema, List<String> problems) {
		// Jackson makes null of them
		boolean none = value.isString() && (value.asString().isBlank() || value.asString().strip().equals("null"));
		switch (onlyType(schema.get("type"))) {
			case "integer" -> {
				if (none ? !isNullable(schema) : !mayBe(value, true)) {
					add(problems, path, "must be an integer");
				}
			}
			case "number" -> {
				if (none ? !isNullable(schema) : !mayBe(value, false)) {
					add(problems, path, "must be a number");
				}
			}
			case "boolean" -> {
				if (none ? !isNullable(schema)
						: value.isNumber() && !value.asString().equals("0") && !value.asString().equals("1")) {
					add(problems, path, "must be true or false");
				}
			}
			case "string" -> checkString(path, value, schema, problems);
			default -> {
			}
		}
	}

	private static boolean mayBe(JsonNode value, boolean integer) {
		if (!value.isNumber()) {
			return !value.isString() || !NO_NUMBERS.contains(value.asString().strip());
		}
		try {
			BigDecimal number = new BigDecimal(value.asString());
			return !integer || number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
		}
		catch (NumberFormatException ex) {
			return false;
		}
	}

	private void checkString(String path, JsonNode value, Map<?, ?> schema, List<String> problems) {
		if (schema.get("enum") instanceof Collection<?> constants) {
			if (!value.isString()) {
				add(problems, path, "must be one of " + constants);
			}
			return;
		}
		boolean none = value.isArray() ? value.isEmpty() : value.isString() && value.asString().isBlank();
		if (!none && !value.isNumber()) {
			return;
		}
		boolean valid = !value.isArray() && ((schema.get("pattern") instanceof String pattern)
				? matches(value.asString(), pattern) : !schema.containsKey("format"));
		if (!valid && !(none && isNullable(schema))) {
			Object format = schema.get("format");
			add(problems, path, "must be a string" + ((format != null) ? " of the format " + format : ""));
		}
	}

	// JSON Schema's regular expressions are not Java's
	private static boolean matches(String text, String pattern) {
		try {
			return Pattern.compile(pattern).matcher(text).find();
		}
		catch (PatternSyntaxException ex) {
			return true;
		}
	}

	private static String onlyType(@Nullable Object type) {
		if (type instanceof Collection<?> types) {
			List<?> others = types.stream().filter((each) -> !"null".equals(each)).toList();
			return (others.size() == 1) ? String.valueOf(others.get(0)) : "";
		}
		return String.valueOf(type);
	}

	private void checkProperties(String path, JsonNode value, Map<?, ?> schema, List<String> problems,
			Map<JsonNode, Map<Object, List<String>>> known) {
		Map<?, ?> properties = map(schema.get("properties"));
		Map<String, Set<String>> others = this.aliases.isEmpty() ? Map.of()
				: this.aliases.getOrDefault(properties.keySet(), Map.of());
		if (schema.get("required") instanceof Collection<?> required) {
			for (Object name : required) {
				if (!value.has(name.toString()) && !isNullable(resolve(properties.get(name)))
						&& others.getOrDefault(name, Set.of()).stream().noneMatch(value::has)) {
					problems.add(join(path, name.toString()) + ": is missing");
				}
			}
		}
		value.forEachEntry((name, property) -> {
			Object declared = properties.get(properties.containsKey(name) ? name : named(others, name));
			check(join(path, name), property, (declared != null) ? declared : schema.get("additionalProperties"),
					problems, known);
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
	private List<String> leastProblems(String path, JsonNode value, Collection<?> options,
			Map<JsonNode, Map<Object, List<String>>> known) {
		// each level would multiply the work by the number of options; a scalar may be at
		// several places at once
		Map<Object, List<String>> ofValue = value.isContainer()
				? known.computeIfAbsent(value, (container) -> new IdentityHashMap<>()) : new IdentityHashMap<>();
		List<String> least = ofValue.get(options);
		if (least != null) {
			return least;
		}
		List<?> all = options.stream().filter((option) -> !isOnlyNull(option)).toList();
		List<?> named = all.stream().filter((option) -> !isOther(option, value)).toList();
		for (Object option : named.isEmpty() ? all : named) {
			List<String> found = new ArrayList<>();
			check(path, value, option, found, known);
			if (least == null || found.size() < least.size()) {
				least = found;
			}
		}
		least = (least != null) ? least : List.of();
		ofValue.put(options, least);
		return least;
	}

	// the value says that it is another subtype
	private boolean isOther(Object option, JsonNode value) {
		return map(resolve(option).get("properties")).entrySet().stream().anyMatch((property) -> {
			JsonNode found = value.path(property.getKey().toString());
			return map(property.getValue()).get("const") instanceof String constant && found.isString()
					&& !found.asString().equals(constant);
		});
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
