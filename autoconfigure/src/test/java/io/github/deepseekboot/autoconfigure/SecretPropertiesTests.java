package io.github.deepseekboot.autoconfigure;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.transport.TestProviders;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that keys do not leave the application with what holds them.
 */
class SecretPropertiesTests {

	private static final JsonMapper mapper = JsonMapper.builder().build();

	@Test
	void keysAreNotWrittenAsJson() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class))
			.withPropertyValues("deepseek.providers.deepseek.api-key=" + TestProviders.KEY)
			.run((context) -> {
				DeepSeekProperties properties = context.getBean(DeepSeekProperties.class);
				assertThat(properties.providers().get("deepseek").apiKey()).isEqualTo(TestProviders.KEY);
				assertThat(mapper.writeValueAsString(properties)).contains("providers", "baseUrl")
					.doesNotContain(TestProviders.KEY);
				assertThat(mapper.writeValueAsString(context.getBean(DeepSeekConnectionDetails.class).getProviders()))
					.contains("baseUrl")
					.doesNotContain(TestProviders.KEY);
			});
	}

}
