package io.github.deepseekboot.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ErrorKind;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the application of the README runs, and that the table of errors is
 * complete.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadmeTests {

	private static final Path ROOT = Path.of("..");

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	@Test
	void itsApplicationRuns(CapturedOutput output) throws IOException {
		host.stubFor(post(urlEqualTo("/chat/completions")).willReturn(okJson("""
				{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Drip, drop"},
				"finish_reason": "stop"}]}""")));
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(PoemApplication.class)
			.web(WebApplicationType.NONE)
			.properties("deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl())
			.run()) {
			assertThat(output).contains("Drip, drop").doesNotContain("WARN");
			host.verify(postRequestedFor(urlEqualTo("/chat/completions"))
				.withHeader("Authorization", equalTo("Bearer test-key"))
				.withRequestBody(matchingJsonPath("$.messages[0].content", equalTo("Write a poem about rain"))));
			assertThat(context.getBean(Poet.class).poem("snow")).isEqualTo("Drip, drop");
			assertThat(new PatientPoet(context.getBean(ChatCompletionTemplate.class)).poem("hail"))
				.isEqualTo("Drip, drop");
		}
	}

	@Test
	void tableOfErrorsIsComplete() throws IOException {
		assertThat(Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE)
			.matcher(Files.readString(ROOT.resolve("docs/guide/errors.md")))
			.results()
			.map((result) -> result.group(1)))
			.containsExactlyElementsOf(Arrays.stream(ErrorKind.values()).map(Enum::name).toList());
	}

}
