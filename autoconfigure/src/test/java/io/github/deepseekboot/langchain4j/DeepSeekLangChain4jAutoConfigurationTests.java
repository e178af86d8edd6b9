package io.github.deepseekboot.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.context.FilteredClassLoader;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.autoconfigure.DeepSeekLangChain4jAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.framework.Host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

/**
 * Tests of {@link DeepSeekLangChain4jAutoConfiguration}.
 */
class DeepSeekLangChain4jAutoConfigurationTests {

	@RegisterExtension
	static final Host host = new Host();

	@Test
	void thereAreModels() {
		host.application()
			.run((context) -> assertThat(context).hasSingleBean(ChatModel.class)
				.hasSingleBean(StreamingChatModel.class));
	}

	@Test
	void listenersAreCalled() {
		host.answers(Host.text("Hello"));
		ChatModelListener listener = mock(ChatModelListener.class);
		host.application().withBean(ChatModelListener.class, () -> listener).run((context) -> {
			assertThat(context.getBean(ChatModel.class).chat("Hi")).isEqualTo("Hello");
			verify(listener).onRequest(any());
			verify(listener).onResponse(any());
		});
	}

	@Test
	void withoutLangChain4j() {
		host.answers(Host.text("Hello"));
		host.application().withClassLoader(new FilteredClassLoader("dev.langchain4j")).run((context) -> {
			assertThat(context).hasNotFailed()
				.doesNotHaveBean(DeepSeekLangChain4jAutoConfiguration.class)
				.doesNotHaveBean("deepSeekRoutingLangChain4jChatModel");
			assertThat(context.getBean(ChatCompletionOperations.class).complete(ChatRequest.of("Hi")).content())
				.isEqualTo("Hello");
		});
	}

	@Test
	void switchedOff() {
		host.application("deepseek.langchain4j.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ChatModel.class)
				.doesNotHaveBean(StreamingChatModel.class));
		host.application("deepseek.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ChatModel.class)
				.doesNotHaveBean(StreamingChatModel.class));
	}

	@Test
	void anOwnModelTakesItsPlace() {
		RoutingChatModel own = RoutingChatModel.builder(mock(ChatCompletionClient.class)).build();
		host.application()
			.withBean("mine", RoutingChatModel.class, () -> own)
			.run((context) -> assertThat(context).getBean(ChatModel.class).isSameAs(own));
	}

}
