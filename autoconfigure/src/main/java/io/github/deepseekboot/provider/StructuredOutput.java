package io.github.deepseekboot.provider;

/**
 * How a provider is asked for an answer that follows a JSON Schema.
 */
public enum StructuredOutput {

	/**
	 * With {@code "response_format": {"type": "json_schema"}}: the provider holds the
	 * model to the schema.
	 */
	JSON_SCHEMA,

	/**
	 * With {@code "response_format": {"type": "json_object"}}, the schema in the system
	 * message.
	 */
	JSON_OBJECT,

	/**
	 * With the schema in the system message only.
	 */
	PROMPT

}
