package io.github.deepseekboot.samples.chat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.ProviderOperations;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingEvent.CircuitChanged;
import io.github.deepseekboot.hook.RoutingEvent.CircuitState;
import io.github.deepseekboot.hook.RoutingEvent.CoolDownStarted;
import io.github.deepseekboot.hook.RoutingEvent.ProviderReset;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Listens to which providers are passed over. The attempts of a call do not say so, since
 * nothing was sent.
 */
@Component
class PassedOverProviders implements RoutingListener {

	// not before it is needed: the providers are made with their listeners
	private final ObjectProvider<ProviderOperations> providers;

	private final Map<String, CoolDown> coolDowns = new ConcurrentHashMap<>();

	private final Map<String, CircuitState> circuits = new ConcurrentHashMap<>();

	PassedOverProviders(ObjectProvider<ProviderOperations> providers) {
		this.providers = providers;
	}

	@Override
	public void onEvent(RoutingEvent event) {
		// one of a single model says nothing of the others
		if (event instanceof CoolDownStarted started && started.model() == null) {
			this.coolDowns.put(started.provider(),
					new CoolDown(started.reason(), System.nanoTime() + started.duration().toNanos()));
		}
		else if (event instanceof CircuitChanged changed) {
			this.circuits.put(changed.provider(), changed.to());
		}
		else if (event instanceof ProviderReset reset) {
			this.coolDowns.remove(reset.provider());
			this.circuits.remove(reset.provider());
		}
	}

	/**
	 * Return the providers that a call which starts now would rather not ask.
	 * @return the providers, in the order in which they are asked
	 */
	List<PassedOver> now() {
		return this.providers.getObject()
			.providers()
			.stream()
			.filter(ProviderInfo::inChain)
			.map((provider) -> find(provider.id()))
			.filter(Objects::nonNull)
			.toList();
	}

	private @Nullable PassedOver find(String provider) {
		CoolDown coolDown = this.coolDowns.get(provider);
		ErrorKind reason = (coolDown != null && coolDown.until() - System.nanoTime() > 0) ? coolDown.reason() : null;
		CircuitState circuit = this.circuits.getOrDefault(provider, CircuitState.CLOSED);
		return (reason != null || circuit != CircuitState.CLOSED) ? new PassedOver(provider, reason, circuit) : null;
	}

	private record CoolDown(ErrorKind reason, long until) {

	}

	/**
	 * A provider that is passed over.
	 *
	 * @param provider its id
	 * @param coolDown why it cools down; {@code null} if it does not
	 * @param circuit the state of its circuit
	 */
	record PassedOver(String provider, @Nullable ErrorKind coolDown, CircuitState circuit) {

	}

}
