package io.github.deepseekboot.provider;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * What a provider's failure means. All the conditions that are given must hold.
 *
 * @param status the HTTP status
 * @param code the provider's own code
 * @param message a regular expression found in the provider's message, letter case
 * ignored
 * @param kind what it means
 */
public record ErrorRule(@Nullable Integer status, @Nullable String code, @Nullable Pattern message, ErrorKind kind) {

	public ErrorRule {
		Assert.notNull(kind, "'kind' must not be null");
		message = (message != null) ? Pattern.compile(message.pattern(), Pattern.CASE_INSENSITIVE) : null;
	}

	boolean matches(@Nullable Integer status, @Nullable String code, @Nullable String message) {
		return (this.status == null || this.status.equals(status)) && (this.code == null || this.code.equals(code))
				&& (this.message == null || (message != null && this.message.matcher(message).find()));
	}

}
