package io.github.deepseekboot.guide;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ModelInfo;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the code of {@code docs/guide/thinking.md}, and that of
 * {@code docs/providers.md}, is the code of this package and does what the documents say.
 */
class ThinkingGuideTests {

	private static final Path SOURCES = Path.of("src/test/java/io/github/deepseekboot/guide");

	private static final Pattern REGION = Pattern.compile("// tag::\\w+\\[]\\n(.*?)// end::", Pattern.DOTALL);

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
		.withUserConfiguration(Riddler.class, Accounts.class);

	@ParameterizedTest
	@CsvSource({ "Riddler.java,docs/guide/thinking.md", "Accounts.java,docs/providers.md" })
	void theCodeOfTheDocumentIsCompiled(String source, String document) throws IOException {
		Matcher region = REGION.matcher(Files.readString(SOURCES.resolve(source)));
		assertThat(region.find()).isTrue();
		assertThat(Files.readString(Path.of("..").resolve(document))).contains("```java\n" + region.group(1) + "```");
	}

	@Test
	void aProviderWithASwitchIsAskedThatWay() {
		host.stubFor(post(urlEqualTo("/chat/completions")).willReturn(okJson("""
				{"choices": [{"index": 0, "message": {"role": "assistant", "reasoning_content": "It has hands",
				"content": "A clock"}, "finish_reason": "stop"}]}""")));
		this.runner
			.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl())
			.run((context) -> {
				Riddler riddler = context.getBean(Riddler.class);
				assertThat(riddler.quick("What has hands?")).isEqualTo("A clock");
				assertThat(riddler.thorough("What has hands?")).isEqualTo("A clock (because: It has hands)");
				host.verify(1, postRequestedFor(urlEqualTo("/chat/completions"))
					.withRequestBody(matchingJsonPath("$.thinking", equalToJson("{\"type\": \"disabled\"}"))));
				host.verify(1,
						postRequestedFor(urlEqualTo("/chat/completions"))
							.withRequestBody(matchingJsonPath("$.thinking", equalToJson("{\"type\": \"enabled\"}")))
							.withRequestBody(matchingJsonPath("$[?(@.reasoning_effort == 'high')]")));
			});
	}

	@Test
	void reasoningBetweenTagsIsReasoning() {
		host.stubFor(post(urlEqualTo("/chat/completions"))
			.willReturn(aResponse().withHeader("Content-Type", "text/event-stream").withBody("""
					data: {"choices": [{"index": 0, "delta": {"content": "It has hands</th"}, "finish_reason": null}]}

					data: {"choices": [{"index": 0, "delta": {"content": "ink>A clock"}, "finish_reason": null}]}

					data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

					data: [DONE]

					""")));
		this.runner
			.withPropertyValues("deepseek.providers.lab.preset=vllm",
					"deepseek.providers.lab.base-url=" + host.baseUrl(),
					"deepseek.providers.lab.models.reasoner=deepseek-ai/DeepSeek-R1")
			.run((context) -> assertThat(
					context.getBean(Riddler.class).aloud("What has hands?").collectList().block(Duration.ofSeconds(10)))
				.containsExactly("[It has hands]", "A clock"));
	}

	@Test
	void accountsAreAsked() {
		host.stubFor(get(urlEqualTo("/models")).willReturn(okJson("{\"data\": [{\"id\": \"deepseek-flash\"}]}")));
		host.stubFor(get(urlEqualTo("/user/balance")).willReturn(okJson("""
				{"is_available": true, "balance_infos": [{"currency": "CNY", "total_balance": "110.00"}]}""")));
		this.runner
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.fallback=deepseek,siliconflow",
					"deepseek.providers.deepseek.api-key=test-key", "deepseek.providers.siliconflow.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl(),
					"deepseek.providers.siliconflow.base-url=" + host.baseUrl())
			.run((context) -> {
				Accounts accounts = context.getBean(Accounts.class);
				assertThat(accounts.models("siliconflow"))
					.containsExactly(new ModelInfo("deepseek-flash", null, null, null));
				assertThat(accounts.balances().collectList().block(Duration.ofSeconds(10)))
					.isEqualTo(List.of(new AccountBalance(true,
							List.of(new AccountBalance.Amount("CNY", new BigDecimal("110.00"), null, null)))));
			});
	}

}
