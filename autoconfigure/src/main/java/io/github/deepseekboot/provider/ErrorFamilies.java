package io.github.deepseekboot.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * The codes, types and words that hosts have for the same failures, read from
 * {@code errors.json}: they wander from host to host, since gateways and servers repeat
 * each other, so that all presets share them. The file is read when the first dialect is
 * made; its patterns are compiled for the first failure.
 */
final class ErrorFamilies {

	private static final ErrorFamilies SHARED = new ErrorFamilies(JsonFile.read("errors.json"));

	private final List<?> describedRules;

	// the codes and types that say the same as an HTTP status
	private final Map<Integer, List<String>> statuses = new LinkedHashMap<>();

	// the reasons of answers that were given up, by the kind of failure
	private final Map<ErrorKind, List<String>> finishReasons;

	// the reasons why an answer has nothing in it, by the kind of failure
	private final Map<ErrorKind, List<String>> emptyFinishReasons;

	// the reasons of answers that a limit of tokens ended
	private final List<String> truncatedFinishReasons;

	// the reasons of answers that are as complete as they get
	private final List<String> goodFinishReasons;

	private volatile @Nullable List<ErrorRule> rules;

	private ErrorFamilies(Map<String, Object> fields) {
		Assert.state(fields.size() == 6, "errors.json has unknown fields");
		this.describedRules = JsonFile.list(field(fields, "rules"));
		for (Map.Entry<String, Object> status : JsonFile.object(field(fields, "statuses")).entrySet()) {
			this.statuses.put(Integer.valueOf(status.getKey()), JsonFile.strings(status.getValue()));
		}
		this.finishReasons = reasons(field(fields, "finishReasons"));
		this.emptyFinishReasons = reasons(field(fields, "emptyFinishReasons"));
		this.truncatedFinishReasons = JsonFile.strings(field(fields, "truncatedFinishReasons"));
		this.goodFinishReasons = JsonFile.strings(field(fields, "goodFinishReasons"));
	}

	private static Map<ErrorKind, List<String>> reasons(Object kinds) {
		Map<ErrorKind, List<String>> reasons = new LinkedHashMap<>();
		JsonFile.object(kinds)
			.forEach((kind, patterns) -> reasons.put(ErrorKind.valueOf(kind), JsonFile.strings(patterns)));
		return reasons;
	}

	private static Object field(Map<String, Object> fields, String name) {
		return Objects.requireNonNull(fields.get(name), () -> "errors.json has no " + name);
	}

	/**
	 * The families of all presets.
	 * @return the families
	 */
	static ErrorFamilies shared() {
		return SHARED;
	}

	/**
	 * What a failure means: the first that matches. A preset's own rules come before.
	 * @return the rules
	 */
	List<ErrorRule> rules() {
		List<ErrorRule> rules = this.rules;
		if (rules == null) {
			// any thread may do it, and one too many does no harm
			rules = rules(this.describedRules);
			this.rules = rules;
		}
		return rules;
	}

	/**
	 * The provider's own codes and types in the rules.
	 * @return the codes, perhaps with {@code *}
	 */
	List<String> codes() {
		List<String> codes = new ArrayList<>();
		for (Object rule : this.describedRules) {
			Object code = JsonFile.object(rule).get("code");
			if (code != null) {
				codes.addAll(JsonFile.strings(code));
			}
		}
		return codes;
	}

	/**
	 * Make the rules that a file describes.
	 * @param described the list in the file
	 * @return the rules
	 */
	static List<ErrorRule> rules(Object described) {
		List<ErrorRule> rules = new ArrayList<>();
		for (Object rule : JsonFile.list(described)) {
			rules.add(rule(JsonFile.object(rule)));
		}
		return rules;
	}

	private static ErrorRule rule(Map<String, Object> fields) {
		List<Integer> status = new ArrayList<>();
		List<String> code = new ArrayList<>();
		List<Pattern> message = new ArrayList<>();
		ErrorKind kind = null;
		boolean thisRequest = false;
		for (Map.Entry<String, Object> field : fields.entrySet()) {
			Object value = field.getValue();
			switch (field.getKey()) {
				case "status" -> JsonFile.list(value).forEach((number) -> status.add((Integer) number));
				case "code" -> code.addAll(JsonFile.strings(value));
				case "message" -> JsonFile.strings(value)
					.forEach((words) -> message.add(Pattern.compile(words, Pattern.CASE_INSENSITIVE)));
				case "kind" -> kind = ErrorKind.valueOf((String) value);
				case "thisRequest" -> thisRequest = (Boolean) value;
				default -> throw JsonFile.unknown(field.getKey());
			}
		}
		Assert.state(kind != null, "a rule has no kind");
		return new ErrorRule(status, code, message, kind, thisRequest);
	}

	/**
	 * The HTTP status that codes stand for.
	 * @param codes the codes, the most specific first
	 * @return the status, or {@code null} if none of them stands for one
	 */
	@Nullable Integer statusLike(List<String> codes) {
		for (String code : codes) {
			if (code.matches("[45]\\d\\d")) {
				return Integer.valueOf(code);
			}
			for (Map.Entry<Integer, List<String>> status : this.statuses.entrySet()) {
				if (status.getValue().stream().anyMatch((pattern) -> ErrorRule.matches(pattern, code))) {
					return status.getKey();
				}
			}
		}
		return null;
	}

	/**
	 * What a finish reason says about an answer that was given up.
	 * @param reason the reason
	 * @return the kind of failure, or {@code null} for a reason that is good or unknown
	 */
	@Nullable ErrorKind givenUp(String reason) {
		// mostly spelled as it is here
		if (this.goodFinishReasons.contains(reason)) {
			return null;
		}
		if (this.goodFinishReasons.stream().anyMatch((good) -> ErrorRule.matches(good, reason))) {
			return null;
		}
		return kind(this.finishReasons, reason);
	}

	/**
	 * What a finish reason says about an answer that has nothing in it.
	 * @param reason the reason
	 * @return the kind of failure, or {@code null} if the reason does not explain it
	 */
	@Nullable ErrorKind emptied(String reason) {
		return kind(this.emptyFinishReasons, reason);
	}

	private static @Nullable ErrorKind kind(Map<ErrorKind, List<String>> reasons, String reason) {
		for (Map.Entry<ErrorKind, List<String>> kind : reasons.entrySet()) {
			if (kind.getValue().stream().anyMatch((pattern) -> ErrorRule.matches(pattern, reason))) {
				return kind.getKey();
			}
		}
		return null;
	}

	/**
	 * Whether a finish reason says that a limit of tokens ended the answer.
	 * @param reason the reason
	 * @return {@code true} if the answer may end anywhere
	 */
	boolean truncated(String reason) {
		return this.truncatedFinishReasons.stream().anyMatch((pattern) -> ErrorRule.matches(pattern, reason));
	}

}
