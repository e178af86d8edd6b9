package io.github.deepseekboot.tool;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ToolCall;

/**
 * Strategy interface for the failure of a tool, or for a call that does not fit one: the
 * model is informed, or the call fails. Must not block.
 */
@FunctionalInterface
public interface ToolFailureHandler {

	/**
	 * Return the text that is sent to the model in place of a result.
	 * @param call the call, with the arguments as the model wrote them
	 * @param failure what the tool threw; or, where the model named a tool that does not
	 * exist or gave arguments that the tool cannot take, a {@link DeepSeekException} of
	 * the kind {@link ErrorKind#MALFORMED_RESPONSE} without a provider
	 * @return the tool's answer
	 * @throws Exception to make the call fail with it
	 */
	String answer(ToolCall call, Exception failure) throws Exception;

	/**
	 * Send the exception's message to the model, so that it can try again or do without;
	 * log what a tool threw. Mind that the message leaves the application.
	 * @return the handler, which is the default
	 */
	static ToolFailureHandler tellModel() {
		return (call, failure) -> {
			Log logger = LogFactory.getLog(ToolFailureHandler.class);
			// one with a provider comes from a call that the tool made
			if (failure instanceof DeepSeekException ex && ex.getKind() == ErrorKind.MALFORMED_RESPONSE
					&& ex.getProvider() == null) {
				logger.debug("Sent to the model: " + ex.getReason());
				return "Error: " + ex.getReason();
			}
			logger.warn("The tool '" + call.name() + "' failed; the model is informed", failure);
			return "Error: "
					+ ((failure.getMessage() != null) ? failure.getMessage() : failure.getClass().getSimpleName());
		};
	}

	/**
	 * Let the call fail with the exception as it is. From {@code complete()}, a checked
	 * exception comes as the cause of a {@code RuntimeException}.
	 * @return the handler
	 */
	static ToolFailureHandler raise() {
		return (call, failure) -> {
			throw failure;
		};
	}

}
