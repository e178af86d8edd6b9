package io.github.deepseekboot.samples.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StringUtils;

/**
 * Adds the properties of {@code simulator.yaml}, and with them the simulated providers
 * and the control room, if there is no key, and no provider but those of this
 * application.
 */
class SimulatorProperties implements EnvironmentPostProcessor {

	private static final String FILE = "simulator.yaml";

	private static final Set<String> SIMULATED = Set.of("deepseek", "siliconflow", "alayanew");

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (isForReal(environment)) {
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

	private static boolean isForReal(ConfigurableEnvironment environment) {
		// another provider was configured for real, and may need no key
		return Binder.get(environment)
			.bind("deepseek.providers", Bindable.mapOf(String.class, Object.class))
			.orElseGet(Map::of)
			.keySet()
			.stream()
			.anyMatch((id) -> !SIMULATED.contains(id)
					|| StringUtils.hasText(environment.getProperty("deepseek.providers." + id + ".api-key")));
	}

}
