package io.github.deepseekboot;

/**
 * Factory of limits of an application's own. They hold for this application, or for all
 * of its instances together with {@code deepseek.shared.enabled}, and go by the same
 * rules as {@code deepseek.limit.*}.
 */
@FunctionalInterface
public interface CallLimiterFactory {

	/**
	 * Create a limiter. All limiters of one name count together, here and in other
	 * instances.
	 * @param name the name, not empty
	 * @param limits the limits, the same for each limiter of that name
	 * @return the limiter
	 * @throws IllegalArgumentException if there is a limiter of that name with other
	 * limits
	 * @throws IllegalStateException if a rate is limited and Bucket4j is not on the class
	 * path
	 */
	CallLimiter create(String name, CallLimits limits);

}
