package io.github.deepseekboot.routing;

import java.util.function.Function;
import java.util.function.ToLongFunction;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.transport.TransportClock;

/**
 * Factory of the quotas that limits make.
 */
public final class ProviderQuotas {

	private ProviderQuotas() {
	}

	/**
	 * Create a quota.
	 * @param permits limits the calls at once; {@code null} for a quota of this
	 * application alone
	 * @param rates counts by the minute; {@code null} for no limit of rates
	 * @param limits the limits by the provider's id
	 * @param tokens estimates the tokens of a request, its answer included
	 * @param clock what waits go by
	 * @return the quota
	 */
	public static ProviderQuota create(@Nullable ProviderQuota permits, @Nullable RateBuckets rates,
			Function<String, RoutingSettings> limits, ToLongFunction<ChatRequest> tokens, TransportClock clock) {
		ProviderQuota quota = (permits != null) ? permits : new LocalProviderQuota(limits, clock);
		return (rates != null) ? new RateLimitedQuota(quota, rates, limits, tokens, clock) : quota;
	}

}
