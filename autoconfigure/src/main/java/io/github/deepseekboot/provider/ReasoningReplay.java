package io.github.deepseekboot.provider;

/**
 * Whether the reasoning of earlier answers is sent back to a provider.
 */
public enum ReasoningReplay {

	/**
	 * Never: R1-era hosts refuse a request that has it.
	 */
	NEVER,

	/**
	 * In turns that called tools: DeepSeek V3.2 and later demand it there and ignore it
	 * elsewhere.
	 */
	TOOL_TURNS,

	/**
	 * Always, as it came.
	 */
	ALWAYS

}
