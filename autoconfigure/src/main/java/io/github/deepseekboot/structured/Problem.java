package io.github.deepseekboot.structured;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * What is wrong with an answer.
 *
 * @param kind the kind of the exception
 * @param reason what is wrong, without words of the answer
 * @param correction what is sent to the model; {@code null} if it is of no use to ask
 * again
 */
record Problem(ErrorKind kind, String reason, @Nullable String correction) {

	private static final String NOT_JSON = "it is not JSON";

	static Problem of(String reason) {
		return of(reason, reason);
	}

	static Problem of(String reason, String correction) {
		return new Problem(ErrorKind.MALFORMED_RESPONSE, reason, correction);
	}

	static Problem notJson(String details) {
		return of(NOT_JSON, NOT_JSON + ": " + details);
	}

	boolean isNotJson() {
		return this.reason.endsWith(NOT_JSON);
	}

	Problem in(String place) {
		return new Problem(this.kind, place + this.reason, (this.correction != null) ? place + this.correction : null);
	}

	static Problem blank() {
		String reason = "the answer is blank";
		return new Problem(ErrorKind.EMPTY_RESPONSE, reason, reason);
	}

	static Problem cut() {
		return new Problem(ErrorKind.MALFORMED_RESPONSE,
				"the answer was cut by the token limit (finish reason length); raise or leave out maxTokens,"
						+ " or ask for less",
				null);
	}

	static Problem filtered() {
		return new Problem(ErrorKind.CONTENT_FILTERED,
				"the provider's content filter cut the answer (finish reason content_filter)", null);
	}

	static Problem toolCall() {
		return new Problem(ErrorKind.MALFORMED_RESPONSE,
				"the model calls a tool instead of answering; leave the tools out of the request, or use operations"
						+ " that run them",
				null);
	}

}
