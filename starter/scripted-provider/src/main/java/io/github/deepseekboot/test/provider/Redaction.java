package io.github.deepseekboot.test.provider;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Removes from an exchange what must not be in a file: the key, however it is written,
 * whatever looks like one, ids of users, and what the test says. Headers of requests are
 * never kept.
 */
final class Redaction {

	static final String REDACTED = "redacted";

	private static final List<String> USER_FIELDS = List.of("/user", "/user_id", "/safety_identifier",
			"/prompt_cache_key", "/metadata/user_id");

	private static final List<Pattern> PATTERNS = List.of(
			// keys of the hosts that have a prefix of their own
			Pattern.compile(
					"\\b(?:sk|gsk|nvapi|ghp|github_pat|fw|tgp_v1|hf|xai|pplx|bce-v3)(?:[-_/]|\\\\/)(?:[\\w/.-]|\\\\/){8,}"),
			// JSON Web Tokens
			Pattern.compile("\\beyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*"), Pattern.compile("(?i)\\bBearer [^\\s\"\\\\]+"),
			Pattern.compile("(?i)\\bBasic [\\w+/-]{12,}={0,2}"),
			// what hosts show of a key that they refuse
			Pattern.compile("[\\w-]*\\*{4,}\\w+"), Pattern.compile("\\b(?:sk|gsk|nvapi)-[\\w-]*\\.{3}\\w+"));

	// an event that breaks off in its JSON
	private static final Pattern CUT = Pattern.compile("(^data: ?\\{).*\\z", Pattern.MULTILINE | Pattern.DOTALL);

	// fewer characters of a key are no secret
	private static final int SHORTEST_PART = 6;

	private final List<JsonPointer> pointers = new ArrayList<>();

	private final List<UnaryOperator<String>> hooks = new ArrayList<>();

	private volatile @Nullable KeyPatterns keyPatterns;

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

	/**
	 * Redact the events of a stream. What a model says stands in many of them, so that a
	 * text is looked at in one piece and, where something is taken out, cut again.
	 * @param events the events
	 * @param key the key
	 * @return as many events
	 */
	List<String> events(List<String> events, @Nullable String key) {
		List<Event> read = events.stream().map(Event::read).toList();
		Map<String, List<Fragment>> texts = new LinkedHashMap<>();
		for (Event event : read) {
			this.pointers.forEach((pointer) -> redact(event.data(), pointer));
			collect(event.data().path("choices"), "",
					(path, fragment) -> texts.computeIfAbsent(path, (missing) -> new ArrayList<>()).add(fragment));
		}
		texts.values().forEach((fragments) -> redact(fragments, key));
		List<String> redacted = new ArrayList<>(read.stream().map((event) -> text(event.text(), key)).toList());
		int last = redacted.size() - 1;
		if (last >= 0 && read.get(last).data().isMissingNode() && !events.get(last).endsWith("\n")) {
			// a secret may go on in it, and nobody can read it anyway
			redacted.set(last, CUT.matcher(redacted.get(last)).replaceFirst("$1\"" + REDACTED));
		}
		return redacted;
	}

	private void redact(List<Fragment> fragments, @Nullable String key) {
		String text = fragments.stream().map(Fragment::text).collect(Collectors.joining());
		String redacted = text(text, key);
		if (redacted.equals(text)) {
			return;
		}
		int start = 0;
		for (int i = 0; i < fragments.size(); i++) {
			Fragment fragment = fragments.get(i);
			int end = (i < fragments.size() - 1) ? Math.min(start + fragment.text().length(), redacted.length())
					: redacted.length();
			fragment.parent().put(fragment.field(), redacted.substring(start, end));
			start = end;
		}
	}

	// the texts below a node, each with a path that is the same in all events
	private static void collect(JsonNode node, String path, BiConsumer<String, Fragment> found) {
		if (node instanceof ObjectNode object) {
			object.forEachEntry((name, value) -> {
				if (value.isString()) {
					found.accept(path + "/" + name, new Fragment(object, name, value.asString()));
				}
				else {
					collect(value, path + "/" + name, found);
				}
			});
		}
		else if (node.isArray()) {
			for (int i = 0; i < node.size(); i++) {
				collect(node.path(i), path + "/" + node.path(i).path("index").asInt(i), found);
			}
		}
	}

	private static void redact(JsonNode json, JsonPointer pointer) {
		JsonNode parent = json.at(pointer.head());
		JsonPointer last = pointer.last();
		if (parent instanceof ObjectNode object && object.has(last.getMatchingProperty())) {
			object.put(last.getMatchingProperty(), REDACTED);
		}
		else if (parent instanceof ArrayNode array && array.has(last.getMatchingIndex())) {
			array.set(last.getMatchingIndex(), REDACTED);
		}
	}

	String text(String text, @Nullable String key) {
		String redacted = text;
		if (key != null && !key.isEmpty()) {
			KeyPatterns patterns = keyPatterns(key);
			redacted = patterns.complete().matcher(redacted).replaceAll(REDACTED);
			redacted = patterns.beginning().matcher(redacted).replaceAll(REDACTED);
		}
		for (Pattern pattern : PATTERNS) {
			redacted = pattern.matcher(redacted).replaceAll(Matcher.quoteReplacement(REDACTED));
		}
		for (UnaryOperator<String> hook : this.hooks) {
			redacted = hook.apply(redacted);
		}
		return redacted;
	}

	private KeyPatterns keyPatterns(String key) {
		KeyPatterns patterns = this.keyPatterns;
		if (patterns == null || !patterns.key().equals(key)) {
			String beginnings = IntStream.rangeClosed(SHORTEST_PART, key.length() - 1)
				.map((i) -> key.length() - 1 + SHORTEST_PART - i)
				.mapToObj((length) -> written(key.substring(0, length)))
				.collect(Collectors.joining("|"));
			patterns = new KeyPatterns(key, Pattern.compile(written(key)),
					Pattern.compile(beginnings.isEmpty() ? "(?!)" : "(?:" + beginnings + ")(?=\\s*\\z|\\\\?\")"));
			this.keyPatterns = patterns;
		}
		return patterns;
	}

	// a key as it is, in a JSON string, in an address, or anywhere in Base64
	private static String written(String key) {
		List<String> forms = new ArrayList<>();
		forms.add(key.chars()
			.mapToObj((character) -> "(?:\\\\?" + Pattern.quote(Character.toString(character)) + "|\\\\u(?i:"
					+ "%04x".formatted(character) + "))")
			.collect(Collectors.joining()));
		forms.add(Pattern.quote(URLEncoder.encode(key, StandardCharsets.UTF_8)));
		byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
		for (int before = 0; before < 3; before++) {
			byte[] shifted = new byte[before + bytes.length];
			System.arraycopy(bytes, 0, shifted, before, bytes.length);
			String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
			// without the characters that have bits of what stands before or behind
			String own = encoded.substring((before * 8 + 5) / 6,
					encoded.length() - ((shifted.length % 3 == 0) ? 0 : 1));
			if (own.length() >= 8) {
				forms.add(own.chars().mapToObj((character) -> switch (character) {
					case '+' -> "[+-]";
					case '/' -> "(?:\\\\?/|_)";
					default -> Character.toString(character);
				}).collect(Collectors.joining("", "[\\w+/-]{0,2}", "[\\w+/-]{0,2}={0,2}")));
			}
		}
		return String.join("|", forms);
	}

	/**
	 * What to look for.
	 *
	 * @param key the key
	 * @param complete finds the complete key
	 * @param beginning finds a part of it that a text, or a string of JSON, breaks off
	 * with
	 */
	private record KeyPatterns(String key, Pattern complete, Pattern beginning) {

	}

	/**
	 * A part of a text that goes on in the next event.
	 *
	 * @param parent what it stands in
	 * @param field the name of the field
	 * @param text the part
	 */
	private record Fragment(ObjectNode parent, String field, String text) {

	}

	/**
	 * An event with JSON.
	 *
	 * @param before what stands before the JSON
	 * @param data the JSON, to be changed; missing if there is none
	 * @param unchanged the JSON as it came
	 * @param after what stands behind it
	 */
	private record Event(String before, JsonNode data, String unchanged, String after) {

		private static final Pattern DATA = Pattern.compile("^data: ?(\\{.*})\\s*$", Pattern.MULTILINE);

		static Event read(String event) {
			Matcher matcher = DATA.matcher(event);
			try {
				return (matcher.find())
						? new Event(event.substring(0, matcher.start(1)), Json.parse(matcher.group(1)),
								matcher.group(1), event.substring(matcher.end(1)))
						: new Event(event, MissingNode.getInstance(), "", "");
			}
			catch (JacksonException ex) {
				return new Event(event, MissingNode.getInstance(), "", "");
			}
		}

		String text() {
			boolean same = this.data.isMissingNode() || this.data.equals(Json.parse(this.unchanged));
			return this.before + ((same) ? this.unchanged : this.data.toString()) + this.after;
		}

	}

}
