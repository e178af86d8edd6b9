package io.github.deepseekboot.autoconfigure;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.github.deepseekboot.observation.ChatAttemptObservationConvention;
import io.github.deepseekboot.observation.ChatCallObservationConvention;
import io.github.deepseekboot.observation.ChatObservations;
import io.github.deepseekboot.observation.DefaultChatAttemptObservationConvention;
import io.github.deepseekboot.observation.DefaultChatCallObservationConvention;
import io.github.deepseekboot.observation.NoMeterObservationHandler;

/**
 * Auto-configuration for the observation of chat calls.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ ObservationRegistry.class, ConfiguredProviders.class })
public final class DeepSeekObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ChatObservations deepSeekChatObservations(ObservationRegistry registry, DeepSeekProperties properties,
			ObjectProvider<ChatCallObservationConvention> callConvention,
			ObjectProvider<ChatAttemptObservationConvention> attemptConvention) {
		int maxLength = properties.observations().maxContentLength();
		if (maxLength < 1) {
			throw InvalidDeepSeekConfigurationException.outOfRange("deepseek.observations.max-content-length",
					maxLength, "Write a number from 1 on");
		}
		int maxContent = properties.observations().includeContent() ? maxLength : 0;
		return new ChatObservations(registry,
				callConvention.getIfAvailable(() -> new DefaultChatCallObservationConvention(maxContent)),
				attemptConvention.getIfAvailable(DefaultChatAttemptObservationConvention::new), maxContent);
	}

	/**
	 * Where meters could be made of observations.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterObservationHandler.class)
	static class MeterConfiguration {

		@Bean
		NoMeterObservationHandler deepSeekNoMeterObservationHandler() {
			return new NoMeterObservationHandler();
		}

	}

}
