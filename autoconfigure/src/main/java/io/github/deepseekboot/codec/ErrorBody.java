package io.github.deepseekboot.codec;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/**
 * What an error says, in whichever of the shapes that providers use: OpenAI's envelope, a
 * flat {@code {code, message}}, RFC 7807, a {@code detail}, a bare JSON string, plain
 * text or the page of a gateway. Gateways put the error of the host behind them into
 * their own, as an object or as text: the deepest that says something decides. All of it
 * is as the provider wrote it, and must be masked before it is shown.
 */
public final class ErrorBody {

	private static final int MAX_TEXT = 16 * 1024;

	private static final String CHINESE = "GB18030";

	private static final int MAX_DEPTH = 8;

	private static final int MAX_ELEMENTS = 8;

	private static final int MAX_SENTENCES = 3;

	private static final Pattern SENTENCE = Pattern.compile("\\p{L}\\s+\\p{L}|[\\p{IsHan}]{2}");

	private static final List<String> MESSAGES = List.of("message", "msg", "error_message", "error_msg", "errorMessage",
			"errorMsg", "Message", "errmsg", "err_msg", "Msg", "status_msg", "detail", "error_description",
			"description", "error", "title", "faultstring", "resultDesc", "result_desc", "retMsg", "ret_msg", "reason");

	// inside of what only adds to an error
	private static final List<String> ADDED_MESSAGES = List.of("message", "msg");

	static final List<String> CODES = List.of("code", "error_code", "errorCode", "err_code", "Code", "errcode",
			"errorcode", "resultCode", "result_code", "retCode", "ret_code", "__type");

	static final List<String> TYPES = List.of("type", "error_type", "errorType", "status", "status_code", "statusCode",
			"reason");

	private static final List<String> INNER = List.of("error", "errors", "Error", "Errors", "ErrorMsg", "Response",
			"base_resp", "detail", "metadata", "raw", "innererror", "inner_error", "upstream_error", "upstream",
			"provider_error", "original_error", "cause", "details", "data", "response", "body", "message", "status",
			"header", "err", "fault", "exception", "failure");

	private static final List<String> UPSTREAM_STATUSES = List.of("upstream_status", "upstream_status_code",
			"upstreamStatus", "upstreamStatusCode", "provider_status", "provider_status_code", "original_status",
			"original_status_code");

	/**
	 * What the host behind a gateway said, even if it is plain text.
	 */
	private static final Set<String> QUOTED = Set.of("raw", "upstream_error", "provider_error", "original_error");

	/**
	 * What only adds to the error around it.
	 */
	private static final Set<String> ADDED = Set.of("metadata", "innererror", "inner_error", "details", "data",
			"cause");

	// with it some hosts say that all is well
	private static final Pattern SUCCESS = Pattern.compile(
			"\\s*(success(ful|fully)?|succeeded|ok|none|null|no error|(请求|操作|处理|调用)?成功)[.!。！]?\\s*",
			Pattern.CASE_INSENSITIVE);

	private static final Set<String> WAITS = Set.of("retry_after", "retryafter", "retry_after_seconds",
			"retry_after_ms", "retry-after", "retry-after-ms", "retrydelay", "reset_seconds", "reset_after", "retry_in",
			"retry_in_seconds", "wait_seconds", "estimated_time", "resets_in_seconds", "reset_in_seconds", "resets_at",
			"retryafterseconds", "retry_after_secs", "wait_time", "waittime", "reset_at", "resetat", "resets_in",
			"reset_in", "reset_time", "resettime", "retryafterms", "retry_after_millis");

	private static final int MAX_REQUEST_ID = 128;

	private static final String REQUEST_ID_SIGNS = "_.:/+=@-";

	private static final Pattern REQUEST_ID_IN_TEXT = Pattern
		.compile("[Rr]equest[ _]?[Ii][Dd][:=]? ?([\\w.:-]{7,127}\\w)");

	private static final Pattern EVENT_DATA = Pattern.compile("(?m)^(?:data|error): ?(.*)$");

	private static final Pattern JSON_OBJECT = Pattern.compile("\\{\\s*\"");

	private static final int MAX_OBJECTS = 4;

	// an exception of Python's OpenAI client, as a text
	private static final Pattern PYTHON_MESSAGE = Pattern
		.compile("'(?:message|msg|detail)': ?(?:'((?:[^'\\\\]|\\\\.){1,4000})'|\"((?:[^\"\\\\]|\\\\.){1,4000})\")");

	private static final Pattern PYTHON_CODE = Pattern.compile("'(?:code|type)': ?'?([\\w.-]{1,100})");

	private static final Pattern ONE_WORD = Pattern.compile("[A-Za-z][\\w.-]{2,99}");

	private static final Pattern PAGE = Pattern
		.compile("(?is)^\\s*(<!--.*?-->\\s*)*<(!doctype|html|head|body|title|center|h1)\\b.*");

	private static final List<Pattern> TITLES = List.of(Pattern.compile("(?is)<title[^>]*>(.*?)</title>"),
			Pattern.compile("(?is)<h1[^>]*>(.*?)</h1>"),
			Pattern.compile("(?is)<(?:error_?)?(?:message|msg|description)\\b[^>]*>(.*?)</"));

	private static final Pattern XML = Pattern.compile("(?s)\\s*<(\\?xml|[A-Za-z][\\w:.-]*[ >]).*</[\\w:.-]+>\\s*");

	private static final Pattern XML_CODE = Pattern.compile("(?is)<(?:error_?)?(?:code|type)>\\s*([^<]{1,100}?)\\s*</");

	private static final Pattern IGNORED_MARKUP = Pattern.compile("(?is)<(script|style)\\b.*?</\\1>|<[^>]*>");

	private static final Pattern STATUS_IN_TEXT = Pattern
		.compile("(?i)\\b(?:http|status(?: code)?|error(?: code)?)\\W{1,3}([45]\\d\\d)\\b|(?:^|\\[)([45]\\d\\d)\\b");

	private @Nullable String message;

	private @Nullable String code;

	private final List<String> codes = new ArrayList<>(4);

	private final List<String> texts = new ArrayList<>(2);

	private @Nullable Integer upstreamStatus;

	private @Nullable String requestId;

	private boolean page;

	private boolean structured;

	private boolean answer;

	private final Map<String, String> waits = new LinkedHashMap<>(0);

	private ErrorBody() {
	}

	/**
	 * Read a body.
	 * @param body the body, of any content type; its end may be cut off
	 * @param charset how it is said to be encoded, or {@code null}; UTF-8 wins over a
	 * charset of single bytes
	 * @return what it says
	 */
	public static ErrorBody read(byte[] body, @Nullable Charset charset) {
		Charset named = (charset != null) ? charset : StandardCharsets.UTF_8;
		boolean utf8 = named.equals(StandardCharsets.UTF_8);
		if (utf8 || isSingleByte(named)) {
			// the body may be cut within a character; one of a single byte cannot be
			int end = utf8 ? Utf8.endOfCharacters(body, body.length) : body.length;
			if (Utf8.isValid(body, 0, end)) {
				return read(new String(body, 0, end, StandardCharsets.UTF_8));
			}
		}
		if (utf8 && Charset.isSupported(CHINESE)) {
			// pages of older gateways
			return read(new String(body, Charset.forName(CHINESE)));
		}
		return read(new String(body, named));
	}

	// some servers give all they send the label of their default
	private static boolean isSingleByte(Charset charset) {
		return charset.canEncode() && charset.newEncoder().maxBytesPerChar() == 1;
	}

	/**
	 * Read a text that stands where an answer should be.
	 * @param body the text
	 * @return what it says
	 */
	public static ErrorBody read(String body) {
		ErrorBody error = new ErrorBody();
		String text = body.strip();
		if (text.isEmpty()) {
			return error;
		}
		Matcher event = EVENT_DATA.matcher(text);
		error.text((!text.startsWith("{") && event.find()) ? event.group(1).strip() : text, 0);
		if (error.message == null && !error.answer) {
			error.message = cut(text);
		}
		error.requestId = (error.requestId != null || error.message == null) ? error.requestId
				: requestIdIn(error.message);
		return error;
	}

	/**
	 * Read a parsed body.
	 * @param body the body, or the {@code error} field of an answer
	 * @return what it says
	 */
	public static ErrorBody of(JsonNode body) {
		ErrorBody error = new ErrorBody();
		error.node(body, 0, false);
		error.anyWords(body);
		error.requestId = (error.requestId != null || error.message == null) ? error.requestId
				: requestIdIn(error.message);
		return error;
	}

	/**
	 * Whether an {@code error} field says that there is none: some hosts send an empty
	 * one, or a code for success, with each good answer.
	 * @param error the field
	 * @return {@code true} if it is empty or blank
	 */
	public static boolean isNone(JsonNode error) {
		if (error.isContainer()) {
			return error.valueStream().allMatch(ErrorBody::isNone);
		}
		return error.isNull() || error.isMissingNode() || (error.isString() && isNone(error.stringValue()))
				|| (error.isBoolean() && !error.booleanValue())
				|| (error.isNumber() && (error.asDouble() == 0 || error.asDouble() == 200));
	}

	private static boolean isNone(String text) {
		return text.isBlank() || text.equals("0") || text.equals("200") || SUCCESS.matcher(text).matches();
	}

	private void text(String text, int depth) {
		if (PAGE.matcher(text).matches()) {
			this.page = true;
			say(title(text));
			return;
		}
		if (XML.matcher(text).matches()) {
			this.structured = true;
			XML_CODE.matcher(cut(text)).results().limit(MAX_ELEMENTS).forEach((code) -> code(code.group(1)));
			say(title(text));
			return;
		}
		if (depth < MAX_DEPTH && json(text, depth)) {
			return;
		}
		if (text.startsWith("\"")) {
			try {
				JsonNode json = WireJson.MAPPER.readTree(text);
				if (json.isString() && depth < MAX_DEPTH) {
					text(json.stringValue().strip(), depth + 1);
					return;
				}
			}
			catch (JacksonException ex) {
				// it is only text
			}
		}
		Matcher python = PYTHON_MESSAGE.matcher(cut(text));
		if (python.find()) {
			upstreamStatus(statusIn(text.substring(0, python.start())));
			say((python.group(1) != null) ? python.group(1) : python.group(2));
			PYTHON_CODE.matcher(cut(text)).results().limit(MAX_ELEMENTS).forEach((code) -> code(code.group(1)));
		}
		say(text);
		word(text);
		String status = statusIn(text);
		if (status != null) {
			this.codes.add(status);
		}
	}

	// a text that is JSON, or has some in it
	private boolean json(String text, int depth) {
		if (text.startsWith("[") && json(text, 0, depth)) {
			return true;
		}
		Matcher object = JSON_OBJECT.matcher(text);
		for (int i = 0; i < MAX_OBJECTS && object.find(); i++) {
			if (json(text, object.start(), depth)) {
				return true;
			}
		}
		return false;
	}

	private boolean json(String text, int start, int depth) {
		JsonNode json;
		try (JsonParser parser = WireJson.MAPPER.createParser(text.substring(start))) {
			parser.nextToken();
			json = WireJson.readNested(parser);
		}
		catch (JacksonException ex) {
			// it is only text
			return false;
		}
		int codes = this.codes.size();
		boolean silent = this.message == null;
		node(json, depth + 1, false);
		if (depth == 0) {
			anyWords(json);
		}
		if (silent && this.message == null && this.codes.size() == codes) {
			return start == 0;
		}
		this.structured = true;
		if (start > 0) {
			upstreamStatus(statusIn(text.substring(0, start)));
			keep(text);
		}
		return true;
	}

	private static @Nullable String statusIn(String text) {
		Matcher status = STATUS_IN_TEXT.matcher(cut(text));
		return !status.find() ? null : (status.group(1) != null) ? status.group(1) : status.group(2);
	}

	// the innermost decides
	private void upstreamStatus(@Nullable String status) {
		if (this.upstreamStatus == null && status != null && status.matches("[45]\\d\\d")) {
			this.upstreamStatus = Integer.valueOf(status);
		}
	}

	// some hosts have a code in the place of words
	private void word(String text) {
		if (ONE_WORD.matcher(text).matches() && !this.codes.contains(text)) {
			this.codes.add(text);
		}
	}

	// what is inside is read first: it decides
	private void node(JsonNode node, int depth, boolean added) {
		if (depth > MAX_DEPTH) {
			return;
		}
		if (node.isArray()) {
			if (isFieldErrors(node)) {
				say(fieldErrors(node));
			}
			else {
				node.valueStream().limit(MAX_ELEMENTS).forEach((element) -> node(element, depth + 1, added));
			}
			return;
		}
		if (!node.isObject()) {
			String text = text(node);
			if (text != null && !added) {
				text(text.strip(), depth);
			}
			return;
		}
		this.structured = true;
		for (String name : INNER) {
			JsonNode inner = node.get(name);
			if (inner != null && (inner.isContainer() || isQuote(name, inner))) {
				node(inner, depth + 1, ADDED.contains(name));
			}
		}
		String ownMessage = first(node, added ? ADDED_MESSAGES : MESSAGES);
		if (ownMessage != null) {
			say(ownMessage);
		}
		for (String name : UPSTREAM_STATUSES) {
			upstreamStatus(text(node.get(name)));
		}
		for (String name : CODES) {
			code(text(node.get(name)));
		}
		for (String name : TYPES) {
			code(text(node.get(name)));
		}
		if (ownMessage != null) {
			word(ownMessage);
			String error = text(node.get("error"));
			if (error != null && !error.equals(ownMessage) && ONE_WORD.matcher(error).matches()) {
				code(error);
			}
		}
		this.requestId = (this.requestId != null) ? this.requestId : requestIdOf(node);
		node.properties().forEach((field) -> {
			String name = field.getKey().toLowerCase(Locale.ROOT);
			String value = text(field.getValue());
			if (value != null && (WAITS.contains(name) || name.contains("ratelimit") || name.contains("rate-limit"))) {
				this.waits.putIfAbsent(name.replace('_', '-'), value);
			}
			else if (name.equals("headers") && field.getValue().isObject()) {
				node(field.getValue(), depth + 1, true);
			}
		});
	}

	// of an error whose fields nobody has heard of: all that reads like a sentence
	private void anyWords(JsonNode json) {
		this.answer |= json.has("choices");
		if (this.message != null || this.answer) {
			return;
		}
		List<String> sentences = new ArrayList<>(2);
		collectSentences(json, 0, sentences);
		say(sentences.isEmpty() ? null : String.join("; ", sentences));
	}

	private static void collectSentences(JsonNode json, int depth, List<String> sentences) {
		if (json.isString()) {
			String text = json.stringValue().strip();
			if (SENTENCE.matcher(cut(text)).find() && sentences.size() < MAX_SENTENCES) {
				sentences.add(text);
			}
		}
		else if (depth < MAX_DEPTH) {
			json.forEach((inner) -> collectSentences(inner, depth + 1, sentences));
		}
	}

	// the message of an envelope may be the complete error of the host behind it
	private static boolean isQuote(String name, JsonNode inner) {
		if (!inner.isString()) {
			return false;
		}
		String text = inner.stringValue().strip();
		return QUOTED.contains(name) || JSON_OBJECT.matcher(text).find() || PYTHON_MESSAGE.matcher(cut(text)).find()
				|| PAGE.matcher(text).matches();
	}

	private void say(@Nullable String text) {
		keep(text);
		if (this.message == null && text != null && !text.isBlank()) {
			this.message = cut(text.strip());
		}
	}

	private void keep(@Nullable String text) {
		if (text != null && !text.isBlank() && this.texts.size() < MAX_ELEMENTS) {
			this.texts.add(cut(text));
		}
	}

	private void code(@Nullable String text) {
		if (text == null || text.equals("0") || text.equals("200") || text.equalsIgnoreCase("none")
				|| text.equalsIgnoreCase("null")) {
			return;
		}
		String code = text.substring(text.lastIndexOf('#') + 1).strip();
		if (!code.isEmpty() && code.length() <= MAX_TEXT && !this.codes.contains(code)) {
			this.codes.add(code);
		}
		if (this.code == null && !code.isEmpty()) {
			this.code = code;
		}
	}

	private static boolean isFieldErrors(JsonNode node) {
		return !node.isEmpty() && node.valueStream()
			.allMatch((element) -> element.isObject() && (element.has("msg") || element.has("message"))
					&& (element.has("loc") || element.has("field") || element.has("path")));
	}

	private static String fieldErrors(JsonNode node) {
		StringBuilder text = new StringBuilder();
		node.forEach((element) -> {
			String words = text(element.has("msg") ? element.get("msg") : element.get("message"));
			JsonNode place = element.has("loc") ? element.get("loc")
					: element.has("field") ? element.get("field") : element.get("path");
			StringBuilder path = new StringBuilder();
			if (place.isArray()) {
				place.forEach((step) -> path.append((path.length() > 0) ? "." : "").append(step.asString("")));
			}
			else {
				path.append(place.asString(""));
			}
			text.append((text.length() > 0) ? "; " : "")
				.append(path)
				.append((path.length() > 0) ? ": " : "")
				.append((words != null) ? words : "");
		});
		return text.toString();
	}

	private static @Nullable String first(JsonNode node, List<String> names) {
		for (String name : names) {
			JsonNode value = node.get(name);
			String text = text(value);
			if (text != null && !text.isBlank()) {
				return text;
			}
		}
		return null;
	}

	private static @Nullable String requestIdOf(JsonNode node) {
		for (String name : List.of("request_id", "requestId", "RequestId", "trace_id")) {
			String id = requestId(text(node.get(name)));
			if (id != null) {
				return id;
			}
		}
		return null;
	}

	private static String title(String page) {
		String text = cut(page);
		for (Pattern pattern : TITLES) {
			Matcher title = pattern.matcher(text);
			if (title.find()) {
				String words = words(title.group(1));
				if (!words.isEmpty()) {
					return words;
				}
			}
		}
		return words(text);
	}

	private static String words(String markup) {
		return IGNORED_MARKUP.matcher(markup)
			.replaceAll(" ")
			.replace("&nbsp;", " ")
			.replace("&lt;", "<")
			.replace("&gt;", ">")
			.replace("&quot;", "\"")
			.replace("&#39;", "'")
			.replace("&amp;", "&")
			.replaceAll("\\s+", " ")
			.strip();
	}

	private static String cut(String text) {
		return (text.length() > MAX_TEXT) ? text.substring(0, MAX_TEXT) : text;
	}

	/**
	 * Check a provider's id of a request before it is shown.
	 * @param value the id as it was sent
	 * @return the id, or {@code null} if it is none
	 */
	public static @Nullable String requestId(@Nullable String value) {
		if (value == null || value.isEmpty() || value.length() > MAX_REQUEST_ID) {
			return null;
		}
		for (int i = 0; i < value.length(); i++) {
			char character = value.charAt(i);
			if (!isAsciiLetterOrDigit(character) && REQUEST_ID_SIGNS.indexOf(character) < 0) {
				return null;
			}
		}
		return value;
	}

	private static boolean isAsciiLetterOrDigit(char character) {
		return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
				|| (character >= '0' && character <= '9');
	}

	private static @Nullable String requestIdIn(String message) {
		Matcher matcher = REQUEST_ID_IN_TEXT.matcher(message);
		return matcher.find() ? requestId(matcher.group(1)) : null;
	}

	private static @Nullable String text(@Nullable JsonNode node) {
		if (node == null || !(node.isString() || node.isNumber() || node.isBoolean())) {
			return null;
		}
		String text = node.asString();
		return text.isEmpty() ? null : text;
	}

	/**
	 * The provider's words.
	 * @return the words, or {@code null} for none
	 */
	public @Nullable String message() {
		return this.message;
	}

	/**
	 * All that is said, the innermost first.
	 * @return the texts, of which there may be JSON around the words
	 */
	public List<String> texts() {
		return this.texts;
	}

	/**
	 * The status with which the host behind a gateway answered.
	 * @return the status, or {@code null} if there is no word of it
	 */
	public @Nullable Integer upstreamStatus() {
		return this.upstreamStatus;
	}

	/**
	 * The provider's code, else its type.
	 * @return the code, or {@code null} for none
	 */
	public @Nullable String code() {
		return this.code;
	}

	/**
	 * All codes and types, the innermost first.
	 * @return the codes
	 */
	public List<String> codes() {
		return this.codes;
	}

	/**
	 * The provider's id of the request.
	 * @return the id, or {@code null} for none
	 */
	public @Nullable String requestId() {
		return this.requestId;
	}

	/**
	 * Whether this is a page for people, such as gateways have.
	 * @return {@code true} for HTML; the {@link #message()} is its title
	 */
	public boolean isPage() {
		return this.page;
	}

	/**
	 * Whether this is JSON, as the host itself would send it.
	 * @return {@code false} for a page, plain text or nothing
	 */
	public boolean isStructured() {
		return this.structured;
	}

	/**
	 * What the body says about the time to wait, by names as headers have them.
	 * @return the values, by name in lower case
	 */
	public Map<String, String> waits() {
		return this.waits;
	}

}
