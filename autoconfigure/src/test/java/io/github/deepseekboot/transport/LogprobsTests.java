package io.github.deepseekboot.transport;

import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.TokenLogprob;
import io.github.deepseekboot.codec.WireJson;
import io.github.deepseekboot.recordings.RecordedExchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Log probabilities are asked for with the template and come back, those of the reasoning
 * apart from those of the answer.
 */
@NullUnmarked
class LogprobsTests {

	@TestFactory
	Stream<DynamicTest> corpus() {
		return tests(RecordedExchange.corpus());
	}

	@TestFactory
	Stream<DynamicTest> recordings() {
		assumeThat(RecordedExchange.available()).as(RecordedExchange.hint()).isTrue();
		return tests(RecordedExchange.recorded());
	}

	private static Stream<DynamicTest> tests(List<RecordedExchange> exchanges) {
		List<RecordedExchange> material = exchanges.stream()
			.filter((exchange) -> exchange.name().startsWith("deepseek-logprobs"))
			.toList();
		assertThat(material).extracting(RecordedExchange::name)
			.containsExactlyInAnyOrder("deepseek-logprobs", "deepseek-logprobs-thinking-stream");
		return material.stream().map((exchange) -> DynamicTest.dynamicTest(exchange.name(), () -> logprobs(exchange)));
	}

	private static void logprobs(RecordedExchange exchange) {
		boolean thinking = exchange.isEventStream();
		ChatRequest request = ChatRequest.builder()
			.user("What is 17 + 25?")
			.thinking(thinking)
			.logprobs(true)
			.topLogprobs(2)
			.build();
		try (TestServer server = TestServer
			.start((call) -> call.respond(200, exchange.body(), "Content-Type", exchange.contentType()))) {
			ChatCompletionTemplate template = TestProviders
				.template(TestProviders.builder("deepseek", server.baseUrl()).build());
			ChatCompletion completion = thinking
					? template.stream(request).collect(ChatCompletion.collector()).block(TestProviders.SOON)
					: template.complete(request);
			JsonNode sent = WireJson.MAPPER.readTree(server.requests().get(0).body());
			assertThat(sent.path("logprobs").booleanValue()).isTrue();
			assertThat(sent.path("top_logprobs").intValue()).isEqualTo(2);
			Logprobs logprobs = completion.choices().get(0).logprobs();
			assertThat(text(logprobs.content())).isEqualTo(completion.content());
			String reasoning = completion.reasoningContent();
			assertThat(text(logprobs.reasoningContent())).isEqualTo((reasoning != null) ? reasoning : "");
			assertThat(thinking && reasoning == null).isFalse();
			assertThat(Stream.concat(logprobs.content().stream(), logprobs.reasoningContent().stream()))
				.allSatisfy((token) -> {
					assertThat(token.logprob()).isBetween(-100.0, 0.0);
					assertThat(token.topLogprobs()).hasSize(2);
				});
		}
	}

	private static String text(List<TokenLogprob> tokens) {
		StringBuilder text = new StringBuilder();
		tokens.forEach((token) -> text.append(token.token()));
		return text.toString();
	}

}
