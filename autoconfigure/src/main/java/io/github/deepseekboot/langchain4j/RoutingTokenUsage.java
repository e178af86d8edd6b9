package io.github.deepseekboot.langchain4j;

import java.util.Objects;

import dev.langchain4j.model.output.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Token usage with the details that providers report. A number that was not reported is
 * {@code null}.
 */
public final class RoutingTokenUsage extends TokenUsage {

	private final @Nullable Integer cacheHitTokenCount;

	private final @Nullable Integer reasoningTokenCount;

	RoutingTokenUsage(@Nullable Integer inputTokenCount, @Nullable Integer outputTokenCount,
			@Nullable Integer totalTokenCount, @Nullable Integer cacheHitTokenCount,
			@Nullable Integer reasoningTokenCount) {
		super(inputTokenCount, outputTokenCount, totalTokenCount);
		this.cacheHitTokenCount = cacheHitTokenCount;
		this.reasoningTokenCount = reasoningTokenCount;
	}

	/**
	 * Return the part of the input that came from the provider's cache.
	 * @return the number, or {@code null}
	 */
	public @Nullable Integer cacheHitTokenCount() {
		return this.cacheHitTokenCount;
	}

	/**
	 * Return the part of the output that was reasoning.
	 * @return the number, or {@code null}
	 */
	public @Nullable Integer reasoningTokenCount() {
		return this.reasoningTokenCount;
	}

	@Override
	public RoutingTokenUsage add(@Nullable TokenUsage that) {
		if (that == null) {
			return this;
		}
		RoutingTokenUsage details = (that instanceof RoutingTokenUsage other) ? other : null;
		return new RoutingTokenUsage(sum(inputTokenCount(), that.inputTokenCount()),
				sum(outputTokenCount(), that.outputTokenCount()), sum(totalTokenCount(), that.totalTokenCount()),
				sum(this.cacheHitTokenCount, (details != null) ? details.cacheHitTokenCount : null),
				sum(this.reasoningTokenCount, (details != null) ? details.reasoningTokenCount : null));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RoutingTokenUsage that && super.equals(other)
				&& Objects.equals(this.cacheHitTokenCount, that.cacheHitTokenCount)
				&& Objects.equals(this.reasoningTokenCount, that.reasoningTokenCount);
	}

	@Override
	public int hashCode() {
		return Objects.hash(super.hashCode(), this.cacheHitTokenCount, this.reasoningTokenCount);
	}

	@Override
	public String toString() {
		return "RoutingTokenUsage[inputTokenCount=" + inputTokenCount() + ", outputTokenCount=" + outputTokenCount()
				+ ", totalTokenCount=" + totalTokenCount() + ", cacheHitTokenCount=" + this.cacheHitTokenCount
				+ ", reasoningTokenCount=" + this.reasoningTokenCount + "]";
	}

}
