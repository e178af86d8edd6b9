package io.github.deepseekboot.codec;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import io.github.deepseekboot.chat.Usage;

/**
 * Reads the tokens that a provider counted, in every spelling. Hosts differ in whether
 * the completion tokens contain the reasoning; where the total shows that they do not, it
 * is added to them.
 */
final class UsageReader {

	private static final double MAX_COUNT = 1e15;

	private @Nullable Long prompt;

	private @Nullable Long completion;

	private @Nullable Long total;

	private @Nullable Long hit;

	private @Nullable Long cached;

	private @Nullable Long miss;

	private @Nullable Long reasoning;

	private @Nullable Long topLevelReasoning;

	private @Nullable Long input;

	private @Nullable Long output;

	private @Nullable Long cacheRead;

	private @Nullable Long cacheCreation;

	private boolean readable = true;

	private UsageReader() {
	}

	/**
	 * Read a usage.
	 * @param parser stands at the beginning of its object
	 * @return the usage, or {@code null} if it has none
	 */
	static @Nullable Usage read(JsonParser parser) {
		UsageReader reader = new UsageReader();
		reader.readFields(parser);
		return reader.usage();
	}

	private void readFields(JsonParser parser) {
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "prompt_tokens" -> this.prompt = count(parser, value);
				case "completion_tokens" -> this.completion = count(parser, value);
				case "input_tokens" -> this.input = count(parser, value);
				case "output_tokens" -> this.output = count(parser, value);
				case "cache_read_input_tokens" -> this.cacheRead = count(parser, value);
				case "cache_creation_input_tokens" -> this.cacheCreation = count(parser, value);
				case "total_tokens" -> this.total = count(parser, value);
				case "prompt_cache_hit_tokens" -> this.hit = count(parser, value);
				case "prompt_cache_miss_tokens" -> this.miss = count(parser, value);
				case "prompt_tokens_details", "input_tokens_details" -> {
					Long detail = detail(parser, value, "cached_tokens");
					this.cached = (detail != null) ? detail : this.cached;
				}
				case "cached_tokens" ->
					this.cached = (this.cached != null) ? skip(parser, this.cached) : count(parser, value);
				case "completion_tokens_details", "output_tokens_details" -> {
					Long detail = detail(parser, value, "reasoning_tokens");
					this.reasoning = (detail != null) ? detail : this.reasoning;
				}
				case "reasoning_tokens" -> this.topLevelReasoning = count(parser, value);
				default -> parser.skipChildren();
			}
		}
	}

	// Anthropic's names: cached input is counted beside the other
	private void translate() {
		if (this.prompt == null && this.input != null) {
			this.prompt = this.input + orZero(this.cacheRead) + orZero(this.cacheCreation);
		}
		this.completion = (this.completion != null) ? this.completion : this.output;
		if (this.cached == null && this.cacheRead != null && this.prompt != null && this.cacheRead <= this.prompt) {
			this.cached = this.cacheRead;
		}
	}

	private static long orZero(@Nullable Long count) {
		return (count != null) ? count : 0;
	}

	private @Nullable Usage usage() {
		translate();
		if (this.readable && this.prompt == null && this.completion == null && this.total == null) {
			return null;
		}
		Long reasoning = (this.reasoning != null) ? this.reasoning : this.topLevelReasoning;
		return Usage.builder()
			.promptTokens(this.prompt)
			.completionTokens(withReasoning(reasoning))
			.totalTokens(this.total)
			.cacheHitTokens((this.hit != null) ? this.hit : this.cached)
			.cacheMissTokens(this.miss)
			.reasoningTokens(reasoning)
			.consistent(this.readable)
			.build();
	}

	private @Nullable Long withReasoning(@Nullable Long reasoning) {
		if (this.prompt == null || this.completion == null || this.total == null || reasoning == null) {
			return this.completion;
		}
		boolean beside = reasoning > 0 && this.prompt + this.completion + reasoning == this.total;
		return beside ? Long.valueOf(this.completion + reasoning) : this.completion;
	}

	private static Long skip(JsonParser parser, Long known) {
		parser.skipChildren();
		return known;
	}

	private @Nullable Long detail(JsonParser parser, JsonToken start, String wanted) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return null;
		}
		Long count = null;
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			if (name.equals(wanted)) {
				count = count(parser, value);
			}
			else {
				parser.skipChildren();
			}
		}
		return count;
	}

	private @Nullable Long count(JsonParser parser, JsonToken value) {
		Double number = JsonScalars.number(parser, value);
		if (number == null) {
			return null;
		}
		if (!(Math.abs(number) <= MAX_COUNT)) {
			this.readable = false;
			return null;
		}
		return number.longValue();
	}

}
