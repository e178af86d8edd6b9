package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.StreamInterruptedException;

/**
 * What is done about a failure before anything was delivered: the decision table of
 * docs/reliability.md. The kind chooses the row; what a failure says of itself, such as
 * that it concerns this one request only, changes it.
 *
 * @param same whether the same provider is tried again
 * @param next whether the next provider is tried
 * @param ambiguous whether the provider may have done and billed the work
 * @param counts whether it counts against the provider's circuit
 * @param coolDown how long the provider is passed over, unless it says itself
 */
record FailureRule(Same same, boolean next, boolean ambiguous, boolean counts, CoolDown coolDown) {

	private static final FailureRule CALLERS_FAULT = new FailureRule(Same.NO, false, false, false, CoolDown.NONE);

	private static final FailureRule THIS_REQUEST = new FailureRule(Same.NO, true, false, false, CoolDown.NONE);

	private static final Map<ErrorKind, FailureRule> RULES = new EnumMap<>(ErrorKind.class);

	static {
		RULES.put(ErrorKind.INVALID_REQUEST, CALLERS_FAULT);
		RULES.put(ErrorKind.CONTEXT_LENGTH, CALLERS_FAULT);
		RULES.put(ErrorKind.CONTENT_FILTERED, CALLERS_FAULT);
		RULES.put(ErrorKind.CANCELLED, CALLERS_FAULT);
		RULES.put(ErrorKind.AUTHENTICATION, accountFault(Duration.ofMinutes(5)));
		RULES.put(ErrorKind.OUT_OF_CREDIT, accountFault(Duration.ofMinutes(10)));
		RULES.put(ErrorKind.MODEL_NOT_FOUND, accountFault(Duration.ofMinutes(5)));
		RULES.put(ErrorKind.REDIRECTED, THIS_REQUEST);
		RULES.put(ErrorKind.UNSUPPORTED, THIS_REQUEST);
		RULES.put(ErrorKind.LOCAL_LIMIT, THIS_REQUEST);
		RULES.put(ErrorKind.RATE_LIMITED, new FailureRule(Same.WHEN_LAST, true, false, false, CoolDown.GROWING));
		RULES.put(ErrorKind.OVERLOADED, new FailureRule(Same.WHEN_LAST, true, false, true, CoolDown.GROWING));
		RULES.put(ErrorKind.CONNECTION, new FailureRule(Same.ONCE, true, false, true, CoolDown.NONE));
		RULES.put(ErrorKind.EMPTY_RESPONSE, new FailureRule(Same.ONCE, true, false, true, CoolDown.NONE));
		RULES.put(ErrorKind.TLS, new FailureRule(Same.NO, true, false, true, CoolDown.NONE));
		RULES.put(ErrorKind.TIMEOUT, new FailureRule(Same.NO, true, true, true, CoolDown.NONE));
		FailureRule ambiguous = new FailureRule(Same.WHEN_LAST, true, true, true, CoolDown.NONE);
		RULES.put(ErrorKind.SERVER_ERROR, ambiguous);
		RULES.put(ErrorKind.MALFORMED_RESPONSE, ambiguous);
		RULES.put(ErrorKind.STREAM_CLOSED, ambiguous);
		RULES.put(ErrorKind.STREAM_INTERRUPTED, new FailureRule(Same.NO, false, true, true, CoolDown.NONE));
	}

	private static FailureRule accountFault(Duration fixed) {
		return new FailureRule(Same.NO, true, false, false, new CoolDown(fixed));
	}

	/**
	 * The rule for a failure.
	 * @param failure the failure; of an interrupted stream, what broke it decides what is
	 * held against the provider
	 * @return the rule
	 */
	static FailureRule of(DeepSeekException failure) {
		if (failure.getScope() == FailureScope.APPLICATION) {
			return CALLERS_FAULT;
		}
		if (failure.getScope() == FailureScope.REQUEST) {
			return THIS_REQUEST;
		}
		if (failure instanceof StreamInterruptedException interrupted) {
			FailureRule cause = of(interrupted.getCauseKind());
			return new FailureRule(Same.NO, false, true, cause.counts(), cause.coolDown());
		}
		FailureRule rule = of(failure.getKind());
		if (isOverOwnCap(failure)) {
			return new FailureRule(rule.same(), false, rule.ambiguous(), rule.counts(), rule.coolDown());
		}
		if (rule.ambiguous() && failure.isNeverProcessed()) {
			return new FailureRule(rule.same(), rule.next(), false, rule.counts(), rule.coolDown());
		}
		return rule;
	}

	static FailureRule of(ErrorKind kind) {
		FailureRule rule = RULES.get(kind);
		if (rule == null) {
			throw new IllegalStateException("no rule for " + kind);
		}
		return rule;
	}

	// with a status there was an answer; it was too large, as the next would be
	private static boolean isOverOwnCap(DeepSeekException failure) {
		return failure.getKind() == ErrorKind.LOCAL_LIMIT && failure.getStatus() != null;
	}

	/**
	 * Whether a failure starts a cool-down.
	 * @return {@code true} for one that says something of the provider's next calls
	 */
	boolean cools() {
		return this.coolDown != CoolDown.NONE;
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
		 * If there is no other to go to.
		 */
		WHEN_LAST

	}

	/**
	 * How long a provider is passed over that does not say so itself.
	 *
	 * @param fixed the time; {@code null} for one that grows with consecutive failures
	 */
	record CoolDown(@Nullable Duration fixed) {

		static final CoolDown NONE = new CoolDown(Duration.ZERO);

		static final CoolDown GROWING = new CoolDown(null);

	}

}
