package io.github.deepseekboot.transport;

/**
 * How much of a provider's answer is held in memory.
 *
 * @param maxEventBytes the largest line or event of a stream
 * @param maxBodyBytes the largest body that is not a stream, leading blank lines included
 * @param maxToolCalls the most tool calls of one answer
 */
record ResponseLimits(int maxEventBytes, int maxBodyBytes, int maxToolCalls) {

	static final ResponseLimits DEFAULTS = new ResponseLimits(1 << 20, 16 << 20);

	/**
	 * Limits with the default number of tool calls.
	 * @param maxEventBytes the largest line or event of a stream
	 * @param maxBodyBytes the largest body that is not a stream
	 */
	ResponseLimits(int maxEventBytes, int maxBodyBytes) {
		this(maxEventBytes, maxBodyBytes, ProviderConnections.Settings.DEFAULT_MAX_TOOL_CALLS);
	}

	ResponseLimits withMaxToolCalls(int maxToolCalls) {
		return new ResponseLimits(this.maxEventBytes, this.maxBodyBytes, maxToolCalls);
	}

}
