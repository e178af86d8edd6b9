package io.github.deepseekboot.routing;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Calls code of the application that has no part in the answer. What it throws is logged,
 * with the class that threw it, and changes nothing.
 */
final class Foreign {

	private static final Log logger = LogFactory.getLog(RoutingClient.class);

	private Foreign() {
	}

	/**
	 * Call it.
	 * @param owner whose code it is
	 * @param what what it is asked to do, for the log
	 * @param code the code
	 */
	static void run(Object owner, String what, Runnable code) {
		try {
			code.run();
		}
		// an error of the application's, too, must not leave a call without an end
		catch (Throwable ex) {
			failed(owner, what, ex);
		}
	}

	/**
	 * It has failed.
	 * @param owner whose code it is
	 * @param what what it was asked to do
	 * @param failure what it threw
	 */
	static void failed(Object owner, String what, Throwable failure) {
		logger.warn(owner.getClass().getName() + " failed to " + what + "; the call continues", failure);
	}

}
