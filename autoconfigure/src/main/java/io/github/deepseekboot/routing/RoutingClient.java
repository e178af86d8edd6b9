package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.transport.Attempt;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * Sends each request to the first provider of its chain that can answer it.
 */
public final class RoutingClient implements ChatCompletionClient {

	/**
	 * The logical model of a request that names none.
	 */
	public static final String DEFAULT_MODEL = "chat";

	private final Map<String, ProviderClient> clients = new LinkedHashMap<>();

	private final ProviderChain chain;

	/**
	 * Create the client.
	 * @param clients the clients of all providers
	 * @param chain the order in which they are asked
	 */
	public RoutingClient(List<ProviderClient> clients, ProviderChain chain) {
		clients.forEach((client) -> this.clients.put(client.provider().id(), client));
		this.chain = chain;
	}

	@Override
	public Mono<ChatCompletion> complete(ChatRequest request) {
		return Mono.defer(() -> {
			Route route = route(request);
			return route.client().complete(route.attempt());
		});
	}

	@Override
	public Flux<ChatDelta> stream(ChatRequest request) {
		return Flux.defer(() -> {
			Route route = route(request);
			return route.client().stream(route.attempt());
		});
	}

	private Route route(ChatRequest request) {
		List<String> chain = chain(request);
		String name = (request.model() != null) ? request.model() : DEFAULT_MODEL;
		boolean logical = this.clients.values()
			.stream()
			.anyMatch((client) -> client.provider().models().containsKey(name));
		StringBuilder reasons = new StringBuilder();
		for (String id : chain) {
			ProviderClient client = client(id);
			Provider provider = client.provider();
			ProviderModel model = provider.models().get(name);
			if (model == null && !logical) {
				model = ProviderModel.of(name);
			}
			String reason = (model != null) ? provider.dialect().unsupported(request, model)
					: "has no model '" + name + "'";
			if (model != null && reason == null) {
				return new Route(client, new Attempt(request, model, provider.apiKey(), 1,
						provider.timeouts().firstToken(false), remaining(provider)));
			}
			reasons.append("; ").append(id).append(": ").append(reason);
		}
		throw new DeepSeekException(ErrorKind.UNSUPPORTED, "no provider can answer this request" + reasons);
	}

	private ProviderClient client(String id) {
		ProviderClient client = this.clients.get(id);
		if (client == null) {
			throw new DeepSeekException(ErrorKind.INVALID_REQUEST,
					"there is no provider '" + id + "'; configured are " + this.clients.keySet());
		}
		return client;
	}

	private static Duration remaining(Provider provider) {
		return provider.timeouts().total();
	}

	private List<String> chain(ChatRequest request) {
		if (request.provider() == null) {
			return this.chain.providers();
		}
		return List.of(request.provider());
	}

	private record Route(ProviderClient client, Attempt attempt) {

	}

}
