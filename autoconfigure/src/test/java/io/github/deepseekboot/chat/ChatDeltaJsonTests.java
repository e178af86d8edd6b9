package io.github.deepseekboot.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the JSON form of {@link ChatDelta}.
 */
class ChatDeltaJsonTests {

	private static final ChatDelta.Origin ORIGIN = ChatDelta.Origin.builder("deepseek")
		.id("id-1")
		.model("deepseek-flash")
		.created(Instant.ofEpochSecond(1_760_000_000))
		.systemFingerprint("fp-1")
		.requestId("trace-1")
		.build();

	private static final ChatDelta CONTENT = ChatDelta.of(ORIGIN, 0, "Hel", null, null, null, null);

	private static final ChatDelta FULL = ChatDelta.of(ORIGIN, 1, "", "Hm", FinishReason.of("some_new_reason"),
			List.of(new ToolCallDelta(0, "call-1", "weather", ""), new ToolCallDelta(0, null, null, "{\"a\":")),
			new Logprobs(
					List.of(new TokenLogprob("Hel", -0.5, List.of(72, 101),
							List.of(new TokenLogprob("Hal", -9999, null, List.of())))),
					List.of(new TokenLogprob("Hm", -1, null, List.of()))));

	private static final ChatDelta LAST = ChatDelta.last(ORIGIN,
			Usage.builder()
				.promptTokens(9L)
				.completionTokens(3L)
				.totalTokens(12L)
				.cacheMissTokens(9L)
				.reasoningTokens(2L)
				.build(),
			List.of(AttemptReport.builder(1, "siliconflow", "m")
				.error(ErrorKind.RATE_LIMITED)
				.status(429)
				.code("50603")
				.requestId("trace-0")
				.elapsed(Duration.ofMillis(1500))
				.build(),
					AttemptReport.builder(2, "deepseek", "deepseek-flash")
						.status(200)
						.requestId("trace-1")
						.elapsed(Duration.ofSeconds(2))
						.build()));

	private static final ChatDelta LAST_WITHOUT_USAGE = ChatDelta.last(ChatDelta.Origin.builder("lab").build(), null,
			List.of());

	private static final ChatDelta SECOND_ROUND = ChatDelta.of(ORIGIN.toBuilder().round(2).build(), 0, "lo", null, null,
			null, null);

	static Stream<Named<JsonMapper>> mappers() {
		return ApplicationMappers.all();
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void anOrdinaryDeltaIsShort(JsonMapper mapper) {
		assertThat(mapper.writeValueAsString(CONTENT)).isEqualTo(
				"{\"content\":\"Hel\",\"choiceIndex\":0,\"provider\":\"deepseek\",\"model\":\"deepseek-flash\",\"requestId\":\"trace-1\"}");
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void aRoundIsWrittenFromTheSecondOn(JsonMapper mapper) {
		assertThat(mapper.writeValueAsString(SECOND_ROUND)).isEqualTo("""
				{"content":"lo","choiceIndex":0,"round":2,"provider":"deepseek","model":"deepseek-flash",\
				"requestId":"trace-1"}""");
		assertThat(mapper.readValue(mapper.writeValueAsString(SECOND_ROUND), ChatDelta.class).round()).isEqualTo(2);
		assertThat(mapper.readValue(mapper.writeValueAsString(CONTENT), ChatDelta.class).round()).isEqualTo(1);
		ChatDelta last = ChatDelta.last(ORIGIN, null, List.of(), List.of(ChatMessage.tool("call-1", "private")));
		assertThat(mapper.writeValueAsString(last)).doesNotContain("private").doesNotContain("toolMessages");
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void namesAndValuesAreStable(JsonMapper mapper) {
		assertThat(mapper.writeValueAsString(FULL)).isEqualTo(
				"""
						{"content":"","reasoningContent":"Hm","toolCalls":[{"index":0,"id":"call-1","name":"weather","arguments":""},\
						{"index":0,"arguments":"{\\"a\\":"}],"finishReason":"some_new_reason","choiceIndex":1,"provider":"deepseek",\
						"model":"deepseek-flash","requestId":"trace-1","logprobs":{"content":[{"token":"Hel","logprob":-0.5,\
						"bytes":[72,101],"topLogprobs":[{"token":"Hal","logprob":-9999.0,"topLogprobs":[]}]}],\
						"reasoningContent":[{"token":"Hm","logprob":-1.0,"topLogprobs":[]}]}}""");
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void theLastDeltaHasTheRest(JsonMapper mapper) {
		assertThat(mapper.writeValueAsString(LAST)).isEqualTo(
				"""
						{"choiceIndex":0,"provider":"deepseek","model":"deepseek-flash","requestId":"trace-1","id":"id-1",\
						"created":"2025-10-09T08:53:20Z","systemFingerprint":"fp-1","last":true,\
						"usage":{"promptTokens":9,"completionTokens":3,"totalTokens":12,"cacheMissTokens":9,"reasoningTokens":2,\
						"consistent":true},\
						"attempts":[{"number":1,"provider":"siliconflow","model":"m","error":"RATE_LIMITED","status":429,\
						"code":"50603","requestId":"trace-0","elapsed":"PT1.5S"},\
						{"number":2,"provider":"deepseek","model":"deepseek-flash","status":200,"requestId":"trace-1",\
						"elapsed":"PT2S"}]}""");
	}

	@ParameterizedTest
	@MethodSource("mappers")
	void readsWhatItWrites(JsonMapper mapper) {
		for (ChatDelta delta : List.of(CONTENT, FULL, SECOND_ROUND, LAST, LAST_WITHOUT_USAGE)) {
			String json = mapper.writeValueAsString(delta);
			ChatDelta read = mapper.readValue(json, ChatDelta.class);
			assertThat(mapper.writeValueAsString(read)).isEqualTo(json);
			assertThat(read.isLast()).isEqualTo(delta.isLast());
			assertThat(read).usingRecursiveComparison()
				.ignoringFields(delta.isLast() ? "none" : "origin")
				.isEqualTo(delta);
		}
	}

	@Test
	void deltasThatWereReadAddUpToTheAnswer() {
		JsonMapper mapper = JsonMapper.shared();
		ChatCompletion completion = Stream
			.of(CONTENT, ChatDelta.of(ORIGIN, 0, "lo", null, FinishReason.STOP, null, null), LAST)
			.map((delta) -> mapper.readValue(mapper.writeValueAsString(delta), ChatDelta.class))
			.collect(ChatCompletion.collector());
		assertThat(completion.content()).isEqualTo("Hello");
		assertThat(completion.finishReason()).isEqualTo(FinishReason.STOP);
		assertThat(completion.usage()).isEqualTo(LAST.usage());
		assertThat(completion.attempts()).isEqualTo(LAST.attempts());
	}

}
