package io.github.deepseekboot.samples.chat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SimulatorProperties}.
 */
class SimulatorPropertiesTests {

	private final MockEnvironment environment = new MockEnvironment()
		.withProperty("deepseek.providers.deepseek.api-key", "")
		.withProperty("deepseek.providers.siliconflow.api-key", "");

	@Test
	void withoutAKeyProvidersAreSimulated() {
		assertThat(isSimulated()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "deepseek.providers.siliconflow.api-key", "deepseek.providers.openrouter.api-key",
			"deepseek.providers.lab.base-url" })
	void aKeyOrAnotherProviderIsForReal(String property) {
		this.environment.setProperty(property, "http://127.0.0.1:1");
		assertThat(isSimulated()).isFalse();
	}

	private boolean isSimulated() {
		new SimulatorProperties().postProcessEnvironment(this.environment, new SpringApplication());
		return this.environment.getProperty("chat.simulated", Boolean.class, false);
	}

}
