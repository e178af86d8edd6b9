package io.github.deepseekboot.samples.gateway.clients;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import reactor.test.StepVerifier;

import io.github.deepseekboot.samples.gateway.GatewayApplication;
import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Spring AI's model of OpenAI against the gateway.
 */
@SpringBootTest(classes = GatewayApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deepseek.shared.enabled=false", "deepseek.fallback=deepseek",
				"gateway.tenants.demo.key-sha256=2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea",
				"gateway.tenants.demo.max-concurrent=1", "gateway.tenants.demo.max-wait=0s" })
@AutoConfigureDeepSeek
class SpringAiTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@Autowired
	ScriptedProvider deepseek;

	@LocalServerPort
	int port;

	private OpenAiChatOptions.Builder options() {
		OpenAiChatOptions.Builder options = new OpenAiChatOptions.Builder();
		options.baseUrl("http://127.0.0.1:" + this.port + "/v1");
		options.apiKey("demo");
		options.model("chat");
		options.maxRetries(0);
		options.timeout(PATIENCE);
		return options;
	}

	private static OpenAiChatModel model(OpenAiChatOptions.Builder options) {
		return OpenAiChatModel.builder().options(options.build()).build();
	}

	private static String text(ChatResponse response) {
		return (response.getResult() != null && response.getResult().getOutput().getText() != null)
				? response.getResult().getOutput().getText() : "";
	}

	@Test
	void completes() {
		this.deepseek.answers("Hello").usage(5, 3);
		ChatResponse response = model(options()).call(new Prompt("hi"));
		assertThat(text(response)).isEqualTo("Hello");
		assertThat(response.getResult().getMetadata().getFinishReason()).isEqualToIgnoringCase("stop");
		assertThat(response.getMetadata().getUsage().getTotalTokens()).isEqualTo(8);
		assertThat(response.getMetadata().getModel()).isEqualTo("chat");
	}

	@Test
	void streams() {
		this.deepseek.answers("Drip, drop, drip").usage(5, 3);
		OpenAiChatOptions.Builder options = options();
		options.streamUsage(true);
		List<ChatResponse> responses = model(options).stream(new Prompt("hi"))
			.collectList()
			.blockOptional(PATIENCE)
			.orElseThrow();
		StringBuilder text = new StringBuilder();
		responses.forEach((response) -> text.append(text(response)));
		assertThat(text).hasToString("Drip, drop, drip");
		assertThat(responses).extracting((response) -> response.getMetadata().getUsage().getTotalTokens()).contains(8);
	}

	@Test
	void callsTools() {
		this.deepseek.calls("get_weather", Map.of("city", "Oslo")).times(2);
		this.deepseek.whenToolResults().answers("Take an umbrella");
		OpenAiChatOptions.Builder options = options();
		options.toolCallbacks(FunctionToolCallback.builder("get_weather", (Map<String, Object> arguments) -> "rain")
			.inputType(Map.class)
			.inputSchema("{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\"}}}")
			.build());
		OpenAiChatModel model = model(options);
		Prompt prompt = new Prompt("hi", options.build());
		ChatResponse complete = model.call(prompt);
		List<ChatResponse> streamed = model.stream(prompt).collectList().blockOptional(PATIENCE).orElseThrow();
		AssistantMessage.ToolCall call = complete.getResult().getOutput().getToolCalls().get(0);
		assertThat(call.name()).isEqualTo("get_weather");
		assertThat(call.arguments().replace(" ", "")).isEqualTo("{\"city\":\"Oslo\"}");
		assertThat(streamed).filteredOn(ChatResponse::hasToolCalls)
			.first()
			.satisfies((response) -> assertThat(response.getResult().getOutput().getToolCalls())
				.extracting(AssistantMessage.ToolCall::name)
				.containsExactly("get_weather"));
		ChatResponse answer = model.call(new Prompt(List.of(new UserMessage("hi"), complete.getResult().getOutput(),
				ToolResponseMessage.builder()
					.responses(List.of(new ToolResponseMessage.ToolResponse(call.id(), call.name(), "rain")))
					.build()),
				options.build()));
		assertThat(text(answer)).isEqualTo("Take an umbrella");
		assertThat(this.deepseek).lastCall().hasToolResults("rain");
	}

	@Test
	void errorsAreTyped() {
		OpenAiChatOptions.Builder wrong = options();
		wrong.apiKey("wrong");
		assertThatExceptionOfType(UnauthorizedException.class).isThrownBy(() -> model(wrong).call(new Prompt("hi")));
		OpenAiChatOptions.Builder unknown = options();
		unknown.model("gpt-5");
		assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> model(unknown).call(new Prompt("hi")));
		this.deepseek.fails(400, "context-length");
		assertThatExceptionOfType(BadRequestException.class).isThrownBy(() -> model(options()).call(new Prompt("hi")));
		this.deepseek.fails(401).times(2);
		assertThatExceptionOfType(InternalServerException.class)
			.isThrownBy(() -> model(options()).call(new Prompt("hi")));
		StepVerifier.create(model(options()).stream(new Prompt("hi"))).expectError().verify(PATIENCE);
	}

	@Test
	void aCancelledStreamEndsTheCall() {
		long before = this.deepseek.cancelled();
		this.deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		OpenAiChatModel model = model(options());
		// cancelled by the thread that reads: any other would wait for an event
		Throwable second = model.stream(new Prompt("hi"))
			.filter((response) -> !text(response).isEmpty())
			.map((response) -> catchThrowable(() -> model.call(new Prompt("hi"))))
			.blockFirst(PATIENCE);
		assertThat(second).isInstanceOf(RateLimitException.class);
		await().atMost(PATIENCE).until(() -> this.deepseek.cancelled() == before + 1);
		this.deepseek.answers("Hello").always();
		await().atMost(PATIENCE)
			.ignoreExceptionsInstanceOf(RateLimitException.class)
			.until(() -> text(model.call(new Prompt("hi"))).equals("Hello"));
	}

	@Test
	void aBrokenStreamFails() {
		this.deepseek.answers("Drip, drop, drip, drop").cutsAfter(3);
		StepVerifier.create(model(options()).stream(new Prompt("hi")))
			.thenConsumeWhile((response) -> true)
			.expectError()
			.verify(PATIENCE);
	}

}
