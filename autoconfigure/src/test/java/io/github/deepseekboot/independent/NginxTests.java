package io.github.deepseekboot.independent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests with nginx between the client and the provider, as a gateway stands in many
 * houses: how it buffers, times out and fails, and what its own pages say.
 */
class NginxTests {

	private static final Duration PATIENCE = Duration.ofSeconds(40);

	private static final String TEXT = "word ".repeat(40).strip();

	@TempDir
	static Path folder;

	private static ScriptedProvider provider;

	private static ScriptedProvider other;

	private static ExternalServer nginx;

	private static String address;

	@BeforeAll
	static void startServers() throws IOException {
		assumeThat(ExternalServer.program("nginx")).as("nginx on the PATH or in /usr/sbin").isPresent();
		provider = ScriptedProvider.start("deepseek");
		other = ScriptedProvider.start("siliconflow");
		int port = ExternalServer.freePort();
		int tlsPort = ExternalServer.freePort();
		address = "http://127.0.0.1:" + port;
		Files.createDirectories(folder.resolve("html/static/chat"));
		Files.writeString(folder.resolve("html/static/chat/completions"), "a file");
		Files.writeString(folder.resolve("nginx.conf"), configuration(port, tlsPort));
		nginx = ExternalServer.start(folder, port, List.of(ExternalServer.program("nginx").orElseThrow(), "-p",
				folder.toString(), "-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;"));
	}

	private static String configuration(int port, int closedPort) {
		String upstream = provider.baseUrl();
		return """
				worker_processes 1;
				pid nginx.pid;
				user root;
				events { worker_connections 256; }
				http {
					access_log off;
					client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi;
					uwsgi_temp_path uwsgi; scgi_temp_path scgi;
					proxy_http_version 1.1;
					proxy_set_header Connection "";
					server {
						listen 127.0.0.1:%1$d;
						location /plain/ { proxy_buffering off; proxy_pass %2$s/; }
						location /buffered/ { proxy_buffering on; proxy_buffers 4 4k; proxy_pass %2$s/; }
						location /gzip/ { gzip on; gzip_proxied any; gzip_min_length 1; gzip_types *;
							proxy_pass %2$s/; }
						location /impatient/ { proxy_buffering off; proxy_read_timeout 1s; proxy_pass %2$s/; }
						location /dead/ { proxy_pass http://127.0.0.1:%3$d/; }
						location /small/ { client_max_body_size 10; proxy_pass %2$s/; }
						location /moved/ { return 301 %2$s/chat/completions; }
						location /found/ { return 307 %2$s/chat/completions; }
						location /maintenance/ { return 503; }
						location /static/ { root html; }
						location /bad/ { return 400 "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body><center><h1>400 Bad Request</h1></center></body></html>"; default_type text/html; }
					}
				}
				"""
			.formatted(port, upstream, closedPort);
	}

	@AfterAll
	static void stopServers() {
		if (nginx != null) {
			nginx.close();
		}
		if (provider != null) {
			provider.close();
			other.close();
		}
	}

	@BeforeEach
	void answer() {
		provider.reset();
		other.reset();
		provider.script(Script.builder().answer(TEXT).reasoning("Let me see.").chunksPerSecond(400).build());
		other.script(Script.answering("elsewhere"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "plain", "buffered", "gzip" })
	void answersComeThrough(String place) {
		run(place, (chat) -> {
			assertThat(chat.complete("hi").content()).isEqualTo(TEXT);
			ChatCompletion streamed = collect(chat);
			assertThat(streamed.content()).isEqualTo(TEXT);
			assertThat(streamed.provider()).isEqualTo("host");
			assertThat(streamed.usage()).isNotNull();
		});
	}

	@Test
	void streamArrivesInPiecesWhereNothingBuffers() {
		provider.script(Script.builder().chunks(400, 4).chunksPerSecond(40).build());
		run("plain", (chat) -> {
			long completed = provider.completed();
			chat.stream("hi").take(3).blockLast(PATIENCE);
			assertThat(provider.completed()).as("the provider was not done yet").isEqualTo(completed);
		});
	}

	// what a gateway says of itself is no reason not to ask the next provider
	@ParameterizedTest
	@CsvSource({ "dead, SERVER_ERROR, 502 Bad Gateway", "small, INVALID_REQUEST, 413 Request Entity Too Large",
			"maintenance, OVERLOADED, 503 Service Temporarily Unavailable", "moved, REDIRECTED, 301",
			"found, REDIRECTED, 307", "static, INVALID_REQUEST, 405 Not Allowed",
			"bad, INVALID_REQUEST, 400 The plain HTTP request was sent to HTTPS port" })
	void pagesOfTheGatewayAreTakenOver(String place, ErrorKind kind, String words) {
		long received = provider.received();
		for (boolean stream : new boolean[] { false, true }) {
			run(place, (chat) -> {
				ChatCompletion completion = stream ? collect(chat) : chat.complete("hi");
				assertThat(completion.content()).isEqualTo("elsewhere");
				assertThat(completion.attempts().get(0).error()).isEqualTo(kind);
			});
			run(place,
					(chat) -> assertThatExceptionOfType(DeepSeekException.class)
						.isThrownBy(() -> ask(chat.withProvider("host"), stream))
						.satisfies((ex) -> {
							assertThat(ex.getKind()).isEqualTo(kind);
							assertThat(ex.getMessage()).contains(words).doesNotContain("<html", "<center");
						}),
					"deepseek.retry.max-attempts=1");
		}
		assertThat(provider.received()).as("a redirect is never followed").isEqualTo(received);
	}

	@Test
	void impatientGatewayIsTakenOverBeforeTheFirstToken() {
		provider.script(Script.builder().answer(TEXT).firstByteDelay(Duration.ofSeconds(4)).build());
		run("impatient", (chat) -> {
			ChatCompletion completion = collect(chat);
			assertThat(completion.content()).isEqualTo("elsewhere");
			assertThat(completion.attempts().get(0).status()).isEqualTo(504);
		});
	}

	@Test
	void impatientGatewayInterruptsAStreamThatStalls() {
		provider.script(Script.builder().answer(TEXT).reasoning("").chunksPerSecond(0.4).build());
		run("impatient",
				(chat) -> assertThatExceptionOfType(StreamInterruptedException.class)
					.isThrownBy(() -> chat.stream("hi").blockLast(PATIENCE))
					.satisfies((ex) -> assertThat(ex.getCauseKind()).isEqualTo(ErrorKind.STREAM_CLOSED)));
	}

	@Test
	void reloadLosesNoStream() {
		provider.script(Script.builder().answer(TEXT).reasoning("").chunksPerSecond(20).build());
		run("plain", (chat) -> {
			ChatDeltaAccumulator collected = new ChatDeltaAccumulator();
			AtomicBoolean reloaded = new AtomicBoolean();
			chat.stream("hi").doOnNext((delta) -> {
				collected.add(delta);
				if (reloaded.compareAndSet(false, true)) {
					reload();
				}
			}).blockLast(PATIENCE);
			assertThat(collected.toCompletion().content()).isEqualTo(TEXT);
			// the old worker has closed its connections by and by
			for (int i = 0; i < 5; i++) {
				assertThat(chat.complete("hi").content()).isEqualTo(TEXT);
			}
		});
	}

	private static void reload() {
		try {
			new ProcessBuilder("kill", "-HUP", String.valueOf(nginx.pid())).start().waitFor();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static void ask(ChatCompletionTemplate chat, boolean stream) {
		if (stream) {
			chat.stream("hi").blockLast(PATIENCE);
		}
		else {
			chat.complete("hi");
		}
	}

	private static ChatCompletion collect(ChatCompletionTemplate chat) {
		ChatDeltaAccumulator collected = new ChatDeltaAccumulator();
		List<ChatDelta> deltas = Objects
			.requireNonNull(chat.stream(ChatRequest.of("hi")).doOnNext(collected::add).collectList().block(PATIENCE));
		assertThat(deltas.get(deltas.size() - 1).isLast()).isTrue();
		return collected.toCompletion();
	}

	private static void run(String place, Consumer<ChatCompletionTemplate> test, String... properties) {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
			.withPropertyValues("deepseek.provider=host", "deepseek.fallback=other",
					"deepseek.providers.host.preset=deepseek", "deepseek.providers.host.api-key=test-key",
					"deepseek.providers.host.base-url=" + address + "/" + place,
					"deepseek.providers.other.preset=siliconflow", "deepseek.providers.other.api-key=test-key",
					"deepseek.providers.other.base-url=" + other.baseUrl())
			.withPropertyValues(properties)
			.run((context) -> test.accept(context.getBean(ChatCompletionTemplate.class)));
	}

}
