package io.github.deepseekboot.chat;

/**
 * Effort that a model spends on reasoning before it answers. One scale for all providers;
 * each provider's dialect translates it to the nearest that the provider knows.
 */
public enum ReasoningEffort {

	/**
	 * As little as possible.
	 */
	MINIMAL,

	/**
	 * Little.
	 */
	LOW,

	/**
	 * The middle.
	 */
	MEDIUM,

	/**
	 * Much; DeepSeek's default.
	 */
	HIGH,

	/**
	 * More than {@link #HIGH}, where the provider has such a step.
	 */
	XHIGH,

	/**
	 * As much as the provider allows.
	 */
	MAX

}
