package io.github.deepseekboot.samples.chat;

import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;

import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.Script;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the application with a key of one provider.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deepseek.providers.deepseek.api-key=not-a-real-key", "deepseek.providers.siliconflow.api-key=",
				"deepseek.providers.alayanew.api-key=" })
class ChatWithKeyTests {

	// stands for the real provider, which the application knows by its address only
	private static final ProviderSimulator elsewhere = ProviderSimulator.start();

	private final WebTestClient client;

	ChatWithKeyTests(@LocalServerPort int port) {
		this.client = WebTestClient.bindToServer().baseUrl("http://127.0.0.1:" + port).build();
	}

	@DynamicPropertySource
	static void address(DynamicPropertyRegistry registry) {
		registry.add("deepseek.providers.deepseek.base-url", () -> elsewhere.baseUrl("deepseek"));
	}

	@AfterAll
	static void close() {
		elsewhere.close();
	}

	@Test
	void nothingIsSimulated(@Autowired ObjectProvider<ProviderSimulator> simulator) {
		assertThat(simulator.stream()).isEmpty();
	}

	@Test
	void thereIsNoControlRoom() {
		for (String path : List.of("/api/simulator", "/actuator/deepseek", "/actuator/prometheus")) {
			this.client.get().uri(path).exchange().expectStatus().isNotFound().expectBody();
		}
		this.client.get()
			.uri("/actuator/health")
			.exchange()
			.expectBody(String.class)
			.value((health) -> assertThat(health).contains("status").doesNotContain("components"));
	}

	@Test
	void onlyProvidersWithAKeyAreOffered() {
		this.client.get()
			.uri("/api/providers")
			.exchange()
			.expectBody()
			.jsonPath("$.simulated")
			.isEqualTo(false)
			.jsonPath("$.providers[*].id")
			.value((ids) -> assertThat(ids).isEqualTo(List.of("deepseek")));
	}

	@Test
	void configuredAddressAndKeyAreUsed() {
		elsewhere.provider("deepseek").acceptKeys("not-a-real-key");
		elsewhere.provider("deepseek").script(Script.answering("Hello"));
		this.client.post()
			.uri("/api/chat")
			.header("Content-Type", "application/json")
			.bodyValue("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
			.exchange()
			.expectBody(String.class)
			.value((body) -> assertThat(body).contains("\"content\":\"Hello\"").doesNotContain("event:error"));
	}

}
