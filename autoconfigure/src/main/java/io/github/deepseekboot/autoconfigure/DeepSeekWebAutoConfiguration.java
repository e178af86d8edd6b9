package io.github.deepseekboot.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.github.deepseekboot.web.ReactiveProblemDetails;
import io.github.deepseekboot.web.ServletProblemDetails;

/**
 * Auto-configuration for answers to those who use a web application whose calls fail.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class)
@ConditionalOnWebApplication
@ConditionalOnBooleanProperty("deepseek.web.problem-details")
public final class DeepSeekWebAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	static class ServletConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ServletProblemDetails deepSeekProblemDetails() {
			return new ServletProblemDetails();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static class ReactiveConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ReactiveProblemDetails deepSeekProblemDetails() {
			return new ReactiveProblemDetails();
		}

	}

}
