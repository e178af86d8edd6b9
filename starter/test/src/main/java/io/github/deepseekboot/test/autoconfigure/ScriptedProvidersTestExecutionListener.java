package io.github.deepseekboot.test.autoconfigure;

import java.util.Collection;

import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.support.AbstractTestExecutionListener;

import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * Lets each test begin with empty scripts and healthy providers, and fails it for a call
 * that it did not expect.
 */
class ScriptedProvidersTestExecutionListener extends AbstractTestExecutionListener {

	@Override
	public void beforeTestMethod(TestContext testContext) {
		if (applies(testContext)) {
			ApplicationContext context = testContext.getApplicationContext();
			providers(context).forEach(ScriptedProvider::reset);
			context.getBeanProvider(RoutingClient.class)
				.ifUnique((router) -> router.clients()
					.forEach((client) -> router.states().reset(client.provider().id())));
		}
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
		return TestContextAnnotationUtils.hasAnnotation(testContext.getTestClass(), AutoConfigureDeepSeek.class)
				&& testContext.hasApplicationContext();
	}

}
