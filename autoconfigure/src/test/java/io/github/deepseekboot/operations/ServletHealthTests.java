package io.github.deepseekboot.operations;

import java.net.http.HttpResponse;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.routing.ProviderSwitch;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of the health and the writing endpoint of a servlet application.
 */
class ServletHealthTests {

	private static final String MODELS = "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\"}]}";

	private static final String BALANCE = """
			{"is_available":%s,"balance_infos":[{"currency":"CNY","total_balance":"110.42",\
			"granted_balance":"10.00","topped_up_balance":"100.42"}]}""";

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.options().dynamicPort())
		.build();

	private static RunningApplication application;

	@BeforeAll
	static void start() {
		application = RunningApplication.start(WebApplicationType.SERVLET, Application.class,
				RunningApplication.threeProviders(host.baseUrl(), "deepseek.health.ttl=1ms",
						"management.endpoint.deepseek.access=unrestricted", "deepseek.fallback=deepseek,siliconflow",
						"management.endpoint.health.probes.enabled=true",
						"management.endpoint.health.group.ai.include=deepseek",
						"management.endpoint.health.group.ai.show-details=always"));
	}

	@AfterAll
	static void close() {
		application.close();
	}

	@BeforeEach
	void allAreHealthy() {
		answer("/deepseek/user/balance", Answers.json(200, BALANCE.formatted(true)));
		answer("/siliconflow/models", Answers.json(200, MODELS));
		answer("/alayanew/models", Answers.json(200, MODELS));
	}

	@Test
	void eachProviderHasAnEntry() {
		JsonNode health = application.json("/actuator/health/deepseek");
		assertThat(health.at("/status").asString()).isEqualTo("UP");
		assertThat(health.at("/components").propertyNames()).containsExactlyInAnyOrder("deepseek", "siliconflow",
				"alayanew");
		JsonNode deepseek = health.at("/components/deepseek");
		assertThat(deepseek.at("/status").asString()).isEqualTo("UP");
		assertThat(deepseek.at("/details").propertyNames()).containsExactlyInAnyOrder("provider", "host", "model",
				"ping", "age", "circuit", "latency");
		assertThat(deepseek.at("/details/host").asString()).isEqualTo("localhost");
		assertThat(deepseek.at("/details/ping").asString()).isEqualTo("balance");
		assertThat(deepseek.at("/details/age").asString()).matches("\\d+ ms");
		assertThat(application.get("/actuator/health").body()).doesNotContain("110.42").doesNotContain("test-key");
	}

	@Test
	void oneBadProviderDegrades() {
		answer("/deepseek/user/balance", Answers.json(200, BALANCE.formatted(false)));
		HttpResponse<String> response = application.get("/actuator/health");
		assertThat(response.statusCode()).isEqualTo(200);
		JsonNode health = RunningApplication.JSON.readTree(response.body());
		assertThat(health.at("/status").asString()).isEqualTo("DEGRADED");
		assertThat(health.at("/components/deepseek/status").asString()).isEqualTo("DEGRADED");
		JsonNode deepseek = health.at("/components/deepseek/components/deepseek");
		assertThat(deepseek.at("/status").asString()).isEqualTo("DEGRADED");
		assertThat(deepseek.at("/details/error").asString()).isEqualTo("OUT_OF_CREDIT");
		assertThat(health.at("/components/deepseek/components/siliconflow/status").asString()).isEqualTo("UP");
	}

	@Test
	void noUsableProviderIsDown() {
		answer("/deepseek/user/balance", Answers.json(401, "{\"error\":{\"message\":\"no\",\"code\":\"bad_key\"}}"));
		answer("/siliconflow/models", Answers.text(503, "busy"));
		HttpResponse<String> response = application.get("/actuator/health");
		assertThat(response.statusCode()).isEqualTo(503);
		JsonNode health = RunningApplication.JSON.readTree(response.body());
		assertThat(health.at("/status").asString()).isEqualTo("DOWN");
		JsonNode deepseek = health.at("/components/deepseek/components/deepseek");
		assertThat(deepseek.at("/status").asString()).isEqualTo("DOWN");
		assertThat(deepseek.at("/details/error").asString()).isEqualTo("AUTHENTICATION");
		assertThat(deepseek.at("/details/code").asString()).isEqualTo("bad_key");
		// the chain ends before it
		assertThat(health.at("/components/deepseek/components/alayanew/status").asString()).isEqualTo("UP");
	}

	@Test
	void aProviderOutsideOfTheChainIsNeverDown() {
		answer("/alayanew/models", Answers.text(500, "no"));
		HttpResponse<String> response = application.get("/actuator/health");
		assertThat(response.statusCode()).isEqualTo(200);
		JsonNode health = RunningApplication.JSON.readTree(response.body());
		assertThat(health.at("/status").asString()).isEqualTo("DEGRADED");
		assertThat(health.at("/components/deepseek/components/alayanew/status").asString()).isEqualTo("DEGRADED");
		assertThat(health.at("/components/deepseek/components/alayanew/description").asString())
			.isEqualTo("the provider is not in the chain");
	}

	@Test
	void aProviderThatCannotBeAskedIsUnknownAndNoReasonForAlarm() {
		answer("/siliconflow/models", Answers.text(404, "404 page not found"));
		JsonNode health = application.json("/actuator/health/deepseek");
		assertThat(health.at("/status").asString()).isEqualTo("UP");
		assertThat(health.at("/components/siliconflow/status").asString()).isEqualTo("UNKNOWN");
	}

	@Test
	void theProbesLeaveProvidersOut() {
		host.stubFor(any(anyUrl()).willReturn(Answers.text(500, "no")));
		host.resetRequests();
		for (String probe : new String[] { "liveness", "readiness" }) {
			HttpResponse<String> response = application.get("/actuator/health/" + probe);
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.body()).doesNotContain("deepseek");
		}
		assertThat(host.getAllServeEvents()).isEmpty();
	}

	@Test
	void aGroupShowsThemAlone() {
		assertThat(application.json("/actuator/health/ai").at("/components").propertyNames())
			.containsExactly("deepseek");
	}

	@Test
	void theEndpointShowsWhoIsAsked() {
		JsonNode endpoint = application.json("/actuator/deepseek");
		assertThat(endpoint.at("/defaultProvider").asString()).isEqualTo("deepseek");
		assertThat(endpoint.at("/chain")).extracting(JsonNode::asString).containsExactly("deepseek", "siliconflow");
		assertThat(endpoint.at("/providers")).extracting((provider) -> provider.at("/id").asString())
			.containsExactly("deepseek", "siliconflow", "alayanew");
		JsonNode deepseek = endpoint.at("/providers/0");
		assertThat(deepseek.at("/usable").asBoolean()).isTrue();
		assertThat(deepseek.at("/keys/0/circuit").asString()).isEqualTo("CLOSED");
		assertThat(deepseek.at("/keys/0/inFlight").asInt(-1)).isZero();
		assertThat(deepseek.at("/keys/0/fingerprint").asString()).matches("[0-9a-f]{16}");
	}

	@Test
	void theEndpointSwitchesTheDefaultProvider() {
		HttpResponse<String> switched = application.send("POST", "/actuator/deepseek",
				"{\"provider\":\"siliconflow\"}");
		assertThat(switched.statusCode()).isEqualTo(200);
		JsonNode state = RunningApplication.JSON.readTree(switched.body());
		assertThat(state.at("/defaultProvider").asString()).isEqualTo("siliconflow");
		ProviderSwitch providerSwitch = application.bean(ProviderSwitch.class);
		assertThat(providerSwitch.chain().providers()).containsExactly("siliconflow", "deepseek");
		HttpResponse<String> unknown = application.send("POST", "/actuator/deepseek", "{\"provider\":\"nobody\"}");
		assertThat(unknown.body()).contains("There is no provider 'nobody'; configured are ", "siliconflow");
		assertThat(unknown.statusCode()).isEqualTo(400);
		assertThat(application.send("POST", "/actuator/deepseek", "{}").statusCode()).isEqualTo(400);
		providerSwitch.switchTo("deepseek");
		assertThat(providerSwitch.chain().providers()).containsExactly("deepseek", "siliconflow");
	}

	@Test
	void theEndpointEndsACoolDown() {
		host.stubFor(post(urlPathEqualTo("/siliconflow/chat/completions"))
			.willReturn(Answers.json(403, "{\"code\":30001,\"message\":\"no money left\",\"data\":null}")));
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> application.template().withProvider("siliconflow").complete("Hi"));
		JsonNode siliconflow = application.json("/actuator/deepseek").at("/providers/1");
		assertThat(siliconflow.at("/usable").asBoolean(true)).isFalse();
		assertThat(siliconflow.at("/keys/0/coolDown").asString()).isEqualTo("OUT_OF_CREDIT");
		assertThat(siliconflow.at("/keys/0/coolDownLeft").asString()).startsWith("PT9M");
		assertThat(siliconflow.at("/keys/0/lastError/code").asString()).isEqualTo("30001");
		assertThat(siliconflow.toString()).doesNotContain("no money left");
		// the ping knows nothing of it
		JsonNode health = application.json("/actuator/health/deepseek/siliconflow");
		assertThat(health.at("/status").asString()).isEqualTo("DEGRADED");
		assertThat(health.at("/details/coolDown").asString()).isEqualTo("OUT_OF_CREDIT");
		assertThat(health.at("/details/coolDownLeft").asString()).matches("(10|9\\.\\d) min");
		assertThat(health.at("/details/lastErrorCode").asString()).isEqualTo("30001");
		assertThat(health.at("/details/lastErrorAge").asString()).matches("[\\d.]+ m?s");

		HttpResponse<String> reset = application.send("DELETE", "/actuator/deepseek/siliconflow", null);
		assertThat(reset.statusCode()).isEqualTo(200);
		assertThat(reset.body()).contains("\"defaultProvider\":\"deepseek\"");
		siliconflow = application.json("/actuator/deepseek").at("/providers/1");
		assertThat(siliconflow.at("/usable").asBoolean()).isTrue();
		HttpResponse<String> unknown = application.send("DELETE", "/actuator/deepseek/nobody", null);
		assertThat(unknown.statusCode()).isEqualTo(400);
		assertThat(unknown.body()).contains("There is no provider 'nobody'; configured are");
	}

	private static void answer(String path, ResponseDefinitionBuilder answer) {
		host.stubFor(get(urlPathEqualTo(path)).willReturn(answer));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
