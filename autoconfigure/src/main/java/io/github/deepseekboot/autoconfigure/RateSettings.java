package io.github.deepseekboot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ContentPart;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.hook.TokenEstimator;
import io.github.deepseekboot.routing.LocalRateBuckets;
import io.github.deepseekboot.routing.RateBuckets;
import io.github.deepseekboot.transport.TransportClock;

/**
 * What {@code deepseek.limit.requests-per-minute} and {@code tokens-per-minute} need.
 */
final class RateSettings {

	// of an answer, until the provider says
	private static final int MAX_ANSWER = 1000;

	private final @Nullable RateBuckets buckets;

	private final TokenEstimator estimator;

	private final boolean shared;

	RateSettings(@Nullable RateBuckets buckets, TokenEstimator estimator, boolean shared) {
		this.buckets = buckets;
		this.estimator = estimator;
		this.shared = shared;
	}

	/**
	 * Return what counts by the minute.
	 * @param configured the providers
	 * @return the buckets; {@code null} if no rate is limited
	 */
	@Nullable RateBuckets buckets(ConfiguredProviders configured) {
		if (configured.routing()
			.values()
			.stream()
			.allMatch((limits) -> limits.requestsPerMinute() == 0 && limits.tokensPerMinute() == 0)) {
			return null;
		}
		try {
			return buckets();
		}
		catch (IllegalStateException ex) {
			throw new InvalidDeepSeekConfigurationException("deepseek.limit.requests-per-minute",
					String.valueOf(ex.getMessage()),
					"Add that dependency, or leave requests-per-minute and tokens-per-minute out.");
		}
	}

	/**
	 * Return what counts by the minute.
	 * @return the buckets
	 * @throws IllegalStateException if Bucket4j is not on the class path
	 */
	RateBuckets buckets() {
		if (this.buckets != null) {
			return this.buckets;
		}
		Assert.state(!this.shared && ClassUtils.isPresent("io.github.bucket4j.Bucket", null),
				() -> "limits by the minute need Bucket4j on the class path (com.bucket4j:"
						+ (this.shared ? "bucket4j_jdk17-lettuce" : "bucket4j_jdk17-core") + ")");
		return new LocalRateBuckets(TransportClock.system());
	}

	/**
	 * Estimate the tokens of a request, its answer included.
	 * @param request the request
	 * @return the tokens
	 */
	long tokens(ChatRequest request) {
		long tokens = (request.maxTokens() != null) ? Math.min(request.maxTokens(), MAX_ANSWER) : MAX_ANSWER;
		for (ChatMessage message : request.messages()) {
			tokens += tokens(message.content());
			for (ContentPart part : message.parts()) {
				tokens += (part.text() != null) ? tokens(part.text()) : MAX_ANSWER;
			}
			for (ToolCall call : message.toolCalls()) {
				tokens += tokens(call.name()) + tokens(call.arguments());
			}
		}
		for (ToolDefinition tool : request.tools()) {
			tokens += tool.fields().isEmpty()
					? tokens(tool.name()) + tokens(tool.description()) + tokens(tool.parameters())
					: tokens(tool.fields());
		}
		ResponseFormat format = request.responseFormat();
		return tokens + ((format != null) ? tokens(format.schema()) : 0);
	}

	private long tokens(@Nullable Object sent) {
		return (sent != null) ? this.estimator.estimate(sent.toString()) : 0;
	}

}
