package io.github.deepseekboot.test.provider;

/**
 * How a request ended.
 */
enum Outcome {

	/**
	 * The complete answer was sent.
	 */
	COMPLETED,

	/**
	 * An error was sent, or a fault happened.
	 */
	FAILED,

	/**
	 * The client closed the connection.
	 */
	CANCELLED

}
