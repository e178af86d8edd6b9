package io.github.deepseekboot.provider;

/**
 * Whether a stream must end with {@code [DONE]}.
 */
public enum DoneMarker {

	/**
	 * A stream that ends without it was cut, whatever came before.
	 */
	REQUIRED,

	/**
	 * An answer is complete, too, when each of its choices has a finish reason.
	 */
	OPTIONAL

}
