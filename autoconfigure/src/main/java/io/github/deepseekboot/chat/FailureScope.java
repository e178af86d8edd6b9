package io.github.deepseekboot.chat;

/**
 * Scope of a failure: the request, the provider or the application.
 */
public enum FailureScope {

	/**
	 * The provider, as far as the {@link ErrorKind} says so.
	 */
	PROVIDER,

	/**
	 * This one request: the provider refuses it, but answers others. The next provider is
	 * asked, and nothing is held against the one that refused.
	 */
	REQUEST,

	/**
	 * The application: one of its own beans failed. Nothing is sent again, and nothing is
	 * held against a provider.
	 */
	APPLICATION

}
