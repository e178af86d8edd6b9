package io.github.deepseekboot.provider;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * What the finish reasons of all hosts mean. They are compared like the codes of an
 * {@link ErrorRule}.
 */
final class FinishReasons {

	// of answers that were given up
	private static final List<ErrorRule> FAILED = List.of(
			ErrorRule.ofCodes(ErrorKind.OUT_OF_CREDIT, "*insufficient*balance*", "*quota*", "*out_of_credit*",
					"*insufficient*credit*"),
			ErrorRule.ofCodes(ErrorKind.RATE_LIMITED, "*rate*limit*", "*throttl*", "too_many_requests"),
			ErrorRule.ofCodes(ErrorKind.MALFORMED_RESPONSE, "*malformed*", "*invalid_tool*", "*invalid_function*",
					"unexpected_tool_call"),
			ErrorRule.ofCodes(ErrorKind.OVERLOADED, "*system_resource*", "*resource*exhausted*", "out_of_resource*",
					"*overload*", "abort", "aborted", "*capacity*", "*unavailable*", "*busy*"),
			ErrorRule.ofCodes(ErrorKind.SERVER_ERROR, "*error*", "fail*", "*_failed", "*failure*", "cancel*",
					"*timeout*", "exception*", "disconnect*", "interrupted", "crash*", "killed", "preempt*", "evicted",
					"*deadline*", "out_of_memory", "oom", "terminated"));

	// why an answer has nothing in it
	private static final List<ErrorRule> EMPTY = List.of(ErrorRule.ofCodes(ErrorKind.CONTENT_FILTERED,
			"content_filter*", "*sensitive*", "*safety*", "*prohibited*", "blocklist", "*moderation*", "guardrail*",
			"*blocked*", "recitation", "spii", "*risk*", "*censor*", "refusal"),
			ErrorRule.ofCodes(ErrorKind.CONTEXT_LENGTH, "*context*window*", "*context*length*"));

	// of answers that a limit of tokens ended
	private static final List<String> TRUNCATED = List.of("length", "max_tokens", "max_output_tokens", "max_new_tokens",
			"max_length", "model_length", "token_limit*");

	// of answers that are as complete as they get
	private static final List<String> GOOD = List.of("stop", "length", "tool_calls", "function_call", "content_filter",
			"eos", "eos_token", "end_turn", "stop_sequence", "max_tokens", "model_length", "completed", "tool_use",
			"refusal", "end", "null");

	private FinishReasons() {
	}

	/**
	 * What a finish reason says about an answer that was given up.
	 * @param reason the reason
	 * @return the kind of failure, or {@code null} for a reason that is good or unknown
	 */
	static @Nullable ErrorKind givenUp(String reason) {
		// mostly spelled as it is here
		if (GOOD.contains(reason)) {
			return null;
		}
		if (GOOD.stream().anyMatch((good) -> ErrorRule.matches(good, reason))) {
			return null;
		}
		return kind(FAILED, reason);
	}

	/**
	 * What a finish reason says about an answer that has nothing in it.
	 * @param reason the reason
	 * @return the kind of failure, or {@code null} if the reason does not explain it
	 */
	static @Nullable ErrorKind emptied(String reason) {
		return kind(EMPTY, reason);
	}

	private static @Nullable ErrorKind kind(List<ErrorRule> rules, String reason) {
		for (ErrorRule rule : rules) {
			if (rule.matches(null, List.of(reason), null)) {
				return rule.kind();
			}
		}
		return null;
	}

	/**
	 * Whether a finish reason says that a limit of tokens ended the answer.
	 * @param reason the reason
	 * @return {@code true} if the answer may end anywhere
	 */
	static boolean truncated(String reason) {
		return TRUNCATED.stream().anyMatch((pattern) -> ErrorRule.matches(pattern, reason));
	}

}
