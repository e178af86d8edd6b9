package io.github.deepseekboot.provider;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The clocks of one provider.
 *
 * @param connect to open a connection
 * @param tls to agree on encryption
 * @param acquire to get a connection from the pool
 * @param idleBytes between two reads of an answer, from its first byte on; any byte
 * counts, keep-alives too
 * @param firstToken from a stream's start to its first content, reasoning or tool call;
 * {@code null} for the default, which depends on whether another provider can take over
 * @param idleTokens between two deltas of a stream, after the first; keep-alives do not
 * count
 * @param total from the start of a call to its end
 */
public record ProviderTimeouts(Duration connect, Duration tls, Duration acquire, Duration idleBytes,
		@Nullable Duration firstToken, Duration idleTokens, Duration total) {

	/**
	 * The clocks that hold unless configured: connect 5 s, TLS 10 s, pool 5 s, idle bytes
	 * 60 s, idle tokens 120 s, total 20 min.
	 */
	public static final ProviderTimeouts DEFAULTS = new ProviderTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10),
			Duration.ofSeconds(5), Duration.ofSeconds(60), null, Duration.ofSeconds(120), Duration.ofMinutes(20));

	/**
	 * The first-token clock where another provider can take over.
	 */
	public static final Duration FIRST_TOKEN_WITH_NEXT = Duration.ofSeconds(120);

	/**
	 * The first-token clock where no other provider can take over: DeepSeek queues a
	 * request for up to ten minutes.
	 */
	public static final Duration FIRST_TOKEN_ALONE = Duration.ofMinutes(10);

	/**
	 * The first-token clock of an attempt.
	 * @param nextAvailable whether another provider can take over
	 * @return the time
	 */
	public Duration firstToken(boolean nextAvailable) {
		if (this.firstToken != null) {
			return this.firstToken;
		}
		return nextAvailable ? FIRST_TOKEN_WITH_NEXT : FIRST_TOKEN_ALONE;
	}

}
