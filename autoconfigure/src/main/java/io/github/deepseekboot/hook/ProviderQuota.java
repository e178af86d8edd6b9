package io.github.deepseekboot.hook;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.Usage;

/**
 * Strategy interface to limit concurrent calls: DeepSeek limits the concurrent calls of
 * an account to a model. The default counts the calls of this application only; a bean of
 * this type may share a limit between instances.
 */
@FunctionalInterface
public interface ProviderQuota {

	/**
	 * Wait for a permit.
	 * @param request what the permit is for
	 * @return a permit, or a {@code DeepSeekException} of the kind {@code LOCAL_LIMIT}
	 * when the wait is too long; a cancellation gives the place in the queue up
	 */
	Mono<Permit> acquire(PermitRequest request);

	/**
	 * Take a permit that is free right now, which spares a call the wait's machinery.
	 * Must not block, whatever the thread, and must not overtake calls that wait; what it
	 * throws counts as a failed wait.
	 * @param request what the permit is for
	 * @return a permit, or {@code null} (as by default) to have
	 * {@link #acquire(PermitRequest)} asked
	 */
	default @Nullable Permit tryAcquire(PermitRequest request) {
		return null;
	}

	/**
	 * The right to make one attempt.
	 */
	@FunctionalInterface
	interface Permit {

		/**
		 * Give the permit back: nothing of the answer is left to receive. Called at least
		 * once, however the attempt ends; further calls must have no effect.
		 */
		void release();

		/**
		 * Report what the attempt used. Called at most once, if the provider reported it:
		 * before {@link #release()}, or after it if the subscriber of a stream took the
		 * last delta later than it came. Does nothing by default.
		 * @param usage the tokens
		 */
		default void used(Usage usage) {
		}

	}

}
