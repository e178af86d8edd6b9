package io.github.deepseekboot.guide;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.test.provider.ReceivedCall;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the code of the guides to streaming and to errors does what they say, over
 * HTTP, in both kinds of web application.
 */
class StreamingGuideTests {

	private final ScriptedProvider host = ScriptedProvider.start("deepseek");

	@AfterEach
	void close() {
		this.host.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void controllersStream(WebApplicationType type) throws Exception {
		this.host.when(ReceivedCall::isStream).answersInPieces("Drip,", " drop\nDrip").always();
		this.host.answers("Drip, drop").always();
		try (ConfigurableApplicationContext application = run(type)) {
			assertThat(get(application, "/poem")).contains("data:{\"content\":\"Drip,\"").contains("\"last\":true");
			assertThat(get(application, "/poem.txt")).isEqualTo("Drip, drop\nDrip");
			assertThat(get(application, "/poem/events")).startsWith("event:delta\n").doesNotContain("failure");
			assertThat(get(application, "/poem/aloud")).contains("event:text\ndata:{\"text\":\" drop\\nDrip\"}")
				.contains("event:end\ndata:{}");
			if (type == WebApplicationType.SERVLET) {
				assertThat(get(application, "/poem/whole")).isEqualTo("Drip, drop");
			}
			WaitingPoems waiting = application.getBean(WaitingPoems.class);
			assertThat(waiting.firstLine("rain")).isEqualTo("Drip, drop");
			assertThat(reader(application).whole("rain").finishReason()).isEqualTo(FinishReason.STOP);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void reasoningIsApart(WebApplicationType type) throws Exception {
		this.host.thinks("Short").answers("Drip");
		this.host.fails(400);
		try (ConfigurableApplicationContext application = run(type)) {
			assertThat(get(application, "/poem/aloud")).isEqualTo("event:thinking\ndata:{\"text\":\"Short\"}\n\n"
					+ "event:text\ndata:{\"text\":\"Drip\"}\n\nevent:end\ndata:{}\n\n");
			HttpResponse<String> failure = exchange(application, "/poem/aloud");
			assertThat(failure.statusCode()).isEqualTo(200);
			assertThat(failure.body()).isEqualTo("event:failure\ndata:\"INVALID_REQUEST\"\n\n");
		}
	}

	@Test
	void streamsOutliveTheTimeoutOfAsynchronousRequests() throws Exception {
		this.host.answers("Drip").stallsBefore(Duration.ofSeconds(4)).always();
		try (ConfigurableApplicationContext application = run(WebApplicationType.SERVLET,
				"--spring.mvc.async.request-timeout=100ms")) {
			var events = CompletableFuture.supplyAsync(() -> get(application, "/poem"));
			var text = CompletableFuture.supplyAsync(() -> get(application, "/poem.txt"));
			assertThat(exchange(application, "/poem/later").statusCode()).isEqualTo(503);
			assertThat(exchange(application, "/poem/list").statusCode()).isEqualTo(503);
			assertThat(events.join()).contains("Drip").contains("\"last\":true");
			assertThat(text.join()).isEqualTo("Drip");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void aServletContainerDoesNotNoticeThatABrowserLeftDuringSilence(WebApplicationType type) throws Exception {
		this.host.answersInPieces("Drip,", " drop").stallsAfter(1);
		Duration silence = Duration.ofSeconds(4);
		try (ConfigurableApplicationContext application = run(type,
				"--deepseek.timeout.idle-bytes=" + silence.toMillis() + "ms")) {
			int port = Integer.parseInt(application.getEnvironment().getRequiredProperty("local.server.port"));
			long before = System.nanoTime();
			try (Socket browser = new Socket("127.0.0.1", port)) {
				browser.getOutputStream()
					.write("GET /poem?topic=rain HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
				Scanner events = new Scanner(browser.getInputStream(), StandardCharsets.UTF_8);
				assertThat(events.findWithinHorizon("Drip", 0)).isNotNull();
			}
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.untilAsserted(() -> assertThat(this.host.inFlight()).isZero());
			// both kinds of application run on Tomcat here
			assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(silence);
		}
	}

	@Test
	void failuresAreSent() throws Exception {
		this.host.fails(400).times(2);
		this.host.fails(429).retryAfter(Duration.ofMinutes(1)).always();
		try (ConfigurableApplicationContext application = run(WebApplicationType.REACTIVE)) {
			assertThat(get(application, "/poem/events")).isEqualTo("event:failure\ndata:\"INVALID_REQUEST\"\n\n");
			assertThat(reader(application).poemOrReason("rain")).isEqualTo("No poem today");
			assertThat(reader(application).poemOrReason("rain")).isEqualTo("Try again in 60 seconds");
		}
	}

	@Test
	void interruptionLeavesWhatWasDelivered() {
		this.host.answersInPieces("Drip,", " drop").cutsAfter(1);
		try (ConfigurableApplicationContext application = run(WebApplicationType.REACTIVE)) {
			assertThat(reader(application).readable("rain").collectList().block()).containsExactly("Drip,",
					"\n(the poet was interrupted)");
		}
	}

	private static CarefulReader reader(ConfigurableApplicationContext application) {
		return new CarefulReader(application.getBean(ChatCompletionTemplate.class));
	}

	private ConfigurableApplicationContext run(WebApplicationType type, String... arguments) {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.addAll(List.of("--server.port=0", "--spring.threads.virtual.enabled=true",
				"--deepseek.providers.deepseek.api-key=test-key",
				"--deepseek.providers.deepseek.base-url=" + this.host.baseUrl()));
		return new SpringApplicationBuilder(Application.class).web(type)
			.logStartupInfo(false)
			.run(all.toArray(String[]::new));
	}

	private static String get(ConfigurableApplicationContext application, String path) {
		return exchange(application, path).body();
	}

	private static HttpResponse<String> exchange(ConfigurableApplicationContext application, String path) {
		try {
			return HttpClient.newHttpClient().send(request(application, path), HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static HttpRequest request(ConfigurableApplicationContext application, String path) {
		String port = application.getEnvironment().getProperty("local.server.port");
		return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path + "?topic=rain")).build();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ PoemStreams.class, WaitingPoems.class, LaterPoems.class })
	static class Application {

	}

	@RestController
	static class LaterPoems {

		private final ChatCompletionTemplate chat;

		LaterPoems(ChatCompletionTemplate chat) {
			this.chat = chat;
		}

		@GetMapping("/poem/later")
		Mono<String> later() {
			return this.chat.completeAsync("Write a poem").map(ChatCompletion::content);
		}

		@GetMapping(path = "/poem/list", produces = MediaType.APPLICATION_JSON_VALUE)
		Flux<ChatDelta> list() {
			return this.chat.stream("Write a poem");
		}

	}

}
