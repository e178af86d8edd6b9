package io.github.deepseekboot.samples.gateway;

import java.time.Duration;
import java.util.Map;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * Puts a simulated provider in the place of the real one, so that the gateway can be
 * tried without a key. A gateway of your own has no need of this.
 */
@Configuration(proxyBeanMethods = false)
@Profile("simulated")
class SimulatorConfiguration {

	@Bean
	ScriptedProvider simulatedProvider() {
		ScriptedProvider provider = ScriptedProvider.start("deepseek");
		provider.script(Script.builder()
			.answer((question) -> "You asked: " + question)
			.chunksPerSecond(20)
			.firstTokenDelay(Duration.ofMillis(300))
			.build());
		return provider;
	}

	@Bean
	DeepSeekConnectionDetails simulatorConnectionDetails(ScriptedProvider simulatedProvider) {
		Map<String, Connection> connections = Map.of("deepseek",
				new Connection(simulatedProvider.baseUrl(), "simulated"));
		return () -> connections;
	}

}
