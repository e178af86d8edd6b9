package io.github.deepseekboot.test.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * Finds {@link AutoConfigureDeepSeek}.
 */
class ScriptedProvidersContextCustomizerFactory implements ContextCustomizerFactory {

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> configAttributes) {
		AutoConfigureDeepSeek annotation = TestContextAnnotationUtils.findMergedAnnotation(testClass,
				AutoConfigureDeepSeek.class);
		return (annotation != null) ? new ScriptedProvidersContextCustomizer(List.of(annotation.value())) : null;
	}

}
