package io.github.deepseekboot.actuate;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * Actuator endpoint {@code deepseek}: who is asked in which order and how each provider
 * does. With {@code management.endpoint.deepseek.access=unrestricted} it also switches
 * the default provider and resets a provider's cool-downs.
 */
@Endpoint(id = "deepseek", defaultAccess = Access.READ_ONLY)
public class DeepSeekEndpoint {

	private static final int MAX_KEYS = 100;

	private final RoutingClient router;

	/**
	 * Create the endpoint.
	 * @param router knows the providers and how they do
	 */
	public DeepSeekEndpoint(RoutingClient router) {
		this.router = router;
	}

	/**
	 * How the providers do.
	 * @return the chain and all providers
	 */
	@ReadOperation
	public Providers providers() {
		List<String> chain = this.router.providerSwitch().chain().providers();
		return new Providers(chain.get(0), chain,
				this.router.clients()
					.stream()
					.map(ProviderClient::provider)
					.map((provider) -> describe(provider, chain))
					.sorted(Comparator.comparingInt((provider) -> place(provider.id(), chain)))
					.toList());
	}

	/**
	 * Make a provider the default one, for calls that start from now on.
	 * @param provider the provider's id
	 * @return the chain and all providers
	 */
	@WriteOperation
	public Providers switchTo(String provider) {
		checkKnown(provider);
		this.router.providerSwitch().switchTo(provider);
		return providers();
	}

	/**
	 * Forget cool-downs, circuit and failures of a provider.
	 * @param provider the provider's id
	 * @return the chain and all providers
	 */
	@DeleteOperation
	public Providers reset(@Selector String provider) {
		checkKnown(provider);
		this.router.states().reset(provider);
		return providers();
	}

	private void checkKnown(String provider) {
		List<String> known = this.router.clients().stream().map((client) -> client.provider().id()).toList();
		if (!known.contains(provider)) {
			throw new InvalidEndpointRequestException("Unknown provider",
					"There is no provider '" + provider + "'; configured are " + String.join(", ", known));
		}
	}

	private static int place(String id, List<String> chain) {
		int place = chain.indexOf(id);
		return (place < 0) ? Integer.MAX_VALUE : place;
	}

	private ProviderDescription describe(Provider provider, List<String> chain) {
		List<KeyState> states = this.router.states()
			.statuses()
			.stream()
			.filter((status) -> status.provider().equals(provider.id()))
			.sorted(Comparator.comparing(ProviderStatus::isUsable))
			.limit(MAX_KEYS)
			.map(KeyState::of)
			.toList();
		ProviderStatus configured = this.router.states().status(provider.id(), provider.apiKey());
		return new ProviderDescription(provider.id(), provider.preset().id(), provider.completionsUri().getHost(),
				chain.contains(provider.id()), configured.isUsable(),
				states.isEmpty() ? List.of(KeyState.of(configured)) : states);
	}

	/**
	 * What the endpoint shows.
	 *
	 * @param defaultProvider the provider that is asked first
	 * @param chain the order in which providers are asked
	 * @param providers all providers, those of the chain first
	 */
	public record Providers(String defaultProvider, List<String> chain,
			List<ProviderDescription> providers) implements OperationResponseBody {

	}

	/**
	 * One provider.
	 *
	 * @param id its id
	 * @param preset its preset
	 * @param host the host it is reached at
	 * @param inChain whether it is asked without being pinned
	 * @param usable whether calls with the configured key go to it
	 * @param keys how it does, for each key that was used; of many keys a hundred, those
	 * that are not usable first
	 */
	public record ProviderDescription(String id, String preset, String host, boolean inChain, boolean usable,
			List<KeyState> keys) {

	}

	/**
	 * How a provider does, as one key sees it.
	 *
	 * @param fingerprint identifies the key without showing it
	 * @param circuit the circuit's state
	 * @param coolDown why the provider is passed over
	 * @param coolDownLeft for how long it is still passed over
	 * @param missingModels the models that are passed over
	 * @param refusals what models refused lately, so that requests that ask for it go to
	 * other providers first
	 * @param inFlight the calls that are running
	 * @param lastError the latest failed attempt
	 * @param lastErrorAge how long ago that was
	 * @param lastSuccessAge how long ago the latest attempt succeeded
	 */
	public record KeyState(String fingerprint, String circuit, @Nullable String coolDown,
			@Nullable Duration coolDownLeft, List<String> missingModels, List<String> refusals, int inFlight,
			@Nullable AttemptReport lastError, @Nullable Duration lastErrorAge, @Nullable Duration lastSuccessAge) {

		static KeyState of(ProviderStatus status) {
			return new KeyState(status.credential(), status.circuit().name(),
					(status.coolDown() != null) ? status.coolDown().name() : null, status.coolDownLeft(),
					status.missingModels(), status.refusals(), status.inFlight(), status.lastError(),
					status.lastErrorAge(), status.lastSuccessAge());
		}

	}

}
