package io.github.deepseekboot.hook;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;

/**
 * Sees each attempt at a provider before it is sent, may change its headers and the
 * fields of its body, and learns how it ended. Beans of this type are asked in their
 * order, for retries and failovers too. Pings are no attempts.
 *
 * <p>
 * Both methods run on the thread where it happens, often an event loop: they must be
 * quick and must not block.
 */
@FunctionalInterface
public interface ChatAttemptInterceptor {

	/**
	 * An attempt is about to be sent.
	 * @param attempt the attempt, to read and to change
	 * @throws DeepSeekException to let the attempt fail, with what follows from its kind;
	 * any other exception fails the call as an {@code INVALID_REQUEST}
	 */
	void beforeAttempt(ChatAttempt attempt);

	/**
	 * An attempt ended, in whichever way. Called once for each attempt for which all
	 * interceptors were asked. An exception is logged and changes nothing.
	 * @param attempt the same object as before
	 * @param report what it came to; its error is {@code CANCELLED} for a cancelled one
	 */
	default void afterAttempt(ChatAttempt attempt, AttemptReport report) {
	}

}
