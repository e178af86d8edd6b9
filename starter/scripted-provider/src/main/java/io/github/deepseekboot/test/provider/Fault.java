package io.github.deepseekboot.test.provider;

/**
 * What goes wrong with an answer. {@link #REFUSE} and {@link #STALL_BEFORE_HEADERS} hold
 * for every endpoint of the provider, the others for chat completions only.
 */
public enum Fault {

	/**
	 * Nothing goes wrong.
	 */
	NONE,

	/**
	 * The connection is reset once the request is read, before any byte of an answer.
	 */
	REFUSE,

	/**
	 * Silence, without even a status line, until the client gives up.
	 */
	STALL_BEFORE_HEADERS,

	/**
	 * Status and headers, then no token ever; keep-alives continue if the script has any.
	 */
	STALL_BEFORE_FIRST_TOKEN,

	/**
	 * The scripted number of chunks (for a blocking answer half of its JSON), then
	 * silence.
	 */
	STALL_AFTER,

	/**
	 * Status and headers, then the connection is reset.
	 */
	CUT_BEFORE_FIRST_TOKEN,

	/**
	 * The scripted number of chunks (for a blocking answer half of its JSON), then the
	 * connection is reset.
	 */
	CUT_AFTER,

	/**
	 * A stream that ends in good order but without {@code [DONE]}; a blocking answer
	 * whose JSON is cut in half.
	 */
	END_WITHOUT_DONE,

	/**
	 * The provider's error body under status 200: in a stream as an event after the
	 * scripted number of chunks, in a blocking answer as the complete body. The script's
	 * error if it has one, else the provider's 503.
	 */
	ERROR_IN_STREAM,

	/**
	 * An HTML page with status 200, as from a proxy in between.
	 */
	HTML_PAGE,

	/**
	 * Status 200 without a body.
	 */
	EMPTY_BODY

}
