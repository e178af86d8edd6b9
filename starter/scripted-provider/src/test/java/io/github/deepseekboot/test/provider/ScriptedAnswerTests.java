package io.github.deepseekboot.test.provider;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link ProviderScript} and {@link ScriptedAnswer}.
 */
class ScriptedAnswerTests {

	private final ScriptedProvider deepseek = ScriptedProvider.start("deepseek");

	private final TestClient client = new TestClient(this.deepseek);

	@AfterEach
	void stop() {
		this.deepseek.close();
	}

	@Test
	void aFunctionDecidesAboutEachCall() {
		this.deepseek.reply().always().decides((call, answer) -> {
			if (call.lastMessage().startsWith("call ")) {
				answer.calls(call.lastMessage().substring(5), Map.of("turn", call.turn()));
			}
			else {
				answer.answers("re: " + call.lastMessage());
			}
		});
		assertThat(content(ask("a"))).isEqualTo("re: a");
		assertThat(ask("call clock").at("/choices/0/message/tool_calls/0/function/name").asString()).isEqualTo("clock");
		assertThat(content(ask("b"))).isEqualTo("re: b");
	}

	@Test
	void aStreamMayHavePiecesOfTheTestsChoice() {
		this.deepseek.answersInPieces("Drip, dr", "op \ud83d", "\ude00").model("deepseek-v5").always();
		ObjectNode question = TestClient.question("deepseek-chat", "rain");
		JsonNode completion = this.client.complete(question);
		assertThat(content(completion)).isEqualTo("Drip, drop \ud83d\ude00");
		assertThat(completion.path("model").asString()).isEqualTo("deepseek-v5");
		List<JsonNode> events = this.client.stream(question);
		assertThat(TestClient.deltas(events)).extracting((delta) -> delta.path("content").asString())
			.containsExactly("", "Drip, dr", "op \ud83d", "\ude00", "");
		assertThat(events).allMatch((event) -> event.path("model").asString().equals("deepseek-v5"));
	}

	@Test
	void aBodyIsSentAsItIs() {
		this.deepseek.sends("text/event-stream", "data: {}\n\n").header("x-lab", "7");
		this.deepseek.sends("text/plain", "one").cutsAfter(0);
		HttpResponse<String> response = this.client.post(TestClient.question("deepseek-chat", "rain"));
		assertThat(response.body()).isEqualTo("data: {}\n\n");
		assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
		assertThat(response.headers().firstValue("x-lab")).hasValue("7");
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> ask("a"));
	}

	@Test
	void pausesAreSkippedOverHttp() {
		this.deepseek.skipPauses(true);
		this.deepseek.thinks("Hm").answers("one two three four").pace(Duration.ofMinutes(1)).always();
		long start = System.nanoTime();
		ObjectNode question = TestClient.question("deepseek-chat", "rain");
		assertThat(content(this.client.complete(question))).isEqualTo("one two three four");
		List<JsonNode> events = this.client.stream(question);
		assertThat(TestClient.joined(events, "reasoning_content")).isEqualTo("Hm");
		assertThat(TestClient.joined(events, "content")).isEqualTo("one two three four");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
	}

	@Test
	void skippedPausesKeepTheirOrder() {
		this.deepseek.skipPauses(true);
		this.deepseek.answers("Late").stallsBefore(Duration.ofHours(1)).keepsAlive(Duration.ofMinutes(20));
		String body = this.client.post(TestClient.streamed(TestClient.question("deepseek-chat", "rain"))).body();
		assertThat(body).startsWith(": keep-alive\n\n").endsWith("data: [DONE]\n\n");
		assertThat(body.lastIndexOf(": keep-alive")).isLessThan(body.indexOf("data:"));
		// the time is the real one again
		this.deepseek.skipPauses(false);
		this.deepseek.answers("one two three").pace(Duration.ofMillis(100));
		long start = System.nanoTime();
		assertThat(content(ask("a"))).isEqualTo("one two three");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
	}

	@Test
	void toolsAreCalledUnderAnId() {
		this.deepseek.calls("c1", "clock", "{}").calls("clock", "{}");
		JsonNode calls = ask("a").at("/choices/0/message/tool_calls");
		assertThat(calls.path(0).path("id").asString()).isEqualTo("c1");
		assertThat(calls.path(1).path("id").asString()).startsWith("call_00_");
	}

	@Test
	void modelsAndSystemMessagesAreConditions() {
		this.deepseek.whenModel("deepseek-v4-pro").answers("pro");
		this.deepseek.whenSystemMessage("brief").answers("brief");
		this.deepseek.answers("any");
		ObjectNode question = TestClient.question("deepseek-chat", "rain");
		question.withArray("messages").addObject().put("role", "system").put("content", "Be brief");
		assertThat(content(ask("a"))).isEqualTo("any");
		assertThat(content(this.client.complete(question))).isEqualTo("brief");
		assertThat(content(this.client.complete(question.put("model", "deepseek-v4-pro")))).isEqualTo("pro");
	}

	@Test
	void eachAnswerIsForOneCall() {
		this.deepseek.answers("one");
		this.deepseek.answers("two");
		assertThat(content(ask("a"))).isEqualTo("one");
		assertThat(this.deepseek.unused()).isOne();
		assertThat(content(ask("b"))).isEqualTo("two");
		assertThat(this.deepseek.unused()).isZero();
		assertThatNoException().isThrownBy(this.deepseek::verify);
	}

	@Test
	void answersMayBeForSeveralCalls() {
		this.deepseek.answers("twice").times(2);
		this.deepseek.answers("always").always();
		for (String expected : List.of("twice", "twice", "always", "always", "always")) {
			assertThat(content(ask("a"))).isEqualTo(expected);
		}
		assertThat(this.deepseek.unused()).isZero();
	}

	@Test
	void anUnexpectedCallFailsAndIsDescribed() {
		this.deepseek.whenLastMessage("snow").answers("Flakes");
		ObjectNode question = TestClient.withTool(TestClient.question("deepseek-chat", "Does it rain?"), "get_weather");
		HttpResponse<String> response = this.client.post(TestClient.streamed(question));
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains("unexpected_call", "Does it rain?");
		assertThat(this.deepseek.unexpectedCalls()).hasSize(1);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.deepseek::verify)
			.withMessage(
					"""
							Provider 'deepseek' has no answer for what it was asked (answers of its script that are left, for other calls: 1):
							  call 1: model 'deepseek-chat', streamed, tools [get_weather]
							    user: Does it rain?""");
		this.deepseek.reset();
		assertThatNoException().isThrownBy(this.deepseek::verify);
		assertThat(this.deepseek.calls()).isEmpty();
	}

	@Test
	void answersFitWhatIsAsked() {
		this.deepseek.whenToolResults().answers("It is warm");
		this.deepseek.whenTool("get_weather").whenLastMessage("weather").calls("get_weather", Map.of("city", "Oslo"));
		this.deepseek.whenTurn(2).answers("second turn");
		this.deepseek.when((call) -> call.model().equals("deepseek-reasoner")).answers("hm");
		this.deepseek.answers("anything").always();
		assertThat(content(ask("weather?"))).isEqualTo("anything");
		JsonNode call = post(TestClient.withTool(TestClient.question("deepseek-chat", "The weather?"), "get_weather"))
			.at("/choices/0/message/tool_calls/0/function");
		assertThat(call.path("name").asString()).isEqualTo("get_weather");
		assertThat(call.path("arguments").asString()).isEqualTo("{\"city\":\"Oslo\"}");
		assertThat(content(with(TestClient.question("deepseek-chat", "The weather?"), "tool", "21")))
			.isEqualTo("It is warm");
		assertThat(content(with(TestClient.question("deepseek-chat", "One"), "user", "Two"))).isEqualTo("second turn");
		assertThat(content(TestClient.question("deepseek-reasoner", "One"))).isEqualTo("hm");
	}

	@Test
	void anAnswerThinksAnswersAndCounts() {
		this.deepseek.thinks("Let me see").answers("Drip").usage(10, 4, 7, 3).always();
		List<JsonNode> events = this.client.stream(TestClient.question("deepseek-chat", "Rain?"));
		assertThat(TestClient.joined(events, "reasoning_content")).isEqualTo("Let me see");
		assertThat(TestClient.joined(events, "content")).isEqualTo("Drip");
		JsonNode usage = TestClient.last(events).path("usage");
		assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(10);
		assertThat(usage.path("completion_tokens").asInt()).isEqualTo(7);
		assertThat(usage.path("prompt_cache_hit_tokens").asInt()).isEqualTo(4);
		assertThat(usage.at("/completion_tokens_details/reasoning_tokens").asInt()).isEqualTo(3);
		JsonNode message = ask("Rain?").at("/choices/0/message");
		assertThat(message.path("reasoning_content").asString()).isEqualTo("Let me see");
	}

	@Test
	void nothingIsAddedToWhatTheScriptSays() {
		this.deepseek.answers("A long answer that max_tokens would cut");
		ObjectNode question = TestClient.withTool(TestClient.question("any-model", "get_weather please"),
				"get_weather");
		JsonNode choice = post(question.put("max_tokens", 1)).at("/choices/0");
		assertThat(choice.at("/message/content").asString()).isEqualTo("A long answer that max_tokens would cut");
		assertThat(choice.at("/message/tool_calls").isMissingNode()).isTrue();
		assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
	}

	@Test
	void errorsAreWordedByTheHost() {
		this.deepseek.fails(429).retryAfter(Duration.ofSeconds(2));
		this.deepseek.fails(400, "context-length");
		HttpResponse<String> limited = this.client.post(TestClient.question("deepseek-chat", "Hello"));
		assertThat(limited.statusCode()).isEqualTo(429);
		assertThat(limited.headers().firstValue("Retry-After")).hasValue("2");
		assertThat(limited.body()).contains("Rate limit reached");
		assertThat(this.client.post(TestClient.question("deepseek-chat", "Hello")).body())
			.contains("maximum context length");
	}

	@Test
	void aProviderStartsFast() {
		// the fastest of some, since a machine that does much else is slow
		long fastest = IntStream.range(0, 5).mapToLong((i) -> {
			long start = System.nanoTime();
			try (ScriptedProvider another = ScriptedProvider.start("vllm")) {
				assertThat(another.baseUrl()).endsWith("/vllm/v1");
				return System.nanoTime() - start;
			}
		}).min().orElseThrow();
		assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofMillis(200));
	}

	private JsonNode ask(String text) {
		return post(TestClient.question("deepseek-chat", text));
	}

	private JsonNode post(ObjectNode question) {
		return this.client.complete(question);
	}

	private String content(ObjectNode question) {
		return content(post(question));
	}

	private static String content(JsonNode completion) {
		return completion.at("/choices/0/message/content").asString();
	}

	private static ObjectNode with(ObjectNode question, String role, String content) {
		question.withArray("messages").addObject().put("role", role).put("content", content);
		return question;
	}

}
