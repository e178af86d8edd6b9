package io.github.deepseekboot.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.recordings.ExpectedAnswer;
import io.github.deepseekboot.recordings.ExpectedOutcome;
import io.github.deepseekboot.recordings.RecordedExchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Whatever the oddities of the host, the loop runs the calls that a reader which shares
 * no code with it finds, and sends them back.
 */
@NullUnmarked
class ToolLoopRecordingsTests {

	@TestFactory
	Stream<DynamicTest> corpus() {
		List<RecordedExchange> calling = calling(RecordedExchange.corpus(), ExpectedOutcome.corpus());
		assertThat(calling).hasSizeGreaterThanOrEqualTo(10);
		return tests(calling, ExpectedOutcome.corpus());
	}

	@TestFactory
	Stream<DynamicTest> recordings() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		List<RecordedExchange> calling = calling(RecordedExchange.recorded(), ExpectedOutcome.recorded());
		assertThat(calling).hasSizeGreaterThanOrEqualTo(10);
		return tests(calling, ExpectedOutcome.recorded());
	}

	private static List<RecordedExchange> calling(List<RecordedExchange> material,
			Map<String, ExpectedOutcome> outcomes) {
		return material.stream().filter((exchange) -> {
			ExpectedOutcome outcome = outcomes.get(exchange.name());
			return outcome.isComplete() && outcome.toolCalls() != null && outcome.toolCalls() > 0;
		}).toList();
	}

	private static Stream<DynamicTest> tests(List<RecordedExchange> calling, Map<String, ExpectedOutcome> outcomes) {
		return calling.stream()
			.map((exchange) -> DynamicTest.dynamicTest(exchange.name(),
					() -> replay(exchange, outcomes.get(exchange.name()).preset())));
	}

	private static void replay(RecordedExchange exchange, String preset) {
		ExpectedAnswer.Choice expected = ExpectedAnswer.of(exchange).choices().get(0);
		List<Run> run = new CopyOnWriteArrayList<>();
		List<Tool> tools = expected.toolCalls()
			.stream()
			.map(ExpectedAnswer.ToolCall::name)
			.distinct()
			.map((name) -> Tool.of(name, "Recorded", "{\"type\":\"object\"}", (arguments) -> {
				run.add(new Run(name, arguments));
				return "result " + run.size();
			}))
			.toList();
		try (CallingModel model = new CallingModel(preset, CallingModel.body(exchange.contentType(), exchange.body()),
				CallingModel.saying("Done"))) {
			ChatCompletionOperations chat = model.template()
				.withTools(tools, ToolOptions.builder().concurrency(1).build());
			CallingModel.Api api = exchange.isEventStream() ? CallingModel.Api.FLUX : CallingModel.Api.MONO;
			if ("length".equals(expected.finishReason())) {
				DeepSeekException failure = catchThrowableOfType(DeepSeekException.class, () -> api.call(chat, "?"));
				assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
				assertThat(run).isEmpty();
				assertThat(model.requests()).hasSize(1);
				return;
			}
			ChatCompletion answer = api.call(chat, "?");
			assertThat(answer.content()).isEqualTo("Done");
			List<Run> wanted = expected.toolCalls()
				.stream()
				.map((call) -> new Run(call.name(), CallingModel.JSON.readTree(call.arguments())))
				.toList();
			assertThat(run).isEqualTo(wanted);
			JsonNode messages = model.requests().get(1).path("messages");
			List<String> sentBack = new ArrayList<>();
			messages.get(1)
				.path("tool_calls")
				.forEach((call) -> sentBack.add(call.path("id").asString() + " " + call.at("/function/name").asString()
						+ " " + call.at("/function/arguments").asString()));
			assertThat(sentBack).containsExactlyElementsOf(expected.toolCalls()
				.stream()
				.map((call) -> call.id() + " " + call.name() + " " + call.arguments())
				.toList());
			for (int i = 0; i < wanted.size(); i++) {
				assertThat(messages.get(2 + i).path("tool_call_id").asString())
					.isEqualTo(expected.toolCalls().get(i).id());
				assertThat(messages.get(2 + i).path("content").asString()).isEqualTo("result " + (i + 1));
			}
		}
	}

	private record Run(String tool, JsonNode arguments) {

	}

}
