package io.github.deepseekboot.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * The log probabilities of an answer's tokens, or of the tokens of one delta.
 *
 * @param content those of the answer
 * @param reasoningContent those of the reasoning (DeepSeek, while thinking)
 */
public record Logprobs(List<TokenLogprob> content, List<TokenLogprob> reasoningContent) {

	public Logprobs {
		content = List.copyOf(content);
		reasoningContent = List.copyOf(reasoningContent);
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
