package io.github.deepseekboot.transport;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * What is known of a response before its body.
 */
final class ResponseHead {

	private volatile @Nullable String requestId;

	private volatile HttpHeaders headers = HttpHeaders.EMPTY;

	private volatile @Nullable Integer status;

	void set(@Nullable String requestId, int status, HttpHeaders headers) {
		this.requestId = requestId;
		this.headers = headers;
		this.status = status;
	}

	@Nullable String requestId() {
		return this.requestId;
	}

	HttpHeaders headers() {
		return this.headers;
	}

	@Nullable Integer status() {
		return this.status;
	}

}
