package io.github.deepseekboot.independent;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatDeltaAccumulator;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.tool.Tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests against aimock, a server that others wrote: what it sends is not what we expect
 * hosts to send, but what they expect it to be.
 */
class AimockTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final String ANSWER = "The answer is 42, 雨 and 😀.";

	private static final String FIXTURES = """
			{"fixtures": [
				{"match": {"userMessage": "think"},
					"response": {"content": "The answer is 42, 雨 and 😀.", "reasoning": "Let me think about it."}},
				{"match": {"userMessage": "weather", "hasToolResult": false}, "response": {"toolCalls": [
					{"name": "weather", "arguments": "{\\"city\\":\\"Ulm\\"}"},
					{"name": "weather", "arguments": "{\\"city\\":\\"Rome\\"}"}]}},
				{"match": {"userMessage": "weather", "hasToolResult": true},
					"response": {"content": "Rain in Ulm, sun in Rome."}},
				{"match": {"userMessage": "empty account"}, "response": {"status": 402, "error":
					{"message": "Insufficient Balance", "type": "insufficient_quota", "code": "insufficient_quota"}}},
				{"match": {"userMessage": "cut"}, "truncateAfterChunks": 4,
					"response": {"content": "one two three four five six seven eight nine ten"}},
				{"match": {"userMessage": "long"}, "response": {"content": "length", "finishReason": "length"}}
			]}""";

	@TempDir
	static Path folder;

	private static ExternalServer server;

	private static String address;

	@BeforeAll
	static void startServer() throws IOException {
		String aimock = System.getProperty("aimock", "");
		assumeThat(aimock).as("the folder of the npm package @copilotkit/aimock, to be given as -Daimock").isNotEmpty();
		assumeThat(ExternalServer.program("node")).as("Node.js on the PATH").isPresent();
		Files.createDirectory(folder.resolve("fixtures"));
		Files.writeString(folder.resolve("fixtures/all.json"), FIXTURES);
		int port = ExternalServer.freePort();
		server = ExternalServer.start(folder, port,
				List.of(ExternalServer.program("node").orElseThrow(), Path.of(aimock, "dist/cli.js").toString(), "-p",
						String.valueOf(port), "-f", "fixtures", "-c", "3", "-l", "1", "--log-level", "silent"));
		address = "http://127.0.0.1:" + port;
	}

	@AfterAll
	static void stopServer() {
		if (server != null) {
			server.close();
		}
	}

	@AfterEach
	void calm() {
		chaos("DELETE", "");
	}

	@ParameterizedTest
	@CsvSource({ "deepseek, /v1", "openai, /v1", "openrouter, /api/v1", "ollama, /v1", "vllm, /v1" })
	void answersAreReadAsTheyWereMeant(String preset, String path) {
		run(preset, path, (chat) -> {
			ChatCompletion complete = chat.complete("think");
			ChatCompletion streamed = collect(chat, ChatRequest.of("think"));
			assertThat(List.of(complete, streamed)).allSatisfy((completion) -> {
				assertThat(completion.content()).isEqualTo(ANSWER);
				assertThat(completion.message().reasoningContent()).isEqualTo("Let me think about it.");
				assertThat(completion.provider()).isEqualTo("host");
			});
			assertThat(complete.usage()).isNotNull();
			assertThat(streamed.usage()).isEqualTo(complete.usage());
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void toolsRun(boolean stream) {
		run("deepseek", "/v1", (chat) -> {
			ChatCompletionTemplate tools = chat.withTools(weather());
			ChatCompletion completion = stream ? collect(tools, ChatRequest.of("weather")) : tools.complete("weather");
			assertThat(completion.content()).isEqualTo("Rain in Ulm, sun in Rome.");
			assertThat(completion.messages()).filteredOn((message) -> message.toolCallId() != null)
				.extracting((message) -> message.content())
				.containsExactly("rain", "sun");
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void emptyAccountIsTakenOverElsewhere(boolean stream) {
		run("deepseek", "/v1", (chat) -> {
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> ask(chat, "empty account", stream))
				.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.OUT_OF_CREDIT));
			// the account stays empty: whoever comes next does not ask it again
			assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> ask(chat, "empty account", stream))
				.satisfies((ex) -> assertThat(ex.getMessage()).contains("Insufficient Balance"));
		});
	}

	@Test
	void cutStreamIsNeverComplete() {
		run("deepseek", "/v1",
				(chat) -> assertThatExceptionOfType(StreamInterruptedException.class)
					.isThrownBy(() -> chat.stream("cut").blockLast(PATIENCE))
					.satisfies((ex) -> assertThat("one two three four five six seven eight nine ten")
						.startsWith(ex.getPartialContent())));
	}

	@Test
	void finishReasonIsKept() {
		run("deepseek", "/v1", (chat) -> {
			assertThat(chat.complete("long").finishReason()).hasToString("length");
			assertThat(collect(chat, ChatRequest.of("long")).finishReason()).hasToString("length");
		});
	}

	@ParameterizedTest
	@CsvSource({ "dropRate, SERVER_ERROR", "malformedRate, MALFORMED_RESPONSE", "disconnectRate, STREAM_CLOSED",
			"rateLimitRate, RATE_LIMITED" })
	void chaosHasItsKind(String rate, ErrorKind kind) {
		chaos("POST", "{\"" + rate + "\": 1}");
		run("deepseek", "/v1", (chat) -> {
			for (boolean stream : new boolean[] { false, true }) {
				assertThatExceptionOfType(DeepSeekException.class).isThrownBy(() -> ask(chat, "think", stream))
					.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(kind));
			}
		}, "deepseek.retry.max-attempts=1");
	}

	@Test
	void chaosIsRiddenOut() {
		chaos("POST", "{\"rateLimitRate\": 0.3, \"latencyMs\": 20}");
		run("deepseek", "/v1", (chat) -> {
			for (int i = 0; i < 20; i++) {
				assertThat(collect(chat, ChatRequest.of("think")).content()).isEqualTo(ANSWER);
			}
		}, "deepseek.retry.max-attempts=10", "deepseek.providers.second.preset=openai",
				"deepseek.providers.second.api-key=test-key", "deepseek.providers.second.base-url=" + address + "/v1",
				"deepseek.providers.second.models.chat=gpt-4", "deepseek.fallback=host,second");
	}

	private static void ask(ChatCompletionTemplate chat, String prompt, boolean stream) {
		if (stream) {
			chat.stream(prompt).blockLast(PATIENCE);
		}
		else {
			chat.complete(prompt);
		}
	}

	private static ChatCompletion collect(ChatCompletionTemplate chat, ChatRequest request) {
		ChatDeltaAccumulator collected = new ChatDeltaAccumulator();
		List<ChatDelta> deltas = Objects
			.requireNonNull(chat.stream(request).doOnNext(collected::add).collectList().block(PATIENCE));
		assertThat(deltas.get(deltas.size() - 1).isLast()).isTrue();
		return collected.toCompletion();
	}

	private static void run(String preset, String path, Consumer<ChatCompletionTemplate> test, String... properties) {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class, WebClientAutoConfiguration.class))
			.withPropertyValues("deepseek.provider=host", "deepseek.providers.host.preset=" + preset,
					"deepseek.providers.host.base-url=" + address + path, "deepseek.providers.host.api-key=test-key",
					"deepseek.providers.host.models.chat=gpt-4")
			.withPropertyValues(properties)
			.run((context) -> test.accept(context.getBean(ChatCompletionTemplate.class)));
	}

	private static void chaos(String method, String body) {
		if (server == null) {
			return;
		}
		HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/__aimock/chaos"))
			.header("Content-Type", "application/json")
			.method(method, HttpRequest.BodyPublishers.ofString(body))
			.build();
		try {
			assertThat(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
				.isEqualTo(200);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static Tool weather() {
		Map<String, String> skies = Map.of("Ulm", "rain", "Rome", "sun");
		return Tool.of("weather", "The weather in a city", Place.class, (place) -> skies.get(place.city()));
	}

	record Place(String city) {

	}

}
