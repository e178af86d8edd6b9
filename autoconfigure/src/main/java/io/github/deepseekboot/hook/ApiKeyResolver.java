package io.github.deepseekboot.hook;

import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatRequest;

/**
 * Strategy interface to choose the API key of a call, for applications that ask on behalf
 * of several accounts. A bean of this type is asked when a call starts, for each provider
 * of its chain. Circuits, cool-downs and limits are kept for each key apart, so that one
 * tenant's empty account does not stop another's calls.
 *
 * <p>
 * The result is subscribed to on the thread that subscribes to the call, with its Reactor
 * context ({@code Mono.deferContextual}). It must not block; a look-up that does belongs
 * on {@code Schedulers.boundedElastic()}. Keys are not cached here.
 */
@FunctionalInterface
public interface ApiKeyResolver {

	/**
	 * Choose a key.
	 * @param provider the id of the provider that may be asked
	 * @param request the request, as the customizers left it
	 * @return the key; empty for the configured one. If that is missing too, or on an
	 * error, the provider is left out of the call, and if none is left, the call fails
	 * with the kind {@code AUTHENTICATION}. The message of the error is logged and
	 * reported: keep secrets out of it
	 */
	Mono<ApiKey> resolve(String provider, ChatRequest request);

}
