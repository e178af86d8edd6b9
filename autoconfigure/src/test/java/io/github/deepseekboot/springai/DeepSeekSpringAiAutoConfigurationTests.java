package io.github.deepseekboot.springai;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.autoconfigure.DeepSeekObservationAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekSpringAiAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.framework.Host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests of {@link DeepSeekSpringAiAutoConfiguration}.
 */
class DeepSeekSpringAiAutoConfigurationTests {

	@RegisterExtension
	static final Host host = new Host();

	@Test
	void thereIsAModel() {
		host.application()
			.run((context) -> assertThat(context).hasSingleBean(ChatModel.class).hasBean("deepSeekRoutingChatModel"));
	}

	@Test
	void withoutSpringAi() {
		host.answers(Host.text("Hello"));
		host.application().withClassLoader(new FilteredClassLoader("org.springframework.ai")).run((context) -> {
			assertThat(context).hasNotFailed()
				.doesNotHaveBean(DeepSeekSpringAiAutoConfiguration.class)
				.doesNotHaveBean("deepSeekRoutingChatModel");
			assertThat(context.getBean(ChatCompletionOperations.class).complete(ChatRequest.of("Hi")).content())
				.isEqualTo("Hello");
		});
	}

	@Test
	void withoutMicrometer() {
		host.application()
			.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("deepSeekRoutingChatModel"));
	}

	@Test
	void anotherModelMayBeChosen() {
		host.application("spring.ai.model.chat=openai")
			.run((context) -> assertThat(context).doesNotHaveBean(ChatModel.class));
		host.application("spring.ai.model.chat=none")
			.run((context) -> assertThat(context).doesNotHaveBean(ChatModel.class));
		host.application("spring.ai.model.chat=deepseek-routing")
			.run((context) -> assertThat(context).hasSingleBean(ChatModel.class));
	}

	@Test
	void switchedOff() {
		host.application("deepseek.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ChatModel.class));
	}

	@Test
	void anOwnModelTakesItsPlace() {
		RoutingChatModel own = RoutingChatModel.builder(mock(ChatCompletionClient.class)).build();
		host.application()
			.withBean("mine", RoutingChatModel.class, () -> own)
			.run((context) -> assertThat(context).getBean(ChatModel.class).isSameAs(own));
	}

	@ParameterizedTest
	@ValueSource(strings = { "deepseek", "gen-ai" })
	void standardNamesAreReportedOnce(String conventions) {
		host.answers(Host.text("Hello"));
		List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
		ObservationRegistry registry = RoutingChatModelTests.listening(stopped);
		host.application("deepseek.observations.conventions=" + conventions)
			.withConfiguration(AutoConfigurations.of(DeepSeekObservationAutoConfiguration.class))
			.withBean(ObservationRegistry.class, () -> registry)
			.run((context) -> context.getBean(ChatModel.class).call(new Prompt("Hi")));
		assertThat(stopped)
			.filteredOn((context) -> context.getHighCardinalityKeyValue("gen_ai.usage.input_tokens") != null)
			.singleElement()
			.extracting(Observation.Context::getName)
			.isEqualTo(conventions.equals("gen-ai") ? "deepseek.client.call" : "gen_ai.client.operation");
	}

}
