package io.github.deepseekboot.samples.gateway;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.CallLimiter;
import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.hook.ProviderQuota.Permit;
import io.github.deepseekboot.samples.gateway.GatewayProperties.TenantProperties;

/**
 * Who calls, and what they may.
 */
final class Tenant {

	private static final Duration SOON = Duration.ofSeconds(1);

	private final Set<String> models;

	private final List<byte[]> keyHashes;

	private final CallLimiter limiter;

	Tenant(String name, TenantProperties properties, Set<String> declaredModels, CallLimiterFactory limiters) {
		this.models = properties.models().isEmpty() ? declaredModels : Set.copyOf(properties.models());
		Assert.state(
				!properties.keySha256().isEmpty()
						&& properties.keySha256().stream().allMatch((hash) -> hash.matches("[0-9a-fA-F]{64}")),
				() -> "gateway.tenants." + name + ".key-sha256 must be the SHA-256 of a key in 64 hexadecimal digits");
		this.keyHashes = properties.keySha256().stream().map(HexFormat.of()::parseHex).toList();
		this.limiter = limiters.create("tenant " + name,
				CallLimits.builder()
					.maxConcurrent(properties.maxConcurrent())
					.maxWait(properties.maxWait())
					.requestsPerMinute(properties.requestsPerMinute())
					.tokensPerMinute(properties.tokensPerMinute())
					.build());
	}

	List<byte[]> keyHashes() {
		return this.keyHashes;
	}

	Set<String> models() {
		return this.models;
	}

	void checkModel(@Nullable String model) {
		if (model == null || !this.models.contains(model)) {
			throw new ApiException(ApiError.modelNotFound(model));
		}
	}

	Mono<Permit> acquire(ChatRequest request) {
		return this.limiter.acquire(request).onErrorMap(DeepSeekException.class, (failure) -> {
			Duration retryAfter = failure.getRetryAfter();
			return new ApiException(ApiError.tenantLimit((retryAfter != null) ? retryAfter : SOON), failure);
		});
	}

}
