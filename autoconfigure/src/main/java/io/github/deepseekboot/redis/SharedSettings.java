package io.github.deepseekboot.redis;

import java.time.Duration;

import org.springframework.util.Assert;

/**
 * Settings of what instances share.
 *
 * @param keyPrefix what all keys in Redis begin with
 * @param maxWait how long a call waits for Redis, once, until Redis counts as gone
 * @param lease how long the permits of an instance that died are kept from the others
 * @param whenUnavailable what holds while Redis is gone
 * @param expectedInstances how many instances share the limits while Redis is gone, from
 * 1
 */
public record SharedSettings(String keyPrefix, Duration maxWait, Duration lease, WhenUnavailable whenUnavailable,
		int expectedInstances) {

	/**
	 * The settings that hold unless configured: 50 ms, leases of 10 s, the limits of two
	 * instances.
	 */
	public static final SharedSettings DEFAULTS = new SharedSettings("deepseek:", Duration.ofMillis(50),
			Duration.ofSeconds(10), WhenUnavailable.LOCAL, 2);

	public SharedSettings {
		Assert.notNull(keyPrefix, "'keyPrefix' must not be null");
		// an empty hash tag takes precedence over those that keep keys in one slot
		Assert.isTrue(!keyPrefix.contains("{}"), "'keyPrefix' must not contain {}");
		Assert.isTrue(maxWait.toMillis() > 0, "'maxWait' must be at least 1 ms");
		Assert.isTrue(lease.toMillis() >= 1000, "'lease' must be at least 1 s");
		Assert.notNull(whenUnavailable, "'whenUnavailable' must not be null");
		Assert.isTrue(expectedInstances > 0, "'expectedInstances' must be at least 1");
	}

	/**
	 * Return the part of a limit that one instance may use by itself.
	 * @param limit the limit
	 * @return the part, at least 1
	 */
	long share(long limit) {
		return Math.max(1, limit / this.expectedInstances);
	}

	/**
	 * What holds while Redis is gone.
	 */
	public enum WhenUnavailable {

		/**
		 * Each instance has its part of the limits.
		 */
		LOCAL,

		/**
		 * There are no limits.
		 */
		OPEN,

		/**
		 * No call begins.
		 */
		CLOSED

	}

}
