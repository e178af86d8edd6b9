package io.github.deepseekboot.provider;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * The codes, types and words that hosts have for the same failures, read from
 * {@code errors.json}: they wander from host to host, since gateways and servers repeat
 * each other, so that all presets share them.
 *
 * @param rules what a failure means, the first that matches; a preset's own rules come
 * before
 * @param statuses the codes and types that say the same as an HTTP status
 * @param finishReasons the reasons of answers that were given up, by the kind of failure
 * @param goodFinishReasons the reasons of answers that are as complete as they get
 */
record ErrorFamilies(List<ErrorRule> rules, Map<Integer, List<String>> statuses,
		Map<ErrorKind, List<String>> finishReasons, List<String> goodFinishReasons) {

	private static final ErrorFamilies SHARED = read();

	/**
	 * The families of all presets.
	 * @return the families
	 */
	static ErrorFamilies shared() {
		return SHARED;
	}

	private static ErrorFamilies read() {
		try (InputStream file = ErrorFamilies.class.getResourceAsStream("errors.json")) {
			Assert.state(file != null, "errors.json is missing");
			return JsonMapper.builder()
				.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
				.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
				.build()
				.readValue(file, ErrorFamilies.class);
		}
		catch (IOException ex) {
			throw new IllegalStateException("cannot read errors.json", ex);
		}
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
		for (Map.Entry<ErrorKind, List<String>> kind : this.finishReasons.entrySet()) {
			if (kind.getValue().stream().anyMatch((bad) -> ErrorRule.matches(bad, reason))) {
				return kind.getKey();
			}
		}
		return null;
	}

}
