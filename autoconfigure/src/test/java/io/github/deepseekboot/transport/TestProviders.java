package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.List;

import org.springframework.web.reactive.function.client.WebClient;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.provider.ProviderTimeouts;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * Providers, attempts and clients for tests.
 */
public final class TestProviders {

	/**
	 * The key that must never be seen anywhere but in the request's header.
	 */
	public static final String KEY = "sk-made-up-0f1e2d3c4b5a";

	/**
	 * How long a test waits for what should happen at once.
	 */
	public static final Duration SOON = Duration.ofSeconds(20);

	private TestProviders() {
	}

	public static Provider.Builder builder(String preset, String baseUrl) {
		return Provider.builder(preset, ProviderPresets.get(preset)).baseUrl(baseUrl).apiKey(ApiKey.of(KEY));
	}

	public static Provider provider(String preset) {
		return builder(preset, "http://127.0.0.1:1").build();
	}

	public static ProviderClient client(Provider provider) {
		return client(provider, ResponseLimits.DEFAULTS, TransportClock.system());
	}

	public static ProviderClient client(String preset, TestServer server) {
		return client(builder(preset, server.baseUrl()).build());
	}

	public static ProviderClient client(Provider provider, ResponseLimits limits, TransportClock clock) {
		return new ProviderConnections(WebClient.builder(), null).client(provider,
				new ProviderConnections.Settings(100), limits, clock);
	}

	/**
	 * What an application would be given if that were its only provider.
	 */
	public static ChatCompletionTemplate template(Provider provider) {
		return new ChatCompletionTemplate(
				RoutingClient.builder(List.of(client(provider)), ProviderChain.of(provider.id(), List.of())).build());
	}

	public static ProviderTimeouts timeouts(Duration idleBytes, Duration idleTokens) {
		return ProviderTimeouts.builder().idleBytes(idleBytes).idleTokens(idleTokens).build();
	}

	public static Attempt attempt() {
		return attempt(ChatRequest.of("Hello"));
	}

	public static Attempt attempt(ChatRequest request) {
		return attempt(request, Duration.ofMinutes(2), Duration.ofMinutes(20));
	}

	public static Attempt attempt(ChatRequest request, String model) {
		return new Attempt(request, ProviderModel.of(model), ApiKey.of(KEY), 1, Duration.ofMinutes(2),
				Duration.ofMinutes(20));
	}

	public static Attempt attempt(ChatRequest request, Duration firstToken, Duration remaining) {
		return new Attempt(request, ProviderModel.of("deepseek-test"), ApiKey.of(KEY), 1, firstToken, remaining);
	}

}
