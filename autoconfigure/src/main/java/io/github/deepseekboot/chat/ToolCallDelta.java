package io.github.deepseekboot.chat;

import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Fragment of a tool call in a stream. Fragments with the same index belong to one call;
 * id and name usually come with the first only.
 *
 * @param index which call of the answer this belongs to
 * @param id the call's id, where this fragment brings it
 * @param name the tool's name, where this fragment brings it
 * @param arguments the next piece of the arguments; may be empty
 * @param extra fields that have no component of their own, by their wire names; empty for
 * none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ToolCallDelta(@JsonProperty("index") int index, @JsonProperty("id") @Nullable String id,
		@JsonProperty("name") @Nullable String name, @JsonProperty("arguments") @Nullable String arguments,
		@JsonProperty("extra") @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Object> extra) {

	public ToolCallDelta {
		extra = (extra != null) ? extra : Map.of();
	}

	/**
	 * Create a fragment without further fields.
	 * @param index which call of the answer this belongs to
	 * @param id the call's id, or {@code null}
	 * @param name the tool's name, or {@code null}
	 * @param arguments the next piece of the arguments, or {@code null}
	 */
	public ToolCallDelta(int index, @Nullable String id, @Nullable String name, @Nullable String arguments) {
		this(index, id, name, arguments, Map.of());
	}

}
