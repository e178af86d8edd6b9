package io.github.deepseekboot.test.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Removes from an exchange what must not be in a file: the key, whatever looks like one,
 * ids of users, and what the test says. Headers of requests are never kept.
 */
final class Redaction {

	static final String REDACTED = "redacted";

	private static final List<String> USER_FIELDS = List.of("/user", "/user_id", "/safety_identifier",
			"/prompt_cache_key", "/metadata/user_id");

	private static final Pattern KEYS = Pattern.compile("\\b(?:sk|gsk|nvapi|ghp|fw|tgp_v1|bce-v3)[-_/][\\w/.-]{8,}");

	private static final Pattern BEARER = Pattern.compile("(?i)\\bBearer [^\\s\"\\\\]+");

	private static final Pattern MASKED = Pattern.compile("\\*{3,}\\w+");

	private final List<JsonPointer> pointers = new ArrayList<>();

	private final List<UnaryOperator<String>> hooks = new ArrayList<>();

	Redaction() {
		USER_FIELDS.forEach(this::field);
	}

	void field(String pointer) {
		this.pointers.add(JsonPointer.compile(pointer));
	}

	void hook(UnaryOperator<String> hook) {
		this.hooks.add(Objects.requireNonNull(hook, "'hook' must not be null"));
	}

	// the body of a request, or of a response that is not streamed
	JsonNode json(String body, @Nullable String key) {
		JsonNode json;
		try {
			json = Json.parse(body);
		}
		catch (JacksonException ex) {
			return Json.tree(text(body, key));
		}
		this.pointers.forEach((pointer) -> redact(json, pointer));
		String text = text(json.toString(), key);
		try {
			return Json.parse(text);
		}
		catch (JacksonException ex) {
			// a hook may leave what is no JSON any more
			return Json.tree(text);
		}
	}

	private static void redact(JsonNode json, JsonPointer pointer) {
		JsonNode parent = json.at(pointer.head());
		if (parent instanceof ObjectNode object && object.has(pointer.last().getMatchingProperty())) {
			object.put(pointer.last().getMatchingProperty(), REDACTED);
		}
	}

	String text(String text, @Nullable String key) {
		String redacted = (key != null && !key.isEmpty()) ? text.replace(key, REDACTED) : text;
		for (Pattern pattern : List.of(KEYS, BEARER, MASKED)) {
			redacted = pattern.matcher(redacted).replaceAll(Matcher.quoteReplacement(REDACTED));
		}
		for (UnaryOperator<String> hook : this.hooks) {
			redacted = hook.apply(redacted);
		}
		return redacted;
	}

}
