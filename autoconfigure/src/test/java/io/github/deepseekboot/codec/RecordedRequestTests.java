package io.github.deepseekboot.codec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.recordings.ExpectedOutcome;
import io.github.deepseekboot.recordings.RecordedExchange;
import io.github.deepseekboot.transport.TestProviders;
import io.github.deepseekboot.transport.TestServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Recorded requests with tools, replayed reasoning, strict or JSON mode are made again
 * with the template, and what comes over the socket is what was recorded.
 */
@NullUnmarked
class RecordedRequestTests {

	private static final String JSON = "deepseek-json-object";

	private static final List<String> STRICT = List.of("deepseek-thinking-toolcall-turn1",
			"deepseek-thinking-toolcall-turn2", "deepseek-v4flash-strict-tool", "openrouter-deepseek-v31-multitool",
			"openrouter-deepseek-v32-tool-stream");

	private static final List<String> REASONING = List.of("deepseek-reasoner-multiturn",
			"deepseek-thinking-toolcall-turn2");

	private static final String FORCED_WHILE_THINKING = "deepseek-err-400-thinking-toolchoice";

	private static final List<String> TOOLS = List.of("dashscope-v3-toolcall", FORCED_WHILE_THINKING,
			"deepseek-keepalive-tool-stream", "deepseek-length-empty-toolargs", "deepseek-length-in-reasoning",
			"deepseek-length-truncated-toolargs-stream", "deepseek-thinking-toolcall-turn1",
			"deepseek-thinking-toolcall-turn2", "deepseek-tool-followup-stream", "deepseek-tool-noargs-stream",
			"deepseek-toolchoice-required", "deepseek-tools-parallel", "deepseek-tools-parallel-followup",
			"deepseek-v4flash-strict-tool", "openrouter-deepseek-chat-annotations", "openrouter-deepseek-v31-multitool",
			"openrouter-deepseek-v32-tool-stream", "together-err-500-retry-after");

	private static final String EVENTS = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},"
			+ "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

	private static final String COMPLETION = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"{}\"},"
			+ "\"finish_reason\":\"stop\"}]}";

	@Test
	void theListIsComplete() {
		List<RecordedExchange> recorded = recorded();
		assertThat(names(recorded, (request) -> !request.path("tools").isEmpty())).isEqualTo(new TreeSet<>(TOOLS));
		assertThat(names(recorded,
				(request) -> request.path("response_format").path("type").asString("text").startsWith("json")))
			.containsExactly(JSON);
		assertThat(names(recorded, (request) -> any(request.path("messages"), "reasoning_content")))
			.isEqualTo(new TreeSet<>(REASONING));
		assertThat(names(recorded,
				(request) -> request.path("tools")
					.valueStream()
					.anyMatch((tool) -> tool.path("function").has("strict"))))
			.isEqualTo(new TreeSet<>(STRICT));
	}

	@TestFactory
	Stream<DynamicTest> requestGoesOutAsItWasRecorded() {
		Set<String> names = new TreeSet<>(TOOLS);
		names.addAll(STRICT);
		names.addAll(REASONING);
		names.add(JSON);
		names.remove(FORCED_WHILE_THINKING);
		Map<String, ExpectedOutcome> outcomes = ExpectedOutcome.recorded();
		return recorded().stream()
			.filter((exchange) -> names.contains(exchange.name()))
			.map((exchange) -> DynamicTest.dynamicTest(exchange.name(),
					() -> resent(exchange, outcomes.get(exchange.name()).preset())));
	}

	@Test
	void theRequestThatTheProviderRefusesIsNotSent() {
		RecordedExchange exchange = recorded().stream()
			.filter((candidate) -> candidate.name().equals(FORCED_WHILE_THINKING))
			.findFirst()
			.orElseThrow();
		RecordedRequest recorded = new RecordedRequest(exchange.request(), false);
		try (TestServer server = TestServer.answering(200, "application/json", COMPLETION)) {
			Provider provider = TestProviders.builder("deepseek", server.baseUrl()).build();
			ChatCompletionTemplate template = TestProviders.template(provider);
			ChatRequest request = recorded.toRequest();
			DeepSeekException failure = catchThrowableOfType(DeepSeekException.class, () -> template.complete(request));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.UNSUPPORTED);
			assertThat(failure).hasMessageContaining("a forced tool choice is refused while thinking is on");
			assertThat(server.requests()).isEmpty();
			TestProviders.client(provider)
				.complete(TestProviders.attempt(request, recorded.model()))
				.block(TestProviders.SOON);
			assertThat(body(server)).isEqualTo(recorded.comparable());
		}
	}

	private static void resent(RecordedExchange exchange, String preset) {
		RecordedRequest recorded = new RecordedRequest(exchange.request(),
				preset.equals("deepseek") && !exchange.request().has("thinking"));
		boolean stream = recorded.isStream();
		try (TestServer server = TestServer.answering(200, stream ? "text/event-stream" : "application/json",
				stream ? EVENTS : COMPLETION)) {
			ChatCompletionTemplate template = TestProviders
				.template(TestProviders.builder(preset, server.baseUrl()).build());
			if (stream) {
				template.stream(recorded.toRequest()).blockLast(TestProviders.SOON);
			}
			else {
				template.complete(recorded.toRequest());
			}
			JsonNode sent = body(server);
			JsonNode expected = recorded.comparable();
			assertThat(sent.propertyNames()).containsExactlyInAnyOrderElementsOf(expected.propertyNames());
			expected.propertyNames()
				.forEach((field) -> assertThat(sent.path(field)).as(field).isEqualTo(expected.path(field)));
		}
	}

	private static JsonNode body(TestServer server) {
		assertThat(server.requests()).hasSize(1);
		return WireJson.MAPPER.readTree(server.requests().get(0).body());
	}

	private static List<RecordedExchange> recorded() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return RecordedExchange.recorded();
	}

	private static Set<String> names(List<RecordedExchange> recorded, Condition condition) {
		Set<String> names = new TreeSet<>();
		for (RecordedExchange exchange : recorded) {
			if (exchange.request() != null && condition.holds(exchange.request())) {
				names.add(exchange.name());
			}
		}
		return names;
	}

	private static boolean any(JsonNode nodes, String field) {
		return nodes.valueStream().anyMatch((node) -> node.has(field));
	}

	/**
	 * What is looked for in a request.
	 */
	private interface Condition {

		boolean holds(JsonNode request);

	}

}
