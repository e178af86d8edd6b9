package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * The states of all providers, by provider and key. Of very many keys, those are
 * forgotten first that are as if they had never been used, then all without a running
 * call.
 */
public final class ProviderStates {

	private static final int MAX_STATES = 10_000;

	private final BoundedMap<String, ProviderState> states = new BoundedMap<>(MAX_STATES, ProviderState::isIdle,
			(state) -> !state.isInUse());

	private final Function<String, RoutingSettings> settings;

	private final LongSupplier nanos;

	private final RoutingListener listener;

	ProviderStates(Function<String, RoutingSettings> settings, LongSupplier nanos, RoutingListener listener) {
		this.settings = settings;
		this.nanos = nanos;
		this.listener = listener;
	}

	ProviderState get(String provider, @Nullable ApiKey apiKey) {
		return get(provider, (apiKey != null) ? apiKey.fingerprint() : "");
	}

	private ProviderState get(String provider, String credential) {
		return this.states.get(provider + '/' + credential, (missing) -> new ProviderState(provider, credential,
				this.settings.apply(provider), this.nanos, this.listener));
	}

	int size() {
		return this.states.size();
	}

	/**
	 * How all providers do that were asked before.
	 * @return a status for each provider and key
	 */
	public List<ProviderStatus> statuses() {
		return this.states.values()
			.stream()
			.map(ProviderState::status)
			.sorted(Comparator.comparing(ProviderStatus::provider).thenComparing(ProviderStatus::credential))
			.toList();
	}

	/**
	 * How one provider does with its configured key.
	 * @param provider the provider's id
	 * @param apiKey the key
	 * @return the status
	 */
	public ProviderStatus status(String provider, @Nullable ApiKey apiKey) {
		return get(provider, apiKey).status();
	}

	/**
	 * Take over a cool-down that a provider asked another instance for. It is extended,
	 * never shortened, and no event is published.
	 * @param provider the provider's id
	 * @param credential the fingerprint of the key; empty for none
	 * @param reason why
	 * @param duration for how long it still holds
	 */
	public void coolDown(String provider, String credential, ErrorKind reason, Duration duration) {
		get(provider, credential).coolDown(reason, duration);
	}

	/**
	 * Forget cool-downs and failures of a provider, whatever the key.
	 * @param provider the provider's id
	 */
	public void reset(String provider) {
		this.states.values()
			.stream()
			.filter((state) -> state.provider().equals(provider))
			.forEach(ProviderState::reset);
		this.listener.onEvent(RoutingEvent.ProviderReset.of(provider));
	}

}
