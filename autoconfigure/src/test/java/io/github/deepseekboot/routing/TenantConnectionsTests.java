package io.github.deepseekboot.routing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ApiKeyResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tenants with keys of their own share the connections to a provider, and nothing else.
 */
class TenantConnectionsTests extends AbstractRoutingTests {

	private static final String TENANT = "tenant";

	private final List<String> tokens = new ArrayList<>();

	private Disposable stream(ChatCompletionClient client, String tenant) {
		return client.stream(ChatRequest.of("hi"))
			.contextWrite((context) -> context.put(TENANT, tenant))
			.subscribe((delta) -> {
				synchronized (this.tokens) {
					this.tokens.add(tenant);
				}
			});
	}

	private static Mono<ChatCompletion> complete(ChatCompletionClient client, String tenant) {
		return client.complete(ChatRequest.of("hi")).contextWrite((context) -> context.put(TENANT, tenant));
	}

	private int tokens() {
		synchronized (this.tokens) {
			return this.tokens.size();
		}
	}

	@Test
	void fault119OneTenantsStreamsLeaveConnectionsToAnother() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			if (exchange.wantsStream()) {
				exchange.write(MisbehavingServer.STREAM_HEAD);
				exchange.token("a token");
				exchange.awaitClose();
			}
			else {
				exchange.json(MisbehavingServer.completion("there is room"));
			}
		});
		ApiKeyResolver resolver = (provider, request) -> Mono
			.deferContextual((context) -> Mono.just(ApiKey.of("test-key-" + context.get(TENANT))));
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class,
					SslAutoConfiguration.class))
			.withBean(ApiKeyResolver.class, () -> resolver)
			.withPropertyValues("deepseek.providers.a.preset=openai",
					"deepseek.providers.a.base-url=http://127.0.0.1:" + server.port() + "/v1",
					"deepseek.providers.a.models.chat.id=m", "deepseek.limit.max-concurrent=3",
					"deepseek.limit.max-wait=50ms", "deepseek.timeout.acquire=2s")
			.run((context) -> {
				ChatCompletionClient client = context.getBean(RoutingClient.class);
				List<Disposable> streams = new ArrayList<>();
				for (int i = 0; i < 3; i++) {
					streams.add(stream(client, "one"));
				}
				RoutingFixture.await("the first tenant streams", () -> tokens() == 3);
				assertThatExceptionOfType(DeepSeekException.class)
					.isThrownBy(() -> complete(client, "one").block(RoutingFixture.PATIENCE))
					.withMessageContaining("deepseek.limit.max-concurrent")
					.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT));
				assertThat(complete(client, "two").map(ChatCompletion::content).block(RoutingFixture.PATIENCE))
					.isEqualTo("there is room");
				for (int i = 0; i < 3; i++) {
					streams.add(stream(client, "two"));
				}
				RoutingFixture.await("the second tenant streams beside the first", () -> tokens() == 6);
				streams.forEach(Disposable::dispose);
				RoutingFixture.await("the provider sees the end", () -> server.closedByClient() >= 6);
			});
	}

}
