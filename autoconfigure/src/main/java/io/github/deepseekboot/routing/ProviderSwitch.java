package io.github.deepseekboot.routing;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.springframework.util.Assert;

import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.RoutingEvent;
import io.github.deepseekboot.hook.RoutingListener;

/**
 * Says in which order providers are asked, and changes it at run time. A change holds for
 * calls that start after it; calls that run are never touched. Changes are announced in
 * the order in which they were made.
 */
public final class ProviderSwitch {

	private final Set<String> known;

	private final EventQueue events;

	private volatile ProviderChain chain;

	ProviderSwitch(Collection<String> known, ProviderChain chain, RoutingListener listener) {
		this.known = Set.copyOf(known);
		this.events = new EventQueue(listener);
		checkKnown(chain.providers());
		this.chain = chain;
	}

	/**
	 * The order that holds now.
	 * @return the chain
	 */
	public ProviderChain chain() {
		return this.chain;
	}

	/**
	 * Make a provider the default one; the others stay in their order behind it.
	 * @param provider the provider's id
	 * @throws IllegalArgumentException if there is no such provider
	 */
	public void switchTo(String provider) {
		checkKnown(List.of(provider));
		synchronized (this) {
			change(ProviderChain.of(provider, this.chain.providers()));
		}
		this.events.publish();
	}

	/**
	 * Set the complete order.
	 * @param providers the ids of the providers, the default one first; providers left
	 * out are not asked unless pinned
	 * @throws IllegalArgumentException if there is no such provider, or none is named
	 */
	public void reorder(List<String> providers) {
		Assert.notEmpty(providers, "'providers' must not be empty");
		checkKnown(providers);
		ProviderChain changed = ProviderChain.of(providers.get(0), providers);
		synchronized (this) {
			change(changed);
		}
		this.events.publish();
	}

	private void change(ProviderChain changed) {
		this.chain = changed;
		this.events.add(RoutingEvent.ChainChanged.of(changed));
	}

	private void checkKnown(List<String> providers) {
		for (String provider : providers) {
			Assert.isTrue(this.known.contains(provider),
					() -> "there is no provider '" + provider + "'; configured are " + this.known);
		}
	}

}
