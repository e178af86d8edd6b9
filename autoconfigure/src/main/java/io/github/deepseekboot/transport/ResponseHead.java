package io.github.deepseekboot.transport;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;

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

	/**
	 * How long the body is said to be.
	 * @return the length in bytes, or -1 if that is not known
	 */
	long contentLength() {
		try {
			return this.headers.getContentLength();
		}
		catch (NumberFormatException ex) {
			return -1;
		}
	}

	/**
	 * Whether the response says that it is an event stream.
	 * @return {@code true} for the media type of server-sent events
	 */
	boolean isEventStream() {
		String contentType = this.headers.getFirst(HttpHeaders.CONTENT_TYPE);
		return contentType != null
				&& StringUtils.startsWithIgnoreCase(contentType.strip(), MediaType.TEXT_EVENT_STREAM_VALUE);
	}

	@Nullable Integer status() {
		return this.status;
	}

}
