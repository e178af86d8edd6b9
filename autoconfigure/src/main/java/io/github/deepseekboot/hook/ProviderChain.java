package io.github.deepseekboot.hook;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.springframework.util.Assert;

/**
 * Order in which providers are asked: the default one first, then the others of the
 * fallback list.
 *
 * @param providers the ids of the providers, the default one first; never empty
 */
public record ProviderChain(List<String> providers) {

	public ProviderChain {
		Assert.notEmpty(providers, "'providers' must not be empty");
		providers = List.copyOf(providers);
	}

	/**
	 * Create the chain of a default provider and a fallback order, which may name the
	 * default one too.
	 * @param defaultProvider the default provider's id
	 * @param fallback the ids of the others in their order
	 * @return the chain
	 */
	public static ProviderChain of(String defaultProvider, List<String> fallback) {
		Set<String> providers = new LinkedHashSet<>();
		providers.add(defaultProvider);
		providers.addAll(fallback);
		return new ProviderChain(new ArrayList<>(providers));
	}

}
