package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What an error body says, in whichever of the shapes that providers use: OpenAI's
 * envelope, a flat {@code {code, message}}, a bare JSON string, or plain text.
 *
 * @param message the provider's words, made safe to log, or {@code null} for none
 * @param code the provider's code, or {@code null} for none
 * @param requestId the provider's id of the request, or {@code null} for none
 */
record ErrorBody(@Nullable String message, @Nullable String code, @Nullable String requestId) {

	private static final int MAX_SNIPPET = 200;

	private static final int MAX_MESSAGE = 500;

	private static final int MAX_CODE = 100;

	private static final Pattern REQUEST_ID_IN_TEXT = Pattern.compile("[Rr]equest id: ([\\w.:-]{8,128})");

	private static final Pattern KEY = Pattern.compile("\\bsk-[\\w-]{4,}|\\*{3,}[\\w-]*");

	/**
	 * Read a body.
	 * @param body the body, of any content type
	 * @return what it says
	 */
	static ErrorBody read(byte[] body) {
		String text = new String(body, StandardCharsets.UTF_8).strip();
		if (text.isEmpty()) {
			return new ErrorBody(null, null, null);
		}
		try {
			ErrorBody error = of(WireJson.MAPPER.readTree(text));
			return (error.message != null || error.code != null) ? error : new ErrorBody(snippet(text), null, null);
		}
		catch (JacksonException ex) {
			return new ErrorBody(snippet(text), null, requestIdIn(text));
		}
	}

	/**
	 * Read a parsed body.
	 * @param body the body, or the {@code error} field of an answer
	 * @return what it says
	 */
	static ErrorBody of(JsonNode body) {
		JsonNode error = (body.isArray() && !body.isEmpty()) ? body.get(0) : body;
		if (error.has("error")) {
			error = error.get("error");
		}
		String message = text(error.isObject() ? error.get("message") : error);
		String code = error.isObject() ? text(error.get("code")) : null;
		if (code == null && error.isObject()) {
			code = text(error.get("type"));
		}
		if (error != body && code == null && body.isObject()) {
			code = text(body.get("code"));
		}
		String requestId = body.isObject() ? text(body.get("request_id")) : null;
		if (requestId == null && message != null) {
			requestId = requestIdIn(message);
		}
		return new ErrorBody((message != null) ? safe(message, MAX_MESSAGE) : null,
				(code != null) ? safe(code, MAX_CODE) : null, requestId(requestId));
	}

	/**
	 * The beginning of a text that is not what it should be, made safe to log.
	 * @param text the text
	 * @return at most 200 characters
	 */
	static String snippet(String text) {
		return safe(text, MAX_SNIPPET);
	}

	/**
	 * Check a provider's id of a request before it is shown.
	 * @param value the id as it was sent
	 * @return the id, or {@code null} if it is none
	 */
	static @Nullable String requestId(@Nullable String value) {
		return (value != null && value.matches("[\\w.:/+=@-]{1,128}")) ? value : null;
	}

	private static @Nullable String requestIdIn(String message) {
		Matcher matcher = REQUEST_ID_IN_TEXT.matcher(message);
		return matcher.find() ? matcher.group(1) : null;
	}

	private static @Nullable String text(@Nullable JsonNode node) {
		if (node == null || !(node.isString() || node.isNumber() || node.isBoolean())) {
			return null;
		}
		String text = node.asString();
		return text.isEmpty() ? null : text;
	}

	// control characters would forge log lines, and some providers repeat a part of the
	// key
	private static String safe(String text, int max) {
		String masked = KEY.matcher((text.length() > 4 * max) ? text.substring(0, 4 * max) : text).replaceAll("****");
		StringBuilder safe = new StringBuilder(Math.min(masked.length(), max) + 16);
		for (int i = 0; i < masked.length() && safe.length() < max; i++) {
			char character = masked.charAt(i);
			switch (character) {
				case '\n' -> safe.append("\\n");
				case '\r' -> safe.append("\\r");
				case '\t' -> safe.append("\\t");
				default -> {
					if (Character.isISOControl(character) || character == '\u2028' || character == '\u2029') {
						safe.append(String.format("\\u%04x", (int) character));
					}
					else {
						safe.append(character);
					}
				}
			}
		}
		if (safe.length() >= max && masked.length() > max) {
			safe.setLength(max - 1);
			safe.append('…');
		}
		return safe.toString();
	}

}
