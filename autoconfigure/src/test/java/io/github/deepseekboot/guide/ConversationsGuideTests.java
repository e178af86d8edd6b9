package io.github.deepseekboot.guide;

import java.time.Duration;
import java.util.List;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.conversation.Conversation;
import io.github.deepseekboot.hook.TokenEstimator;
import io.github.deepseekboot.tool.Tool;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the conversations of docs/guide/conversations.md, on real sockets, and of
 * conversations that hop between providers.
 */
class ConversationsGuideTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private @Nullable ConfigurableApplicationContext context;

	private ChatCompletionTemplate start(Class<?> configuration, String... properties) {
		String[] common = { "deepseek.provider=alayanew", "deepseek.fallback=deepseek", "deepseek.retry.budget=0",
				"deepseek.providers.deepseek.base-url=" + host.baseUrl() + "/v4",
				"deepseek.providers.alayanew.base-url=" + host.baseUrl() + "/r1",
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
	}

	private static void answer(String path, ResponseDefinitionBuilder answer) {
		host.stubFor(post(urlPathMatching("/" + path + "/.*")).willReturn(answer));
	}

	private static ResponseDefinitionBuilder message(String fields) {
		return aResponse().withHeader("Content-Type", "application/json")
			.withBody("""
					{"choices": [{"index": 0, "message": {"role": "assistant", %s}, "finish_reason": "stop"}]}"""
				.formatted(fields));
	}

	private static List<LoggedRequest> requests() {
		return host.findAll(anyRequestedFor(anyUrl()));
	}

	private static JsonNode messages(LoggedRequest request) {
		return JsonMapper.shared().readTree(request.getBodyAsString()).path("messages");
	}

	private static JsonNode json(String json) {
		return JsonMapper.shared().readTree(json);
	}

	@Test
	void theAssistantRemembers() {
		answer("r1", message("\"content\": \"Tea?\""));
		Assistant assistant = new Assistant(start(Application.class));
		assertThat(assistant.greet("ann")).isEqualTo("Tea?");
		assertThat(assistant.answer("ann", "Green")).isEqualTo("Tea?");
		assertThat(assistant.answer("bob", "Black")).isEqualTo("Tea?");
		answer("r1", aResponse().withHeader("Content-Type", "text/event-stream").withBody("""
				data: {"choices":[{"index":0,"delta":{"content":"Swe"}}]}

				data: {"choices":[{"index":0,"delta":{"content":"et"},"finish_reason":"stop"}]}

				data: [DONE]

				"""));
		StepVerifier.create(assistant.stream("ann", "And?").map(ChatDelta::isLast))
			.expectNext(false, false, true)
			.expectComplete()
			.verify(PATIENCE);
		assertThat(messages(requests().get(2))).isEqualTo(json("[{\"role\": \"user\", \"content\": \"Black\"}]"));
		assertThat(messages(requests().get(3))).isEqualTo(json("""
				[{"role": "system", "content": "You help in a shop for tea."}, {"role": "user", "content": "Hello"},
				{"role": "assistant", "content": "Tea?"}, {"role": "user", "content": "Green"},
				{"role": "assistant", "content": "Tea?"}, {"role": "user", "content": "And?"}]"""));
		List<ChatMessage> stored = this.context.getBean(ChatCompletionTemplate.class).conversation("ann").messages();
		assertThat(stored).hasSize(7).last().isEqualTo(ChatMessage.assistant("Sweet"));
		assistant.goodbye("ann");
		assertThat(this.context.getBean(ChatCompletionTemplate.class).conversation("ann").messages()).isEmpty();
	}

	@Test
	void aStoreAndAnEstimatorOfTheApplicationAreUsed() {
		answer("r1", message("\"content\": \"Tea?\", \"reasoning_content\": \"They may like tea.\""));
		ChatCompletionTemplate chat = start(OwnBeans.class, "deepseek.conversation.max-tokens=20");
		Conversation conversation = chat.conversation("ann");
		conversation.complete("one");
		conversation.complete("two");
		conversation.complete("three");
		assertThat(requests()).extracting((request) -> messages(request).size()).containsExactly(1, 1, 1);
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
		answer("r1", message("\"content\": \"Hello\", \"reasoning_content\": \"a greeting\""));
		conversation.complete("Hi");
		answer("r1", message("""
				"content": null, "reasoning_content": "I need the weather", "tool_calls": [
				{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]"""));
		ToolDefinition weather = ToolDefinition.of("weather", "Tells the weather", null);
		ChatCompletion asked = conversation
			.complete(ChatRequest.builder().user("Weather?").tools(List.of(weather)).build());
		assertThat(asked.toolCalls()).hasSize(1);
		host.resetRequests();
		answer("r1", aResponse().withStatus(500));
		answer("v4", message("\"content\": \"Rain\", \"reasoning_content\": \"it rains\""));
		ChatCompletion answered = conversation.complete(ChatRequest.builder()
			.message(ChatMessage.tool("call_1", "rain"))
			.tools(List.of(weather))
			.thinking(true)
			.build());
		assertThat(answered.provider()).isEqualTo("deepseek");
		assertThat(requests()).extracting(LoggedRequest::getUrl)
			.containsExactly("/r1/chat/completions", "/v4/chat/completions");
		assertThat(messages(requests().get(0))).isEqualTo(json("""
				[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"},
				{"role": "user", "content": "Weather?"},
				{"role": "assistant", "content": null, "tool_calls": [
				{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
				{"role": "tool", "content": "rain", "tool_call_id": "call_1"}]"""));
		assertThat(messages(requests().get(1))).isEqualTo(json("""
				[{"role": "user", "content": "Hi"},
				{"role": "assistant", "content": "Hello", "reasoning_content": "a greeting"},
				{"role": "user", "content": "Weather?"},
				{"role": "assistant", "content": null, "reasoning_content": "I need the weather", "tool_calls": [
				{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]},
				{"role": "tool", "content": "rain", "tool_call_id": "call_1"}]"""));
		host.resetRequests();
		answer("r1", message("\"content\": \"Bye\""));
		assertThat(chat.withProvider("alayanew").conversation("ann").complete("Bye").content()).isEqualTo("Bye");
		assertThat(messages(requests().get(0)).findValues("reasoning_content")).isEmpty();
		assertThat(messages(requests().get(0))).hasSize(7);
	}

	@Test
	void theRoundsOfToolsAreStored() {
		host.stubFor(post(urlPathMatching("/r1/.*")).inScenario("tools")
			.willReturn(message("""
					"content": null, "tool_calls": [
					{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]"""))
			.willSetStateTo("called"));
		host.stubFor(post(urlPathMatching("/r1/.*")).inScenario("tools")
			.whenScenarioStateIs("called")
			.willReturn(message("\"content\": \"It rains\"")));
		ChatCompletionTemplate chat = start(Application.class);
		Tool weather = Tool.of("weather", "Tells the weather", () -> "rain");
		Conversation conversation = chat.withTools(weather).conversation("ann");
		assertThat(conversation.complete("Weather?").content()).isEqualTo("It rains");
		chat.conversation("ann").complete("Thanks");
		assertThat(messages(requests().get(2))).isEqualTo(json("""
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
		assertThat(requests()).isEmpty();
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
