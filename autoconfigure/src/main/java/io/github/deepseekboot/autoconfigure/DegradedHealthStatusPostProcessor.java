package io.github.deepseekboot.autoconfigure;

import java.util.Map;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.ClassUtils;

/**
 * Gives the status {@code DEGRADED} its place among the others: Boot's aggregator ignores
 * a status that the order does not name. An application's own order wins.
 */
final class DegradedHealthStatusPostProcessor implements EnvironmentPostProcessor {

	private static final String ORDER = "management.endpoint.health.status.order";

	private static final String HEALTH = "org.springframework.boot.health.contributor.Health";

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (ClassUtils.isPresent(HEALTH, application.getClassLoader()) && !environment.containsProperty(ORDER)) {
			// the last source but the default properties, which are looked at above:
			// whatever the application says of the order wins
			environment.getPropertySources()
				.addLast(new MapPropertySource("deepseekHealthStatusOrder",
						Map.of(ORDER, "DOWN,OUT_OF_SERVICE,DEGRADED,UP,UNKNOWN")));
		}
	}

}
