package io.github.deepseekboot.springai;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.EmptyUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.util.MimeTypeUtils;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.autoconfigure.DeepSeekObservationAutoConfiguration;
import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.framework.Host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link RoutingChatModel}.
 */
class RoutingChatModelTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final String CALL = """
			{"role":"assistant","content":"","reasoning_content":"I must look.","reasoning_details":[{"data":"x"}],"tool_calls":[{"index":0,\
			"id":"c1","type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Bergen\\"}"}}]}""";

	@RegisterExtension
	static final Host host = new Host();

	@Test
	void aCompleteAnswer() {
		host.answers(
				Host.message("{\"role\":\"assistant\",\"content\":\"Hello\",\"reasoning_content\":\"Hm.\"}", "stop"));
		withModel((model) -> {
			ChatResponse response = model.call(new Prompt("Hi"));
			AssistantMessage message = response.getResult().getOutput();
			assertThat(message.getText()).isEqualTo("Hello");
			assertThat(message.getMetadata()).containsEntry("reasoningContent", "Hm.");
			assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
			assertThat(response.getMetadata().getId()).isEqualTo("1");
			assertThat(response.getMetadata().getModel()).isEqualTo("deepseek-chat");
			assertThat(response.getMetadata().<String>get("provider")).isEqualTo("deepseek");
			assertThat(response.getMetadata().<List<AttemptReport>>get("attempts")).hasSize(1);
			assertThat(response.getMetadata().getUsage().getPromptTokens()).isEqualTo(10);
			assertThat(response.getMetadata().getUsage().getCompletionTokens()).isEqualTo(5);
			assertThat(response.getMetadata().getUsage().getTotalTokens()).isEqualTo(15);
			assertThat(response.getMetadata().getUsage().getCacheReadInputTokens()).isEqualTo(4);
		});
	}

	@Test
	void optionsAreSent() {
		host.answers(Host.text("{}"));
		withModel((model) -> model.call(new Prompt(List.of(new SystemMessage("Be brief."), new UserMessage("Hi")),
				RoutingChatOptions.builder()
					.model("reasoner")
					.temperature(0.5)
					.topP(0.6)
					.maxTokens(7)
					.stopSequences(List.of("END"))
					.presencePenalty(0.1)
					.frequencyPenalty(0.2)
					.thinking(true)
					.reasoningEffort(ReasoningEffort.HIGH)
					.userId("u1")
					.outputSchema("{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}")
					.extra("seed", 3)
					.build())));
		JsonNode request = host.requests().get(0);
		assertThat(request.path("temperature").asDouble()).isEqualTo(0.5);
		assertThat(request.path("top_p").asDouble()).isEqualTo(0.6);
		assertThat(request.path("max_tokens").asInt()).isEqualTo(7);
		assertThat(request.path("stop").path(0).asString()).isEqualTo("END");
		assertThat(request.path("seed").asInt()).isEqualTo(3);
		assertThat(request.path("thinking").path("type").asString()).isEqualTo("enabled");
		assertThat(request.path("response_format").path("type").asString()).startsWith("json");
		assertThat(request.path("messages").path(0).path("content").asString()).contains("Be brief.", "city");
	}

	@Test
	void defaultsOfTheApplicationHold() {
		host.answers(Host.text("Hello"));
		host.application("deepseek.chat.temperature=0.3", "deepseek.chat.max-tokens=9").run((context) -> {
			ChatModel model = context.getBean(ChatModel.class);
			model.call(new Prompt("Hi", ChatOptions.builder().maxTokens(4).build()));
		});
		assertThat(host.requests().get(0).path("temperature").asDouble()).isEqualTo(0.3);
		assertThat(host.requests().get(0).path("max_tokens").asInt()).isEqualTo(4);
	}

	@Test
	void optionsOfTheModelHoldUnderCommonOnes() {
		host.answers(Host.text("Hello"));
		host.application().run((context) -> {
			RoutingChatModel bean = context.getBean(RoutingChatModel.class);
			assertThat(bean.getOptions()).isInstanceOf(ToolCallingChatOptions.class);
			RoutingChatOptions options = bean.getOptions().mutate().temperature(0.1).topP(0.2).build();
			RoutingChatModel model = RoutingChatModel.builder(context.getBean(ChatCompletionClient.class))
				.options(options)
				.build();
			model.call(new Prompt("Hi", ChatOptions.builder().temperature(0.9).build()));
		});
		assertThat(host.requests().get(0).path("temperature").asDouble()).isEqualTo(0.9);
		assertThat(host.requests().get(0).path("top_p").asDouble()).isEqualTo(0.2);
	}

	@Test
	void noTwoToolCallsHaveOneId() {
		host.answers(Host.message("""
				{"role":"assistant","content":"","tool_calls":[\
				{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},\
				{"index":1,"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}""",
				"tool_calls"));
		withModel((model) -> assertThat(model.call(new Prompt("Hi")).getResult().getOutput().getToolCalls())
			.extracting(AssistantMessage.ToolCall::id)
			.containsExactly("call_1", "call_2"));
	}

	@Test
	void reasoningGoesBackWithTheResultsOfTools() {
		host.answers(Host.message(CALL, "tool_calls"), Host.text("It rains."));
		RoutingChatOptions options = RoutingChatOptions.builder()
			.toolChoice(ToolChoice.AUTO)
			.toolCallbacks(FunctionToolCallback.builder("weather", (City city) -> "rain")
				.description("Tells the weather.")
				.inputType(City.class)
				.build())
			.build();
		withModel((model) -> {
			UserMessage question = new UserMessage("Weather in Bergen?");
			ChatResponse first = model.call(new Prompt(question, options));
			assertThat(first.hasToolCalls()).isTrue();
			assertThat(first.getResult().getMetadata().getFinishReason()).isEqualTo("TOOL_CALLS");
			AssistantMessage message = first.getResult().getOutput();
			assertThat(message.getToolCalls())
				.containsExactly(new AssistantMessage.ToolCall("c1", "function", "weather", "{\"city\":\"Bergen\"}"));
			Message result = ToolResponseMessage.builder()
				.responses(List.of(new ToolResponseMessage.ToolResponse("c1", "weather", "rain")))
				.build();
			ChatResponse second = model.call(new Prompt(List.of(question, message, result), options));
			assertThat(second.getResult().getOutput().getText()).isEqualTo("It rains.");
		});
		JsonNode tool = host.requests().get(0).path("tools").path(0).path("function");
		assertThat(tool.path("name").asString()).isEqualTo("weather");
		assertThat(tool.path("parameters").path("properties").has("city")).isTrue();
		JsonNode messages = host.requests().get(1).path("messages");
		assertThat(messages.path(1).path("reasoning_content").asString()).isEqualTo("I must look.");
		assertThat(messages.path(1).path("tool_calls").path(0).path("id").asString()).isEqualTo("c1");
		assertThat(messages.path(2).path("tool_call_id").asString()).isEqualTo("c1");
		assertThat(messages.path(2).path("content").asString()).isEqualTo("rain");
	}

	@Test
	void fieldsOfTheHostsOwnGoBackWhereItWantsThem() {
		host.answers(Host.message(CALL, "tool_calls"), Host.text("It rains."));
		host.application("deepseek.provider=openrouter", "deepseek.chat.model=deepseek/deepseek-chat",
				"deepseek.providers.openrouter.base-url=" + host.baseUrl(),
				"deepseek.providers.openrouter.api-key=test-key")
			.run((context) -> {
				ChatModel model = context.getBean(ChatModel.class);
				UserMessage question = new UserMessage("Weather in Bergen?");
				AssistantMessage message = model.call(new Prompt(question)).getResult().getOutput();
				Message result = ToolResponseMessage.builder()
					.responses(List.of(new ToolResponseMessage.ToolResponse("c1", "weather", "rain")))
					.build();
				model.call(new Prompt(List.of(question, message, result)));
			});
		assertThat(host.requests().get(1).at("/messages/1/reasoning_details/0/data").asString()).isEqualTo("x");
	}

	@Test
	void aStream() {
		host.answers(Host.stream(true, "tool_calls", "{\"reasoning_content\":\"I must \"}",
				"{\"reasoning_content\":\"look.\"}", "{\"content\":\"Let \"}", "{\"content\":\"me see.\"}", """
						{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather",\
						"arguments":"{\\"city\\":"}}]}""", """
						{"tool_calls":[{"index":0,"function":{"arguments":"\\"Bergen\\"}"}}]}"""));
		withModel((model) -> {
			List<ChatResponse> responses = model.stream(new Prompt("Weather in Bergen?")).collectList().block(PATIENCE);
			assertThat(responses.stream().map((response) -> response.getResult().getOutput().getText()).toList())
				.containsExactly("", "", "Let ", "me see.", "");
			assertThat(responses.stream()
				.map((response) -> response.getResult().getOutput().getMetadata().get("reasoningDelta"))
				.toList()).containsExactly("I must ", "look.", null, null, null);
			ChatResponse last = responses.get(responses.size() - 1);
			assertThat(last.getResult().getOutput().getMetadata()).containsEntry("reasoningContent", "I must look.");
			assertThat(last.getResult().getMetadata().getFinishReason()).isEqualTo("TOOL_CALLS");
			assertThat(last.getResult().getOutput().getToolCalls())
				.containsExactly(new AssistantMessage.ToolCall("c1", "function", "weather", "{\"city\":\"Bergen\"}"));
			assertThat(last.getMetadata().getUsage().getTotalTokens()).isEqualTo(15);
			assertThat(last.getMetadata().getUsage().getCacheReadInputTokens()).isEqualTo(4);
			assertThat(responses.subList(0, 4))
				.allMatch((response) -> response.getMetadata().getUsage() instanceof EmptyUsage
						&& !response.hasToolCalls() && "deepseek".equals(response.getMetadata().get("provider")));
		});
	}

	@Test
	void anEmptyReasoningIsNoPieceOfAStream() {
		host.answers(Host.stream(true, "tool_calls", "{\"content\":null,\"reasoning_content\":\"\"}",
				"{\"content\":\"Hm\"}",
				"""
						{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"now","arguments":"{}"}}]}"""));
		withModel((model) -> {
			List<ChatResponse> responses = model.stream(new Prompt("Now?")).collectList().block(PATIENCE);
			assertThat(responses.stream().map((response) -> response.getResult().getOutput().getText()).toList())
				.containsExactly("Hm", "");
			assertThat(responses)
				.noneMatch((response) -> response.getResult().getOutput().getMetadata().containsKey("reasoningDelta"));
			assertThat(responses.get(1).getResult().getOutput().getMetadata()).containsEntry("reasoningContent", "");
		});
	}

	@Test
	void springAiPutsAStreamTogether() {
		host.answers(Host.stream(true, "stop", "{\"reasoning_content\":\"Hm, \"}", "{\"reasoning_content\":\"hm.\"}",
				"{\"content\":\"Hel\"}", "{\"content\":\"lo\"}"));
		withModel((model) -> {
			List<ChatResponse> whole = new ArrayList<>();
			new MessageAggregator().aggregate(model.stream(new Prompt("Hi")), whole::add).blockLast(PATIENCE);
			assertThat(whole).hasSize(1);
			assertThat(whole.get(0).getResult().getOutput().getText()).isEqualTo("Hello");
			assertThat(whole.get(0).getResult().getOutput().getMetadata()).containsEntry("reasoningContent", "Hm, hm.");
			assertThat(whole.get(0).getMetadata().getUsage().getTotalTokens()).isEqualTo(15);
			assertThat(whole.get(0).getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
		});
	}

	@Test
	void imagesAreSent() {
		host.answers(Host.text("A cat."));
		withModel((model) -> model.call(new Prompt(UserMessage.builder()
			.text("What is it?")
			.media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("https://pictures.test/cat.png")))
			.build())));
		JsonNode content = host.requests().get(0).path("messages").path(0).path("content");
		assertThat(content.path(0).path("text").asString()).isEqualTo("What is it?");
		assertThat(content.path(1).path("image_url").path("url").asString()).isEqualTo("https://pictures.test/cat.png");
	}

	@Test
	void otherMediaAreRefused() {
		UserMessage message = UserMessage.builder()
			.text("What does it say?")
			.media(new Media(MimeTypeUtils.parseMimeType("audio/mp3"), URI.create("https://sounds.test/1.mp3")))
			.build();
		withModel((model) -> {
			assertThatExceptionOfType(NonTransientAiException.class).isThrownBy(() -> model.call(new Prompt(message)))
				.withMessageContaining("audio/mp3");
			assertThatExceptionOfType(NonTransientAiException.class)
				.isThrownBy(() -> model.stream(new Prompt(message)).blockLast(PATIENCE));
		});
	}

	@Test
	void whatWillNotPass() {
		host.answers(Host.error(401));
		withModel((model) -> assertThatExceptionOfType(NonTransientAiException.class)
			.isThrownBy(() -> model.call(new Prompt("Hi")))
			.withCauseInstanceOf(DeepSeekException.class)
			.satisfies((ex) -> assertThat(((DeepSeekException) ex.getCause()).getKind())
				.isEqualTo(ErrorKind.AUTHENTICATION)));
	}

	@Test
	void whatMayPassIsTriedByTheClientAlone() {
		host.answers(Host.error(503));
		withModel((model) -> assertThatExceptionOfType(TransientAiException.class)
			.isThrownBy(() -> model.call(new Prompt("Hi")))
			.withCauseInstanceOf(DeepSeekException.class));
		assertThat(host.requests()).hasSize(2);
	}

	@Test
	void aStreamThatBreaks() {
		host.answers(Host.stream(false, "", "{\"content\":\"Hel\"}"));
		withModel((model) -> {
			List<String> texts = new CopyOnWriteArrayList<>();
			assertThatExceptionOfType(TransientAiException.class)
				.isThrownBy(() -> model.stream(new Prompt("Hi"))
					.doOnNext((response) -> texts.add(response.getResult().getOutput().getText()))
					.blockLast(PATIENCE))
				.withCauseInstanceOf(StreamInterruptedException.class);
			assertThat(texts).containsExactly("Hel");
		});
		assertThat(host.requests()).hasSize(1);
	}

	@Test
	void theEventLoopMustNotWait() {
		withModel((model) -> assertThatIllegalStateException()
			.isThrownBy(() -> Mono.fromCallable(() -> model.call(new Prompt("Hi")))
				.subscribeOn(Schedulers.parallel())
				.block(PATIENCE))
			.withMessageContaining("stream()"));
	}

	@Test
	void observationsNestAndReportTheUsageOnce() {
		host.answers(Host.text("Hello"), Host.stream(true, "stop", "{\"content\":\"Hello\"}"));
		List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
		ObservationRegistry registry = listening(stopped);
		host.application()
			.withConfiguration(AutoConfigurations.of(DeepSeekObservationAutoConfiguration.class))
			.withBean(ObservationRegistry.class, () -> registry)
			.run((context) -> {
				ChatModel model = context.getBean(ChatModel.class);
				model.call(new Prompt("Hi"));
				assertNested(stopped);
				stopped.clear();
				model.stream(new Prompt("Hi")).blockLast(PATIENCE);
				assertNested(stopped);
			});
	}

	@Test
	void anObservationDoesNotRepeatTheProvidersWords() {
		host.answers(Host.error(401));
		List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
		ObservationRegistry registry = listening(stopped);
		host.application().withBean(ObservationRegistry.class, () -> registry).run((context) -> {
			ChatModel model = context.getBean(ChatModel.class);
			assertThatExceptionOfType(NonTransientAiException.class).isThrownBy(() -> model.call(new Prompt("Hi")))
				.withMessageContaining("Authentication Fails");
			assertThatExceptionOfType(NonTransientAiException.class)
				.isThrownBy(() -> model.stream(new Prompt("Hi")).blockLast(PATIENCE));
		});
		assertThat(stopped).filteredOn((context) -> context.getName().equals("gen_ai.client.operation"))
			.hasSize(2)
			.allSatisfy((context) -> assertThat(context.getError()).hasMessageContaining("AUTHENTICATION")
				.hasMessageNotContaining("Authentication Fails"));
	}

	private static void assertNested(List<Observation.Context> stopped) {
		Map<String, Observation.Context> byName = new HashMap<>();
		stopped.forEach((context) -> byName.put(context.getName(), context));
		Observation.Context call = byName.get("deepseek.client.call");
		Observation.Context model = byName.get("gen_ai.client.operation");
		assertThat(stopped).filteredOn((context) -> context.getName().equals("gen_ai.client.operation")).hasSize(1);
		assertThat(call.getParentObservation().getContextView()).isSameAs(model);
		assertThat(call.getHighCardinalityKeyValue("gen_ai.usage.input_tokens")).isNull();
		assertThat(model.getHighCardinalityKeyValue("gen_ai.usage.input_tokens").getValue()).isEqualTo("10");
	}

	static ObservationRegistry listening(List<Observation.Context> stopped) {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new ObservationHandler<>() {

			@Override
			public void onStop(Observation.Context context) {
				stopped.add(context);
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

		});
		return registry;
	}

	private static void withModel(Consumer<ChatModel> test) {
		// reasoning is held back where thinking is switched off
		host.application("deepseek.chat.model=reasoner").run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context.getBean(ChatModel.class));
		});
	}

	record City(String city) {

	}

}
