package io.github.deepseekboot.autoconfigure;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

import io.github.deepseekboot.ChatCompletionOperations;

/**
 * Makes the auto-configured template the one that is injected where nothing else is said,
 * unless the application has a primary one of its own.
 */
final class PrimaryTemplatePostProcessor implements BeanFactoryPostProcessor {

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		String name = DeepSeekAutoConfiguration.TEMPLATE;
		if (!beanFactory.containsBeanDefinition(name)) {
			return;
		}
		BeanDefinition template = beanFactory.getBeanDefinition(name);
		for (String other : beanFactory.getBeanNamesForType(ChatCompletionOperations.class, true, false)) {
			if (!other.equals(name) && beanFactory.containsBeanDefinition(other)
					&& beanFactory.getBeanDefinition(other).isPrimary()) {
				return;
			}
		}
		template.setPrimary(true);
	}

}
