package io.github.deepseekboot.chat;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Log probabilities of an answer's tokens, or of the tokens of one delta.
 *
 * @param content those of the answer
 * @param reasoningContent those of the reasoning (DeepSeek, while thinking)
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Logprobs(@JsonProperty("content") List<TokenLogprob> content,
		@JsonProperty("reasoningContent") List<TokenLogprob> reasoningContent) {

	@SuppressWarnings("NullAway") // the lists may be absent when read from JSON
	public Logprobs {
		content = (content != null) ? List.copyOf(content) : List.of();
		reasoningContent = (reasoningContent != null) ? List.copyOf(reasoningContent) : List.of();
	}

	static Logprobs concat(List<Logprobs> pieces) {
		List<TokenLogprob> content = new ArrayList<>();
		List<TokenLogprob> reasoningContent = new ArrayList<>();
		for (Logprobs piece : pieces) {
			content.addAll(piece.content());
			reasoningContent.addAll(piece.reasoningContent());
		}
		return new Logprobs(content, reasoningContent);
	}

}
