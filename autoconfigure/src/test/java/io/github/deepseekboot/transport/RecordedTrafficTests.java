package io.github.deepseekboot.transport;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.recordings.ExpectedAnswer;
import io.github.deepseekboot.recordings.ExpectedOutcome;
import io.github.deepseekboot.recordings.RecordedExchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Replays recorded and handmade answers of providers over HTTP. What the client makes of
 * them must agree with the tables of outcomes and with a reader that shares no code with
 * it.
 */
@NullUnmarked
class RecordedTrafficTests {

	/**
	 * Answers of {@code GET /models}, which has no client yet.
	 */
	private static final List<String> WITHOUT_CLIENT = List.of("deepseek-models", "deepseek-models-2026");

	private static final Map<String, String> TRACE_HEADERS = Map.of("deepseek", "x-ds-trace-id", "siliconflow",
			"x-siliconcloud-trace-id");

	/**
	 * Presets of hosts that may leave the reasoning in the content.
	 */
	private static final Set<String> THINK_TAG_HOSTS = Set.of("alayanew", "azure", "fireworks", "groq", "ollama",
			"openai", "sambanova", "sglang", "together", "vllm");

	private static final Map<String, RecordedExchange> exchanges = new HashMap<>();

	private static TestServer server;

	@BeforeAll
	static void startServer() {
		server = TestServer.start((exchange) -> {
			String path = exchange.request().path();
			RecordedExchange recorded = exchanges.get(path.split("/")[1]);
			List<String> headers = new ArrayList<>();
			recorded.replayHeaders().forEach((name, value) -> headers.addAll(List.of(name, value.replace("\n", " "))));
			if (isBareEvent(recorded)) {
				exchange.respond(recorded.status(), "data: " + recorded.bodyText() + "\n\n", "content-type",
						"text/event-stream");
				return;
			}
			exchange.respond(recorded.status(), recorded.body(), headers.toArray(String[]::new));
		});
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@TestFactory
	Stream<DynamicTest> corpus() {
		return tests(RecordedExchange.corpus(), ExpectedOutcome.corpus());
	}

	@TestFactory
	Stream<DynamicTest> recordings() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return tests(RecordedExchange.recorded(), ExpectedOutcome.recorded());
	}

	private static Stream<DynamicTest> tests(List<RecordedExchange> material, Map<String, ExpectedOutcome> outcomes) {
		material.forEach((exchange) -> exchanges.put(exchange.name(), exchange));
		return material.stream()
			.filter((exchange) -> !WITHOUT_CLIENT.contains(exchange.name()))
			.flatMap((exchange) -> tests(exchange, outcomes.get(exchange.name())));
	}

	private static Stream<DynamicTest> tests(RecordedExchange exchange, ExpectedOutcome outcome) {
		return switch (outcome.mode()) {
			case "stream" -> Stream.of(DynamicTest.dynamicTest(exchange.name(), () -> stream(exchange, outcome)));
			case "blocking" -> Stream.of(DynamicTest.dynamicTest(exchange.name(), () -> blocking(exchange, outcome)));
			case "error" ->
				Stream.of(DynamicTest.dynamicTest(exchange.name() + " (stream)", () -> stream(exchange, outcome)),
						DynamicTest.dynamicTest(exchange.name() + " (blocking)", () -> blocking(exchange, outcome)));
			default -> throw new IllegalStateException(exchange.name() + " has the mode " + outcome.mode());
		};
	}

	private static void stream(RecordedExchange exchange, ExpectedOutcome outcome) {
		List<ChatDelta> deltas = new ArrayList<>();
		if (!outcome.isComplete()) {
			DeepSeekException failure = catchThrowableOfType(DeepSeekException.class,
					() -> client(exchange, outcome).stream(attempt(exchange))
						.doOnNext(deltas::add)
						.blockLast(TestProviders.SOON));
			failed(failure, exchange, outcome);
			assertThat(deltas).noneMatch(ChatDelta::isLast);
			if (failure instanceof StreamInterruptedException interrupted) {
				assertThat(deltas).isNotEmpty();
				assertThat(interrupted.getPartialContent()).isEqualTo(text(deltas));
				assertThat(interrupted.getPartialReasoningContent()).isEqualTo(reasoning(deltas));
			}
			else {
				assertThat(deltas).isEmpty();
			}
			return;
		}
		ChatCompletion completion = client(exchange, outcome).stream(attempt(exchange))
			.doOnNext(deltas::add)
			.collect(ChatCompletion.collector())
			.block(TestProviders.SOON);
		assertThat(deltas.stream().filter(ChatDelta::isLast)).hasSize(1);
		assertThat(deltas.get(deltas.size() - 1).isLast()).isTrue();
		assertThat(deltas).filteredOn((delta) -> !delta.isLast())
			.allSatisfy((delta) -> assertThat(delta.usage()).isNull());
		completed(completion, exchange, outcome, true);
	}

	private static void blocking(RecordedExchange exchange, ExpectedOutcome outcome) {
		if (!outcome.isComplete()) {
			failed(catchThrowableOfType(DeepSeekException.class,
					() -> client(exchange, outcome).complete(attempt(exchange)).block(TestProviders.SOON)), exchange,
					outcome);
			return;
		}
		ChatCompletion completion = client(exchange, outcome).complete(attempt(exchange)).block(TestProviders.SOON);
		completed(completion, exchange, outcome, false);
		// a stream in place of the answer is read, too, but is no JSON
		assertThat(completion.rawJson())
			.isEqualTo(exchange.bodyText().startsWith("data:") ? null : exchange.bodyText().stripLeading());
	}

	private static void completed(ChatCompletion completion, RecordedExchange exchange, ExpectedOutcome outcome,
			boolean stream) {
		ExpectedAnswer expected = ExpectedAnswer.of(exchange);
		AnswerAssert.assertSame(completion,
				THINK_TAG_HOSTS.contains(outcome.preset()) ? expected.withThinkTags() : expected, stream);
		assertThat(completion.provider()).isEqualTo(outcome.preset());
		assertThat(completion.requestId()).isEqualTo(requestId(exchange, outcome));
	}

	private static void failed(DeepSeekException failure, RecordedExchange exchange, ExpectedOutcome outcome) {
		assertThat(failure).as("failure").isNotNull();
		assertThat(failure.getKind()).as(failure.getMessage()).hasToString(outcome.outcome());
		assertThat(failure.getStatus()).isEqualTo(exchange.status());
		assertThat(failure.getProvider()).isEqualTo(outcome.preset());
		String requestId = requestId(exchange, outcome);
		if (requestId != null) {
			assertThat(failure.getRequestId()).isEqualTo(requestId);
		}
		Failure.assertSafe(failure);
	}

	private static ProviderClient client(RecordedExchange exchange, ExpectedOutcome outcome) {
		return TestProviders
			.client(TestProviders.builder(outcome.preset(), server.baseUrl() + "/" + exchange.name()).build());
	}

	private static Attempt attempt(RecordedExchange exchange) {
		ChatRequest.Builder request = ChatRequest.builder().user("Hello");
		boolean json = exchange.request() != null
				&& "json_object".equals(exchange.request().path("response_format").path("type").asString(""));
		return TestProviders.attempt(request.responseFormat(json ? ResponseFormat.JSON_OBJECT : null).build(),
				exchange.meta().path("model").asString("deepseek-test"));
	}

	private static String requestId(RecordedExchange exchange, ExpectedOutcome outcome) {
		return exchange.headers().get(TRACE_HEADERS.getOrDefault(outcome.preset(), "x-request-id"));
	}

	private static boolean isBareEvent(RecordedExchange exchange) {
		return exchange.name().equals("modelscope-choices-null-chunk");
	}

	private static String text(List<ChatDelta> deltas) {
		StringBuilder text = new StringBuilder();
		deltas.stream()
			.filter((delta) -> delta.choiceIndex() == 0 && delta.content() != null)
			.forEach((delta) -> text.append(delta.content()));
		return text.toString();
	}

	private static String reasoning(List<ChatDelta> deltas) {
		StringBuilder text = new StringBuilder();
		deltas.stream()
			.filter((delta) -> delta.choiceIndex() == 0 && delta.reasoningContent() != null)
			.forEach((delta) -> text.append(delta.reasoningContent()));
		return text.toString();
	}

}
