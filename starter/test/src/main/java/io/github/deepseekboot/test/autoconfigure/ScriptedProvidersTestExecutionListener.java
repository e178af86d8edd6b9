package io.github.deepseekboot.test.autoconfigure;

import java.nio.file.Path;
import java.util.Collection;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.support.AbstractTestExecutionListener;
import org.springframework.util.Assert;

import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.test.provider.Cassette;
import io.github.deepseekboot.test.provider.RecordMode;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * Lets each test begin with empty scripts and healthy providers, and fails it for a call
 * that it did not expect.
 */
class ScriptedProvidersTestExecutionListener extends AbstractTestExecutionListener {

	private static final String CASSETTES = "deepseek.test.cassettes";

	private static final String DEFAULT_CASSETTES = "src/test/resources/cassettes";

	@Override
	public void beforeTestMethod(TestContext testContext) {
		if (!applies(testContext)) {
			Assert.state(cassette(testContext) == null || isScripted(testContext), () -> "@DeepSeekCassette on "
					+ testContext.getTestClass().getName()
					+ " has no effect without @AutoConfigureDeepSeek on the class, and the real providers would be"
					+ " asked: add that annotation");
			return;
		}
		ApplicationContext context = testContext.getApplicationContext();
		providers(context).forEach(ScriptedProvider::reset);
		context.getBeanProvider(RoutingClient.class)
			.ifUnique((router) -> router.clients().forEach((client) -> router.states().reset(client.provider().id())));
		DeepSeekCassette cassette = cassette(testContext);
		if (cassette != null) {
			providers(context).forEach((provider) -> provider.replays(open(context, cassette, provider)));
		}
	}

	private static @Nullable DeepSeekCassette cassette(TestContext testContext) {
		DeepSeekCassette cassette = AnnotatedElementUtils.findMergedAnnotation(testContext.getTestMethod(),
				DeepSeekCassette.class);
		return (cassette != null) ? cassette
				: TestContextAnnotationUtils.findMergedAnnotation(testContext.getTestClass(), DeepSeekCassette.class);
	}

	private static Cassette open(ApplicationContext context, DeepSeekCassette cassette, ScriptedProvider provider) {
		Environment environment = context.getEnvironment();
		String folder = environment.getProperty(CASSETTES, DEFAULT_CASSETTES);
		String preset = ScriptedProvidersContextCustomizer.preset(environment, provider.id());
		RecordMode mode = RecordMode.of(environment.getProperty(RecordMode.PROPERTY));
		String properties = ScriptedProvidersContextCustomizer.PREFIX + provider.id();
		// leaves placeholders that cannot be resolved as they are
		Binder binder = Binder.get(environment);
		String key = binder.bind(properties + ".api-key", String.class).orElse(null);
		String baseUrl = binder.bind(properties + ".base-url", String.class)
			.orElseGet(() -> String.valueOf(ProviderPresets.get(preset).baseUrl()));
		Cassette.Builder builder = Cassette.at(Path.of(folder, cassette.value() + "." + provider.id() + ".json"))
			// a provider that has no key, and could not be asked, can still be replayed
			.mode((key != null && !key.contains("${")) ? mode : RecordMode.NONE)
			.host(baseUrl, key);
		context.getBeanProvider(CassetteCustomizer.class)
			.orderedStream()
			.forEach((customizer) -> customizer.customize(builder));
		return builder.build();
	}

	@Override
	public void afterTestMethod(TestContext testContext) {
		if (applies(testContext)) {
			providers(testContext.getApplicationContext()).forEach(ScriptedProvider::verify);
		}
	}

	private static Collection<ScriptedProvider> providers(ApplicationContext context) {
		return context.getBeansOfType(ScriptedProvider.class).values();
	}

	private static boolean applies(TestContext testContext) {
		return isScripted(testContext) && testContext.hasApplicationContext();
	}

	private static boolean isScripted(TestContext testContext) {
		return TestContextAnnotationUtils.hasAnnotation(testContext.getTestClass(), AutoConfigureDeepSeek.class);
	}

}
