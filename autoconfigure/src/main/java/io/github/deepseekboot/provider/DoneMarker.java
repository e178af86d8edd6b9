package io.github.deepseekboot.provider;

/**
 * Whether a stream must end with {@code [DONE]}.
 */
public enum DoneMarker {

	/**
	 * A stream that ends without it was cut.
	 */
	REQUIRED,

	/**
	 * A finish reason will do.
	 */
	OPTIONAL

}
