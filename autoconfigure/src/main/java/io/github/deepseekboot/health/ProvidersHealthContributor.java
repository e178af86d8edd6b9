package io.github.deepseekboot.health;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeReactiveHealthContributor;
import org.springframework.boot.health.contributor.ReactiveHealthContributor;
import org.springframework.boot.health.contributor.ReactiveHealthContributors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.routing.RoutingClient;

/**
 * The health of all providers, an entry for each. One bad provider is {@code DEGRADED} as
 * long as another of the chain can answer; only when none can are they {@code DOWN}.
 */
public final class ProvidersHealthContributor implements CompositeReactiveHealthContributor {

	private final RoutingClient router;

	private final Map<String, ProviderHealthIndicator> indicators = new LinkedHashMap<>();

	/**
	 * Create the contributor.
	 * @param router knows the providers and how they do
	 * @param settings how health is found out
	 */
	public ProvidersHealthContributor(RoutingClient router, HealthSettings settings) {
		this.router = router;
		router.clients()
			.forEach((client) -> this.indicators.put(client.provider().id(), new ProviderHealthIndicator(
					new ProviderHealth(client, router.states(), settings, router.clock()), this)));
	}

	@Override
	public @Nullable ReactiveHealthContributor getContributor(String name) {
		return this.indicators.get(name);
	}

	@Override
	public Stream<ReactiveHealthContributors.Entry> stream() {
		return this.indicators.entrySet()
			.stream()
			.map((entry) -> new ReactiveHealthContributors.Entry(entry.getKey(), entry.getValue()));
	}

	boolean isInChain(String provider) {
		return this.router.providerSwitch().chain().providers().contains(provider);
	}

	/**
	 * Whether another provider of the chain can answer.
	 * @param provider the provider that cannot
	 * @return {@code true} if there is one
	 */
	Mono<Boolean> anotherCanAnswer(String provider) {
		List<String> chain = this.router.providerSwitch().chain().providers();
		Collection<ProviderHealthIndicator> others = chain.stream()
			.filter((id) -> !id.equals(provider))
			.map(this.indicators::get)
			.filter(Objects::nonNull)
			.toList();
		return Flux.fromIterable(others).flatMap(ProviderHealthIndicator::canAnswer).any((can) -> can);
	}

}
