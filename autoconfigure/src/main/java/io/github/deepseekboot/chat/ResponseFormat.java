package io.github.deepseekboot.chat;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * The form that the answer must have.
 *
 * @param type {@code text}, {@code json_object} or {@code json_schema}
 * @param name the schema's name; set for {@code json_schema} only
 * @param schema the JSON Schema; set for {@code json_schema} only
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
	 * A JSON value that follows a schema. DeepSeek's chat completions do not support it;
	 * SiliconFlow's do.
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

}
