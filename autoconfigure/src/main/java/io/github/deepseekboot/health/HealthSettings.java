package io.github.deepseekboot.health;

import java.time.Duration;

/**
 * How health is found out.
 *
 * @param ttl how long a ping's result, or a real answer, counts
 * @param timeout how long a ping may take
 */
public record HealthSettings(Duration ttl, Duration timeout) {

	/**
	 * What holds unless configured: a minute, and 5 seconds.
	 */
	public static final HealthSettings DEFAULTS = new HealthSettings(Duration.ofMinutes(1), Duration.ofSeconds(5));

}
