package io.github.deepseekboot.structured;

import java.lang.reflect.Type;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
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
import io.github.deepseekboot.schema.JsonSchemaGenerator;

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

	// strict modes refuse objects with properties of any name
	private static boolean isStrict(@Nullable Object schema) {
		if (schema instanceof Collection<?> elements) {
			return elements.stream().allMatch(AnswerType::isStrict);
		}
		if (!(schema instanceof Map<?, ?> map)) {
			return true;
		}
		boolean open = "object".equals(map.get("type")) && !Boolean.FALSE.equals(map.get("additionalProperties"));
		return !open && map.values().stream().allMatch(AnswerType::isStrict);
	}

	String name() {
		return this.type.toCanonical();
	}

	String listName() {
		return "list of " + name();
	}

	/**
	 * Read a whole answer, with or without fences and words around it.
	 * @param text what the model answered
	 * @return the value, or what is wrong
	 */
	Reading<T> readAnswer(String text) {
		return read(json(text));
	}

	/**
	 * Read an item of a list.
	 * @param text the item and nothing else
	 * @return the value, or what is wrong
	 */
	Reading<T> readItem(String text) {
		return read(text);
	}

	private Reading<T> read(String json) {
		JsonNode tree;
		try {
			tree = this.treeReader.readTree(json);
		}
		catch (JacksonException ex) {
			return Reading
				.failed(Problem.of("it is not JSON", "it is not JSON: " + place(ex) + ex.getOriginalMessage()));
		}
		if (this.wrapped && !tree.has(VALUE)) {
			// without the object around it
			ObjectNode wrapper = this.mapper.createObjectNode();
			wrapper.set(VALUE, tree);
			tree = wrapper;
		}
		List<String> missing = SchemaCheck.check(tree, this.schema);
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
		if (value == null) {
			return Reading.failed(Problem.of("it is null"));
		}
		List<String> violations = this.validator.validate(value);
		return violations.isEmpty() ? Reading.of(value) : Reading.failed(Problem.of(join(violations)));
	}

	// from the first bracket to the last: models put fences and words around their JSON
	private String json(String text) {
		int object = text.indexOf('{');
		int array = this.wrapped ? text.indexOf('[') : -1;
		int start = (object == -1 || (array != -1 && array < object)) ? array : object;
		if (start == -1) {
			return text;
		}
		int end = text.lastIndexOf((start == object) ? '}' : ']');
		return (end > start) ? text.substring(start, end + 1) : text.substring(start);
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
