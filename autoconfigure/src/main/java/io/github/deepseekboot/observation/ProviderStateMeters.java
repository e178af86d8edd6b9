package io.github.deepseekboot.observation;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * Shows for each provider whether calls go to it, and how often it had closed an idle
 * connection.
 */
public final class ProviderStateMeters implements MeterBinder {

	private final RoutingClient client;

	/**
	 * Create the meters.
	 * @param client knows how the providers do
	 */
	public ProviderStateMeters(RoutingClient client) {
		this.client = client;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (ProviderClient providerClient : this.client.clients()) {
			Provider provider = providerClient.provider();
			Gauge.builder(ChatMeter.PROVIDER_STATE.meterName(), provider, this::state)
				.description(ChatMeter.PROVIDER_STATE.description())
				.tag("provider", provider.id())
				.register(registry);
			FunctionCounter.builder(ChatMeter.RECONNECTS.meterName(), providerClient, ProviderClient::reconnects)
				.description(ChatMeter.RECONNECTS.description())
				.tag("provider", provider.id())
				.register(registry);
			FunctionCounter
				.builder(ChatMeter.ENDS_WITHOUT_MARKER.meterName(), providerClient, ProviderClient::endsWithoutMarker)
				.description(ChatMeter.ENDS_WITHOUT_MARKER.description())
				.tag("provider", provider.id())
				.register(registry);
		}
	}

	private double state(Provider provider) {
		ProviderStatus status = this.client.states().status(provider.id(), provider.apiKey());
		if (!status.isUsable()) {
			return 0;
		}
		return (status.circuit() != CircuitState.HALF_OPEN) ? 1 : 0.5;
	}

}
