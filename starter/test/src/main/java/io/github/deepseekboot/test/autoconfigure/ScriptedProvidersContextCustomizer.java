package io.github.deepseekboot.test.autoconfigure;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.util.StringUtils;

import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails;
import io.github.deepseekboot.autoconfigure.DeepSeekConnectionDetails.Connection;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;

/**
 * Starts a scripted provider for each provider of the application, and connects them.
 *
 * @param ids the ids of providers to add to those of the properties
 */
record ScriptedProvidersContextCustomizer(List<String> ids) implements ContextCustomizer {

	static final String PREFIX = "deepseek.providers.";

	private static final String DEFAULT_PROVIDER = "deepseek";

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration mergedConfig) {
		ConfigurableEnvironment environment = context.getEnvironment();
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context.getBeanFactory();
		ScriptedServer server = ScriptedServer.start();
		register(registry, "scriptedServer", ScriptedServer.class, server);
		Map<String, Connection> connections = new LinkedHashMap<>();
		Map<String, Object> overrides = new LinkedHashMap<>();
		for (String id : providers(environment)) {
			ScriptedProvider provider = server.addProvider(id, preset(environment, id));
			register(registry, id, ScriptedProvider.class, provider);
			connections.put(id, new Connection(provider.baseUrl(), "test-key"));
			if (StringUtils.hasText(environment.getProperty(PREFIX + id + ".proxy"))) {
				overrides.put(PREFIX + id + ".proxy", "");
			}
		}
		if (!overrides.isEmpty()) {
			environment.getPropertySources().addFirst(new MapPropertySource("scripted providers", overrides));
		}
		register(registry, "scriptedConnectionDetails", ScriptedConnectionDetails.class,
				new ScriptedConnectionDetails(connections));
	}

	private Set<String> providers(Environment environment) {
		Set<String> providers = new LinkedHashSet<>(Binder.get(environment)
			.bind("deepseek.providers", Bindable.mapOf(String.class, Object.class))
			.orElseGet(Map::of)
			.keySet());
		providers.addAll(this.ids);
		return (providers.isEmpty()) ? Set.of(DEFAULT_PROVIDER) : providers;
	}

	static String preset(Environment environment, String id) {
		String preset = environment.getProperty(PREFIX + id + ".preset");
		if (StringUtils.hasText(preset)) {
			return preset;
		}
		return (ProviderPresets.exists(id)) ? id : ProviderPresets.OPENAI;
	}

	private static <T> void register(BeanDefinitionRegistry registry, String name, Class<T> type, T bean) {
		RootBeanDefinition definition = new RootBeanDefinition(type, () -> bean);
		definition.setDestroyMethodName((bean instanceof AutoCloseable) ? "close" : null);
		registry.registerBeanDefinition(name, definition);
	}

	/**
	 * Decides before a container does.
	 *
	 * @param getProviders the connections by provider id
	 */
	private record ScriptedConnectionDetails(
			Map<String, Connection> getProviders) implements DeepSeekConnectionDetails, PriorityOrdered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

	}

}
