package io.github.deepseekboot.chat;

import java.io.Serializable;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import org.springframework.util.Assert;

/**
 * Reason for the end of an answer. Values that this version does not know are kept as the
 * provider wrote them; compare with {@code equals}.
 *
 * @param value the reason as it is written on the wire; never empty
 */
public record FinishReason(@JsonValue String value) implements Serializable {

	/**
	 * The answer is complete, or a stop sequence was met.
	 */
	public static final FinishReason STOP = new FinishReason("stop");

	/**
	 * The token limit was met; text and tool arguments may be cut anywhere.
	 */
	public static final FinishReason LENGTH = new FinishReason("length");

	/**
	 * The model waits for the results of its tool calls.
	 */
	public static final FinishReason TOOL_CALLS = new FinishReason("tool_calls");

	/**
	 * A content filter cut or withheld the answer.
	 */
	public static final FinishReason CONTENT_FILTER = new FinishReason("content_filter");

	/**
	 * The provider ran out of capacity (DeepSeek).
	 */
	public static final FinishReason INSUFFICIENT_SYSTEM_RESOURCE = new FinishReason("insufficient_system_resource");

	/**
	 * The provider gave up (DeepSeek, since 2026).
	 */
	public static final FinishReason ABORTED = new FinishReason("aborted");

	public FinishReason {
		Assert.hasLength(value, "'value' must not be empty");
	}

	/**
	 * Create the reason for a wire value.
	 * @param value the value as the provider wrote it; not empty
	 * @return one of the constants, or the raw value kept
	 */
	@JsonCreator
	public static FinishReason of(String value) {
		return switch (value) {
			case "stop" -> STOP;
			case "length" -> LENGTH;
			case "tool_calls" -> TOOL_CALLS;
			case "content_filter" -> CONTENT_FILTER;
			case "insufficient_system_resource" -> INSUFFICIENT_SYSTEM_RESOURCE;
			case "aborted" -> ABORTED;
			default -> new FinishReason(value);
		};
	}

	@Override
	public String toString() {
		return this.value;
	}

}
