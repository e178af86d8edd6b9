package io.github.deepseekboot.chat;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Role of the author of a {@link ChatMessage}.
 */
public enum MessageRole {

	/**
	 * Instructions for the model.
	 */
	SYSTEM("system"),

	/**
	 * The person or program that asks.
	 */
	USER("user"),

	/**
	 * The model.
	 */
	ASSISTANT("assistant"),

	/**
	 * The result of a tool call.
	 */
	TOOL("tool"),

	/**
	 * Instructions in the OpenAI o-series' spelling, accepted by some compatible hosts.
	 */
	DEVELOPER("developer");

	private final String value;

	MessageRole(String value) {
		this.value = value;
	}

	/**
	 * Return the role as it is written on the wire.
	 * @return the lower-case name
	 */
	@JsonValue
	public String value() {
		return this.value;
	}

}
