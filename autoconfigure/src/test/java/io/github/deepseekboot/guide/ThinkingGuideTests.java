package io.github.deepseekboot.guide;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.chat.AccountBalance;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

import static io.github.deepseekboot.test.provider.ScriptedProviderAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the code of {@code docs/guide/thinking.md}, and that of
 * {@code docs/providers.md}, is the code of this package and does what the documents say.
 */
class ThinkingGuideTests {

	private static final Path SOURCES = Path.of("src/test/java/io/github/deepseekboot/guide");

	private static final Pattern REGION = Pattern.compile("// tag::\\w+\\[]\\n(.*?)// end::", Pattern.DOTALL);

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
		try (ScriptedProvider host = ScriptedProvider.start("deepseek")) {
			host.thinks("It has hands").answers("A clock").always();
			this.runner
				.withPropertyValues("deepseek.providers.deepseek.api-key=test-key",
						"deepseek.providers.deepseek.base-url=" + host.baseUrl())
				.run((context) -> {
					Riddler riddler = context.getBean(Riddler.class);
					assertThat(riddler.quick("What has hands?")).isEqualTo("A clock");
					assertThat(riddler.thorough("What has hands?")).isEqualTo("A clock (because: It has hands)");
				});
			assertThat(host).hasReceivedCalls(2);
			assertThat(host).call(1).hasField("/thinking", Map.of("type", "disabled"));
			assertThat(host).call(2)
				.hasField("/thinking", Map.of("type", "enabled"))
				.hasField("/reasoning_effort", "high");
		}
	}

	@Test
	void reasoningBetweenTagsIsReasoning() {
		try (ScriptedProvider host = ScriptedProvider.start("vllm")) {
			host.answersInPieces("It has hands</th", "ink>A clock");
			this.runner
				.withPropertyValues("deepseek.providers.lab.preset=vllm", "deepseek.providers.lab.api-key=test-key",
						"deepseek.providers.lab.base-url=" + host.baseUrl(),
						"deepseek.providers.lab.models.reasoner=deepseek-ai/DeepSeek-R1")
				.run((context) -> assertThat(context.getBean(Riddler.class)
					.aloud("What has hands?")
					.collectList()
					.block(Duration.ofSeconds(10))).containsExactly("[It has hands]", "A clock"));
		}
	}

	@Test
	void accountsAreAsked() {
		try (ScriptedServer server = ScriptedServer.start()) {
			ScriptedProvider deepseek = server.addProvider("deepseek", "deepseek");
			ScriptedProvider siliconflow = server.simulateProvider("siliconflow");
			this.runner.withPropertyValues("deepseek.provider=deepseek", "deepseek.fallback=deepseek,siliconflow",
					"deepseek.providers.deepseek.api-key=test-key", "deepseek.providers.siliconflow.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + deepseek.baseUrl(),
					"deepseek.providers.siliconflow.base-url=" + siliconflow.baseUrl())
				.run((context) -> {
					Accounts accounts = context.getBean(Accounts.class);
					assertThat(accounts.models("siliconflow")).extracting(ModelInfo::id)
						.contains("deepseek-ai/DeepSeek-V4-Flash");
					assertThat(accounts.balances().collectList().block(Duration.ofSeconds(10)))
						.isEqualTo(List.of(new AccountBalance(true, List.of(new AccountBalance.Amount("CNY",
								new BigDecimal("25.00"), new BigDecimal("5.00"), new BigDecimal("20.00"))))));
				});
		}
	}

}
