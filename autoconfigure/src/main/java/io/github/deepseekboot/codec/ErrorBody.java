package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.provider.ApiKey;

/**
 * What an error body says, in whichever of the shapes that providers use: OpenAI's
 * envelope, a flat {@code {code, message}}, a bare JSON string, or plain text.
 *
 * @param message the provider's words, made safe to log, or {@code null} for none
 * @param code the provider's code, or {@code null} for none
 * @param requestId the provider's id of the request, or {@code null} for none
 */
public record ErrorBody(@Nullable String message, @Nullable String code, @Nullable String requestId) {

	private static final int MAX_SNIPPET = 200;

	private static final int MAX_MESSAGE = 500;

	private static final int MAX_CODE = 100;

	private static final Pattern REQUEST_ID = Pattern.compile("[\\w.:/+=@-]{1,128}");

	private static final Pattern REQUEST_ID_IN_TEXT = Pattern
		.compile("[Rr]equest[ _]?[Ii][Dd][:=]? ?([\\w.:-]{7,127}\\w)");

	private static final Pattern KEY = Pattern
		.compile("\\bsk-[\\w-]{4,}([.*…]+[\\w-]+)?|(?i:bearer) [\\w.~+/=-]{16,}|\\*{3,}[\\w-]*");

	private static final Pattern EVENT_DATA = Pattern.compile("(?m)^data: ?(.*)$");

	/**
	 * Read a body.
	 * @param body the body, of any content type
	 * @param apiKey the key that it must not show
	 * @return what it says
	 */
	public static ErrorBody read(byte[] body, @Nullable ApiKey apiKey) {
		String text = new String(body, StandardCharsets.UTF_8).strip();
		if (text.isEmpty()) {
			return new ErrorBody(null, null, null);
		}
		Matcher event = EVENT_DATA.matcher(text);
		String json = (!text.startsWith("{") && event.find()) ? event.group(1) : text;
		try {
			ErrorBody error = of(WireJson.MAPPER.readTree(json), apiKey);
			return (error.message != null) ? error : new ErrorBody(snippet(text, apiKey), error.code, error.requestId);
		}
		catch (JacksonException ex) {
			return new ErrorBody(snippet(text, apiKey), null, requestId(requestIdIn(text)));
		}
	}

	/**
	 * Read a parsed body.
	 * @param body the body, or the {@code error} field of an answer
	 * @param apiKey the key that it must not show
	 * @return what it says
	 */
	public static ErrorBody of(JsonNode body, @Nullable ApiKey apiKey) {
		JsonNode outer = (body.isArray() && !body.isEmpty()) ? body.get(0) : body;
		JsonNode error = outer.hasNonNull("error") ? outer.get("error") : outer;
		String message = text(error.isObject() ? error.get("message") : error);
		String code = error.isObject() ? text(error.get("code")) : null;
		if (code == null && error.isObject()) {
			code = text(error.get("type"));
		}
		if (error != outer && code == null) {
			code = text(outer.get("code"));
		}
		String requestId = text(outer.get("request_id"));
		if (requestId == null && error.isObject()) {
			requestId = text(error.get("request_id"));
		}
		if (requestId == null && message != null) {
			requestId = requestIdIn(message);
		}
		return new ErrorBody((message != null) ? safe(message, MAX_MESSAGE, apiKey) : null,
				(code != null) ? safe(code, MAX_CODE, apiKey) : null, requestId(requestId));
	}

	/**
	 * The beginning of a text that is not what it should be, made safe to log.
	 * @param text the text
	 * @param apiKey the key that it must not show
	 * @return at most 200 characters
	 */
	public static String snippet(String text, @Nullable ApiKey apiKey) {
		return safe(text, MAX_SNIPPET, apiKey);
	}

	/**
	 * Check a provider's id of a request before it is shown.
	 * @param value the id as it was sent
	 * @return the id, or {@code null} if it is none
	 */
	public static @Nullable String requestId(@Nullable String value) {
		return (value != null && REQUEST_ID.matcher(value).matches()) ? value : null;
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

	// control characters would forge log lines, and some providers repeat the key or a
	// part of it
	private static String safe(String text, int max, @Nullable ApiKey apiKey) {
		String start = (text.length() > 16 * max) ? text.substring(0, 16 * max) : text;
		String known = (apiKey != null) ? start.replace(apiKey.value(), "****") : start;
		String masked = KEY.matcher(known).replaceAll("****");
		StringBuilder safe = new StringBuilder(Math.min(masked.length(), max) + 8);
		int position = 0;
		while (position < masked.length()) {
			int codePoint = masked.codePointAt(position);
			String shown = shown(codePoint);
			if (safe.length() + shown.length() > max) {
				break;
			}
			safe.append(shown);
			position += Character.charCount(codePoint);
		}
		if (position < masked.length()) {
			int end = Math.min(safe.length(), max - 1);
			safe.setLength(Character.isHighSurrogate(safe.charAt(end - 1)) ? end - 1 : end);
			safe.append('…');
		}
		return safe.toString();
	}

	private static String shown(int codePoint) {
		return switch (codePoint) {
			case '\n' -> "\\n";
			case '\r' -> "\\r";
			case '\t' -> "\\t";
			default -> switch (Character.getType(codePoint)) {
				case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
						Character.SURROGATE ->
					String.format("\\u%04x", codePoint);
				default -> Character.toString(codePoint);
			};
		};
	}

}
