package io.github.deepseekboot.samples.gateway.clients;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import io.github.deepseekboot.samples.gateway.GatewayApplication;
import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * LangChain4j's models of OpenAI against the gateway.
 */
@SpringBootTest(classes = GatewayApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deepseek.shared.enabled=false", "deepseek.fallback=deepseek",
				"gateway.tenants.demo.key-sha256=2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea",
				"gateway.tenants.demo.max-concurrent=1", "gateway.tenants.demo.max-wait=0s" })
@AutoConfigureDeepSeek
class LangChain4jTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final ToolSpecification WEATHER = ToolSpecification.builder()
		.name("get_weather")
		.parameters(JsonObjectSchema.builder().addStringProperty("city").build())
		.build();

	@Autowired
	ScriptedProvider deepseek;

	@LocalServerPort
	int port;

	private String url() {
		return "http://127.0.0.1:" + this.port + "/v1";
	}

	private OpenAiChatModel model(String key, String name) {
		return OpenAiChatModel.builder()
			.baseUrl(url())
			.apiKey(key)
			.modelName(name)
			.maxRetries(0)
			.timeout(PATIENCE)
			.returnThinking(true)
			.build();
	}

	private OpenAiStreamingChatModel streamingModel() {
		return OpenAiStreamingChatModel.builder()
			.baseUrl(url())
			.apiKey("demo")
			.modelName("chat")
			.timeout(PATIENCE)
			.returnThinking(true)
			.build();
	}

	private static ChatRequest question() {
		return ChatRequest.builder().messages(UserMessage.from("hi")).build();
	}

	@Test
	void completes() {
		this.deepseek.thinks("Hm").answers("Hello").usage(5, 3);
		ChatResponse response = model("demo", "reasoner").chat(question());
		assertThat(response.aiMessage().text()).isEqualTo("Hello");
		assertThat(response.aiMessage().thinking()).isEqualTo("Hm");
		assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
		assertThat(response.tokenUsage().totalTokenCount()).isEqualTo(8);
		assertThat(response.modelName()).isEqualTo("reasoner");
	}

	@Test
	void streams() throws Exception {
		this.deepseek.answers("Drip, drop, drip").usage(5, 3);
		Collector collector = new Collector();
		streamingModel().chat(question(), collector);
		ChatResponse response = collector.response();
		assertThat(collector.text).hasToString("Drip, drop, drip");
		assertThat(response.aiMessage().text()).isEqualTo("Drip, drop, drip");
		assertThat(response.tokenUsage().totalTokenCount()).isEqualTo(8);
	}

	@Test
	void callsTools() throws Exception {
		this.deepseek.calls("get_weather", Map.of("city", "Oslo")).times(2);
		this.deepseek.whenToolResults().answers("Take an umbrella");
		ChatRequest request = ChatRequest.builder()
			.messages(UserMessage.from("hi"))
			.toolSpecifications(WEATHER)
			.build();
		Collector collector = new Collector();
		streamingModel().chat(request, collector);
		OpenAiChatModel model = model("demo", "chat");
		List<ChatResponse> calling = List.of(collector.response(), model.chat(request));
		assertThat(calling).allSatisfy((response) -> {
			assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
			ToolExecutionRequest call = response.aiMessage().toolExecutionRequests().get(0);
			assertThat(call.name()).isEqualTo("get_weather");
			assertThat(call.arguments().replace(" ", "")).isEqualTo("{\"city\":\"Oslo\"}");
		});
		ChatResponse first = calling.get(1);
		ChatResponse answer = model.chat(UserMessage.from("hi"), first.aiMessage(),
				ToolExecutionResultMessage.from(first.aiMessage().toolExecutionRequests().get(0), "rain"));
		assertThat(answer.aiMessage().text()).isEqualTo("Take an umbrella");
		assertThat(this.deepseek).lastCall().hasToolResults("rain");
	}

	@Test
	void errorsAreTyped() throws Exception {
		assertThatExceptionOfType(AuthenticationException.class)
			.isThrownBy(() -> model("wrong", "chat").chat(question()));
		assertThatExceptionOfType(ModelNotFoundException.class)
			.isThrownBy(() -> model("demo", "gpt-5").chat(question()));
		this.deepseek.fails(400, "context-length");
		assertThatExceptionOfType(InvalidRequestException.class)
			.isThrownBy(() -> model("demo", "chat").chat(question()));
		this.deepseek.fails(401).times(2);
		assertThatExceptionOfType(InternalServerException.class)
			.isThrownBy(() -> model("demo", "chat").chat(question()));
		Collector collector = new Collector();
		streamingModel().chat(question(), collector);
		assertThat(collector.failure()).isInstanceOf(InternalServerException.class);
	}

	@Test
	void aCancelledStreamEndsTheCall() throws Exception {
		long before = this.deepseek.cancelled();
		this.deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		CompletableFuture<PartialResponseContext> begun = new CompletableFuture<>();
		streamingModel().chat(question(), new Collector() {

			@Override
			public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
				begun.complete(context);
				// ends before the next event
				context.streamingHandle().cancel();
			}

		});
		begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		await().atMost(PATIENCE).until(() -> this.deepseek.cancelled() == before + 1);
		this.deepseek.answers("Hello").always();
		await().atMost(PATIENCE)
			.ignoreExceptionsInstanceOf(RateLimitException.class)
			.until(() -> model("demo", "chat").chat(question()).aiMessage().text().equals("Hello"));
	}

	@Test
	void aLimitIsTyped() throws Exception {
		this.deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		CompletableFuture<PartialResponseContext> begun = new CompletableFuture<>();
		streamingModel().chat(question(), new Collector() {

			@Override
			public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
				begun.complete(context);
			}

		});
		PartialResponseContext context = begun.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		assertThatExceptionOfType(RateLimitException.class).isThrownBy(() -> model("demo", "chat").chat(question()));
		context.streamingHandle().cancel();
		await().atMost(PATIENCE).until(() -> this.deepseek.inFlight() == 0);
	}

	@Test
	void aBrokenStreamFails() throws Exception {
		this.deepseek.answers("Drip, drop, drip, drop").cutsAfter(3);
		Collector collector = new Collector();
		streamingModel().chat(question(), collector);
		assertThat(collector.failure()).isNotNull();
		assertThat(collector.text).isNotEmpty();
	}

	/**
	 * Collects a stream.
	 */
	private static class Collector implements StreamingChatResponseHandler {

		final StringBuffer text = new StringBuffer();

		final StringBuffer thinking = new StringBuffer();

		private final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

		@Override
		public void onPartialResponse(String partial) {
			this.text.append(partial);
		}

		@Override
		public void onPartialThinking(PartialThinking partial) {
			this.thinking.append(partial.text());
		}

		@Override
		public void onCompleteResponse(ChatResponse response) {
			this.end.complete(response);
		}

		@Override
		public void onError(Throwable failure) {
			this.end.completeExceptionally(failure);
		}

		ChatResponse response() throws Exception {
			return this.end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}

		Throwable failure() throws Exception {
			return this.end.handle((response, failure) -> failure).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}

	}

}
