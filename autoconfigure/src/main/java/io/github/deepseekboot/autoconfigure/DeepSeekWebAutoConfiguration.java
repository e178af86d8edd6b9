package io.github.deepseekboot.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.web.DeepSeekProblemDetails;

/**
 * Auto-configuration for answers to those who use a web application whose calls fail.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class)
@ConditionalOnWebApplication
@ConditionalOnBooleanProperty("deepseek.web.problem-details")
public final class DeepSeekWebAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	DeepSeekProblemDetails deepSeekProblemDetails() {
		return new DeepSeekProblemDetails();
	}

}
