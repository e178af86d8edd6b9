package io.github.deepseekboot.chat;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Call of a tool that a model asks for.
 *
 * @param id the id that the tool's answer must repeat; {@code null} where a provider sent
 * none
 * @param name the tool's name; empty where a provider sent none
 * @param arguments the arguments as the model wrote them: meant to be a JSON object, but
 * a model may err, and an answer that ended by {@code length} may stop in the middle of
 * them. Arguments that were encoded twice are decoded once
 * @param extra fields that have no component of their own, such as {@code extra_content},
 * by their wire names; empty for none. They are sent back where the provider wants them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ToolCall(@JsonProperty("id") @Nullable String id, @JsonProperty("name") String name,
		@JsonProperty("arguments") String arguments,
		@JsonProperty("extra") @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Object> extra)
		implements
			Serializable {

	private static final JsonFactory JSON = new JsonFactory();

	public ToolCall {
		Assert.notNull(name, "'name' must not be null");
		Assert.notNull(arguments, "'arguments' must not be null");
		arguments = decoded(arguments);
		extra = (extra != null) ? Collections.unmodifiableMap(new LinkedHashMap<>(extra)) : Map.of();
	}

	/**
	 * Create a call without further fields.
	 * @param id the id that the tool's answer must repeat, or {@code null}
	 * @param name the tool's name
	 * @param arguments the arguments
	 */
	public ToolCall(@Nullable String id, String name, String arguments) {
		this(id, name, arguments, Map.of());
	}

	private static String decoded(String arguments) {
		// hosts that begin with an empty object continue with the real one
		boolean again = arguments.startsWith("{}") && arguments.startsWith("{", 2);
		String text = again ? arguments.substring(2) : arguments;
		if (!text.stripLeading().startsWith("\"")) {
			return text;
		}
		try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
			if (parser.nextToken() == JsonToken.VALUE_STRING) {
				String inner = parser.getString();
				boolean complete = parser.nextToken() == null && inner.stripLeading().startsWith("{");
				return complete ? inner : text;
			}
			return text;
		}
		catch (JacksonException ex) {
			return text;
		}
	}

	/**
	 * Return whether the call can be executed as it stands: it has a name, and its
	 * arguments are one complete JSON object.
	 * @return {@code false} for cut or malformed arguments; such a call must not be
	 * executed
	 */
	@JsonIgnore
	public boolean isComplete() {
		if (this.name.isEmpty()) {
			return false;
		}
		try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), this.arguments)) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				return false;
			}
			parser.skipChildren();
			return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null;
		}
		catch (JacksonException ex) {
			return false;
		}
	}

}
