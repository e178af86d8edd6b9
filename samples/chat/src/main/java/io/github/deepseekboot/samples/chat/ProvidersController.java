package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.deepseekboot.autoconfigure.DeepSeekProperties;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Model;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.Price;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.ProviderProperties;
import io.github.deepseekboot.chat.ProviderInfo;
import io.github.deepseekboot.chat.ProviderOperations;
import io.github.deepseekboot.simulator.ProviderSimulator;

/**
 * Endpoint that lists the providers for the page.
 */
@RestController
class ProvidersController {

	private final ProviderOperations providers;

	private final DeepSeekProperties properties;

	private final String defaultModel;

	private final boolean simulated;

	ProvidersController(ProviderOperations providers, DeepSeekProperties properties,
			@Value("${deepseek.chat.model}") String defaultModel, ObjectProvider<ProviderSimulator> simulator) {
		this.providers = providers;
		this.properties = properties;
		this.defaultModel = defaultModel;
		this.simulated = simulator.getIfAvailable() != null;
	}

	@GetMapping("/api/providers")
	Offer providers() {
		List<OfferedProvider> providers = this.providers.providers()
			.stream()
			.filter(ProviderInfo::inChain)
			.map(this::offered)
			.toList();
		return new Offer(this.simulated, this.defaultModel, providers);
	}

	private OfferedProvider offered(ProviderInfo provider) {
		return new OfferedProvider(provider.id(), provider.title(), provider.models()
			.entrySet()
			.stream()
			.map((model) -> OfferedModel.of(model.getKey(), model.getValue(), price(provider.id(), model.getKey())))
			.toList());
	}

	private @Nullable Price price(String provider, String model) {
		ProviderProperties configured = this.properties.providers().get(provider);
		Model priced = (configured != null) ? configured.models().get(model) : null;
		return (priced != null) ? priced.price() : null;
	}

	/**
	 * What the page can choose from.
	 *
	 * @param simulated whether the provider is simulated
	 * @param defaultModel the logical name of the model to begin with
	 * @param providers the providers in the order in which they are asked
	 */
	record Offer(boolean simulated, String defaultModel, List<OfferedProvider> providers) {

	}

	/**
	 * One provider.
	 *
	 * @param id its id
	 * @param title its name for people
	 * @param models its models
	 */
	record OfferedProvider(String id, String title, List<OfferedModel> models) {

	}

	/**
	 * One model of a provider.
	 *
	 * @param name its logical name
	 * @param id the provider's own name for it
	 * @param thinking whether it thinks by default; {@code null} if that is up to the
	 * provider
	 * @param price what it costs; {@code null} if that is not configured
	 */
	record OfferedModel(String name, String id, @Nullable Boolean thinking, @Nullable Price price) {

		static OfferedModel of(String name, ProviderInfo.Model model, @Nullable Price price) {
			return new OfferedModel(name, model.id(), model.thinking(), price);
		}

	}

}
