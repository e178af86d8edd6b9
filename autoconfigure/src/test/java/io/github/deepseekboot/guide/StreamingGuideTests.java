package io.github.deepseekboot.guide;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

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

import io.github.deepseekboot.ChatCompletionTemplate;
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

	private ConfigurableApplicationContext run(WebApplicationType type) {
		return new SpringApplicationBuilder(Application.class).web(type)
			.logStartupInfo(false)
			.run("--server.port=0", "--spring.threads.virtual.enabled=true",
					"--deepseek.providers.deepseek.api-key=test-key",
					"--deepseek.providers.deepseek.base-url=" + this.host.baseUrl());
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
