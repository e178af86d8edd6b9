package io.github.deepseekboot.routing;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Limits how many calls run at once with one key at one provider: DeepSeek limits the
 * concurrent calls of an account. The default counts the calls of this application only;
 * a bean of this type may share a quota between instances.
 */
@FunctionalInterface
public interface ProviderQuota {

	/**
	 * Wait for a turn.
	 * @param provider the provider's id
	 * @param credential the fingerprint of the key, or an empty string for none
	 * @return a permit, or a {@code DeepSeekException} of the kind {@code LOCAL_LIMIT}
	 * when the wait is too long; a cancellation gives the place in the queue up
	 */
	Mono<Permit> acquire(String provider, String credential);

	/**
	 * Take a turn that is free right now, which spares a call the wait's machinery. Must
	 * not block, whatever the thread, and must not overtake calls that wait; what it
	 * throws counts as a failed wait.
	 * @param provider the provider's id
	 * @param credential the fingerprint of the key, or an empty string for none
	 * @return a permit, or {@code null} (as by default) to have
	 * {@link #acquire(String, String)} asked
	 */
	default @Nullable Permit tryAcquire(String provider, String credential) {
		return null;
	}

	/**
	 * The right to make one attempt.
	 */
	@FunctionalInterface
	interface Permit {

		/**
		 * Give the permit back. Called at least once, however the attempt ends; further
		 * calls must have no effect.
		 */
		void release();

	}

}
