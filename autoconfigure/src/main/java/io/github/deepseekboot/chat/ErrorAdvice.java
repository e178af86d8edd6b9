package io.github.deepseekboot.chat;

import java.util.EnumMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Advice on what to do about a failure, with the property to change: a sentence for each
 * kind. The guide to errors has them all.
 */
final class ErrorAdvice {

	private static final Map<ErrorKind, String> KINDS = new EnumMap<>(ErrorKind.class);

	// about what one request asks for, and about who stands before the host
	private static final Map<ErrorKind, String> REQUESTS = new EnumMap<>(ErrorKind.class);

	static {
		KINDS.put(ErrorKind.INVALID_REQUEST,
				"Correct the request; fields without a value in it come from deepseek.chat.");
		KINDS.put(ErrorKind.CONTEXT_LENGTH,
				"Shorten the messages, or name a model with a larger context under deepseek.providers.<id>.models.");
		KINDS.put(ErrorKind.CONTENT_FILTERED, "Change the prompt; asking again does not help.");
		KINDS.put(ErrorKind.AUTHENTICATION, "Check deepseek.providers.<id>.api-key.");
		KINDS.put(ErrorKind.OUT_OF_CREDIT, "Top up the account, or name another provider in deepseek.fallback.");
		KINDS.put(ErrorKind.MODEL_NOT_FOUND,
				"Check deepseek.providers.<id>.models and deepseek.providers.<id>.base-url.");
		KINDS.put(ErrorKind.RATE_LIMITED,
				"Lower deepseek.providers.<id>.limit.max-concurrent, or name another provider in deepseek.fallback.");
		KINDS.put(ErrorKind.OVERLOADED, "Try again later, or name another provider in deepseek.fallback.");
		KINDS.put(ErrorKind.SERVER_ERROR,
				"Report it to the provider with the request id, or name another provider in deepseek.fallback.");
		KINDS.put(ErrorKind.CONNECTION,
				"Check the network, deepseek.providers.<id>.base-url and deepseek.providers.<id>.proxy.");
		KINDS.put(ErrorKind.TLS, "Check deepseek.providers.<id>.base-url and deepseek.providers.<id>.ssl.bundle.");
		KINDS.put(ErrorKind.TIMEOUT, "Raise the timeout under deepseek.timeout or deepseek.providers.<id>.timeout.");
		KINDS.put(ErrorKind.REDIRECTED,
				"Set deepseek.providers.<id>.base-url to the address that answers; redirects are never followed.");
		KINDS.put(ErrorKind.MALFORMED_RESPONSE,
				"Check deepseek.providers.<id>.base-url, and what stands between the application and the provider.");
		KINDS.put(ErrorKind.STREAM_CLOSED,
				"Check proxies on the way; deepseek.retry.extra-sends says how often it is sent again.");
		KINDS.put(ErrorKind.EMPTY_RESPONSE, "Ask again later, or name another provider in deepseek.fallback.");
		KINDS.put(ErrorKind.STREAM_INTERRUPTED, "Use the partial content, or ask again.");
		KINDS.put(ErrorKind.UNSUPPORTED,
				"Leave it out, or name a model that can under deepseek.providers.<id>.models.");
		KINDS.put(ErrorKind.LOCAL_LIMIT, "Raise the limit under deepseek.limit or deepseek.providers.<id>.limit.");
		KINDS.put(ErrorKind.CANCELLED, "Nothing is to be done: the application ended the call.");
		REQUESTS.put(ErrorKind.AUTHENTICATION,
				"Ask whoever runs the firewall before deepseek.providers.<id>.base-url to let such requests through.");
		REQUESTS.put(ErrorKind.INVALID_REQUEST,
				"Check deepseek.providers.<id>.base-url, and the limits of the proxy before it.");
		REQUESTS.put(ErrorKind.OUT_OF_CREDIT,
				"Set deepseek.chat.max-tokens to what the account pays for, or top it up.");
		REQUESTS.put(ErrorKind.RATE_LIMITED, "Shorten the request; waiting does not help.");
		REQUESTS.put(ErrorKind.MALFORMED_RESPONSE, "Simplify the tools, or ask again.");
	}

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
		String sentence = KINDS.get(kind);
		if (scope == FailureScope.REQUEST && REQUESTS.containsKey(kind)) {
			sentence = REQUESTS.get(kind);
		}
		return (sentence != null) ? sentence.replace("<id>", provider) : null;
	}

}
