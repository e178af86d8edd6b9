package io.github.deepseekboot;

import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ProviderQuota.Permit;

/**
 * Limit of an application's own, such as that of one of its tenants. It comes before the
 * limits of the providers and counts calls, not the attempts that a call needs.
 *
 * @see CallLimiterFactory
 */
@FunctionalInterface
public interface CallLimiter {

	/**
	 * Wait for the right to make a call. Nothing is counted before the subscription.
	 * @param request what the call will ask, from which its tokens are estimated
	 * @return a permit, to be given the usage of the call and then released, however the
	 * call ends; or a {@code DeepSeekException} of the kind {@code LOCAL_LIMIT} if the
	 * wait is too long, with the time after which the rate allows the call if it is the
	 * rate that is used up. A cancellation gives the place in the queue up.
	 */
	Mono<Permit> acquire(ChatRequest request);

}
