package io.github.deepseekboot.chat;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ChatCompletion} and its collector.
 */
@NullUnmarked
class ChatCompletionTests {

	private static final ChatDelta.Origin FIRST = ChatDelta.Origin.builder("deepseek").requestId("r1").build();

	private static final ChatDelta.Origin LATER = ChatDelta.Origin.builder("deepseek")
		.id("c1")
		.model("m")
		.created(Instant.EPOCH)
		.systemFingerprint("fp")
		.requestId("r1")
		.build();

	private static final Usage USAGE = Usage.builder().promptTokens(1L).completionTokens(2L).totalTokens(3L).build();

	@Test
	void deltasAreCollectedByChoiceAndIndex() {
		ChatCompletion completion = Flux
			.just(content(1, "B"), content(0, "a"), ChatDelta.of(LATER, 0, null, "hm", null, null, null),
					tools(new ToolCallDelta(1, "c2", "g", null)), tools(new ToolCallDelta(0, "c1", "f", "{")),
					tools(new ToolCallDelta(0, null, null, "}")), content(0, "b"),
					ChatDelta.of(LATER, 0, null, null, FinishReason.STOP, null, null),
					ChatDelta.of(LATER, 1, null, null, FinishReason.LENGTH, null, null),
					ChatDelta.last(LATER, USAGE, List.of()))
			.collect(ChatCompletion.collector())
			.block();
		assertThat(completion.content()).isEqualTo("ab");
		assertThat(completion.reasoningContent()).isEqualTo("hm");
		assertThat(completion.finishReason()).isEqualTo(FinishReason.STOP);
		assertThat(completion.toolCalls()).containsExactly(new ToolCall("c1", "f", "{}"), new ToolCall("c2", "g", ""));
		assertThat(completion.choices()).hasSize(2);
		assertThat(completion.choices().get(1).message().content()).isEqualTo("B");
		assertThat(completion.choices().get(1).finishReason()).isEqualTo(FinishReason.LENGTH);
		assertThat(completion.usage()).isEqualTo(USAGE);
		assertThat(completion.id()).isEqualTo("c1");
		assertThat(completion.model()).isEqualTo("m");
		assertThat(completion.created()).isEqualTo(Instant.EPOCH);
		assertThat(completion.systemFingerprint()).isEqualTo("fp");
		assertThat(completion.requestId()).isEqualTo("r1");
		assertThat(completion.rawJson()).isNull();
	}

	@Test
	void logprobsOfTheDeltasAreJoined() {
		TokenLogprob one = new TokenLogprob("a", -0.5, null, List.of());
		TokenLogprob two = new TokenLogprob("b", -1, null, List.of());
		ChatCompletion completion = Flux
			.just(ChatDelta.of(FIRST, 0, "a", null, null, null, new Logprobs(List.of(one), List.of())),
					ChatDelta.of(FIRST, 0, null, "b", null, null, new Logprobs(List.of(two), List.of(one))),
					ChatDelta.last(FIRST, null, List.of()))
			.collect(ChatCompletion.collector())
			.block();
		assertThat(completion.choices().get(0).logprobs()).isEqualTo(new Logprobs(List.of(one, two), List.of(one)));
		assertThat(completion.usage()).isNull();
	}

	@Test
	void nothingIsNoCompletion() {
		for (Flux<ChatDelta> deltas : List.of(Flux.<ChatDelta>empty(),
				Flux.just(ChatDelta.last(FIRST, USAGE, List.of())))) {
			assertThatExceptionOfType(DeepSeekException.class)
				.isThrownBy(() -> deltas.collect(ChatCompletion.collector()).block())
				.satisfies((failure) -> assertThat(failure.getKind()).isEqualTo(ErrorKind.EMPTY_RESPONSE));
		}
	}

	@Test
	void onlyTheLastDeltaHasUsage() {
		assertThat(content(0, "a").usage()).isNull();
		assertThat(content(0, "a").isLast()).isFalse();
		assertThat(ChatDelta.last(FIRST, USAGE, List.of()).usage()).isEqualTo(USAGE);
		assertThat(ChatDelta.last(FIRST, null, List.of()).isLast()).isTrue();
	}

	@Test
	void ofSeveralRoundsTheLastIsTheAnswer() {
		List<ChatMessage> toolMessages = List.of(ChatMessage.tool("c1", "21"));
		ChatCompletion completion = Flux
			.just(content(0, "Let me see"), tools(new ToolCallDelta(0, "c1", "f", "{}")),
					ChatDelta.of(LATER, 0, null, null, FinishReason.TOOL_CALLS, null, null),
					ChatDelta.of(LATER.toBuilder().round(2).build(), 0, "It is 21", null, FinishReason.STOP, null,
							null),
					ChatDelta.last(LATER.toBuilder().round(2).build(), USAGE, List.of(), toolMessages))
			.collect(ChatCompletion.collector())
			.block();
		assertThat(completion.content()).isEqualTo("It is 21");
		assertThat(completion.toolCalls()).isEmpty();
		assertThat(completion.finishReason()).isEqualTo(FinishReason.STOP);
		assertThat(completion.toolMessages()).isEqualTo(toolMessages);
		assertThat(completion.messages()).containsExactly(toolMessages.get(0), completion.message());
	}

	@Test
	void usageAddsUp() {
		assertThat(USAGE
			.plus(Usage.builder().promptTokens(10L).completionTokens(20L).totalTokens(30L).cacheHitTokens(4L).build()))
			.isEqualTo(Usage.builder()
				.promptTokens(11L)
				.completionTokens(22L)
				.totalTokens(33L)
				.cacheHitTokens(4L)
				.build());
		assertThat(Usage.builder()
			.promptTokens(1L)
			.totalTokens(3L)
			.cacheHitTokens(4L)
			.cacheMissTokens(5L)
			.reasoningTokens(6L)
			.build()
			.plus(Usage.builder()
				.promptTokens(1L)
				.completionTokens(2L)
				.totalTokens(3L)
				.cacheHitTokens(4L)
				.cacheMissTokens(5L)
				.reasoningTokens(6L)
				.consistent(false)
				.build()))
			.isEqualTo(Usage.builder()
				.promptTokens(2L)
				.totalTokens(6L)
				.cacheHitTokens(8L)
				.cacheMissTokens(10L)
				.reasoningTokens(12L)
				.consistent(false)
				.build());
	}

	private static ChatDelta content(int choice, String text) {
		return ChatDelta.of(FIRST, choice, text, null, null, null, null);
	}

	private static ChatDelta tools(ToolCallDelta call) {
		return ChatDelta.of(LATER, 0, null, null, null, List.of(call), null);
	}

}
