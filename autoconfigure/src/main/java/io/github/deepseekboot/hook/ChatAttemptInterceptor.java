package io.github.deepseekboot.hook;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;

/**
 * Interceptor of each attempt at a provider: it may change headers and fields of the body
 * before the attempt is sent, and gets a report of how it ended. Beans of this type are
 * asked in their order, for retries and failovers too. Pings are no attempts.
 *
 * <p>
 * Both methods run on the thread where it happens, often an event loop: they must be
 * quick and must not block.
 */
@FunctionalInterface
public interface ChatAttemptInterceptor {

	/**
	 * Called before an attempt is sent.
	 * @param attempt the attempt, to read and to change
	 * @throws DeepSeekException to let the attempt fail, with what follows from its kind;
	 * any other exception fails the call as an {@code INVALID_REQUEST}
	 */
	void beforeAttempt(ChatAttempt attempt);

	/**
	 * Called after an attempt ended, in whichever way. Called once for each attempt for
	 * which all interceptors were asked. An exception is logged and changes nothing.
	 * @param attempt the same object as before
	 * @param report what it came to; its error is {@code CANCELLED} for a cancelled one
	 */
	default void afterAttempt(ChatAttempt attempt, AttemptReport report) {
	}

}
