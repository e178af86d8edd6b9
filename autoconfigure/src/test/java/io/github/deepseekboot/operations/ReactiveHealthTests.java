package io.github.deepseekboot.operations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.routing.ProviderSwitch;

import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of the health and the read-only endpoint of a reactive application.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReactiveHealthTests {

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.options().dynamicPort())
		.build();

	private static ServerSocket silentHost;

	private static RunningApplication application;

	@BeforeAll
	static void start() throws IOException {
		// accepts connections, but nobody ever answers
		silentHost = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		application = RunningApplication.start(WebApplicationType.REACTIVE, Application.class,
				RunningApplication.threeProviders(host.baseUrl(),
						"deepseek.providers.deepseek.base-url=http://localhost:" + silentHost.getLocalPort(),
						"deepseek.health.timeout=2s", "deepseek.providers.alayanew.health.ping=none"));
	}

	@AfterAll
	static void close() throws IOException {
		application.close();
		silentHost.close();
	}

	@Test
	@Order(1)
	void noProviderIsAskedAtStart() throws IOException {
		silentHost.setSoTimeout(200);
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(silentHost::accept);
		assertThat(host.getAllServeEvents()).isEmpty();
	}

	@Test
	@Order(2)
	void hundredsOfPollsMakeOnePing() throws Exception {
		host.stubFor(get(urlPathEqualTo("/siliconflow/models"))
			.willReturn(Answers.json(200, "{\"data\":[]}").withFixedDelay(100)));
		host.resetRequests();
		List<CompletableFuture<HttpResponse<String>>> polls = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			polls.add(application.getAsync("/actuator/health/deepseek"));
		}
		// while the pings run, and then within their time to live
		polls.get(0).get();
		for (int i = 0; i < 400; i++) {
			polls.add(application.getAsync("/actuator/health/deepseek"));
			if (i % 4 == 0) {
				polls.get(polls.size() - 1).get();
			}
		}
		for (CompletableFuture<HttpResponse<String>> poll : polls) {
			JsonNode health = RunningApplication.JSON.readTree(poll.get().body());
			assertThat(poll.get().statusCode()).isEqualTo(200);
			assertThat(health.at("/status").asString()).isEqualTo("DEGRADED");
			assertThat(health.at("/components/deepseek/details/error").asString()).isEqualTo("TIMEOUT");
			assertThat(health.at("/components/siliconflow/status").asString()).isEqualTo("UP");
			assertThat(health.at("/components/alayanew/status").asString()).isEqualTo("UNKNOWN");
		}
		host.verify(1, getRequestedFor(urlPathEqualTo("/siliconflow/models")));
		host.verify(1, getRequestedFor(anyUrl()));
		assertThat(connections()).isEqualTo(1);
	}

	@Test
	@Order(3)
	void theEndpointDoesNotWriteUnlessThatIsGranted() {
		assertThat(application.json("/actuator/deepseek").at("/defaultProvider").asString()).isEqualTo("deepseek");
		assertThat(application.send("POST", "/actuator/deepseek", "{\"provider\":\"siliconflow\"}").statusCode())
			.isIn(404, 405);
		assertThat(application.send("DELETE", "/actuator/deepseek/deepseek", null).statusCode()).isIn(404, 405);
		assertThat(application.bean(ProviderSwitch.class).chain().providers()).startsWith("deepseek");
	}

	private static int connections() {
		try {
			silentHost.setSoTimeout(100);
			int count = 0;
			while (true) {
				try {
					silentHost.accept().close();
					count++;
				}
				catch (SocketTimeoutException ex) {
					return count;
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
