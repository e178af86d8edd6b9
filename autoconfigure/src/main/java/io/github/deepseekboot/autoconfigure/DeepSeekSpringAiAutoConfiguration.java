package io.github.deepseekboot.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.autoconfigure.DeepSeekProperties.MeterConventions;
import io.github.deepseekboot.springai.RoutingChatModel;

/**
 * Auto-configuration for Spring AI's chat model on top of the template. Of several chat
 * models, it is the one that {@code spring.ai.model.chat=deepseek-routing} chooses.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class,
		afterName = { "org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration",
				"org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration" },
		beforeName = "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@ConditionalOnClass({ ChatModel.class, ObservationRegistry.class })
@ConditionalOnBean(ChatCompletionOperations.class)
@ConditionalOnProperty(name = "spring.ai.model.chat", havingValue = "deepseek-routing", matchIfMissing = true)
public final class DeepSeekSpringAiAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	RoutingChatModel deepSeekRoutingChatModel(ChatCompletionOperations chat, DeepSeekProperties properties,
			ObjectProvider<ToolCallingManager> toolCallingManager, ObjectProvider<ObservationRegistry> registry,
			ObjectProvider<ChatModelObservationConvention> convention) {
		RoutingChatModel.Builder model = RoutingChatModel.builder(new OperationsClient(chat));
		toolCallingManager.ifUnique(model::toolCallingManager);
		// with the standard names, the call's own meters replace those of Spring AI
		if (properties.observations().conventions() != MeterConventions.GEN_AI) {
			registry.ifUnique(model::observationRegistry);
			model.observationConvention(convention.getIfUnique());
		}
		return model.build();
	}

}
