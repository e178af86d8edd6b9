package io.github.deepseekboot.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.test.provider.ReceivedMessage;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static io.github.deepseekboot.test.provider.ScriptedProviderAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the application of the README runs, and that the table of errors is
 * complete.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadmeTests {

	private static final Path ROOT = Path.of("..");

	@Test
	void itsApplicationRuns(CapturedOutput output) {
		try (ScriptedProvider host = ScriptedProvider.start("deepseek")) {
			host.acceptKeys("test-key");
			host.answers("Drip, drop").always();
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(PoemApplication.class)
				.web(WebApplicationType.NONE)
				.properties("deepseek.providers.deepseek.api-key=test-key",
						"deepseek.providers.deepseek.base-url=" + host.baseUrl())
				.run()) {
				assertThat(output).contains("Drip, drop").doesNotContain("WARN");
				assertThat(host).lastCall().hasMessages(new ReceivedMessage("user", "Write a poem about rain"));
				assertThat(context.getBean(Poet.class).poem("snow")).isEqualTo("Drip, drop");
				assertThat(new PatientPoet(context.getBean(ChatCompletionTemplate.class)).poem("hail"))
					.isEqualTo("Drip, drop");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "README.zh-CN.md" })
	void presetsAreNamed(String document) throws IOException {
		String text = Files.readString(ROOT.resolve(document));
		assertThat(ProviderPresets.ids()).allSatisfy((id) -> assertThat(text).contains("`" + id + "`"));
		assertThat(ProviderPresets.ids().stream().filter((id) -> ProviderPresets.get(id).models().isEmpty()))
			.containsExactlyInAnyOrder("volcengine", "groq", "azure", "ollama", "vllm", "sglang", "openai");
		assertThat(ProviderPresets.ids().stream().filter((id) -> ProviderPresets.get(id).baseUrl() == null))
			.containsExactlyInAnyOrder("azure", "openai");
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
