package io.github.deepseekboot.samples.assistant;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the application with a key: nothing is simulated by itself.
 */
@SpringBootTest(properties = "deepseek.providers.deepseek.api-key=not-a-real-key")
@ExtendWith(OutputCaptureExtension.class)
class AssistantWithKeyTests {

	// stands for the real provider, which the application knows by its address only
	private static final ProviderSimulator elsewhere = ProviderSimulator.start();

	@DynamicPropertySource
	static void address(DynamicPropertyRegistry registry) {
		ScriptedProvider provider = elsewhere.provider("deepseek");
		provider.acceptKeys("not-a-real-key");
		provider.sequence(SimulatedDialogue.scripts());
		registry.add("deepseek.providers.deepseek.base-url", provider::baseUrl);
	}

	@AfterAll
	static void close() {
		elsewhere.close();
	}

	@Test
	void theConfiguredProviderIsAsked(@Autowired ObjectProvider<ProviderSimulator> simulator, CapturedOutput output) {
		assertThat(simulator.stream()).isEmpty();
		assertThat(elsewhere.provider("deepseek").completed()).isEqualTo(SimulatedDialogue.scripts().length);
		assertThat(output).contains("Go to the aquarium", "0 of them failed").doesNotContain("simulated");
	}

}
