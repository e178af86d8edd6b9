package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.deepseekboot.provider.ModelPrice;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * Tells the page whom it can ask.
 */
@RestController
class ProvidersController {

	private final RoutingClient client;

	private final String defaultModel;

	private final boolean simulated;

	ProvidersController(RoutingClient client, @Value("${deepseek.chat.model}") String defaultModel,
			ObjectProvider<ProviderSimulator> simulator) {
		this.client = client;
		this.defaultModel = defaultModel;
		this.simulated = simulator.getIfAvailable() != null;
	}

	@GetMapping("/api/providers")
	Offer providers() {
		List<String> order = this.client.providerSwitch().chain().providers();
		List<OfferedProvider> providers = this.client.clients()
			.stream()
			.map(ProviderClient::provider)
			.filter((provider) -> order.contains(provider.id()))
			.sorted((left, right) -> order.indexOf(left.id()) - order.indexOf(right.id()))
			.map(OfferedProvider::of)
			.toList();
		return new Offer(this.simulated, this.defaultModel, providers);
	}

	/**
	 * What the page can choose from.
	 *
	 * @param simulated whether nobody real answers
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

		static OfferedProvider of(Provider provider) {
			return new OfferedProvider(provider.id(), provider.preset().title(),
					provider.models()
						.entrySet()
						.stream()
						.map((model) -> OfferedModel.of(model.getKey(), model.getValue()))
						.toList());
		}

	}

	/**
	 * One model of a provider.
	 *
	 * @param name its logical name
	 * @param id the provider's own name for it
	 * @param thinking whether it thinks unless told otherwise; {@code null} if that is up
	 * to the provider
	 * @param price what it costs; {@code null} if that is not configured
	 */
	record OfferedModel(String name, String id, @Nullable Boolean thinking, @Nullable ModelPrice price) {

		static OfferedModel of(String name, ProviderModel model) {
			return new OfferedModel(name, model.id(), model.thinking(), model.price());
		}

	}

}
