package io.github.deepseekboot.guide;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.FinishReason;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okForContentType;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the code of the guides to streaming and to errors does what they say, over
 * HTTP, in both kinds of web application.
 */
class StreamingGuideTests {

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private static final String CHUNK = """
			data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}

			""";

	private static final String END = """
			data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}

			data: [DONE]

			""";

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void controllersStream(WebApplicationType type) throws Exception {
		stream(CHUNK.formatted("Drip,") + CHUNK.formatted(" drop\\nDrip") + END);
		host.stubFor(post("/chat/completions").withRequestBody(matchingJsonPath("$[?(@.stream == false)]"))
			.willReturn(okJson("""
					{"choices": [{"message": {"content": "Drip, drop"}, "finish_reason": "stop"}]}""")));
		try (ConfigurableApplicationContext application = run(type)) {
			assertThat(get(application, "/poem")).contains("data:{\"content\":\"Drip,\"").contains("\"last\":true");
			assertThat(get(application, "/poem.txt")).isEqualTo("Drip, drop\nDrip");
			assertThat(get(application, "/poem/events")).startsWith("event:delta\n").doesNotContain("failure");
			if (type == WebApplicationType.SERVLET) {
				assertThat(get(application, "/poem/whole")).isEqualTo("Drip, drop");
			}
			WaitingPoems waiting = application.getBean(WaitingPoems.class);
			assertThat(waiting.firstLine("rain")).isEqualTo("Drip, drop");
			assertThat(reader(application).whole("rain").finishReason()).isEqualTo(FinishReason.STOP);
		}
	}

	@Test
	void failuresAreSent() throws Exception {
		host.stubFor(post("/chat/completions").willReturn(aResponse().withStatus(400).withBody("no")));
		try (ConfigurableApplicationContext application = run(WebApplicationType.REACTIVE)) {
			assertThat(get(application, "/poem/events")).isEqualTo("event:failure\ndata:\"INVALID_REQUEST\"\n\n");
			assertThat(reader(application).poemOrReason("rain")).isEqualTo("No poem today");
			host.stubFor(post("/chat/completions")
				.willReturn(aResponse().withStatus(429).withHeader("Retry-After", "60").withBody("no")));
			assertThat(reader(application).poemOrReason("rain")).isEqualTo("Try again in 60 seconds");
		}
	}

	@Test
	void interruptionLeavesWhatWasDelivered() {
		stream(CHUNK.formatted("Drip,"));
		try (ConfigurableApplicationContext application = run(WebApplicationType.REACTIVE)) {
			assertThat(reader(application).readable("rain").collectList().block()).containsExactly("Drip,",
					"\n(the poet was interrupted)");
		}
	}

	private static void stream(String body) {
		host.stubFor(post("/chat/completions").withRequestBody(matchingJsonPath("$[?(@.stream == true)]"))
			.willReturn(okForContentType("text/event-stream", body)));
	}

	private static CarefulReader reader(ConfigurableApplicationContext application) {
		return new CarefulReader(application.getBean(ChatCompletionTemplate.class));
	}

	private static ConfigurableApplicationContext run(WebApplicationType type) {
		return new SpringApplicationBuilder(Application.class).web(type)
			.logStartupInfo(false)
			.run("--server.port=0", "--spring.threads.virtual.enabled=true",
					"--deepseek.providers.deepseek.api-key=test-key",
					"--deepseek.providers.deepseek.base-url=" + host.baseUrl());
	}

	private static String get(ConfigurableApplicationContext application, String path) throws Exception {
		String port = application.getEnvironment().getProperty("local.server.port");
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path + "?topic=rain"))
			.build();
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ PoemStreams.class, WaitingPoems.class })
	static class Application {

	}

}
