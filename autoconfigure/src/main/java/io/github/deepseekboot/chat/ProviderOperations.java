package io.github.deepseekboot.chat;

import java.util.List;

import reactor.core.publisher.Mono;

/**
 * Operations on the configured providers beside chats: their list, the models that one
 * offers, the balance of an account. Such questions are neither tried again nor answered
 * by another provider, and say nothing about how a provider does.
 */
public interface ProviderOperations {

	/**
	 * Return the configured providers.
	 * @return the providers: those of the chain in the order in which they are asked now,
	 * then those that are asked only when a request names them
	 */
	List<ProviderInfo> providers();

	/**
	 * Ask a provider for the models that it offers. Nothing is sent before the
	 * subscription.
	 * @param provider the provider's id, as configured
	 * @return its models; a {@link DeepSeekException} if the provider fails, of the kind
	 * {@code INVALID_REQUEST} if there is no provider of that id
	 */
	Mono<List<ModelInfo>> models(String provider);

	/**
	 * Ask a provider what is left on the account of the configured key. Nothing is sent
	 * before the subscription.
	 * @param provider the provider's id, as configured
	 * @return the balance; a {@link DeepSeekException} if the provider fails, of the kind
	 * {@code UNSUPPORTED} if it has no way to ask, {@code INVALID_REQUEST} if there is no
	 * provider of that id
	 */
	Mono<AccountBalance> balance(String provider);

}
