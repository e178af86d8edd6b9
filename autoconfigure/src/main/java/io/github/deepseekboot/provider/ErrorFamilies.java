package io.github.deepseekboot.provider;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.Assert;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * The codes, types and words that hosts have for the same failures, read from
 * {@code errors.json}: they wander from host to host, since gateways and servers repeat
 * each other, so that all presets share them. The file is loaded when the first dialect
 * is made, and parsed for the first failure.
 */
final class ErrorFamilies {

	private static final ErrorFamilies SHARED = new ErrorFamilies(load());

	private final byte[] file;

	private volatile @Nullable Content content;

	private ErrorFamilies(byte[] file) {
		this.file = file;
	}

	private static byte[] load() {
		try {
			return new ClassPathResource("errors.json", ErrorFamilies.class).getContentAsByteArray();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	// any thread may parse the file, and one too many does no harm
	private Content content() {
		Content content = this.content;
		if (content == null) {
			content = Content.of(JsonMapper.shared().readTree(this.file));
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

	private static ErrorRule rule(JsonNode fields) {
		List<Integer> status = new ArrayList<>();
		List<String> code = new ArrayList<>();
		List<Pattern> message = new ArrayList<>();
		ErrorKind kind = null;
		boolean thisRequest = false;
		for (Map.Entry<String, JsonNode> field : fields.properties()) {
			JsonNode value = field.getValue();
			switch (field.getKey()) {
				case "status" -> value.asArray().forEach((number) -> status.add(number.intValue()));
				case "code" -> code.addAll(strings(value));
				case "message" ->
					strings(value).forEach((words) -> message.add(Pattern.compile(words, Pattern.CASE_INSENSITIVE)));
				case "kind" -> kind = ErrorKind.valueOf(value.stringValue());
				case "thisRequest" -> thisRequest = value.booleanValue();
				default -> throw new IllegalStateException("unknown field '" + field.getKey() + "'");
			}
		}
		Assert.state(kind != null, "a rule has no kind");
		return new ErrorRule(status, code, message, kind, thisRequest);
	}

	private static List<String> strings(JsonNode texts) {
		return texts.asArray().valueStream().map(JsonNode::stringValue).toList();
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

		static Content of(JsonNode fields) {
			Map<Integer, List<String>> statuses = new LinkedHashMap<>();
			for (Map.Entry<String, JsonNode> status : fields.required("statuses").properties()) {
				statuses.put(Integer.valueOf(status.getKey()), strings(status.getValue()));
			}
			return new Content(fields.required("rules").valueStream().map(ErrorFamilies::rule).toList(), statuses);
		}

	}

}
