package io.github.deepseekboot.schema;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/**
 * Tests that schema and mapper agree on random types: every value that the schema allows
 * is read, every value that the mapper writes is allowed. A failure names its seed.
 */
class SchemaPropertyTests {

	private static final int TYPES = Integer.getInteger("types", 400);

	private static final int VALUES = 10;

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private static final List<Class<?>> LEAVES = List.of(String.class, Integer.class, long.class, double.class,
			boolean.class, BigDecimal.class, BigInteger.class, LocalDate.class, LocalDateTime.class, LocalTime.class,
			Instant.class, OffsetDateTime.class, OffsetTime.class, ZonedDateTime.class, Duration.class, Period.class,
			Year.class, YearMonth.class, MonthDay.class, UUID.class, URI.class, Locale.class, Currency.class,
			byte[].class, char[].class, Byte.class, short.class, float.class, Level.class, Object.class, JsonNode.class,
			ObjectNode.class, ArrayNode.class, Money.class, Code.class, Shape.class, Circle.class, Animal.class,
			Vehicle.class, Note.class, Deduced.class, Tree.class, Settable.class, Account.class, Counts.class);

	private static final List<Class<?>> CONTAINERS = List.of(List.class, Set.class, Collection.class, Map.class,
			Box.class, Pair.class, Maybe.class);

	private static final Map<String, List<String>> FORMATS = Map.of("date", List.of("2026-11-26", "2024-02-29"),
			"date-time", List.of("2026-11-26T10:15:30Z", "2026-11-26T10:15:30.123+02:00"), "uuid",
			List.of("6ec8c6de-0c2e-4a9e-9e5a-5b3e1d0a1c11"));

	private static final List<String> EXAMPLES = List.of("2026-11-26T10:15:30", "2026-11-26T10:15", "10:15:30.5",
			"10:15", "10:15:30Z", "10:15:30.25-05:00", "2026", "2026-11", "--11-26", "P1Y2M3D", "P-3D", "P2M",
			"PT1H30M", "PT-6H", "PT0S", "PT0.5S", "PT8M3.25S", "12", "-7");

	private final JsonSchemaGenerator generator = JsonSchemaGenerator.create(MAPPER);

	@Test
	void schemaAndMapperAgree() {
		for (int seed = 0; seed < TYPES; seed++) {
			Random random = new Random(seed);
			Type type = (seed < LEAVES.size()) ? LEAVES.get(seed) : type(random, 3);
			JsonNode schema = MAPPER.valueToTree(this.generator.generate(type));
			for (int i = 0; i < VALUES; i++) {
				JsonNode allowed = new Sampler(random, schema).sample(schema, 0);
				String description = "seed %d, %s, schema %s, value %s".formatted(seed, type.getTypeName(), schema,
						allowed);
				assertThat(Validity.problem(allowed, schema, schema)).as("sample: %s", description).isNull();
				assertThatCode(() -> {
					Object value = MAPPER.readerFor(MAPPER.constructType(type)).readValue(allowed);
					JsonNode written = MAPPER
						.readTree(MAPPER.writerFor(MAPPER.constructType(type)).writeValueAsString(value));
					assertThat(Validity.problem(written, schema, schema)).as("%s, written %s", description, written)
						.isNull();
				}).as(description).doesNotThrowAnyException();
			}
		}
	}

	@Test
	void theSamplesAreNotAllAlike() {
		JsonNode schema = MAPPER.valueToTree(
				this.generator.generate(ResolvableType.forClassWithGenerics(List.class, Shape.class).getType()));
		Set<String> kinds = new TreeSet<>();
		for (int i = 0; i < 50; i++) {
			new Sampler(new Random(i), schema).sample(schema, 0)
				.forEach((shape) -> kinds.add(shape.path("kind").asString()));
		}
		assertThat(kinds).containsExactly("SchemaPropertyTests$Square", "circle");
	}

	private static Type type(Random random, int depth) {
		if (depth == 0 || random.nextInt(4) == 0) {
			Class<?> leaf = LEAVES.get(random.nextInt(LEAVES.size()));
			return leaf.isPrimitive() ? ResolvableType.forClass(ClassUtils.resolvePrimitiveIfNecessary(leaf)).getType()
					: leaf;
		}
		Class<?> container = CONTAINERS.get(random.nextInt(CONTAINERS.size()));
		List<ResolvableType> arguments = new ArrayList<>();
		if (container == Map.class) {
			List<Class<?>> keys = List.of(String.class, Level.class, Integer.class);
			arguments.add(ResolvableType.forClass(keys.get(random.nextInt(keys.size()))));
		}
		while (arguments.size() < container.getTypeParameters().length) {
			arguments.add(ResolvableType.forType(type(random, depth - 1)));
		}
		return ResolvableType.forClassWithGenerics(container, arguments.toArray(ResolvableType[]::new)).getType();
	}

	private static JsonNode resolve(JsonNode schema, JsonNode root) {
		return schema.has("$ref") ? resolve(root.at(schema.path("$ref").asString().substring(1)), root) : schema;
	}

	/**
	 * Makes values that a schema allows.
	 *
	 * @param random decides
	 * @param root the schema
	 */
	private record Sampler(Random random, JsonNode root) {

		JsonNode sample(JsonNode declared, int depth) {
			JsonNode schema = resolve(declared, this.root);
			if (schema.has("anyOf")) {
				JsonNode options = schema.path("anyOf");
				return sample(options.get((depth > 6) ? 0 : this.random.nextInt(options.size())), depth + 1);
			}
			if (schema.has("const")) {
				return schema.path("const");
			}
			if (schema.has("enum")) {
				return schema.path("enum").get(this.random.nextInt(schema.path("enum").size()));
			}
			JsonNode type = schema.path("type");
			String name = type.isArray()
					? type.get((depth > 6) ? type.size() - 1 : this.random.nextInt(type.size())).asString()
					: type.asString("string");
			return switch (name) {
				case "null" -> MAPPER.nullNode();
				case "boolean" -> MAPPER.valueToTree(this.random.nextBoolean());
				case "integer" -> MAPPER.valueToTree(this.random.nextInt(200) - 100);
				case "number" -> MAPPER.valueToTree(this.random.nextInt(2000) / 8.0);
				case "array" -> array(schema, depth);
				case "object" -> object(schema, depth);
				default -> MAPPER.valueToTree(text(schema));
			};
		}

		private JsonNode array(JsonNode schema, int depth) {
			ArrayNode array = MAPPER.createArrayNode();
			for (JsonNode item : schema.path("prefixItems")) {
				array.add(sample(item, depth + 1));
			}
			int size = (array.isEmpty() && depth < 6) ? this.random.nextInt(3) : 0;
			for (int i = 0; i < size; i++) {
				array.add(sample(schema.path("items"), depth + 1));
			}
			return array;
		}

		private JsonNode object(JsonNode schema, int depth) {
			ObjectNode object = MAPPER.createObjectNode();
			Set<String> required = new TreeSet<>();
			schema.path("required").forEach((name) -> required.add(name.asString()));
			for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
				if (required.contains(property.getKey()) || (depth < 6 && this.random.nextBoolean())) {
					object.set(property.getKey(), sample(property.getValue(), depth + 1));
				}
			}
			if (schema.path("additionalProperties").isObject() && depth < 6) {
				for (int i = this.random.nextInt(3); i > 0; i--) {
					object.set(schema.has("propertyNames") ? "" + this.random.nextInt(99) : "key" + i,
							sample(schema.path("additionalProperties"), depth + 1));
				}
			}
			return object;
		}

		private String text(JsonNode schema) {
			if (schema.has("format")) {
				List<String> texts = FORMATS.get(schema.path("format").asString());
				return texts.get(this.random.nextInt(texts.size()));
			}
			if (schema.has("pattern")) {
				List<String> texts = EXAMPLES.stream()
					.filter((example) -> example.matches(schema.path("pattern").asString()))
					.toList();
				return texts.get(this.random.nextInt(texts.size()));
			}
			return schema.path("description").asString("").equals("Base64") ? "aGVsbG8="
					: List.of("EUR", "USD").get(this.random.nextInt(2));
		}

	}

	/**
	 * Whether a value is allowed by a schema.
	 */
	private static final class Validity {

		static @Nullable String problem(JsonNode value, JsonNode declared, JsonNode root) {
			JsonNode schema = resolve(declared, root);
			if (schema.has("anyOf")) {
				return schema.path("anyOf").valueStream().anyMatch((option) -> problem(value, option, root) == null)
						? null : value + " is none of " + schema.path("anyOf");
			}
			if (schema.has("const") && !schema.path("const").equals(value)) {
				return value + " is not " + schema.path("const");
			}
			if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
				return value + " is not in " + schema.path("enum");
			}
			if (schema.has("type") && !hasType(value, schema.path("type"))) {
				return value + " is not of " + schema.path("type");
			}
			if (value.isString() && schema.has("pattern")
					&& !value.asString().matches(schema.path("pattern").asString())) {
				return value + " does not match " + schema.path("pattern");
			}
			if (value.isString() && schema.path("format").asString("").equals("date-time")) {
				OffsetDateTime.parse(value.asString().replaceFirst("\\[.*]$", ""));
			}
			return value.isObject() ? objectProblem(value, schema, root)
					: value.isArray() ? arrayProblem(value, schema, root) : null;
		}

		private static @Nullable String arrayProblem(JsonNode value, JsonNode schema, JsonNode root) {
			JsonNode prefix = schema.path("prefixItems");
			for (int i = 0; i < value.size(); i++) {
				JsonNode declared = (i < prefix.size()) ? prefix.get(i) : schema.path("items");
				String problem = declared.isBoolean() ? "too many items" : problem(value.get(i), declared, root);
				if (problem != null) {
					return "[" + i + "]: " + problem;
				}
			}
			return null;
		}

		private static @Nullable String objectProblem(JsonNode value, JsonNode schema, JsonNode root) {
			for (JsonNode name : schema.path("required")) {
				if (!value.has(name.asString())) {
					return name + " is missing";
				}
			}
			for (Map.Entry<String, JsonNode> property : value.properties()) {
				JsonNode declared = schema.path("properties").path(property.getKey());
				JsonNode other = schema.path("additionalProperties");
				if (declared.isMissingNode() && other.isBoolean() && !other.asBoolean()) {
					return property.getKey() + " is not allowed";
				}
				if (schema.path("propertyNames").has("pattern")
						&& !property.getKey().matches(schema.at("/propertyNames/pattern").asString())) {
					return property.getKey() + " is no such name";
				}
				String problem = problem(property.getValue(), declared.isMissingNode() ? other : declared, root);
				if (problem != null) {
					return property.getKey() + ": " + problem;
				}
			}
			return null;
		}

		private static boolean hasType(JsonNode value, JsonNode type) {
			if (type.isArray()) {
				return type.valueStream().anyMatch((one) -> hasType(value, one));
			}
			return switch (type.asString()) {
				case "null" -> value.isNull();
				case "boolean" -> value.isBoolean();
				case "integer" -> value.isIntegralNumber();
				case "number" -> value.isNumber();
				case "array" -> value.isArray();
				case "object" -> value.isObject();
				default -> value.isString();
			};
		}

	}

	record Box<T>(T content, @Nullable T other) {

	}

	record Pair<A, B>(@JsonProperty("first_one") A first, @JsonAlias("2nd") B second, List<A> more) {

	}

	record Maybe<T>(Optional<T> value, @JsonProperty(required = false) List<T> values, List<@Nullable T> holes) {

	}

	record Tree(String name, List<Tree> children, @Nullable Tree left) {

	}

	record Counts(OptionalInt number, OptionalDouble part, Optional<Counts> next, Optional<List<Shape>> shapes,
			Map<String, Optional<Level>> levels) {

	}

	record Money(@JsonValue BigDecimal amount) {

		@JsonCreator(mode = JsonCreator.Mode.DELEGATING)
		Money {
		}

	}

	static final class Code {

		private final String value;

		private Code(String value) {
			this.value = value;
		}

		@JsonCreator
		static Code of(String value) {
			return new Code(value);
		}

		@JsonValue
		String value() {
			return this.value;
		}

	}

	public static class Settable {

		private int count;

		private @Nullable Level level;

		private final Map<String, Integer> derived = new HashMap<>();

		public int getCount() {
			return this.count;
		}

		public void setCount(int count) {
			this.count = count;
		}

		public @Nullable Level getLevel() {
			return this.level;
		}

		public void setLevel(@Nullable Level level) {
			this.level = level;
		}

	}

	enum Level {

		LOW, @JsonProperty("high")
		HIGH

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
	sealed interface Shape permits Circle, Square {

	}

	@JsonTypeName("circle")
	record Circle(double radius) implements Shape {

	}

	record Square(double side, @Nullable Shape inner) implements Shape {

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
	@JsonSubTypes({ @JsonSubTypes.Type(value = Cat.class, name = "cat"), @JsonSubTypes.Type(Dog.class) })
	interface Animal {

	}

	record Cat(int lives) implements Animal {

	}

	record Dog(String name) implements Animal {

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
	@JsonSubTypes({ @JsonSubTypes.Type(value = Car.class, name = "car"),
			@JsonSubTypes.Type(value = Vehicle.class, name = "any") })
	static class Vehicle {

		public int wheels;

	}

	static class Car extends Vehicle {

		public String plate = "";

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXISTING_PROPERTY, property = "sort",
			visible = true)
	@JsonSubTypes({ @JsonSubTypes.Type(value = Letter.class, name = "letter"),
			@JsonSubTypes.Type(value = Memo.class, name = "memo") })
	interface Note {

	}

	record Letter(String sort, String to) implements Note {

	}

	record Memo(String sort, int page) implements Note {

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
	sealed interface Deduced permits First, Second {

	}

	record First(int one) implements Deduced {

	}

	record Second(int two, boolean flag) implements Deduced {

	}

	record Account(@JsonAlias("id") String number, @JsonProperty(required = false) String owner,
			@Nullable Integer age) {

	}

}
