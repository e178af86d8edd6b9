package io.github.deepseekboot.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * The codes, types and words that hosts have for the same failures, read from
 * {@code errors.json}: they wander from host to host, since gateways and servers repeat
 * each other, so that all presets share them. The file is loaded when the first dialect
 * is made, and parsed for the first failure.
 */
final class ErrorFamilies {

	private static final ErrorFamilies SHARED = new ErrorFamilies(JsonFile.load("errors.json"));

	private final byte[] file;

	private volatile @Nullable Content content;

	private ErrorFamilies(byte[] file) {
		this.file = file;
	}

	// any thread may parse the file, and one too many does no harm
	private Content content() {
		Content content = this.content;
		if (content == null) {
			content = Content.of(JsonFile.parse(this.file));
			this.content = content;
		}
		return content;
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
		return content().rules();
	}

	private static List<ErrorRule> rules(Object described) {
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
			for (Map.Entry<Integer, List<String>> status : content().statuses().entrySet()) {
				if (status.getValue().stream().anyMatch((pattern) -> ErrorRule.matches(pattern, code))) {
					return status.getKey();
				}
			}
		}
		return null;
	}

	/**
	 * What the file says.
	 *
	 * @param rules the rules
	 * @param statuses the codes and types that say the same as an HTTP status
	 */
	private record Content(List<ErrorRule> rules, Map<Integer, List<String>> statuses) {

		static Content of(Map<String, Object> fields) {
			Map<Integer, List<String>> statuses = new LinkedHashMap<>();
			for (Map.Entry<String, Object> status : JsonFile.object(JsonFile.field(fields, "statuses")).entrySet()) {
				statuses.put(Integer.valueOf(status.getKey()), JsonFile.strings(status.getValue()));
			}
			return new Content(ErrorFamilies.rules(JsonFile.field(fields, "rules")), statuses);
		}

	}

}
