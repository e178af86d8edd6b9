package io.github.deepseekboot.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Form that the answer must have: one of the constants, or a schema.
 */
public final class ResponseFormat {

	/**
	 * Free text, the default.
	 */
	public static final ResponseFormat TEXT = new ResponseFormat("text", null, null, null);

	/**
	 * Some JSON object. The prompt must ask for JSON as well, or DeepSeek refuses.
	 */
	public static final ResponseFormat JSON_OBJECT = new ResponseFormat("json_object", null, null, null);

	private static final String PROMPT = "prompt";

	private final String type;

	private final @Nullable String name;

	private final @Nullable Map<String, Object> schema;

	private final @Nullable Boolean strict;

	private ResponseFormat(String type, @Nullable String name, @Nullable Map<String, Object> schema,
			@Nullable Boolean strict) {
		this.type = type;
		this.name = name;
		this.schema = (schema != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(schema)) : null;
		this.strict = strict;
	}

	/**
	 * Create a format for a JSON value that follows a schema, asked for with
	 * {@code json_schema} and nothing else. DeepSeek's chat completions do not support
	 * it; SiliconFlow's do. See {@link #schema} for what works everywhere.
	 * @param name the schema's name
	 * @param schema the JSON Schema
	 * @param strict whether the provider shall hold the model to it; {@code null} leaves
	 * it to the provider
	 * @return the format
	 */
	public static ResponseFormat jsonSchema(String name, Map<String, Object> schema, @Nullable Boolean strict) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.notNull(schema, "'schema' must not be null");
		return new ResponseFormat("json_schema", name, schema, strict);
	}

	/**
	 * Create a format for a JSON object that follows a schema, asked for by whatever
	 * means the provider that answers has: {@code json_schema}, or {@code json_object}
	 * with the schema in the system message, or the latter alone. Without
	 * {@code json_schema}, nothing but the model's good will makes the answer follow the
	 * schema.
	 * @param name the schema's name
	 * @param schema the JSON Schema of an object
	 * @param strict whether a provider with {@code json_schema} shall hold the model to
	 * it
	 * @return the format
	 */
	public static ResponseFormat schema(String name, Map<String, Object> schema, @Nullable Boolean strict) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.notNull(schema, "'schema' must not be null");
		return new ResponseFormat("schema", name, schema, strict);
	}

	/**
	 * Return the same format, asked for in the prompt alone: no field of the request says
	 * so.
	 * @return a format
	 */
	public ResponseFormat inPrompt() {
		return new ResponseFormat(PROMPT, this.name, this.schema, this.strict);
	}

	/**
	 * Return whether the schema may be asked for by whatever means the provider has.
	 * @return {@code true} for {@link #schema}, and what is asked for in the prompt
	 */
	public boolean isAnyMeans() {
		return this.type.equals("schema") || isInPrompt();
	}

	/**
	 * Return whether it is asked for in the prompt alone.
	 * @return {@code true} for what {@link #inPrompt()} returns
	 */
	public boolean isInPrompt() {
		return this.type.equals(PROMPT);
	}

	/**
	 * Return whether the answer is to be JSON, of which blanks are no part.
	 * @return {@code true} for all but {@link #TEXT}
	 */
	public boolean isJson() {
		return !this.type.equals("text");
	}

	/**
	 * Return the kind of the format.
	 * @return {@code text}, {@code json_object}, {@code json_schema}, {@code schema} for
	 * a schema by whatever means the provider has, or {@code prompt}
	 */
	public String type() {
		return this.type;
	}

	/**
	 * Return the schema's name.
	 * @return the name, or {@code null} where there is no schema
	 */
	public @Nullable String name() {
		return this.name;
	}

	/**
	 * Return the JSON Schema.
	 * @return the schema, or {@code null} where there is none
	 */
	public @Nullable Map<String, Object> schema() {
		return this.schema;
	}

	/**
	 * Return whether the provider shall hold the model to the schema.
	 * @return {@code null} where that is left to the provider
	 */
	public @Nullable Boolean strict() {
		return this.strict;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof ResponseFormat that && this.type.equals(that.type)
				&& Objects.equals(this.name, that.name) && Objects.equals(this.schema, that.schema)
				&& Objects.equals(this.strict, that.strict);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.type, this.name, this.schema, this.strict);
	}

	@Override
	public String toString() {
		return "ResponseFormat[" + this.type + ((this.name != null) ? " " + this.name : "") + "]";
	}

}
