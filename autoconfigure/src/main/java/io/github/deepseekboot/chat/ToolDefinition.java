package io.github.deepseekboot.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Definition of a tool that a model may call.
 *
 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
 * @param description what it does and when to use it, sent to the model
 * @param parameters the JSON Schema of its arguments; {@code null} for a tool without
 * arguments
 * @param strict whether the provider shall hold the model to the schema; {@code null}
 * leaves it to the provider
 * @param fields the complete definition by its wire names, for a tool of the provider's
 * own kind; empty for a function
 */
public record ToolDefinition(String name, @Nullable String description, @Nullable Map<String, Object> parameters,
		@Nullable Boolean strict, Map<String, Object> fields) {

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

	public ToolDefinition {
		Assert.hasText(name, "'name' must not be empty");
		parameters = (parameters != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(parameters)) : null;
		fields = (fields != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(fields)) : Map.of();
		Assert.isTrue(!fields.isEmpty() || NAME.matcher(name).matches(), "the tool name '" + name
				+ "' is refused by hosts: use letters, digits, underscores and dashes only, at most 64");
	}

	/**
	 * Create a function.
	 * @param name the function's name
	 * @param description what it does, sent to the model
	 * @param parameters the JSON Schema of its arguments
	 * @param strict whether the provider shall hold the model to the schema
	 */
	public ToolDefinition(String name, @Nullable String description, @Nullable Map<String, Object> parameters,
			@Nullable Boolean strict) {
		this(name, description, parameters, strict, Map.of());
	}

	/**
	 * Create a tool of the provider's own kind, which the provider runs itself, such as
	 * {@code web_search}.
	 * @param fields the complete definition by its wire names, with {@code type}
	 * @return the definition, named like its type
	 */
	public static ToolDefinition of(Map<String, Object> fields) {
		Assert.isTrue(fields.get("type") instanceof String, "'fields' must have a 'type'");
		return new ToolDefinition(String.valueOf(fields.get("type")), null, null, null, fields);
	}

	/**
	 * Create a tool with a schema.
	 * @param name the tool's name
	 * @param description what it does, sent to the model
	 * @param parameters the JSON Schema of its arguments
	 * @return the definition
	 */
	public static ToolDefinition of(String name, @Nullable String description,
			@Nullable Map<String, Object> parameters) {
		return new ToolDefinition(name, description, parameters, null);
	}

}
