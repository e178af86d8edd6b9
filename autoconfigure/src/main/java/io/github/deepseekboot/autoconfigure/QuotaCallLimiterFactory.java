package io.github.deepseekboot.autoconfigure;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import org.springframework.context.SmartLifecycle;
import org.springframework.util.Assert;
import org.springframework.util.function.SingletonSupplier;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.CallLimiter;
import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.ProviderQuota.Permit;
import io.github.deepseekboot.routing.ProviderQuotas;
import io.github.deepseekboot.routing.RoutingSettings;
import io.github.deepseekboot.transport.TransportClock;

/**
 * {@link CallLimiterFactory} on a quota of the kind that limits the calls to providers.
 */
final class QuotaCallLimiterFactory implements CallLimiterFactory, SmartLifecycle {

	private static final String ANY_MODEL = "*";

	private final Map<String, RoutingSettings> limits = new ConcurrentHashMap<>();

	private final ProviderQuota permits;

	private final SingletonSupplier<ProviderQuota> rated;

	QuotaCallLimiterFactory(RateSettings rates, Function<Function<String, RoutingSettings>, ProviderQuota> permits) {
		this.permits = permits.apply(this::limits);
		this.rated = SingletonSupplier.of(() -> ProviderQuotas.create(this.permits, rates.buckets(), this::limits,
				rates::tokens, TransportClock.system()));
	}

	private RoutingSettings limits(String key) {
		return Objects.requireNonNull(this.limits.get(key));
	}

	@Override
	public CallLimiter create(String name, CallLimits limits) {
		Assert.hasText(name, "'name' must not be empty");
		Assert.notNull(limits, "'limits' must not be null");
		RoutingSettings settings = RoutingSettings.builder()
			.maxConcurrent(limits.maxConcurrent())
			.maxWait(limits.maxWait())
			.requestsPerMinute(limits.requestsPerMinute())
			.tokensPerMinute(limits.tokensPerMinute())
			.build();
		boolean hasRates = limits.requestsPerMinute() > 0 || limits.tokensPerMinute() > 0;
		ProviderQuota quota = hasRates ? this.rated.obtain() : this.permits;
		// no id of a provider has a colon
		String key = "limiter:" + name;
		RoutingSettings known = this.limits.putIfAbsent(key, settings);
		Assert.isTrue(known == null || known.equals(settings),
				() -> "there is a limiter '" + name + "' with other limits");
		return (request) -> Mono.defer(() -> {
			PermitRequest wanted = PermitRequest.builder(key, ANY_MODEL, request).build();
			Permit free = quota.tryAcquire(wanted);
			return (free != null) ? Mono.just(free)
					: quota.acquire(wanted).onErrorMap(DeepSeekException.class, (failure) -> named(name, failure));
		});
	}

	// the quota speaks of the properties that limit providers
	private static DeepSeekException named(String name, DeepSeekException failure) {
		if (failure.getKind() != ErrorKind.LOCAL_LIMIT) {
			return failure;
		}
		return DeepSeekException.builder(ErrorKind.LOCAL_LIMIT, "the limit of '" + name + "' is used up")
			.retryAfter(failure.getRetryAfter())
			.cause(failure)
			.build();
	}

	@Override
	public void start() {
		if (this.permits instanceof SmartLifecycle lifecycle) {
			lifecycle.start();
		}
	}

	@Override
	public void stop() {
		if (this.permits instanceof SmartLifecycle lifecycle) {
			lifecycle.stop();
		}
	}

	@Override
	public boolean isRunning() {
		return this.permits instanceof SmartLifecycle lifecycle && lifecycle.isRunning();
	}

	@Override
	public int getPhase() {
		return (this.permits instanceof SmartLifecycle lifecycle) ? lifecycle.getPhase() : DEFAULT_PHASE;
	}

}
