package io.github.deepseekboot.guide;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.hook.TokenEstimator;
import io.github.deepseekboot.test.provider.ReceivedCall;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.test.provider.ScriptedServer;
import io.github.deepseekboot.tool.Tool;

import static io.github.deepseekboot.test.provider.ScriptedProviderAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests of the conversations of docs/guide/conversations.md, on real sockets, and of
 * conversations that hop between providers.
 */
class ConversationsGuideTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final ScriptedServer server = ScriptedServer.start();

	private final ScriptedProvider r1 = this.server.addProvider("alayanew", "alayanew");

	private final ScriptedProvider v4 = this.server.addProvider("deepseek", "deepseek");

	private @Nullable ConfigurableApplicationContext context;

	private ChatCompletionTemplate start(Class<?> configuration, String... properties) {
		String[] common = { "deepseek.provider=alayanew", "deepseek.fallback=deepseek", "deepseek.retry.budget=0",
				"deepseek.providers.deepseek.base-url=" + this.v4.baseUrl(),
				"deepseek.providers.alayanew.base-url=" + this.r1.baseUrl(),
				"deepseek.providers.deepseek.api-key=test-key", "deepseek.providers.alayanew.api-key=test-key" };
		this.context = new SpringApplicationBuilder(Application.class, configuration).web(WebApplicationType.NONE)
			.properties(common)
			.properties(properties)
			.run();
		return this.context.getBean(ChatCompletionTemplate.class);
	}

	@AfterEach
	void stop() {
		if (this.context != null) {
			this.context.close();
		}
		this.server.close();
		this.server.providers().forEach(ScriptedProvider::verify);
	}

	private static JsonNode messages(ReceivedCall call) {
		return call.json().path("messages");
	}

	private static JsonNode json(String json) {
		return JsonMapper.shared().readTree(json);
	}

	@Test
	void theAssistantRemembers() {
		this.r1.answers("Tea?").times(3);
		this.r1.answersInPieces("Swe", "et");
		Assistant assistant = new Assistant(start(Application.class));
		assertThat(assistant.greet("ann")).isEqualTo("Tea?");
		assertThat(assistant.answer("ann", "Green")).isEqualTo("Tea?");
		assertThat(assistant.answer("bob", "Black")).isEqualTo("Tea?");
		assertThat(assistant.stream("ann", "And?").collectList().block(PATIENCE)).filteredOn(ChatDelta::isLast)
			.hasSize(1);
		assertThat(messages(this.r1.calls().get(2))).isEqualTo(json("[{\"role\": \"user\", \"content\": \"Black\"}]"));
		assertThat(messages(this.r1.calls().get(3))).isEqualTo(json("""
				[{"role": "system", "content": "You help in a shop for tea."}, {"role": "user", "content": "Hello"},
				{"role": "assistant", "content": "Tea?"}, {"role": "user", "content": "Green"},
				{"role": "assistant", "content": "Tea?"}, {"role": "user", "content": "And?"}]"""));
		assertThat(assistant.history("ann")).hasSize(7).last().isEqualTo(ChatMessage.assistant("Sweet"));
		assistant.goodbye("ann");
		assertThat(assistant.history("ann")).isEmpty();
	}

	@Test
	void aDatabaseInAFileNeedsItsTables(@TempDir Path folder) {
		this.r1.answers("Tea?").times(2);
		String url = "spring.datasource.url=jdbc:h2:file:" + folder.resolve("conversations");
		// there is no pool on the class path
		String type = "spring.datasource.type=" + SimpleDriverDataSource.class.getName();
		Assistant forgetful = new Assistant(start(Application.class, "deepseek.conversation.store=jdbc", url, type));
		assertThatException().isThrownBy(() -> forgetful.history("ann"))
			.havingRootCause()
			.withMessageContaining("DEEPSEEK_CONVERSATION");
		for (int i = 0; i < 2; i++) {
			this.context.close();
			Assistant assistant = new Assistant(start(Application.class, "deepseek.conversation.store=jdbc", url, type,
					"deepseek.conversation.jdbc.initialize-schema=always"));
			assertThat(assistant.history("ann")).hasSize(2 * i);
			assistant.answer("ann", "Green");
		}
	}

	@Test
	void aStoreAndAnEstimatorOfTheApplicationAreUsed() {
		this.r1.thinks("They may like tea.").answers("Tea?").times(3);
		ChatCompletionTemplate chat = start(OwnBeans.class, "deepseek.conversation.max-tokens=20");
		Conversation conversation = chat.conversation("ann");
		conversation.complete("one");
		conversation.complete("two");
		conversation.complete("three");
		assertThat(this.r1.calls()).extracting((call) -> messages(call).size()).containsExactly(1, 1, 1);
		List<ChatMessage> stored = this.context.getBean(JsonConversationStore.class)
			.load("ann")
			.block(PATIENCE)
			.messages();
		assertThat(stored).hasSize(6).allMatch((message) -> message.content() != null);
		assertThat(stored.get(1).reasoningContent()).isEqualTo("They may like tea.");
	}

	@Test
	void aConversationHopsFromR1ToV4InMidFailover() {
		ChatCompletionTemplate chat = start(Application.class);
		Conversation conversation = chat.conversation("ann");
		this.r1.thinks("a greeting").answers("Hello");
		this.r1.thinks("I need the weather").calls("call_1", "weather", "{}");
		this.r1.fails(500);
		this.v4.thinks("it rains").answers("Rain");
		this.r1.answers("Bye");
		conversation.complete("Hi");
		ToolDefinition weather = ToolDefinition.of("weather", "Tells the weather", null);
		ChatCompletion asked = conversation
			.complete(ChatRequest.builder().user("Weather?").tools(List.of(weather)).build());
		assertThat(asked.toolCalls()).hasSize(1);
		ChatCompletion answered = conversation.complete(ChatRequest.builder()
			.message(ChatMessage.tool("call_1", "rain"))
			.tools(List.of(weather))
			.thinking(true)
			.build());
		assertThat(answered.provider()).isEqualTo("deepseek");
		assertThat(answered.attempts()).extracting(AttemptReport::provider).containsExactly("alayanew", "deepseek");
		assertThat(messages(this.r1.lastCall())).isEqualTo(json("""
				[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"},
				{"role": "user", "content": "Weather?"},
				{"role": "assistant", "content": null, "tool_calls": [
				{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
				{"role": "tool", "content": "rain", "tool_call_id": "call_1"}]"""));
		assertThat(messages(this.v4.lastCall())).isEqualTo(json("""
				[{"role": "user", "content": "Hi"},
				{"role": "assistant", "content": "Hello", "reasoning_content": "a greeting"},
				{"role": "user", "content": "Weather?"},
				{"role": "assistant", "content": null, "reasoning_content": "I need the weather", "tool_calls": [
				{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
				{"role": "tool", "content": "rain", "tool_call_id": "call_1"}]"""));
		assertThat(chat.withProvider("alayanew").conversation("ann").complete("Bye").content()).isEqualTo("Bye");
		assertThat(messages(this.r1.lastCall()).findValues("reasoning_content")).isEmpty();
		assertThat(messages(this.r1.lastCall())).hasSize(7);
	}

	@Test
	void theRoundsOfToolsAreStored() {
		this.r1.calls("call_1", "weather", "{}");
		this.r1.answers("It rains").times(2);
		ChatCompletionTemplate chat = start(Application.class);
		Tool weather = Tool.of("weather", "Tells the weather", () -> "rain");
		Conversation conversation = chat.withTools(weather).conversation("ann");
		assertThat(conversation.complete("Weather?").content()).isEqualTo("It rains");
		chat.conversation("ann").complete("Thanks");
		assertThat(messages(this.r1.calls().get(2))).isEqualTo(json("""
				[{"role": "user", "content": "Weather?"}, {"role": "assistant", "content": null, "tool_calls": [
				{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
				{"role": "tool", "content": "rain", "tool_call_id": "call_1"},
				{"role": "assistant", "content": "It rains"}, {"role": "user", "content": "Thanks"}]"""));
	}

	@Test
	void waitingIsRefusedOnAnEventLoop() {
		Conversation conversation = start(Application.class).conversation("ann");
		StepVerifier.create(Mono.fromCallable(() -> conversation.complete("Hi")).subscribeOn(Schedulers.parallel()))
			.expectErrorSatisfies((failure) -> assertThat(failure).isInstanceOf(IllegalStateException.class)
				.hasMessageContaining("use completeAsync() or stream()"))
			.verify(PATIENCE);
		assertThat(this.r1).hasReceivedNoCalls();
	}

	/**
	 * An application.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	/**
	 * Beans of an application.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(JsonConversationStore.class)
	static class OwnBeans {

		@Bean
		TokenEstimator tokenEstimator() {
			return (text) -> 10;
		}

	}

}
