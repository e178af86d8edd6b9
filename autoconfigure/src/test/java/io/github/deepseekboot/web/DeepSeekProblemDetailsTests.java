package io.github.deepseekboot.web;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeepSeekProblemDetails}.
 */
class DeepSeekProblemDetailsTests {

	@ParameterizedTest
	@CsvSource({ "INVALID_REQUEST,400", "CONTEXT_LENGTH,400", "RATE_LIMITED,429", "OVERLOADED,503", "LOCAL_LIMIT,503",
			"TIMEOUT,504", "CONNECTION,502", "SERVER_ERROR,502", "AUTHENTICATION,500" })
	void kindsHaveStatuses(ErrorKind kind, int status) {
		assertThat(DeepSeekProblemDetails.status(kind).value()).isEqualTo(status);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void aFailedCallIsAProblem(WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext application = run(type, "--deepseek.web.problem-details=true")) {
			HttpResponse<String> response = get(application);
			assertThat(response.statusCode()).isEqualTo(429);
			assertThat(response.headers().firstValue("Retry-After")).hasValue("60");
			assertThat(response.headers().firstValue("Content-Type"))
				.hasValueSatisfying((mediaType) -> assertThat(mediaType).startsWith("application/problem+json"));
			assertThat(response.body()).contains("\"kind\":\"RATE_LIMITED\"").doesNotContain("what the host said");
		}
	}

	@Test
	void nothingIsHandledUnlessAskedFor() throws Exception {
		try (ConfigurableApplicationContext application = run(WebApplicationType.SERVLET)) {
			assertThat(get(application).statusCode()).isEqualTo(500);
			assertThat(application.getBeansOfType(DeepSeekProblemDetails.class)).isEmpty();
		}
	}

	private static ConfigurableApplicationContext run(WebApplicationType type, String... arguments) {
		return new SpringApplicationBuilder(Application.class).web(type)
			.logStartupInfo(false)
			.properties("server.port=0", "deepseek.providers.deepseek.api-key=test-key")
			.run(arguments);
	}

	private static HttpResponse<String> get(ConfigurableApplicationContext application) throws Exception {
		String port = application.getEnvironment().getProperty("local.server.port");
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/fail")).build(),
					HttpResponse.BodyHandlers.ofString());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Failing.class)
	static class Application {

	}

	@RestController
	static class Failing {

		@GetMapping("/fail")
		String fail() {
			throw DeepSeekException.builder(ErrorKind.RATE_LIMITED, "what the host said")
				.retryAfter(Duration.ofSeconds(60))
				.build();
		}

	}

}
