package io.github.deepseekboot.provider;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * What a provider's failure means. All the conditions that are given must hold.
 *
 * @param status the HTTP statuses, of which one must be met
 * @param code the provider's own codes and types, of which one must be met: compared
 * without regard to letter case, underscores, dashes and dots; {@code *} stands for
 * anything
 * @param message regular expressions, of which one must be found in the provider's
 * message, letter case ignored
 * @param kind what it means
 * @param thisRequest whether it is about this one request only, so that the next provider
 * is asked and nothing is held against this one
 */
public record ErrorRule(List<Integer> status, List<String> code, List<Pattern> message, ErrorKind kind,
		boolean thisRequest) {

	@SuppressWarnings("NullAway") // what a rule leaves out
	public ErrorRule {
		Assert.notNull(kind, "'kind' must not be null");
		status = (status != null) ? List.copyOf(status) : List.of();
		code = (code != null) ? List.copyOf(code) : List.of();
		message = (message != null) ? message.stream().map(ErrorRule::ignoringCase).toList() : List.of();
	}

	/**
	 * Create a rule for codes alone.
	 * @param kind what they mean
	 * @param codes the codes and types, of which one must be met
	 * @return the rule
	 */
	static ErrorRule ofCodes(ErrorKind kind, String... codes) {
		return new ErrorRule(List.of(), List.of(codes), List.of(), kind, false);
	}

	private static Pattern ignoringCase(Pattern words) {
		return ((words.flags() & Pattern.CASE_INSENSITIVE) != 0) ? words
				: Pattern.compile(words.pattern(), Pattern.CASE_INSENSITIVE);
	}

	boolean matches(@Nullable Integer status, List<String> codes, @Nullable String message) {
		return (this.status.isEmpty() || (status != null && this.status.contains(status))) && (this.code
			.isEmpty() || matchesAny(this.code, codes)) && (this.message.isEmpty()
					|| (message != null && this.message.stream().anyMatch((words) -> words.matcher(message).find())));
	}

	private static boolean matchesAny(List<String> patterns, List<String> codes) {
		for (String code : codes) {
			for (String pattern : patterns) {
				if (matches(pattern, code)) {
					return true;
				}
			}
		}
		return false;
	}

	/**
	 * Whether a code is what a pattern stands for.
	 * @param pattern the code, perhaps with {@code *}
	 * @param code the code that a provider sent
	 * @return {@code true} if it is
	 */
	static boolean matches(String pattern, String code) {
		String plain = plain(pattern);
		String subject = plain(code);
		int star = plain.indexOf('*');
		if (star < 0) {
			return plain.equals(subject);
		}
		String[] parts = plain.split("\\*", -1);
		if (!subject.startsWith(parts[0])) {
			return false;
		}
		int position = parts[0].length();
		for (int i = 1; i < parts.length - 1; i++) {
			int found = subject.indexOf(parts[i], position);
			if (found < 0) {
				return false;
			}
			position = found + parts[i].length();
		}
		String end = parts[parts.length - 1];
		return subject.length() - end.length() >= position && subject.endsWith(end);
	}

	private static String plain(String code) {
		StringBuilder plain = new StringBuilder(code.length());
		for (int i = 0; i < code.length(); i++) {
			char character = code.charAt(i);
			if (character == '*' || Character.isLetterOrDigit(character)) {
				plain.append(character);
			}
		}
		return plain.toString().toLowerCase(Locale.ROOT);
	}

}
