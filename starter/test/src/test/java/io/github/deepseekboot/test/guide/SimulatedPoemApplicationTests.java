package io.github.deepseekboot.test.guide;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.deepseekboot.ChatCompletionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that an application runs without a key as the guide shows.
 */
class SimulatedPoemApplicationTests {

	@Test
	void aScriptedProviderAnswersWithoutAKey() {
		try (ConfigurableApplicationContext context = SpringApplication.from(PoemApplication::main)
			.with(SimulatedPoemApplication.class)
			.run("--server.port=0", "--deepseek.providers.deepseek.proxy=",
					"--deepseek.providers.deepseek.api-key=${NO_SUCH_VARIABLE}")
			.getApplicationContext()) {
			assertThat(context.getBean(ChatCompletionTemplate.class).complete("rain").content())
				.isEqualTo("Drip, drop, drip, drop");
		}
	}

}
