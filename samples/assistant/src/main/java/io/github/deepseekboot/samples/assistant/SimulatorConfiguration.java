package io.github.deepseekboot.samples.assistant;

import java.util.Map;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.simulator.ProviderSimulator;

/**
 * Puts a simulated provider in the place of DeepSeek as long as there is no key. An
 * application of your own has no need of this.
 */
@Configuration(proxyBeanMethods = false)
@Conditional(SimulatorConfiguration.NoKey.class)
class SimulatorConfiguration {

	@Bean
	ProviderSimulator providerSimulator() {
		ProviderSimulator simulator = ProviderSimulator.start();
		simulator.provider("deepseek").sequence(SimulatedDialogue.scripts());
		System.out.println("There is no API key: answers are simulated. Set DEEPSEEK_API_KEY to talk to DeepSeek.");
		return simulator;
	}

	@Bean
	DeepSeekConnectionDetails simulatorConnectionDetails(ProviderSimulator simulator) {
		Connection connection = new Connection(simulator.baseUrl("deepseek"), "simulated");
		return () -> Map.of("deepseek", connection);
	}

	/**
	 * There is no key of DeepSeek.
	 */
	static class NoKey implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return !StringUtils.hasText(context.getEnvironment().getProperty("deepseek.providers.deepseek.api-key"));
		}

	}

}
