package io.github.deepseekboot.langchain4j;

import java.time.Duration;
import java.util.function.Consumer;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ReasoningEffort;
import io.github.deepseekboot.framework.Host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests of {@link RoutingChatModel}.
 */
class RoutingChatModelTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final ToolSpecification WEATHER = ToolSpecification.builder()
		.name("weather")
		.description("Tells the weather.")
		.parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build())
		.build();

	private static final String CALL = """
			{"role":"assistant","content":"","reasoning_content":"I must look.","reasoning_details":[{"data":"x"}],"tool_calls":[{"index":0,\
			"id":"c1","type":"function","function":{"name":"weather","arguments":"{\\"city\\":\\"Bergen\\"}"}}]}""";

	@RegisterExtension
	static final Host host = new Host();

	@Test
	void noTwoToolCallsHaveOneId() {
		host.answers(Host.message("""
				{"role":"assistant","content":"","tool_calls":[\
				{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},\
				{"index":1,"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}""",
				"tool_calls"));
		withModel((model) -> assertThat(model.chat(UserMessage.from("Hi")).aiMessage().toolExecutionRequests())
			.extracting(ToolExecutionRequest::id)
			.containsExactly("call_1", "call_2"));
	}

	@Test
	void aCompleteAnswer() {
		host.answers(
				Host.message("{\"role\":\"assistant\",\"content\":\"Hello\",\"reasoning_content\":\"Hm.\"}", "stop"));
		withModel((model) -> {
			ChatResponse response = model.chat(UserMessage.from("Hi"));
			assertThat(response.aiMessage().text()).isEqualTo("Hello");
			assertThat(response.aiMessage().thinking()).isEqualTo("Hm.");
			assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
			assertThat(response.modelName()).isEqualTo("deepseek-chat");
			assertThat(response.tokenUsage()).isEqualTo(new RoutingTokenUsage(10, 5, 15, 4, 2));
			assertThat(response.metadata()).isInstanceOfSatisfying(RoutingChatResponseMetadata.class, (metadata) -> {
				assertThat(metadata.provider()).isEqualTo("deepseek");
				assertThat(metadata.attempts()).hasSize(1);
				assertThat(metadata.toBuilder().build()).isEqualTo(metadata);
			});
			assertThat(model.supportedCapabilities()).containsExactly(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
		});
	}

	@Test
	void parametersAreSent() {
		host.answers(Host.text("{}"));
		withModel((model) -> model.chat(ChatRequest.builder()
			.messages(SystemMessage.from("Be brief."), UserMessage.from("Hi"))
			.parameters(RoutingChatRequestParameters.builder()
				.modelName("chat")
				.temperature(0.5)
				.topP(0.6)
				.maxOutputTokens(7)
				.stopSequences("END")
				.thinking(true)
				.reasoningEffort(ReasoningEffort.HIGH)
				.userId("u1")
				.extra("seed", 3)
				.toolSpecifications(WEATHER)
				.toolChoice(ToolChoice.AUTO)
				.responseFormat(ResponseFormat.builder()
					.type(ResponseFormatType.JSON)
					.jsonSchema(JsonSchema.builder()
						.name("Answer")
						.rootElement(JsonObjectSchema.builder().addStringProperty("country").build())
						.build())
					.build())
				.build())
			.build()));
		JsonNode request = host.requests().get(0);
		assertThat(request.path("temperature").asDouble()).isEqualTo(0.5);
		assertThat(request.path("top_p").asDouble()).isEqualTo(0.6);
		assertThat(request.path("max_tokens").asInt()).isEqualTo(7);
		assertThat(request.path("stop").path(0).asString()).isEqualTo("END");
		assertThat(request.path("seed").asInt()).isEqualTo(3);
		assertThat(request.path("thinking").path("type").asString()).isEqualTo("enabled");
		assertThat(request.path("tool_choice").asString()).isEqualTo("auto");
		assertThat(request.path("tools").path(0).path("function").path("parameters").path("properties").has("city"))
			.isTrue();
		assertThat(request.path("messages").path(0).path("content").asString()).contains("Be brief.", "country");
	}

	@Test
	void defaultsOfTheApplicationHold() {
		host.answers(Host.text("Hello"));
		host.application("deepseek.chat.temperature=0.3", "deepseek.chat.max-tokens=9")
			.run((context) -> context.getBean(ChatModel.class)
				.chat(ChatRequest.builder().messages(UserMessage.from("Hi")).maxOutputTokens(4).build()));
		assertThat(host.requests().get(0).path("temperature").asDouble()).isEqualTo(0.3);
		assertThat(host.requests().get(0).path("max_tokens").asInt()).isEqualTo(4);
	}

	@Test
	void reasoningGoesBackWithTheResultsOfTools() {
		host.answers(Host.message(CALL, "tool_calls"), Host.text("It rains."));
		withModel((model) -> {
			UserMessage question = UserMessage.from("Weather in Bergen?");
			AiMessage message = model.chat(ChatRequest.builder().messages(question).toolSpecifications(WEATHER).build())
				.aiMessage();
			ToolExecutionRequest call = ToolExecutionRequest.builder()
				.id("c1")
				.name("weather")
				.arguments("{\"city\":\"Bergen\"}")
				.build();
			assertThat(message.text()).isNull();
			assertThat(message.toolExecutionRequests()).containsExactly(call);
			ChatResponse second = model.chat(ChatRequest.builder()
				.messages(question, message, ToolExecutionResultMessage.from(call, "rain"))
				.toolSpecifications(WEATHER)
				.build());
			assertThat(second.aiMessage().text()).isEqualTo("It rains.");
		});
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
				UserMessage question = UserMessage.from("Weather in Bergen?");
				AiMessage message = model.chat(question).aiMessage();
				model.chat(question, message,
						ToolExecutionResultMessage.from(message.toolExecutionRequests().get(0), "rain"));
			});
		assertThat(host.requests().get(1).at("/messages/1/reasoning_details/0/data").asString()).isEqualTo("x");
	}

	@Test
	void imagesAreSent() {
		host.answers(Host.text("A cat."));
		withModel((model) -> model.chat(UserMessage.from(TextContent.from("What is it?"),
				ImageContent.from("https://pictures.test/cat.png"), ImageContent.from("aGVsbG8=", "image/gif"))));
		JsonNode content = host.requests().get(0).path("messages").path(0).path("content");
		assertThat(content.path(0).path("text").asString()).isEqualTo("What is it?");
		assertThat(content.path(1).path("image_url").path("url").asString()).isEqualTo("https://pictures.test/cat.png");
		assertThat(content.path(2).path("image_url").path("url").asString())
			.isEqualTo("data:image/gif;base64,aGVsbG8=");
	}

	@Test
	void otherContentIsRefused() {
		withModel((model) -> assertThatExceptionOfType(UnsupportedFeatureException.class)
			.isThrownBy(() -> model.chat(UserMessage.from(AudioContent.from("https://sounds.test/1.mp3"))))
			.withMessageContaining("AUDIO"));
	}

	@Test
	void typedExceptions() {
		host.answers(Host.error(401));
		withModel((model) -> assertThatExceptionOfType(AuthenticationException.class).isThrownBy(() -> model.chat("Hi"))
			.withCauseInstanceOf(DeepSeekException.class));
	}

	@Test
	void whatMayPassIsTriedByTheClientAlone() {
		host.answers(Host.error(503));
		withModel((model) -> assertThatExceptionOfType(InternalServerException.class).isThrownBy(() -> model.chat("Hi"))
			.withCauseInstanceOf(DeepSeekException.class));
		assertThat(host.requests()).hasSize(2);
	}

	@Test
	void theEventLoopMustNotWait() {
		withModel((model) -> assertThatIllegalStateException()
			.isThrownBy(
					() -> Mono.fromCallable(() -> model.chat("Hi")).subscribeOn(Schedulers.parallel()).block(PATIENCE))
			.withMessageContaining("StreamingChatModel"));
	}

	@Test
	void parametersOverrideOneByOne() {
		RoutingChatRequestParameters defaults = RoutingChatRequestParameters.builder()
			.modelName("chat")
			.provider("deepseek")
			.extra("seed", 1)
			.build();
		RoutingChatRequestParameters overridden = defaults
			.overrideWith(RoutingChatRequestParameters.builder().modelName("reasoner").extra("a", 2).build());
		assertThat(overridden).isEqualTo(RoutingChatRequestParameters.builder()
			.modelName("reasoner")
			.provider("deepseek")
			.extra("seed", 1)
			.extra("a", 2)
			.build());
		assertThat(RoutingChatRequestParameters.EMPTY.defaultedBy(defaults)).isEqualTo(defaults);
	}

	@Test
	void usageAddsUp() {
		TokenUsage sum = TokenUsage.sum(new RoutingTokenUsage(1, 2, 3, 1, null), new RoutingTokenUsage(4, 5, 9, 2, 3));
		assertThat(sum).isEqualTo(new RoutingTokenUsage(5, 7, 12, 3, 3));
		assertThat(TokenUsage.sum(new TokenUsage(1, 1), new RoutingTokenUsage(1, 2, 3, 1, null)))
			.isEqualTo(new RoutingTokenUsage(2, 3, 5, 1, null));
	}

	private static void withModel(Consumer<ChatModel> test) {
		host.application().run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context.getBean(ChatModel.class));
		});
	}

}
