package io.github.deepseekboot.samples.gateway;

import org.jspecify.annotations.Nullable;

/**
 * A call that the gateway itself refuses.
 */
class ApiException extends RuntimeException {

	private final transient ApiError error;

	ApiException(ApiError error) {
		this(error, null);
	}

	ApiException(ApiError error, @Nullable Throwable cause) {
		super(error.message(), cause);
		this.error = error;
	}

	ApiError error() {
		return this.error;
	}

}
