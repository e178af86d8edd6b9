package io.github.deepseekboot.structured;

import java.lang.reflect.Type;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.util.Assert;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JacksonException.Reference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.schema.SchemaCheck;

/**
 * How an answer of a Java type is asked for, and how it is read.
 *
 * @param <T> the Java type
 */
final class AnswerType<T> {

	private static final int MAX_NAME = 64;

	private static final int MAX_PROBLEMS = 10;

	private static final String VALUE = "value";

	private final JsonMapper mapper;

	private final ObjectReader treeReader;

	private final AnswerValidator validator;

	private final JavaType type;

	private final Map<String, Object> schema;

	private final SchemaCheck check;

	// providers demand an object, so that anything else stands inside of one
	private final boolean wrapped;

	private AnswerType(JsonMapper mapper, AnswerValidator validator, JavaType type, Map<String, Object> schema,
			boolean wrapped) {
		this.mapper = mapper;
		// amounts of money keep their digits on the way
		this.treeReader = mapper.reader()
			.with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
			.without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
		this.validator = validator;
		this.type = type;
		this.schema = schema;
		this.check = new SchemaCheck(type, schema, mapper);
		this.wrapped = wrapped;
	}

	static <T> AnswerType<T> answer(JsonMapper mapper, JsonSchemaGenerator generator, AnswerValidator validator,
			Type type) {
		Map<String, Object> schema = generator.generate(type);
		boolean wrapped = !"object".equals(schema.get("type"));
		return new AnswerType<>(mapper, validator, mapper.constructType(type),
				wrapped ? generator.generate(inside(Wrapper.class, type)) : schema, wrapped);
	}

	static <T> AnswerType<T> item(JsonMapper mapper, JsonSchemaGenerator generator, AnswerValidator validator,
			Type type) {
		return new AnswerType<>(mapper, validator, mapper.constructType(type), generator.generate(type), false);
	}

	static ResponseFormat listFormat(JsonSchemaGenerator generator, Type item) {
		return format("items", generator.generate(inside(Items.class, item)));
	}

	private static Type inside(Class<?> wrapper, Type type) {
		return ResolvableType.forClassWithGenerics(wrapper, ResolvableType.forType(type)).getType();
	}

	ResponseFormat format() {
		String name = this.wrapped ? "answer"
				: this.type.getRawClass().getSimpleName().replaceAll("[^a-zA-Z0-9_-]", "_");
		return format((name.length() > MAX_NAME) ? name.substring(0, MAX_NAME) : name, this.schema);
	}

	private static ResponseFormat format(String name, Map<String, Object> schema) {
		return ResponseFormat.schema(name, schema, isStrict(schema));
	}

	// strict modes have no optional or unnamed properties, and no value of any type
	private static boolean isStrict(@Nullable Object declared) {
		if (!(declared instanceof Map<?, ?> schema)) {
			return false;
		}
		Map<?, ?> properties = map(schema, "properties");
		if (!Stream.concat(properties.values().stream(), map(schema, "$defs").values().stream())
			.allMatch(AnswerType::isStrict)) {
			return false;
		}
		if (schema.get("anyOf") instanceof Collection<?> options) {
			return options.stream().allMatch(AnswerType::isStrict);
		}
		if (schema.containsKey("$ref") || schema.containsKey("const") || schema.containsKey("enum")) {
			return true;
		}
		if (isOf(schema, "object")) {
			return Boolean.FALSE.equals(schema.get("additionalProperties"))
					&& (properties.isEmpty() || (schema.get("required") instanceof Collection<?> required
							&& required.containsAll(properties.keySet())));
		}
		return isOf(schema, "array") ? isStrict(schema.get("items")) : schema.containsKey("type");
	}

	private static boolean isOf(Map<?, ?> schema, String type) {
		return type.equals(schema.get("type"))
				|| (schema.get("type") instanceof Collection<?> types && types.contains(type));
	}

	private static Map<?, ?> map(Map<?, ?> schema, String keyword) {
		return (schema.get(keyword) instanceof Map<?, ?> map) ? map : Map.of();
	}

	String name() {
		return this.type.toCanonical();
	}

	String listName() {
		return "list of " + name();
	}

	/**
	 * Read a complete answer, with or without fences, words and thinking around it: the
	 * last value in it that follows the schema.
	 * @param text what the model answered
	 * @return the value, or what is wrong
	 */
	Reading<T> readAnswer(String text) {
		List<JsonNode> values = AnswerText.values(text, this.treeReader);
		Reading<T> failed = null;
		for (int i = values.size() - 1; i >= 0; i--) {
			Reading<T> reading = read(values.get(i));
			if (reading.problem() == null) {
				return validate(reading);
			}
			failed = (failed != null) ? failed : reading;
		}
		return (failed != null) ? failed : readItem(text.substring(Math.max(0, text.indexOf('{'))));
	}

	/**
	 * Read an item of a list.
	 * @param text the item and nothing else
	 * @return the value, or what is wrong
	 */
	Reading<T> readItem(String text) {
		JsonNode tree;
		try {
			tree = this.treeReader.readTree(text);
		}
		catch (JacksonException ex) {
			return Reading.failed(Problem.notJson(place(ex) + ex.getOriginalMessage()));
		}
		Reading<T> reading = read(tree);
		return (reading.problem() != null) ? reading : validate(reading);
	}

	private Reading<T> read(JsonNode answer) {
		JsonNode tree = answer;
		if (this.wrapped && !tree.has(VALUE)) {
			// without the object around it
			ObjectNode wrapper = this.mapper.createObjectNode();
			wrapper.set(VALUE, tree);
			tree = wrapper;
		}
		else if (tree.isArray() && tree.size() == 1 && "object".equals(this.schema.get("type"))) {
			tree = tree.get(0);
		}
		List<String> missing = this.check.problems(tree);
		if (!missing.isEmpty()) {
			return Reading.failed(Problem.of("it does not follow the schema: " + join(missing)));
		}
		return convert(this.wrapped ? tree.get(VALUE) : tree);
	}

	private Reading<T> convert(JsonNode tree) {
		T value;
		try {
			value = this.mapper.readerFor(this.type).readValue(tree);
		}
		catch (JacksonException ex) {
			String path = path(ex.getPath());
			return Reading.failed(Problem.of("it cannot be read" + (path.isEmpty() ? "" : " at " + path),
					(path.isEmpty() ? "" : path + ": ") + ex.getOriginalMessage()));
		}
		catch (LinkageError | VirtualMachineError ex) {
			throw failed("reading " + name(), ex);
		}
		return (value != null) ? Reading.of(value) : Reading.failed(Problem.of("it is null"));
	}

	private Reading<T> validate(Reading<T> reading) {
		List<String> violations;
		try {
			violations = this.validator.validate(Objects.requireNonNull(reading.value()));
		}
		catch (LinkageError | VirtualMachineError ex) {
			throw failed(this.validator.getClass().getName(), ex);
		}
		Assert.state(violations != null, () -> this.validator.getClass().getName() + " returned no list");
		return violations.isEmpty() ? reading : Reading.failed(Problem.of(join(violations)));
	}

	// Reactor gives up on these errors, and the call would never end
	private static IllegalStateException failed(String who, Error error) {
		return new IllegalStateException(who + " failed: " + error, error);
	}

	private static String join(List<String> problems) {
		String joined = String.join("; ", problems.subList(0, Math.min(problems.size(), MAX_PROBLEMS)));
		return (problems.size() > MAX_PROBLEMS) ? joined + "; and " + (problems.size() - MAX_PROBLEMS) + " more"
				: joined;
	}

	private static String place(JacksonException ex) {
		return (ex.getLocation() != null)
				? "line " + ex.getLocation().getLineNr() + ", column " + ex.getLocation().getColumnNr() + ": " : "";
	}

	private static String path(List<Reference> references) {
		StringBuilder path = new StringBuilder();
		for (Reference reference : references) {
			if (reference.getPropertyName() == null) {
				path.append('[').append(reference.getIndex()).append(']');
			}
			else {
				path.append(path.isEmpty() ? "" : ".").append(reference.getPropertyName());
			}
		}
		return path.toString();
	}

	/**
	 * The object around a value that is none.
	 *
	 * @param <T> the type of the value
	 * @param value the value
	 */
	record Wrapper<T>(@JsonProperty(VALUE) T value) {

	}

	/**
	 * The object around a list.
	 *
	 * @param <T> the type of an item
	 * @param items the list
	 */
	record Items<T>(@JsonProperty("items") List<T> items) {

	}

}
