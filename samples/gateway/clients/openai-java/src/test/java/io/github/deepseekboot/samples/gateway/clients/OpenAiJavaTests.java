package io.github.deepseekboot.samples.gateway.clients;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.models.Model;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
 * OpenAI's Java library against the gateway.
 */
@SpringBootTest(classes = GatewayApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deepseek.shared.enabled=false", "deepseek.fallback=deepseek",
				"gateway.tenants.demo.key-sha256=2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea",
				"gateway.tenants.demo.max-concurrent=1", "gateway.tenants.demo.max-wait=0s" })
@AutoConfigureDeepSeek
class OpenAiJavaTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@Autowired
	ScriptedProvider deepseek;

	@LocalServerPort
	int port;

	private OpenAIClient client;

	@BeforeEach
	void connect() {
		this.client = client("demo");
	}

	private OpenAIClient client(String key) {
		return OpenAIOkHttpClient.builder()
			.baseUrl("http://127.0.0.1:" + this.port + "/v1")
			.apiKey(key)
			.maxRetries(0)
			.timeout(PATIENCE)
			.build();
	}

	@AfterEach
	void close() {
		this.client.close();
	}

	private static ChatCompletionCreateParams.Builder question() {
		return ChatCompletionCreateParams.builder().model("chat").addUserMessage("hi");
	}

	private ChatCompletion complete(ChatCompletionCreateParams.Builder params) {
		return this.client.chat().completions().create(params.build());
	}

	@Test
	void completes() {
		this.deepseek.thinks("Hm").answers("Hello").usage(5, 3);
		ChatCompletion completion = complete(question().model("reasoner")
			.maxCompletionTokens(50)
			.putAdditionalBodyProperty("thinking", JsonValue.from(Map.of("type", "enabled"))));
		completion.validate();
		ChatCompletion.Choice choice = completion.choices().get(0);
		assertThat(choice.message().content()).contains("Hello");
		assertThat(choice.message()._additionalProperties().get("reasoning_content")).isEqualTo(JsonValue.from("Hm"));
		assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
		assertThat(completion.usage().orElseThrow().totalTokens()).isEqualTo(8);
		assertThat(this.deepseek).lastCall().hasField("/max_tokens", 50).isThinking();
	}

	@Test
	void streams() {
		this.deepseek.answers("Drip, drop, drip").usage(5, 3);
		ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
		try (StreamResponse<ChatCompletionChunk> response = this.client.chat()
			.completions()
			.createStreaming(question().streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
				.build())) {
			response.stream().map(ChatCompletionChunk::validate).forEach(accumulator::accumulate);
		}
		ChatCompletion completion = accumulator.chatCompletion();
		assertThat(completion.choices().get(0).message().content()).contains("Drip, drop, drip");
		assertThat(completion.usage().orElseThrow().totalTokens()).isEqualTo(8);
	}

	@Test
	void callsTools() {
		this.deepseek.calls("get_weather", Map.of("city", "Oslo")).times(2);
		this.deepseek.whenToolResults().answers("Take an umbrella");
		ChatCompletionCreateParams.Builder params = question().addFunctionTool(FunctionDefinition.builder()
			.name("get_weather")
			.parameters(FunctionParameters.builder()
				.putAdditionalProperty("type", JsonValue.from("object"))
				.putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
				.build())
			.build());
		ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
		try (StreamResponse<ChatCompletionChunk> response = this.client.chat()
			.completions()
			.createStreaming(params.build())) {
			response.stream().forEach(accumulator::accumulate);
		}
		List<ChatCompletion> calling = List.of(accumulator.chatCompletion(), complete(params));
		assertThat(calling).allSatisfy((completion) -> {
			ChatCompletion.Choice choice = completion.choices().get(0);
			assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
			ChatCompletionMessageFunctionToolCall call = choice.message().toolCalls().orElseThrow().get(0).asFunction();
			assertThat(call.function().name()).isEqualTo("get_weather");
			assertThat(call.function().arguments().replace(" ", "")).isEqualTo("{\"city\":\"Oslo\"}");
		});
		ChatCompletion.Choice choice = calling.get(1).choices().get(0);
		params.addMessage(choice.message())
			.addMessage(ChatCompletionToolMessageParam.builder()
				.toolCallId(choice.message().toolCalls().orElseThrow().get(0).asFunction().id())
				.content("rain")
				.build());
		assertThat(complete(params).choices().get(0).message().content()).contains("Take an umbrella");
		assertThat(this.deepseek).lastCall().hasToolResults("rain");
	}

	@Test
	void errorsAreTyped() {
		assertThatExceptionOfType(UnauthorizedException.class).isThrownBy(() -> client("wrong").models().list())
			.satisfies((failure) -> assertThat(failure.code()).contains("invalid_api_key"));
		assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> complete(question().model("gpt-5")))
			.satisfies((failure) -> assertThat(failure.code()).contains("model_not_found"));
		assertThatExceptionOfType(BadRequestException.class)
			.isThrownBy(() -> complete(question().putAdditionalBodyProperty("max_tokens", JsonValue.from("many"))))
			.satisfies((failure) -> assertThat(failure.param()).contains("max_tokens"));
		this.deepseek.fails(400, "context-length");
		assertThatExceptionOfType(BadRequestException.class).isThrownBy(() -> complete(question()))
			.satisfies((failure) -> assertThat(failure.code()).contains("context_length_exceeded"));
		this.deepseek.fails(401).always();
		assertThatExceptionOfType(InternalServerException.class).isThrownBy(() -> complete(question()))
			.satisfies((failure) -> assertThat(failure.statusCode()).isEqualTo(502));
	}

	@Test
	void aBrokenStreamFails() {
		this.deepseek.answers("Drip, drop, drip, drop").cutsAfter(3);
		List<ChatCompletionChunk> chunks = new ArrayList<>();
		try (StreamResponse<ChatCompletionChunk> response = this.client.chat()
			.completions()
			.createStreaming(question().build())) {
			assertThatExceptionOfType(SseException.class).isThrownBy(() -> response.stream().forEach(chunks::add))
				.satisfies((failure) -> assertThat(failure.code()).contains("stream_interrupted"));
		}
		assertThat(chunks).isNotEmpty();
	}

	@Test
	void aClosedStreamEndsTheCall() {
		long before = this.deepseek.cancelled();
		this.deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		try (StreamResponse<ChatCompletionChunk> response = this.client.chat()
			.completions()
			.createStreaming(question().build())) {
			Iterator<ChatCompletionChunk> chunks = response.stream().iterator();
			assertThat(chunks.next().choices()).isNotEmpty();
			// the one permit is taken
			assertThatExceptionOfType(RateLimitException.class).isThrownBy(() -> complete(question()))
				.satisfies((failure) -> assertThat(failure.headers().values("Retry-After")).containsExactly("1"));
		}
		await().atMost(PATIENCE).until(() -> this.deepseek.cancelled() == before + 1);
		this.deepseek.answers("Hello").always();
		await().atMost(PATIENCE)
			.ignoreExceptionsInstanceOf(RateLimitException.class)
			.until(() -> complete(question()).choices().size() == 1);
	}

	@Test
	void listsModels() {
		assertThat(this.client.models().list().data()).extracting(Model::id).contains("chat", "reasoner");
		assertThat(this.client.models().retrieve("chat").id()).isEqualTo("chat");
	}

}
