package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StringUtils;

/**
 * Adds the properties of {@code simulator.yaml}, and with them the simulated providers
 * and the control room, if there is no key of any provider.
 */
class SimulatorProperties implements EnvironmentPostProcessor {

	private static final String FILE = "simulator.yaml";

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (hasKey(environment)) {
			return;
		}
		try {
			new YamlPropertySourceLoader().load(FILE, new ClassPathResource(FILE))
				.forEach(environment.getPropertySources()::addLast);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean hasKey(ConfigurableEnvironment environment) {
		return Stream.of("deepseek", "siliconflow", "alayanew")
			.map((id) -> environment.getProperty("deepseek.providers." + id + ".api-key"))
			.anyMatch(StringUtils::hasText);
	}

}
