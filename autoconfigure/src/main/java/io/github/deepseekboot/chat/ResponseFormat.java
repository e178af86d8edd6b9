package io.github.deepseekboot.chat;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * The form that the answer must have.
 *
 * @param type {@code text}, {@code json_object}, {@code json_schema}, or {@code schema}
 * for a schema by whatever means the provider has
 * @param name the schema's name; set where there is a schema
 * @param schema the JSON Schema; set for {@code json_schema} and {@code schema} only
 * @param strict whether the provider shall hold the model to the schema
 */
public record ResponseFormat(String type, @Nullable String name, @Nullable Map<String, Object> schema,
		@Nullable Boolean strict) {

	/**
	 * Free text, the default.
	 */
	public static final ResponseFormat TEXT = new ResponseFormat("text", null, null, null);

	/**
	 * Some JSON object. The prompt must ask for JSON as well, or DeepSeek refuses.
	 */
	public static final ResponseFormat JSON_OBJECT = new ResponseFormat("json_object", null, null, null);

	/**
	 * A JSON value that follows a schema, asked for with {@code json_schema} and nothing
	 * else. DeepSeek's chat completions do not support it; SiliconFlow's do. See
	 * {@link #schema} for what works everywhere.
	 * @param name the schema's name
	 * @param schema the JSON Schema
	 * @param strict whether the provider shall hold the model to it
	 * @return the format
	 */
	public static ResponseFormat jsonSchema(String name, Map<String, Object> schema, boolean strict) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.notNull(schema, "'schema' must not be null");
		return new ResponseFormat("json_schema", name, schema, strict);
	}

	/**
	 * A JSON object that follows a schema, asked for by whatever means the provider that
	 * answers has: {@code json_schema}, or {@code json_object} with the schema in the
	 * system message, or the latter alone. Without {@code json_schema}, nothing but the
	 * model's good will makes the answer follow the schema.
	 * @param name the schema's name
	 * @param schema the JSON Schema of an object
	 * @param strict whether a provider with {@code json_schema} shall hold the model to
	 * it
	 * @return the format
	 */
	public static ResponseFormat schema(String name, Map<String, Object> schema, boolean strict) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.notNull(schema, "'schema' must not be null");
		return new ResponseFormat("schema", name, schema, strict);
	}

	/**
	 * Whether the schema may be asked for by whatever means the provider has.
	 * @return {@code true} for {@link #schema} only
	 */
	public boolean isAnyMeans() {
		return this.type.equals("schema");
	}

	/**
	 * Whether the answer is to be JSON, of which blanks are no part.
	 * @return {@code true} for all but {@link #TEXT}
	 */
	public boolean isJson() {
		return !this.type.equals("text");
	}

}
