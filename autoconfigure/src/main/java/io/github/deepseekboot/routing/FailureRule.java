package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * What is done about a failure before anything was delivered: the decision table of
 * docs/reliability.md.
 *
 * @param same whether the same provider is tried again
 * @param next whether the next provider is tried
 * @param counts whether it counts against the provider's circuit
 * @param coolDown how long the provider is passed over, unless it says itself;
 * {@code null} for not at all
 */
record FailureRule(Same same, Next next, boolean counts, @Nullable Duration coolDown) {

	private static final Map<ErrorKind, FailureRule> RULES = new EnumMap<>(ErrorKind.class);

	static {
		FailureRule callersFault = new FailureRule(Same.NO, Next.NO, false, null);
		RULES.put(ErrorKind.INVALID_REQUEST, callersFault);
		RULES.put(ErrorKind.CONTEXT_LENGTH, callersFault);
		RULES.put(ErrorKind.CONTENT_FILTERED, callersFault);
		RULES.put(ErrorKind.REDIRECTED, callersFault);
		RULES.put(ErrorKind.CANCELLED, callersFault);
		RULES.put(ErrorKind.AUTHENTICATION, new FailureRule(Same.NO, Next.YES, false, Duration.ofMinutes(5)));
		RULES.put(ErrorKind.OUT_OF_CREDIT, new FailureRule(Same.NO, Next.YES, false, Duration.ofMinutes(10)));
		RULES.put(ErrorKind.MODEL_NOT_FOUND, new FailureRule(Same.NO, Next.YES, false, Duration.ofMinutes(5)));
		RULES.put(ErrorKind.UNSUPPORTED, new FailureRule(Same.NO, Next.YES, false, null));
		RULES.put(ErrorKind.LOCAL_LIMIT, new FailureRule(Same.NO, Next.YES, false, null));
		RULES.put(ErrorKind.RATE_LIMITED, new FailureRule(Same.WHEN_LAST, Next.YES, false, Duration.ofSeconds(5)));
		RULES.put(ErrorKind.OVERLOADED, new FailureRule(Same.WHEN_LAST, Next.YES, true, Duration.ofSeconds(5)));
		RULES.put(ErrorKind.CONNECTION, new FailureRule(Same.ONCE, Next.YES, true, null));
		RULES.put(ErrorKind.EMPTY_RESPONSE, new FailureRule(Same.ONCE, Next.YES, true, null));
		RULES.put(ErrorKind.TLS, new FailureRule(Same.NO, Next.YES, true, null));
		RULES.put(ErrorKind.TIMEOUT, new FailureRule(Same.NO, Next.EXTRA_SEND, true, null));
		FailureRule ambiguous = new FailureRule(Same.EXTRA_SEND, Next.EXTRA_SEND, true, null);
		RULES.put(ErrorKind.SERVER_ERROR, ambiguous);
		RULES.put(ErrorKind.MALFORMED_RESPONSE, ambiguous);
		RULES.put(ErrorKind.STREAM_CLOSED, ambiguous);
		RULES.put(ErrorKind.STREAM_INTERRUPTED, new FailureRule(Same.NO, Next.NO, true, null));
	}

	static FailureRule of(ErrorKind kind) {
		FailureRule rule = RULES.get(kind);
		if (rule == null) {
			throw new IllegalStateException("no rule for " + kind);
		}
		return rule;
	}

	/**
	 * Whether the same provider is tried again.
	 */
	enum Same {

		/**
		 * Never.
		 */
		NO,

		/**
		 * Once, before any other.
		 */
		ONCE,

		/**
		 * If there is no other to go to, after the wait that it asks for.
		 */
		WHEN_LAST,

		/**
		 * If there is no other to go to, as the one send that may be billed twice.
		 */
		EXTRA_SEND

	}

	/**
	 * Whether the next provider is tried.
	 */
	enum Next {

		/**
		 * Never.
		 */
		NO,

		/**
		 * Always.
		 */
		YES,

		/**
		 * As the one send that may be billed twice.
		 */
		EXTRA_SEND

	}

}
