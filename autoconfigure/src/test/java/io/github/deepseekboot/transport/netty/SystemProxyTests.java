package io.github.deepseekboot.transport.netty;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import io.github.deepseekboot.provider.ProviderTimeouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that {@link HttpConnections} honours the proxy of the JVM's system properties.
 */
class SystemProxyTests {

	private @Nullable String host;

	private @Nullable String port;

	@BeforeEach
	void remember() {
		this.host = System.getProperty("https.proxyHost");
		this.port = System.getProperty("https.proxyPort");
	}

	@AfterEach
	void restore() {
		set("https.proxyHost", this.host);
		set("https.proxyPort", this.port);
	}

	@Test
	void theProxyResolvesTheNames() throws Exception {
		assertThat(requestLineAtProxy("https://provider.invalid/v1"))
			.isEqualTo("CONNECT provider.invalid:443 HTTP/1.1");
	}

	@Test
	void hostsWithoutProxyAreAskedDirectly() throws Exception {
		// 127.* is among the JVM's nonProxyHosts
		try (ServerSocket provider = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			CompletableFuture<String> line = firstLine(provider);
			set("https.proxyHost", "127.0.0.1");
			set("https.proxyPort", "1");
			ask("http://127.0.0.1:" + provider.getLocalPort() + "/v1");
			assertThat(line.get(10, TimeUnit.SECONDS)).isEqualTo("GET /v1 HTTP/1.1");
		}
	}

	private static String requestLineAtProxy(String url) throws Exception {
		try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			CompletableFuture<String> line = firstLine(proxy);
			set("https.proxyHost", "127.0.0.1");
			set("https.proxyPort", Integer.toString(proxy.getLocalPort()));
			ask(url);
			return line.get(10, TimeUnit.SECONDS);
		}
	}

	// whoever is asked hangs up
	private static void ask(String url) {
		try (HttpConnections connections = new HttpConnections(null)) {
			WebClient client = WebClient.builder()
				.clientConnector(connections.connector("test", 1, ProviderTimeouts.DEFAULTS, null, null))
				.build();
			assertThatExceptionOfType(WebClientRequestException.class)
				.isThrownBy(() -> client.get().uri(url).retrieve().toBodilessEntity().block(Duration.ofSeconds(10)));
		}
	}

	private static CompletableFuture<String> firstLine(ServerSocket server) {
		return CompletableFuture.supplyAsync(() -> {
			try (Socket socket = server.accept();
					BufferedReader reader = new BufferedReader(
							new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
				return reader.readLine();
			}
			catch (IOException ex) {
				return ex.toString();
			}
		});
	}

	private static void set(String name, @Nullable String value) {
		if (value != null) {
			System.setProperty(name, value);
		}
		else {
			System.clearProperty(name);
		}
	}

}
