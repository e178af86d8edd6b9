package io.github.deepseekboot.samples.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import redis.embedded.RedisServer;

import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for two gateways, each in a JVM of its own, at one Redis.
 */
@DisabledOnOs(OS.WINDOWS)
class GatewayInstancesTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int LIMIT = 3;

	private final ScriptedProvider provider = ScriptedProvider.start("deepseek");

	private final List<Gateway> gateways = new ArrayList<>();

	private RedisServer redis;

	@BeforeEach
	void start() throws Exception {
		int port;
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		this.redis = RedisServer.newRedisServer()
			.port(port)
			.bind("127.0.0.1")
			.setting("save \"\"")
			.setting("appendonly no")
			.build();
		this.redis.start();
		for (int i = 0; i < 2; i++) {
			this.gateways.add(new Gateway(port, this.provider.baseUrl()));
		}
		for (Gateway gateway : this.gateways) {
			gateway.client();
		}
	}

	@AfterEach
	void stop() throws IOException {
		this.gateways.forEach(Gateway::kill);
		this.redis.stop();
		this.provider.close();
	}

	@Test
	void aTenantsLimitHoldsForBothTogetherAndOutlivesOne() throws Exception {
		Gateway first = this.gateways.get(0);
		Gateway second = this.gateways.get(1);
		this.provider.answers("Drip, drop").times(2);
		for (Gateway gateway : this.gateways) {
			List<String> events = gateway.stream().collectList().block(PATIENCE);
			assertThat(events).hasSizeGreaterThan(2).last().isEqualTo("[DONE]");
		}
		// from here on streams begin and do not end
		this.provider.answers("Drip, drop, drip, drop").stallsAfter(3).always();
		Disposable one = open(first, 1);
		open(first, 2);
		open(second, LIMIT);
		for (Gateway gateway : this.gateways) {
			ResponseEntity<String> refused = gateway.ask();
			assertThat(refused.getStatusCode().value()).isEqualTo(429);
			assertThat(refused.getHeaders().getFirst(HttpHeaders.RETRY_AFTER)).isNotNull();
			assertThat(refused.getBody()).contains("rate_limit_exceeded");
		}
		// what ends at one is free for the other
		one.dispose();
		await().atMost(PATIENCE).until(() -> this.provider.inFlight() == LIMIT - 1);
		open(second, LIMIT);
		first.kill();
		await().atMost(PATIENCE).until(() -> this.provider.inFlight() == LIMIT - 1);
		assertThat(second.ask().getStatusCode().value()).as("what the other held is not free at once").isEqualTo(429);
		open(second, LIMIT);
		assertThat(second.ask().getStatusCode().value()).isEqualTo(429);
		assertThat(this.provider.inFlight()).isEqualTo(LIMIT);
	}

	// a permit that the other instance keeps for its next call comes a little later
	private Disposable open(Gateway gateway, int inFlight) {
		Disposable[] stream = new Disposable[1];
		await().atMost(PATIENCE).until(() -> {
			CompletableFuture<Boolean> begun = new CompletableFuture<>();
			stream[0] = gateway.stream().subscribe((event) -> begun.complete(true), (failure) -> begun.complete(false));
			assertThat(this.provider.inFlight()).isLessThanOrEqualTo(LIMIT);
			return begun.get(30, TimeUnit.SECONDS);
		});
		assertThat(this.provider.inFlight()).isEqualTo(inFlight);
		return stream[0];
	}

	/**
	 * A gateway in a JVM of its own.
	 */
	private static final class Gateway {

		private static final Pattern PORT = Pattern.compile("started on port (\\d+)");

		private final Process process;

		private final CompletableFuture<Integer> port = new CompletableFuture<>();

		private final StringBuffer output = new StringBuffer();

		Gateway(int redis, String provider) throws IOException {
			this.process = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1",
					"-Xmx256m", "-cp", System.getProperty("java.class.path"), GatewayApplication.class.getName(),
					"--server.port=0", "--spring.data.redis.port=" + redis, "--deepseek.fallback=deepseek",
					"--deepseek.providers.deepseek.base-url=" + provider,
					"--deepseek.providers.deepseek.api-key=test-key", "--deepseek.shared.max-wait=1s",
					"--deepseek.shared.lease=6s", "--gateway.tenants.acme.max-concurrent=" + LIMIT,
					"--gateway.tenants.acme.max-wait=0s",
					"--gateway.tenants.acme.key-sha256=2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea")
				.redirectErrorStream(true)
				.start();
			Thread reader = new Thread(this::read, "gateway");
			reader.setDaemon(true);
			reader.start();
		}

		private void read() {
			try (BufferedReader out = new BufferedReader(
					new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8))) {
				for (String line = out.readLine(); line != null; line = out.readLine()) {
					if (this.output.length() < 100_000) {
						this.output.append(line).append('\n');
					}
					Matcher matcher = PORT.matcher(line);
					if (matcher.find()) {
						this.port.complete(Integer.parseInt(matcher.group(1)));
					}
				}
			}
			catch (IOException ex) {
				// killed
			}
			this.port.completeExceptionally(new IllegalStateException(this.output.toString()));
		}

		WebClient client() throws Exception {
			return WebClient.create("http://127.0.0.1:" + this.port.get(90, TimeUnit.SECONDS));
		}

		private WebClient.RequestHeadersSpec<?> request(boolean stream) throws Exception {
			return client().post()
				.uri("/v1/chat/completions")
				.header(HttpHeaders.AUTHORIZATION, "Bearer demo")
				.contentType(MediaType.APPLICATION_JSON)
				.bodyValue("{\"model\": \"chat\", \"stream\": " + stream
						+ ", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}");
		}

		Flux<String> stream() throws Exception {
			return request(true).retrieve().bodyToFlux(String.class);
		}

		ResponseEntity<String> ask() throws Exception {
			return request(false).exchangeToMono((response) -> response.toEntity(String.class))
				.blockOptional(PATIENCE)
				.orElseThrow();
		}

		void kill() {
			this.process.destroyForcibly();
		}

	}

}
