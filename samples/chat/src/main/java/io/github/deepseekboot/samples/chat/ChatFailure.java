package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * A failed call as it is sent to the page.
 *
 * @param kind what went wrong
 * @param message the same in words
 * @param provider the provider that failed; {@code null} if none was asked
 * @param attempts what was tried
 */
record ChatFailure(ErrorKind kind, @Nullable String message, @Nullable String provider, List<AttemptReport> attempts) {

	static ChatFailure of(DeepSeekException ex) {
		return new ChatFailure(ex.getKind(), ex.getMessage(), ex.getProvider(), ex.getAttempts());
	}

}
