package io.github.deepseekboot.routing;

import java.time.Duration;

import org.springframework.util.Assert;

/**
 * How calls to one provider are tried again, guarded and limited.
 *
 * @param maxAttempts the most attempts of a call, at all providers together, from 1; the
 * setting of the call's first provider holds
 * @param backoff the wait before the first retry at the same provider; doubled for each
 * further one, and shortened by chance by up to a half
 * @param maxBackoff the longest such wait
 * @param budget how many failed attempts may be followed by a retry at the same provider
 * when nothing succeeds; a success gives a tenth back. 0 for no retries
 * @param failureRate the percentage of failures that opens the circuit, 1 to 100
 * @param window how many of the latest calls are looked at
 * @param openFor how long an open circuit lets no call through
 * @param halfOpen how many trial calls it lets through after that
 * @param maxConcurrent the most calls at once with one key
 * @param maxWait how long a call may wait for its turn
 */
public record RoutingSettings(int maxAttempts, Duration backoff, Duration maxBackoff, int budget, int failureRate,
		int window, Duration openFor, int halfOpen, int maxConcurrent, Duration maxWait) {

	/**
	 * What holds unless configured: 6 attempts, back-off from 200 ms to 5 s, a budget of
	 * 10; a circuit that opens at 50 % of the latest 20 calls and tries one call after 30
	 * s; 500 calls at once (DeepSeek's smallest limit for an account), 5 s of waiting.
	 */
	public static final RoutingSettings DEFAULTS = new RoutingSettings(6, Duration.ofMillis(200), Duration.ofSeconds(5),
			10, 50, 20, Duration.ofSeconds(30), 1, 500, Duration.ofSeconds(5));

	public RoutingSettings {
		Assert.isTrue(maxAttempts > 0, "'maxAttempts' must be at least 1");
		Assert.isTrue(budget >= 0, "'budget' must not be negative");
		Assert.isTrue(failureRate > 0 && failureRate <= 100, "'failureRate' must be from 1 to 100");
		Assert.isTrue(window > 0, "'window' must be at least 1");
		Assert.isTrue(halfOpen > 0, "'halfOpen' must be at least 1");
		Assert.isTrue(maxConcurrent > 0, "'maxConcurrent' must be at least 1");
	}

}
