package io.github.deepseekboot.chat;

import java.io.Serializable;

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
 * A call of a tool that the model asks for.
 *
 * @param id the id that the tool's answer must repeat; {@code null} where a provider sent
 * none
 * @param name the tool's name; empty where a provider sent none
 * @param arguments the arguments exactly as the model wrote them: meant to be a JSON
 * object, but a model may err, and an answer that ended by {@code length} may stop in the
 * middle of them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ToolCall(@JsonProperty("id") @Nullable String id, @JsonProperty("name") String name,
		@JsonProperty("arguments") String arguments) implements Serializable {

	private static final JsonFactory JSON = new JsonFactory();

	public ToolCall {
		Assert.notNull(name, "'name' must not be null");
		Assert.notNull(arguments, "'arguments' must not be null");
	}

	/**
	 * Whether the call can be executed as it stands: it has a name, and its arguments are
	 * one whole JSON object.
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
