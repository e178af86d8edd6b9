package io.github.deepseekboot.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.github.deepseekboot.ChatCompletionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tests for {@link InvalidDeepSeekConfigurationFailureAnalyzer}.
 */
@ExtendWith(OutputCaptureExtension.class)
class InvalidDeepSeekConfigurationFailureAnalyzerTests {

	@Test
	void saysWhatIsWrongAndWhatToWrite() {
		InvalidDeepSeekConfigurationException failure = new InvalidDeepSeekConfigurationException("deepseek.provider",
				"there is no provider 'x'", "Use another.");
		FailureAnalysis analysis = new InvalidDeepSeekConfigurationFailureAnalyzer()
			.analyze(new IllegalStateException(failure), failure);
		assertThat(analysis.getDescription())
			.isEqualTo("The property 'deepseek.provider' is invalid: there is no provider 'x'.");
		assertThat(analysis.getAction()).isEqualTo("Use another.");
		assertThat(analysis.getCause()).isSameAs(failure);
	}

	@Test
	void anApplicationThatCannotStartSaysItInsteadOfAStackTrace(CapturedOutput output) {
		SpringApplication application = new SpringApplicationBuilder(App.class).web(WebApplicationType.NONE)
			.properties("deepseek.providers.deepseek.api-key=${A_KEY_THAT_NOBODY_SET}")
			.build();
		assertThatThrownBy(application::run).isInstanceOf(Exception.class);
		assertThat(output)
			.contains("APPLICATION FAILED TO START",
					"The property 'deepseek.providers.deepseek.api-key' is invalid: its placeholder could not be"
							+ " resolved: the variable or property in it is not set.",
					"Set it to your key, for example to ${DEEPSEEK_API_KEY} with that environment variable set; or name"
							+ " another default with deepseek.provider.")
			.doesNotContain("\tat ");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class App {

		@Bean
		String injected(ChatCompletionTemplate template) {
			return "never made";
		}

	}

}
