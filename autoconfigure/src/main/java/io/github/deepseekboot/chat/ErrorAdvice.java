package io.github.deepseekboot.chat;

import org.jspecify.annotations.Nullable;

/**
 * Advice on what to do about a failure, with the property to change: a sentence for each
 * kind. The guide to errors has them all.
 */
final class ErrorAdvice {

	private ErrorAdvice() {
	}

	/**
	 * Return the advice.
	 * @param kind the kind of failure
	 * @param scope what it is about
	 * @param provider the provider's id
	 * @return the sentence, or {@code null} if the failure is not about a provider
	 */
	static @Nullable String of(ErrorKind kind, FailureScope scope, @Nullable String provider) {
		if (provider == null || scope == FailureScope.APPLICATION) {
			return null;
		}
		String sentence = (scope == FailureScope.REQUEST) ? ofRequest(kind) : ofProvider(kind);
		return sentence.replace("<id>", provider);
	}

	private static String ofProvider(ErrorKind kind) {
		return switch (kind) {
			case INVALID_REQUEST -> "Correct the request; fields without a value in it come from deepseek.chat.";
			case CONTEXT_LENGTH ->
				"Shorten the messages, or name a model with a larger context under deepseek.providers.<id>.models.";
			case CONTENT_FILTERED -> "Change the prompt; asking again does not help.";
			case AUTHENTICATION -> "Check deepseek.providers.<id>.api-key.";
			case OUT_OF_CREDIT -> "Top up the account, or name another provider in deepseek.fallback.";
			case MODEL_NOT_FOUND -> "Check deepseek.providers.<id>.models and deepseek.providers.<id>.base-url.";
			case RATE_LIMITED ->
				"Lower deepseek.providers.<id>.limit.max-concurrent, or name another provider in deepseek.fallback.";
			case OVERLOADED -> "Try again later, or name another provider in deepseek.fallback.";
			case SERVER_ERROR ->
				"Report it to the provider with the request id, or name another provider in deepseek.fallback.";
			case CONNECTION -> "Check the network, deepseek.providers.<id>.base-url and deepseek.providers.<id>.proxy.";
			case TLS -> "Check deepseek.providers.<id>.base-url and deepseek.providers.<id>.ssl.bundle.";
			case TIMEOUT -> "Raise the timeout under deepseek.timeout or deepseek.providers.<id>.timeout.";
			case REDIRECTED ->
				"Set deepseek.providers.<id>.base-url to the address that answers; redirects are never followed.";
			case MALFORMED_RESPONSE ->
				"Check deepseek.providers.<id>.base-url, and what stands between the application and the provider.";
			case STREAM_CLOSED ->
				"Check proxies on the way; deepseek.retry.extra-sends says how often it is sent again.";
			case EMPTY_RESPONSE -> "Ask again later, or name another provider in deepseek.fallback.";
			case STREAM_INTERRUPTED -> "Use the partial content, or ask again.";
			case UNSUPPORTED -> "Leave it out, or name a model that can under deepseek.providers.<id>.models.";
			case LOCAL_LIMIT -> "Raise the limit under deepseek.limit or deepseek.providers.<id>.limit.";
			case CANCELLED -> "Nothing is to be done: the application ended the call.";
		};
	}

	// about what one request asks for, and about who stands before the host
	private static String ofRequest(ErrorKind kind) {
		return switch (kind) {
			case AUTHENTICATION ->
				"Ask whoever runs the firewall before deepseek.providers.<id>.base-url to let such requests through.";
			case INVALID_REQUEST -> "Check deepseek.providers.<id>.base-url, and the limits of the proxy before it.";
			case OUT_OF_CREDIT -> "Set deepseek.chat.max-tokens to what the account pays for, or top it up.";
			case RATE_LIMITED -> "Shorten the request; waiting does not help.";
			case MALFORMED_RESPONSE -> "Simplify the tools, or ask again.";
			default -> ofProvider(kind);
		};
	}

}
