package io.github.deepseekboot.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ObservedWebClient}.
 */
class ObservedWebClientTests {

	@Test
	void callsAreObserved() throws IOException {
		byte[] answer = "{\"created\":1,\"choices\":[{\"index\":0,\"message\":{\"content\":\"hello\"}}]}"
			.getBytes(StandardCharsets.UTF_8);
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.createContext("/", (exchange) -> {
			exchange.getRequestBody().readAllBytes();
			exchange.getResponseHeaders().set("Content-Type", "application/json");
			exchange.sendResponseHeaders(200, answer.length);
			exchange.getResponseBody().write(answer);
			exchange.close();
		});
		server.start();
		try (ConfigurableApplicationContext application = ObservedWebClient.start()) {
			String baseUrl = "http://127.0.0.1:" + server.getAddress().getPort();
			assertThat(new ObservedWebClient(application, baseUrl).complete()).isEqualTo("hello");
			assertThat(application.getBean(MeterRegistry.class).get("http.client.requests").timer().count())
				.isEqualTo(1);
		}
		finally {
			server.stop(0);
		}
	}

}
