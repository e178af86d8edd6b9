package io.github.deepseekboot.chat;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Kind of a failure, independent of the provider. A small set, fit for a metric's tag and
 * for a {@code switch}; the provider's own code and the HTTP status stand beside it on
 * the {@link DeepSeekException}.
 * <p>
 * A minor release may add constants, anywhere in the order, for failures that had a wider
 * kind before. None is removed or renamed within a major release. A {@code switch}
 * therefore needs a {@code default}.
 */
public enum ErrorKind {

	/**
	 * The request is wrong; no provider would take it (400, 405, 413, 415, 422).
	 */
	INVALID_REQUEST,

	/**
	 * The conversation is longer than the model's context.
	 */
	CONTEXT_LENGTH,

	/**
	 * A content filter refused the prompt or withheld the answer (451).
	 */
	CONTENT_FILTERED,

	/**
	 * The key is missing, wrong or not allowed to do this (401, 403).
	 */
	AUTHENTICATION,

	/**
	 * The account is empty (402, or the provider's code).
	 */
	OUT_OF_CREDIT,

	/**
	 * The provider has no such model, or it is disabled (404, 410, or the provider's
	 * code).
	 */
	MODEL_NOT_FOUND,

	/**
	 * Too many calls or tokens (429).
	 */
	RATE_LIMITED,

	/**
	 * The provider is too busy to begin (503, 529), or gave up for want of resources.
	 */
	OVERLOADED,

	/**
	 * The provider failed (500, 502, 504 and other 5xx); it may have done and billed the
	 * work.
	 */
	SERVER_ERROR,

	/**
	 * No connection: refused, unknown host, not answered in time, or reset before the
	 * request was sent.
	 */
	CONNECTION,

	/**
	 * The TLS handshake failed.
	 */
	TLS,

	/**
	 * A timeout expired (see {@code deepseek.timeout.*}), or the provider answered 408.
	 */
	TIMEOUT,

	/**
	 * The provider answered with a redirect, which is never followed: key and prompt
	 * would go to another host.
	 */
	REDIRECTED,

	/**
	 * The answer is not what was asked for: wrong content type, broken JSON, or tool
	 * calls that cannot be run.
	 */
	MALFORMED_RESPONSE,

	/**
	 * The connection ended before the answer did, and nothing of it was delivered yet.
	 */
	STREAM_CLOSED,

	/**
	 * The answer is empty.
	 */
	EMPTY_RESPONSE,

	/**
	 * The stream broke after a part of the answer was delivered; see
	 * {@link StreamInterruptedException}.
	 */
	STREAM_INTERRUPTED,

	/**
	 * The provider or its model cannot do what the request asks; found before anything
	 * was sent.
	 */
	UNSUPPORTED,

	/**
	 * A limit of this application was met: connection pool, concurrency, retry budget,
	 * rounds of tools or the size of an answer.
	 */
	LOCAL_LIMIT,

	/**
	 * The call was cancelled.
	 */
	CANCELLED;

	@JsonValue
	String value() {
		return name();
	}

}
