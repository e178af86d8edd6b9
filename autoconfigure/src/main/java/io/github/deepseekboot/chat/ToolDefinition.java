package io.github.deepseekboot.chat;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * A tool that the model may call.
 *
 * @param name the tool's name: letters, digits, underscores and dashes, at most 64
 * @param description what it does and when to use it, told to the model
 * @param parameters the JSON Schema of its arguments; {@code null} for a tool without
 * arguments
 * @param strict whether the provider shall hold the model to the schema; {@code null}
 * leaves it to the provider
 */
public record ToolDefinition(String name, @Nullable String description, @Nullable Map<String, Object> parameters,
		@Nullable Boolean strict) {

	public ToolDefinition {
		Assert.hasText(name, "'name' must not be empty");
	}

	/**
	 * A tool with a schema.
	 * @param name the tool's name
	 * @param description what it does, told to the model
	 * @param parameters the JSON Schema of its arguments
	 * @return the definition
	 */
	public static ToolDefinition of(String name, @Nullable String description,
			@Nullable Map<String, Object> parameters) {
		return new ToolDefinition(name, description, parameters, null);
	}

}
