package io.github.deepseekboot.chat;

import java.io.Serializable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a provider says it counted. A number that it did not report is
 * {@code null}, never 0.
 *
 * @param promptTokens tokens of the prompt, those answered from a cache included
 * @param completionTokens tokens of the answer, reasoning included
 * @param totalTokens the provider's own sum
 * @param cacheHitTokens the part of the prompt that came from the provider's cache
 * @param cacheMissTokens the part of the prompt that did not
 * @param reasoningTokens the part of the completion that was reasoning
 * @param consistent {@code false} where a number was negative, too large to read or
 * contradicts another; such usage is reported but must not be summed or billed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Usage(@JsonProperty("promptTokens") @Nullable Long promptTokens,
		@JsonProperty("completionTokens") @Nullable Long completionTokens,
		@JsonProperty("totalTokens") @Nullable Long totalTokens,
		@JsonProperty("cacheHitTokens") @Nullable Long cacheHitTokens,
		@JsonProperty("cacheMissTokens") @Nullable Long cacheMissTokens,
		@JsonProperty("reasoningTokens") @Nullable Long reasoningTokens,
		@JsonProperty("consistent") boolean consistent) implements Serializable {

	/**
	 * Usage as a provider reported it, with {@link #consistent()} worked out.
	 * @param promptTokens tokens of the prompt
	 * @param completionTokens tokens of the answer
	 * @param totalTokens the provider's own sum
	 * @param cacheHitTokens prompt tokens from the cache
	 * @param cacheMissTokens prompt tokens not from the cache
	 * @param reasoningTokens completion tokens that were reasoning
	 * @param readable whether every number could be read
	 * @return the usage
	 */
	public static Usage reported(@Nullable Long promptTokens, @Nullable Long completionTokens,
			@Nullable Long totalTokens, @Nullable Long cacheHitTokens, @Nullable Long cacheMissTokens,
			@Nullable Long reasoningTokens, boolean readable) {
		boolean consistent = readable && atMost(0L, promptTokens) && atMost(0L, completionTokens)
				&& atMost(0L, totalTokens) && atMost(0L, cacheHitTokens) && atMost(0L, cacheMissTokens)
				&& atMost(0L, reasoningTokens) && atMost(promptTokens, totalTokens)
				&& atMost(completionTokens, totalTokens) && atMost(cacheHitTokens, promptTokens)
				&& atMost(cacheMissTokens, promptTokens);
		return new Usage(promptTokens, completionTokens, totalTokens, cacheHitTokens, cacheMissTokens, reasoningTokens,
				consistent);
	}

	/**
	 * The tokens of two answers together, such as two rounds of tools.
	 * @param other the usage of the other answer
	 * @return the sum. Prompt, completion and total are {@code null} unless both report
	 * them; of the details, what is reported is summed, since providers leave out those
	 * that are 0
	 */
	public Usage plus(Usage other) {
		return new Usage(sum(this.promptTokens, other.promptTokens), sum(this.completionTokens, other.completionTokens),
				sum(this.totalTokens, other.totalTokens), sumReported(this.cacheHitTokens, other.cacheHitTokens),
				sumReported(this.cacheMissTokens, other.cacheMissTokens),
				sumReported(this.reasoningTokens, other.reasoningTokens), this.consistent && other.consistent);
	}

	private static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
		return (one != null && other != null) ? one + other : null;
	}

	private static @Nullable Long sumReported(@Nullable Long one, @Nullable Long other) {
		return (one != null && other != null) ? Long.valueOf(one + other) : (one != null) ? one : other;
	}

	private static boolean atMost(@Nullable Long smaller, @Nullable Long larger) {
		return smaller == null || larger == null || smaller <= larger;
	}

}
