package io.github.deepseekboot.chat;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The log probability of one token.
 *
 * @param token the token's text
 * @param logprob its natural-logarithm probability; DeepSeek writes -9999 for a token far
 * outside of the likely ones
 * @param bytes the token's UTF-8 bytes, 0 to 255 each, where the provider tells them
 * @param topLogprobs the likeliest tokens at this place; empty unless asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TokenLogprob(String token, double logprob, @Nullable List<Integer> bytes,
		List<TokenLogprob> topLogprobs) {

	public TokenLogprob {
		topLogprobs = List.copyOf(topLogprobs);
	}

}
