package io.github.deepseekboot.health;

import java.util.Locale;

import org.springframework.boot.health.contributor.AbstractReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.DurationText;
import io.github.deepseekboot.health.ProviderHealth.Finding;
import io.github.deepseekboot.health.ProviderHealth.Verdict;
import io.github.deepseekboot.routing.ProviderStatus;

/**
 * The health of one provider.
 */
final class ProviderHealthIndicator extends AbstractReactiveHealthIndicator {

	/**
	 * Unhealthy, but another provider answers in its place.
	 */
	static final Status DEGRADED = new Status("DEGRADED", "another provider can answer");

	/**
	 * Unhealthy, but not asked either unless a call is pinned to it.
	 */
	static final Status NOT_NEEDED = new Status("DEGRADED", "the provider is not in the chain");

	private final ProviderHealth health;

	private final ProvidersHealthContributor all;

	ProviderHealthIndicator(ProviderHealth health, ProvidersHealthContributor all) {
		this.health = health;
		this.all = all;
	}

	Mono<Boolean> canAnswer() {
		return this.health.find().map((finding) -> canAnswer(finding, this.health.status()));
	}

	private static boolean canAnswer(Finding finding, ProviderStatus status) {
		return finding.verdict() != Verdict.ILL && status.isUsable();
	}

	@Override
	protected Mono<Health> doHealthCheck(Health.Builder builder) {
		return this.health.find().flatMap((finding) -> {
			ProviderStatus status = this.health.status();
			details(builder, finding, status);
			if (canAnswer(finding, status)) {
				return Mono.just(builder.status((finding.verdict() != Verdict.WELL) ? Status.UNKNOWN : Status.UP));
			}
			String id = this.health.provider().id();
			if (!this.all.isInChain(id)) {
				return Mono.just(builder.status(NOT_NEEDED));
			}
			return this.all.anotherCanAnswer(id).map((another) -> builder.status(another ? DEGRADED : Status.DOWN));
		}).map(Health.Builder::build);
	}

	private void details(Health.Builder builder, Finding finding, ProviderStatus status) {
		builder.withDetail("provider", this.health.provider().id())
			.withDetail("host", this.health.provider().completionsUri().getHost())
			.withDetail("model", this.health.model().id())
			.withDetail("ping", this.health.provider().ping().name().toLowerCase(Locale.ROOT))
			.withDetail("age", this.health.age(finding).toMillis() + " ms")
			.withDetail("circuit", status.circuit().name().toLowerCase(Locale.ROOT));
		if (finding.latency() != null) {
			builder.withDetail("latency", finding.latency().toMillis() + " ms");
		}
		if (status.coolDown() != null) {
			builder.withDetail("coolDown", status.coolDown().name());
			if (status.coolDownLeft() != null) {
				builder.withDetail("coolDownLeft", DurationText.of(status.coolDownLeft()));
			}
		}
		DeepSeekException failure = finding.failure();
		AttemptReport lastError = status.lastError();
		if (failure != null) {
			builder.withDetail("error", failure.getKind().name());
			if (failure.getCode() != null) {
				builder.withDetail("code", failure.getCode());
			}
		}
		else if (lastError != null && lastError.error() != null) {
			builder.withDetail("lastError", lastError.error().name());
			if (lastError.code() != null) {
				builder.withDetail("lastErrorCode", lastError.code());
			}
			if (status.lastErrorAge() != null) {
				builder.withDetail("lastErrorAge", DurationText.of(status.lastErrorAge()));
			}
		}
	}

}
