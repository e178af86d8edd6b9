package io.github.deepseekboot.chat;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link ChatCompletion} and its collector.
 */
@NullUnmarked
class ChatCompletionTests {

	private static final ChatDelta.Origin FIRST = new ChatDelta.Origin("deepseek", null, null, null, null, "r1");

	private static final ChatDelta.Origin LATER = new ChatDelta.Origin("deepseek", "c1", "m", Instant.EPOCH, "fp",
			"r1");

	private static final Usage USAGE = new Usage(1L, 2L, 3L, null, null, null, true);

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
		assertThatIllegalStateException()
			.isThrownBy(() -> Flux.<ChatDelta>empty().collect(ChatCompletion.collector()).block());
		assertThatIllegalStateException().isThrownBy(
				() -> Flux.just(ChatDelta.last(FIRST, USAGE, List.of())).collect(ChatCompletion.collector()).block());
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
					ChatDelta.of(LATER.withRound(2), 0, "It is 21", null, FinishReason.STOP, null, null),
					ChatDelta.last(LATER.withRound(2), USAGE, List.of(), toolMessages))
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
		assertThat(USAGE.plus(new Usage(10L, 20L, 30L, 4L, null, null, true)))
			.isEqualTo(new Usage(11L, 22L, 33L, 4L, null, null, true));
		assertThat(new Usage(1L, null, 3L, 4L, 5L, 6L, true).plus(new Usage(1L, 2L, 3L, 4L, 5L, 6L, false)))
			.isEqualTo(new Usage(2L, null, 6L, 8L, 10L, 12L, false));
	}

	private static ChatDelta content(int choice, String text) {
		return ChatDelta.of(FIRST, choice, text, null, null, null, null);
	}

	private static ChatDelta tools(ToolCallDelta call) {
		return ChatDelta.of(LATER, 0, null, null, null, List.of(call), null);
	}

}
