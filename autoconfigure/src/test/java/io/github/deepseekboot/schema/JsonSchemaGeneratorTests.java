package io.github.deepseekboot.schema;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.OptBoolean;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.core.ParameterizedTypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of the schemas that are sent to models.
 */
class JsonSchemaGeneratorTests {

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private final JsonSchemaGenerator generator = JsonSchemaGenerator.create(MAPPER);

	@Test
	void aRecord() {
		assertSchema(Invoice.class, """
				{"$defs": {"Address": {"type": "object", "properties": {"city": {"type": "string"}},
				    "required": ["city"], "additionalProperties": false}},
				 "type": "object",
				 "properties": {
				   "invoice-number": {"type": "string", "description": "As printed: at least 1 character(s)"},
				   "issued": {"type": "string", "format": "date"},
				   "lines": {"type": "array", "description": "at least 1 item(s), at most 9 item(s)",
				     "items": {"type": "object",
				       "properties": {
				         "article": {"type": "string", "pattern": "[A-Z]+"},
				         "quantity": {"type": "integer", "minimum": 1},
				         "price": {"type": "number"}},
				       "required": ["article", "quantity", "price"], "additionalProperties": false}},
				   "currency": {"type": "string", "enum": ["euro", "USD"]},
				   "note": {"type": ["string", "null"]},
				   "discount": {"type": ["number", "null"]},
				   "bill": {"$ref": "#/$defs/Address"},
				   "ship": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Address"}]},
				   "tags": {"type": "object", "additionalProperties": {"type": "integer"}}},
				 "required": ["invoice-number", "issued", "lines", "currency", "note", "discount", "bill", "ship",
				   "tags"],
				 "additionalProperties": false}""");
	}

	@Test
	void propertiesKeepTheirDeclaredOrder() {
		assertThat(((Map<?, ?>) this.generator.generate(Invoice.class).get("properties")).keySet())
			.map(Object::toString)
			.containsExactly("invoice-number", "issued", "lines", "currency", "note", "discount", "bill", "ship",
					"tags");
	}

	@Test
	void propertiesAreNamedAsTheMapperNamesThem() {
		JsonSchemaGenerator snake = JsonSchemaGenerator
			.create(JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build());
		assertThat(((Map<?, ?>) snake.generate(Named.class).get("properties")).keySet()).map(Object::toString)
			.containsExactly("total_amount", "own");
		assertThat((List<?>) snake.generate(Named.class).get("required")).map(Object::toString)
			.containsExactly("total_amount", "own");
	}

	@Test
	void aBean() {
		assertSchema(Bean.class, """
				{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"],
				 "additionalProperties": false}""");
	}

	@Test
	void anEnumIsOfTheTypeThatItIsWrittenAs() {
		assertSchema(Level.class, """
				{"type": "integer", "enum": [10, 20]}""");
	}

	@Test
	void aTypeThatHoldsItself() {
		assertSchema(Node.class, """
				{"type": "object", "properties": {
				   "name": {"type": "string"},
				   "children": {"type": "array", "items": {"$ref": "#"}}},
				 "required": ["name", "children"], "additionalProperties": false}""");
	}

	@Test
	void subtypes() {
		Map<String, Object> schema = this.generator.generate(Shape.class);
		assertThat(schema).containsOnlyKeys("anyOf");
		assertThat((List<?>) schema.get("anyOf")).map((subtype) -> MAPPER.valueToTree(subtype).at("/properties/kind"))
			.containsExactly(MAPPER.readTree("{\"const\": \"circle\"}"), MAPPER.readTree("{\"const\": \"square\"}"));
	}

	@Test
	void subtypesHaveTheIdsThatTheMapperWrites() {
		Map<String, Object> schema = this.generator.generate(Event.class);
		assertThat((List<?>) schema.get("anyOf")).map((subtype) -> MAPPER.valueToTree(subtype).at("/properties/@type"))
			.containsExactly(MAPPER.readTree("{\"const\": \"begun\"}"),
					MAPPER.readTree("{\"const\": \"JsonSchemaGeneratorTests$Ended\"}"));
	}

	@Test
	void freeJsonIsOpen() {
		assertSchema(Free.class, """
				{"type": "object", "properties": {"node": {}, "any": {}, "map": {"type": "object",
				 "additionalProperties": {}}, "levels": {"type": "object", "properties": {"LOW": {"type": "string"},
				 "HIGH": {"type": "string"}}, "additionalProperties": false}},
				 "required": ["node", "any", "map", "levels"], "additionalProperties": false}""");
	}

	@Test
	void aPropertyThatIsExplicitlyNotRequiredMayBeNull() {
		assertSchema(Lenient.class, """
				{"type": "object", "properties": {"name": {"type": "string"}, "nick": {"type": ["string", "null"]},
				 "other": {"type": ["string", "null"]}},
				 "required": ["name", "nick", "other"], "additionalProperties": false}""");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"Order | at lines[].part, io.github.deepseekboot.schema.JsonSchemaGeneratorTests$Part: it is abstract, and nothing says which class to build: use a record, or annotate it with @JsonTypeInfo and @JsonSubTypes",
			"Sealed | Sealed cannot be read from JSON: it is abstract, and nothing says which class to build: use a record, or annotate it with @JsonTypeInfo",
			"Untold | at parts.*, io.github.deepseekboot.schema.JsonSchemaGeneratorTests$NoSubtype: no class of it is known: add @JsonSubTypes, or seal it",
			"Locked | at inner, io.github.deepseekboot.schema.JsonSchemaGeneratorTests$Private: it has no constructor that Jackson can call: use a record, or annotate one with @JsonCreator",
			"Running | at thread.contextClassLoader, java.lang.ClassLoader: " })
	void whatCannotBeBuiltIsRefusedWithItsPath(String type, String message) throws ClassNotFoundException {
		Class<?> refused = Class.forName(JsonSchemaGeneratorTests.class.getName() + "$" + type);
		assertThatIllegalArgumentException().isThrownBy(() -> this.generator.generate(refused))
			.withMessageStartingWith(refused.getName() + " cannot be read from JSON: ")
			.withMessageContaining(message.strip());
	}

	@Test
	void aGenericType() {
		assertSchema(new ParameterizedTypeReference<List<Node>>() {
		}.getType(), """
				{"type": "array", "items": {"type": "object", "properties": {
				   "name": {"type": "string"},
				   "children": {"$ref": "#"}},
				 "required": ["name", "children"], "additionalProperties": false}}""");
	}

	@Test
	void simpleTypes() {
		assertSchema(String.class, "{\"type\": \"string\"}");
		assertSchema(int.class, "{\"type\": \"integer\"}");
	}

	@Test
	void aSchemaIsMadeOnce() {
		assertThat(this.generator.generate(Node.class)).isSameAs(this.generator.generate(Node.class));
	}

	@Test
	void withoutTheGeneratorItSaysWhatToAdd() {
		JsonSchemaGenerator none = withoutClasses("com.github.victools");
		assertThatIllegalStateException().isThrownBy(() -> none.generate(Node.class))
			.withMessageContaining(Node.class.getName())
			.withMessageContaining("com.github.victools:jsonschema-generator")
			.withMessageContaining("com.github.victools:jsonschema-module-jackson");
	}

	@Test
	void withoutJacksonsModuleItSaysWhatToAdd() {
		JsonSchemaGenerator none = withoutClasses("com.github.victools.jsonschema.module");
		assertThatIllegalStateException().isThrownBy(() -> none.generate(Node.class))
			.withMessageContaining("com.github.victools:jsonschema-module-jackson");
	}

	@Test
	void withoutBeanValidationConstraintsAreLeftOut() {
		for (String missing : new String[] { "jakarta.validation", "com.github.victools.jsonschema.module.jakarta" }) {
			assertThat(MAPPER.valueToTree(withoutClasses(missing).generate(Line.class)).at("/properties/quantity"))
				.isEqualTo(MAPPER.readTree("{\"type\": \"integer\"}"));
		}
	}

	private static JsonSchemaGenerator withoutClasses(String missing) {
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		thread.setContextClassLoader(new FilteredClassLoader(missing));
		try {
			return JsonSchemaGenerator.create(MAPPER);
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	private void assertSchema(Type type, String expected) {
		assertThat((Object) MAPPER.readTree(MAPPER.writeValueAsString(this.generator.generate(type))))
			.isEqualTo(MAPPER.readTree(expected));
	}

	record Invoice(@JsonProperty("invoice-number") @JsonPropertyDescription("As printed") @NotBlank String number,
			LocalDate issued, @Size(min = 1, max = 9) List<Line> lines, Currency currency, @Nullable String note,
			Optional<BigDecimal> discount, Address bill, @Nullable Address ship, Map<String, Integer> tags) {

	}

	record Line(@Pattern(regexp = "[A-Z]+") String article, @Min(1) int quantity, BigDecimal price) {

	}

	record Address(String city) {

	}

	record Node(String name, List<Node> children) {

	}

	record Named(BigDecimal totalAmount, @JsonProperty("own") String named, @JsonIgnore String hidden) {

	}

	enum Level {

		LOW, HIGH;

		@JsonValue
		int number() {
			return 10 * (ordinal() + 1);
		}

	}

	enum Currency {

		@JsonProperty("euro")
		EUR, USD

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
	@JsonSubTypes({ @JsonSubTypes.Type(value = Circle.class, name = "circle"),
			@JsonSubTypes.Type(value = Square.class, name = "square") })
	sealed interface Shape permits Circle, Square {

	}

	record Circle(double radius) implements Shape {

	}

	record Square(double side) implements Shape {

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
	sealed interface Event permits Begun, Ended {

	}

	@JsonTypeName("begun")
	record Begun(int at) implements Event {

	}

	record Ended(int at) implements Event {

	}

	record Free(JsonNode node, Object any, Map<String, Object> map, Map<Thing, String> levels) {

	}

	enum Thing {

		LOW, HIGH

	}

	record Lenient(@JsonProperty("name") String name, @JsonProperty(required = false) String nick,
			@JsonProperty(isRequired = OptBoolean.FALSE) String other) {

	}

	record Order(List<OrderLine> lines) {

	}

	record OrderLine(String article, Part part) {

	}

	interface Part {

	}

	sealed interface Sealed permits Sealing {

	}

	record Sealing(int a) implements Sealed {

	}

	record Untold(Map<String, NoSubtype> parts) {

	}

	@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
	interface NoSubtype {

	}

	record Locked(Private inner) {

	}

	static final class Private {

		private Private(int first, String second) {
		}

	}

	record Running(Thread thread) {

	}

	public static class Bean {

		private String name = "";

		private transient int cached;

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

		@JsonIgnore
		public int getCached() {
			return this.cached;
		}

	}

}
