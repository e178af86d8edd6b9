package io.github.deepseekboot.autoconfigure;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.langchain4j.RoutingChatModel;
import io.github.deepseekboot.langchain4j.RoutingStreamingChatModel;

/**
 * Auto-configuration for LangChain4j's chat models on top of the template.
 */
@AutoConfiguration(after = DeepSeekAutoConfiguration.class)
@ConditionalOnClass(ChatModel.class)
@ConditionalOnBean(ChatCompletionOperations.class)
@ConditionalOnBooleanProperty(name = "deepseek.langchain4j.enabled", matchIfMissing = true)
public final class DeepSeekLangChain4jAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	RoutingChatModel deepSeekRoutingLangChain4jChatModel(ChatCompletionOperations chat,
			ObjectProvider<ChatModelListener> listeners) {
		return RoutingChatModel.builder(new OperationsClient(chat))
			.listeners(listeners.orderedStream().toList())
			.build();
	}

	@Bean
	@ConditionalOnMissingBean
	RoutingStreamingChatModel deepSeekRoutingLangChain4jStreamingChatModel(ChatCompletionOperations chat,
			ObjectProvider<ChatModelListener> listeners) {
		return RoutingStreamingChatModel.builder(new OperationsClient(chat))
			.listeners(listeners.orderedStream().toList())
			.build();
	}

}
