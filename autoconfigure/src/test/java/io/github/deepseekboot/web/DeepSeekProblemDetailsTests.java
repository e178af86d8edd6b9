package io.github.deepseekboot.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link DeepSeekProblemDetails}, over HTTP, on each kind of web server.
 */
@ExtendWith(OutputCaptureExtension.class)
class DeepSeekProblemDetailsTests {

	private final ScriptedProvider host = ScriptedProvider.start("deepseek");

	@AfterEach
	void close() {
		this.host.close();
	}

	@ParameterizedTest
	@CsvSource({ "INVALID_REQUEST,400", "CONTEXT_LENGTH,400", "RATE_LIMITED,429", "OVERLOADED,503", "LOCAL_LIMIT,503",
			"TIMEOUT,504", "CONNECTION,502", "SERVER_ERROR,502", "AUTHENTICATION,500" })
	void kindsHaveStatuses(ErrorKind kind, int status) {
		assertThat(DeepSeekProblemDetails.status(kind).value()).isEqualTo(status);
	}

	@ParameterizedTest
	@CsvSource({ "0,1", "1000,1", "1001,2", "1500,2", "2000,2", "59999,60" })
	void nobodyIsAskedToComeBackTooEarly(long millis, String seconds) {
		DeepSeekException failure = DeepSeekException.builder(ErrorKind.RATE_LIMITED, "slow down")
			.retryAfter(Duration.ofMillis(millis))
			.build();
		assertThat(DeepSeekProblemDetails.response(failure).getHeaders().getFirst("Retry-After")).isEqualTo(seconds);
	}

	@ParameterizedTest
	@EnumSource
	void aFailedCallIsAProblem(Server server, CapturedOutput output) throws Exception {
		this.host.fails(429).retryAfter(Duration.ofMinutes(1)).always();
		try (Application application = run(server, "--deepseek.web.problem-details=true")) {
			for (String path : new String[] { "/later", "/deltas", "/text", "/list" }) {
				for (String accept : new String[] { "*/*", "text/event-stream", "application/json" }) {
					HttpResponse<InputStream> response = application.get(path, accept);
					assertThat(response.statusCode()).as("%s as %s", path, accept)
						.isEqualTo(application.produces(path, accept) ? 429 : 406);
					if (response.statusCode() == 429) {
						assertThat(response.headers().firstValue("Retry-After")).hasValue("60");
						assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(
								(mediaType) -> assertThat(mediaType).startsWith("application/problem+json"));
						assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8))
							.contains("\"kind\":\"RATE_LIMITED\"")
							.doesNotContain("attempts");
					}
				}
			}
		}
		assertThat(output).doesNotContain("Failure in @ExceptionHandler");
	}

	@ParameterizedTest
	@EnumSource
	void aStreamThatBreaksIsCut(Server server, CapturedOutput output) throws Exception {
		this.host.answersInPieces("Drip,", " drop").cutsAfter(1).always();
		try (Application application = run(server, "--deepseek.web.problem-details=true")) {
			for (String path : new String[] { "/deltas", "/text" }) {
				assertCut(server, application.get(path, "*/*"));
			}
		}
		assertThat(output).doesNotContain("Failure in @ExceptionHandler");
	}

	@ParameterizedTest
	@EnumSource
	void aStreamThatBreaksBeforeAnythingWasSentIsAProblem(Server server) throws Exception {
		this.host.answersInPieces("Drip,", " drop").cutsAfter(1).always();
		try (Application application = run(server, "--deepseek.web.problem-details=true")) {
			HttpResponse<InputStream> response = application.get("/list", "*/*");
			assertThat(response.statusCode()).isEqualTo(502);
			assertThat(response.body().readAllBytes()).asString().contains("STREAM_INTERRUPTED");
		}
	}

	@Test
	void nothingIsHandledUnlessAskedFor() throws Exception {
		this.host.fails(429).always();
		try (Application application = run(Server.MVC)) {
			assertThat(application.get("/later", "*/*").statusCode()).isEqualTo(500);
			assertThat(application.context.getBeansOfType(ServletProblemDetails.class)).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource
	void aProviderThatResetsTheConnectionIsNotTakenForABrowserThatWentAway(Server server) throws Exception {
		this.host.answersInPieces("Drip,", " drop").cutsAfter(1).always();
		try (Application application = run(server)) {
			assertThat(application.get("/list", "*/*").statusCode()).isEqualTo(500);
			assertCut(server, application.get("/text", "*/*"));
		}
	}

	private static void assertCut(Server server, HttpResponse<InputStream> response) {
		if (server == Server.WEBFLUX_ON_TOMCAT && response.statusCode() == 500) {
			return; // the cut came before the container had sent what was written
		}
		assertThat(response.statusCode()).isEqualTo(200);
		ByteArrayOutputStream received = new ByteArrayOutputStream();
		assertThatIOException().isThrownBy(() -> response.body().transferTo(received));
		assertThat(received.toString(StandardCharsets.UTF_8)).contains("Drip,").doesNotContain("kind");
	}

	private Application run(Server server, String... arguments) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Beans.class)
			.web((server == Server.MVC) ? WebApplicationType.SERVLET : WebApplicationType.REACTIVE)
			.logStartupInfo(false)
			.properties("server.port=0", "deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + this.host.baseUrl())
			.run(arguments);
		if (server != Server.WEBFLUX_ON_NETTY) {
			return new Application(context, null);
		}
		return new Application(context,
				HttpServer.create()
					.host("127.0.0.1")
					.handle(new ReactorHttpHandlerAdapter(context.getBean(HttpHandler.class)))
					.bindNow());
	}

	private enum Server {

		MVC, WEBFLUX_ON_TOMCAT, WEBFLUX_ON_NETTY

	}

	private record Application(ConfigurableApplicationContext context,
			DisposableServer netty) implements AutoCloseable {

		HttpResponse<InputStream> get(String path, String accept) throws IOException, InterruptedException {
			String port = (this.netty != null) ? Integer.toString(this.netty.port())
					: this.context.getEnvironment().getProperty("local.server.port");
			return HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
					.header("Accept", accept)
					.build(), HttpResponse.BodyHandlers.ofInputStream());
		}

		boolean produces(String path, String accept) {
			String type = path.equals("/deltas") ? "text/event-stream"
					: path.equals("/text") ? "text/plain" : "application/json";
			return accept.equals("*/*") || accept.equals(type);
		}

		@Override
		public void close() {
			if (this.netty != null) {
				this.netty.disposeNow();
			}
			this.context.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Poems.class)
	static class Beans {

	}

	@RestController
	static class Poems {

		private final ChatCompletionTemplate chat;

		Poems(ChatCompletionTemplate chat) {
			this.chat = chat;
		}

		@GetMapping(path = "/later", produces = MediaType.APPLICATION_JSON_VALUE)
		Object later() {
			return this.chat.completeAsync("rain");
		}

		@GetMapping(path = "/deltas", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<ChatDelta> deltas() {
			return this.chat.stream("rain");
		}

		@GetMapping(path = "/text", produces = "text/plain;charset=UTF-8")
		Flux<String> text() {
			return this.chat.streamText("rain");
		}

		@GetMapping(path = "/list", produces = MediaType.APPLICATION_JSON_VALUE)
		Object list() {
			return this.chat.stream("rain").collectList();
		}

	}

}
