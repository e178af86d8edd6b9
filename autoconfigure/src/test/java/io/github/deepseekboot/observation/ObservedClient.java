package io.github.deepseekboot.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ModelPrice;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.CallDecorator;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderClient;

/**
 * A client of one provider that answers without a network.
 */
final class ObservedClient {

	final Provider provider;

	private ObservationRegistry httpObservations = ObservationRegistry.NOOP;

	private final AtomicReference<@Nullable ClientResponse> answer = new AtomicReference<>();

	ObservedClient(@Nullable ModelPrice price) {
		this.provider = Provider.builder("deepseek", ProviderPresets.get("deepseek"))
			.apiKey(ApiKey.of("test-key"))
			.models(Map.of("chat", ProviderModel.builder("deepseek-flash").price(price).build()))
			.build();
	}

	RoutingClient create(CallDecorator decorator, RoutingListener... listeners) {
		WebClient webClient = WebClient.builder()
			.exchangeFunction((request) -> Mono.fromSupplier(this.answer::get))
			.observationRegistry(this.httpObservations)
			.build();
		return RoutingClient
			.builder(List.of(new ProviderClient(this.provider, webClient)), ProviderChain.of("deepseek", List.of()))
			.decorator(decorator)
			.listeners(new ArrayList<>(List.of(listeners)))
			.build();
	}

	ObservedClient observesRequests(ObservationRegistry registry) {
		this.httpObservations = registry;
		return this;
	}

	ObservedClient answers(String contentType, String body) {
		this.answer.set(ClientResponse.create(HttpStatus.OK).header("Content-Type", contentType).body(body).build());
		return this;
	}

	ObservedClient answersWithUsage(String usage) {
		return answers("application/json", """
				{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},\
				"finish_reason":"stop"}],"usage":%s}""".formatted(usage));
	}

	ObservedClient streams(String... usages) {
		StringBuilder body = new StringBuilder();
		for (int i = 0; i < usages.length; i++) {
			body.append("""
					data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"token"},"finish_reason":%s}],\
					"usage":%s}

					""".formatted((i == usages.length - 1) ? "\"stop\"" : "null", usages[i]));
		}
		return answers("text/event-stream", body + "data: [DONE]\n\n");
	}

}
