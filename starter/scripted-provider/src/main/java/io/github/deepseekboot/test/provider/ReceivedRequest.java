package io.github.deepseekboot.test.provider;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.netty.handler.codec.http.HttpHeaders;
import tools.jackson.databind.JsonNode;

/**
 * A request as a scripted provider received it.
 *
 * @param method the HTTP method
 * @param path the path on the server, {@code /deepseek/chat/completions} for example
 * @param headers the headers by case-insensitive name; of credentials no more than that
 * they are there
 * @param body the body, empty if there was none
 */
public record ReceivedRequest(String method, String path, Map<String, String> headers, String body) {

	private static final int SHOWN = 4;

	private static final Pattern CREDENTIALS = Pattern
		.compile("(?i).*(?:authorization|api-?key|access-?key|token|secret|password|cookie|signature).*");

	/**
	 * Create a request as it was received.
	 * @param method the HTTP method
	 * @param path the path on the server
	 * @param headers the headers, whose credentials are masked
	 * @param body the body
	 */
	public ReceivedRequest {
		Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		headers.forEach((name, value) -> copy.put(name, (!CREDENTIALS.matcher(name).matches()) ? value
				: (value.startsWith("Bearer ")) ? "Bearer ****" : "****"));
		headers = Collections.unmodifiableMap(copy);
	}

	static ReceivedRequest of(String method, String path, HttpHeaders headers, String body) {
		Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		headers.forEach((header) -> copy.put(header.getKey(), header.getValue()));
		return new ReceivedRequest(method, path, copy, body);
	}

	// the last characters of a long credential, none of a short one
	static String masked(String credential) {
		int length = credential.length();
		return "****" + ((length > 4 * SHOWN) ? credential.substring(length - SHOWN) : "");
	}

	/**
	 * Parse the body.
	 * @return the body as JSON
	 * @throws tools.jackson.core.JacksonException if it isn't JSON
	 */
	public JsonNode json() {
		return Json.parse(this.body);
	}

}
