package io.github.deepseekboot.test.provider;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An error answer as a provider words it.
 *
 * @param status the HTTP status
 * @param contentType the content type, which need not fit the body
 * @param body the body
 * @param headers further response headers
 */
public record ProviderError(int status, String contentType, String body, Map<String, String> headers) {

	/**
	 * Create an error answer.
	 * @param status the HTTP status
	 * @param contentType the content type
	 * @param body the body
	 * @param headers further response headers
	 */
	public ProviderError {
		headers = Map.copyOf(headers);
	}

	static ProviderError json(int status, String body) {
		return new ProviderError(status, "application/json", body, Map.of());
	}

	static ProviderError text(int status, String body) {
		return new ProviderError(status, "text/plain; charset=utf-8", body, Map.of());
	}

	static ProviderError page(int status, String title) {
		String html = "<html>\r\n<head><title>%1$s</title></head>\r\n<body><center><h1>%1$s</h1></center></body>\r\n</html>\r\n"
			.formatted(title);
		return new ProviderError(status, "text/html", html, Map.of());
	}

	/**
	 * This error with one more header, {@code Retry-After} for example.
	 * @param name the header's name
	 * @param value the header's value
	 * @return a new error
	 */
	public ProviderError withHeader(String name, String value) {
		Map<String, String> more = new LinkedHashMap<>(this.headers);
		more.put(name, value);
		return new ProviderError(this.status, this.contentType, this.body, more);
	}

	ProviderError withContentType(String type) {
		return new ProviderError(this.status, type, this.body, this.headers);
	}

}
