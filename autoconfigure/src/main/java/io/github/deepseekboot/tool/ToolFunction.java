package io.github.deepseekboot.tool;

import org.jspecify.annotations.Nullable;

/**
 * Function that runs a tool. It may block: it is called on a thread that may wait, and is
 * interrupted when the call is cancelled.
 *
 * @param <T> the type of the arguments
 */
@FunctionalInterface
public interface ToolFunction<T> {

	/**
	 * Run the tool.
	 * @param arguments what the model asks for; never {@code null}
	 * @return the result: text is sent to the model as it is, anything else as the JSON
	 * that the application's mapper makes of it, {@code null} as {@code null}. A
	 * {@code Mono}, a {@code Flux}, a {@code CompletableFuture} or the like is waited
	 * for, without a thread, and cancelled when the call is; several elements become a
	 * JSON array
	 * @throws Exception if it fails; what happens then is for the
	 * {@link ToolFailureHandler} to say
	 */
	@Nullable Object call(T arguments) throws Exception;

}
