package io.github.deepseekboot.chat;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * Log probability of one token.
 *
 * @param token the token's text
 * @param logprob its natural-logarithm probability; DeepSeek writes -9999 for a token far
 * outside of the likely ones
 * @param bytes the token's UTF-8 bytes, 0 to 255 each, where the provider sends them
 * @param topLogprobs the likeliest tokens at this place; empty unless asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TokenLogprob(@JsonProperty("token") String token, @JsonProperty("logprob") double logprob,
		@JsonProperty("bytes") @Nullable List<Integer> bytes,
		@JsonProperty("topLogprobs") List<TokenLogprob> topLogprobs) {

	@SuppressWarnings("NullAway") // the list may be absent when read from JSON
	public TokenLogprob {
		topLogprobs = (topLogprobs != null) ? List.copyOf(topLogprobs) : List.of();
	}

}
