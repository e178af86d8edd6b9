package io.github.deepseekboot.test;

import java.lang.reflect.Parameter;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.test.provider.ScriptedProvider;

/**
 * JUnit extension that gives each test a {@link ScriptedProvider} of its own for each
 * parameter of that type. The parameter's name is the id of the host's preset, if there
 * is one of that name. A call that no script has an answer for fails the test.
 */
public final class ScriptedProviderExtension implements ParameterResolver, AfterTestExecutionCallback {

	private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace
		.create(ScriptedProviderExtension.class);

	@Override
	public boolean supportsParameter(ParameterContext parameterContext, ExtensionContext context) {
		return parameterContext.getParameter().getType() == ScriptedProvider.class;
	}

	@Override
	public Object resolveParameter(ParameterContext parameterContext, ExtensionContext context) {
		Parameter parameter = parameterContext.getParameter();
		String preset = (ProviderPresets.exists(parameter.getName())) ? parameter.getName() : "deepseek";
		ScriptedProvider provider = ScriptedProvider.start(preset);
		// closed with the test's own store
		context.getStore(NAMESPACE).put(parameterContext.getIndex(), provider);
		return provider;
	}

	@Override
	public void afterTestExecution(ExtensionContext context) {
		for (int i = 0; i < context.getRequiredTestMethod().getParameterCount(); i++) {
			ScriptedProvider provider = context.getStore(NAMESPACE).get(i, ScriptedProvider.class);
			if (provider != null) {
				provider.verify();
			}
		}
	}

}
