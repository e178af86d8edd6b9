package io.github.deepseekboot.tool;

import java.lang.reflect.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.schema.JsonSchemaGenerator;
import io.github.deepseekboot.schema.SchemaCheck;

/**
 * Tool that a model may call, with the function that runs it. Immutable and thread-safe
 * if its function is.
 */
public final class Tool {

	private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {
	};

	private final String name;

	private final String description;

	private final @Nullable Boolean strict;

	private final Function<JsonSchemaGenerator, @Nullable Map<String, Object>> parameters;

	private final @Nullable Class<?> type;

	private final Invocation invocation;

	private Tool(String name, String description, @Nullable Boolean strict,
			Function<JsonSchemaGenerator, @Nullable Map<String, Object>> parameters, @Nullable Class<?> type,
			Invocation invocation) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.hasText(description, "'description' must not be empty");
		// refuses a name that hosts refuse, before anything is sent
		ToolDefinition.of(name, description, null);
		this.name = name;
		this.description = description;
		this.strict = strict;
		this.parameters = parameters;
		this.type = type;
		this.invocation = invocation;
	}

	/**
	 * Create a tool whose arguments are an object of a type, such as a record: its JSON
	 * Schema is made from the type, and the arguments are read by the application's
	 * mapper. Arguments that lack what the schema requires, or contradict it, do not
	 * reach the tool.
	 * @param <T> the type of the arguments
	 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
	 * @param description what it does and when to use it, sent to the model
	 * @param type the type of the arguments
	 * @param function what it does
	 * @return the tool
	 */
	public static <T> Tool of(String name, String description, Class<T> type, ToolFunction<T> function) {
		Assert.notNull(type, "'type' must not be null");
		Assert.notNull(function, "'function' must not be null");
		return new Tool(name, description, null, (schemas) -> objectSchema(name, type, schemas.generate(type)), type,
				(arguments, mapper) -> function.call(read(name, () -> mapper.readValue(arguments, type))));
	}

	/**
	 * Create a tool whose arguments have a schema written by hand.
	 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
	 * @param description what it does and when to use it, sent to the model
	 * @param schema the JSON Schema of the arguments, which are an object, as JSON
	 * @param function what it does, with the arguments as a JSON object
	 * @return the tool
	 * @throws IllegalArgumentException if the schema is not a JSON object, or not that of
	 * one
	 */
	public static Tool of(String name, String description, String schema, ToolFunction<JsonNode> function) {
		Assert.notNull(schema, "'schema' must not be null");
		try {
			return of(name, description, JsonMapper.shared().readValue(schema, MAP), function);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException("the schema of the tool '" + name + "' is not a JSON object", ex);
		}
	}

	/**
	 * Create a tool whose arguments have a schema written by hand.
	 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
	 * @param description what it does and when to use it, sent to the model
	 * @param schema the JSON Schema of the arguments, which are an object
	 * @param function what it does, with the arguments as a JSON object
	 * @return the tool
	 * @throws IllegalArgumentException if the schema is not that of an object
	 */
	public static Tool of(String name, String description, Map<String, Object> schema,
			ToolFunction<JsonNode> function) {
		Assert.notNull(schema, "'schema' must not be null");
		Assert.notNull(function, "'function' must not be null");
		Object type = schema.getOrDefault("type", "object");
		Assert.isTrue("object".equals(type), () -> "the schema of the tool '" + name
				+ "' must be of the type object, whose properties are the arguments, but is of the type " + type);
		Map<String, Object> copy = Collections.unmodifiableMap(new LinkedHashMap<>(schema));
		return new Tool(name, description, null, (schemas) -> copy, null,
				(arguments, mapper) -> function.call(read(name, () -> mapper.readTree(arguments))));
	}

	/**
	 * Create a tool without arguments.
	 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
	 * @param description what it does and when to use it, sent to the model
	 * @param function what it does; its result is treated as that of a
	 * {@link ToolFunction}
	 * @return the tool
	 */
	public static Tool of(String name, String description, Callable<? extends @Nullable Object> function) {
		Assert.notNull(function, "'function' must not be null");
		return new Tool(name, description, null, (schemas) -> null, null, (arguments, mapper) -> function.call());
	}

	/**
	 * Return the same tool, with the model held to the schema by the provider. DeepSeek
	 * documents that for its address {@code /beta}.
	 * @return a copy
	 */
	public Tool strict() {
		return new Tool(this.name, this.description, true, this.parameters, this.type, this.invocation);
	}

	/**
	 * Return the tool's name.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Return the tool as it is put on a request whose calls the application handles
	 * itself. Properties are named as a plain mapper does.
	 * @return the definition
	 * @throws IllegalStateException if the schema must be made and nothing on the class
	 * path can
	 * @throws IllegalArgumentException if the type is not one of JSON objects
	 */
	public ToolDefinition definition() {
		return definition(JsonSchemaGenerator.create(JsonMapper.shared()));
	}

	/**
	 * Return the tool as it is put on a request whose calls the application handles
	 * itself.
	 * @param schemas makes the schema
	 * @return the definition
	 * @throws IllegalStateException if the schema must be made and nothing on the class
	 * path can
	 * @throws IllegalArgumentException if the type is not one of JSON objects
	 */
	public ToolDefinition definition(JsonSchemaGenerator schemas) {
		return new ToolDefinition(this.name, this.description, this.parameters.apply(schemas), this.strict);
	}

	/**
	 * Create a check that arguments follow the schema of their type.
	 * @param mapper reads the arguments
	 * @param schemas made the schema
	 * @return the check, or {@code null} if the arguments have no type
	 */
	@Nullable SchemaCheck check(JsonMapper mapper, JsonSchemaGenerator schemas) {
		return (this.type != null) ? new SchemaCheck(this.type, schemas.generate(this.type), mapper) : null;
	}

	@Nullable Object call(String arguments, JsonMapper mapper) throws Exception {
		return this.invocation.call(arguments, mapper);
	}

	@Override
	public String toString() {
		return "Tool[" + this.name + "]";
	}

	private static Map<String, Object> objectSchema(String name, Type type, Map<String, Object> schema) {
		Object kind = schema.getOrDefault("type", "object");
		Assert.isTrue("object".equals(kind), () -> "the arguments of the tool '" + name
				+ "' must be a JSON object, but " + type.getTypeName() + " is written as " + kind + "; use a record");
		return schema;
	}

	private static <T> T read(String name, Callable<T> reading) throws Exception {
		try {
			return reading.call();
		}
		catch (JacksonException ex) {
			throw misfit(name, ex.getOriginalMessage()).cause(ex).build();
		}
	}

	static DeepSeekException.Builder misfit(String name, String problem) {
		return DeepSeekException.builder(ErrorKind.MALFORMED_RESPONSE,
				"the arguments do not fit the tool '" + name + "': " + ToolRunner.shown(problem));
	}

	private interface Invocation {

		@Nullable Object call(String arguments, JsonMapper mapper) throws Exception;

	}

}
