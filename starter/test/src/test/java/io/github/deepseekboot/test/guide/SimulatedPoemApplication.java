package io.github.deepseekboot.test.guide;

import java.time.Duration;
import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * The application of the guide, run without a key.
 */
// tag::simulated[]
@TestConfiguration(proxyBeanMethods = false)
public class SimulatedPoemApplication {

	public static void main(String[] args) {
		SpringApplication.from(PoemApplication::main).with(SimulatedPoemApplication.class).run(args);
	}

	@Bean
	ScriptedProvider deepseek() {
		ScriptedProvider deepseek = ScriptedProvider.start("deepseek");
		deepseek.answers("Drip, drop, drip, drop").pace(Duration.ofMillis(50)).always();
		return deepseek;
	}

	@Bean
	DeepSeekConnectionDetails connections(ScriptedProvider deepseek) {
		return () -> Map.of("deepseek", new DeepSeekConnectionDetails.Connection(deepseek.baseUrl(), "simulated"));
	}

}
// end::simulated[]
