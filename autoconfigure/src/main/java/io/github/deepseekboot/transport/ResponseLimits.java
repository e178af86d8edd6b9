package io.github.deepseekboot.transport;

/**
 * How much of a provider's answer is held in memory.
 *
 * @param maxEventBytes the largest line or event of a stream
 * @param maxBodyBytes the largest body that is not a stream, leading blank lines included
 */
record ResponseLimits(int maxEventBytes, int maxBodyBytes) {

	static final ResponseLimits DEFAULTS = new ResponseLimits(1 << 20, 16 << 20);

}
