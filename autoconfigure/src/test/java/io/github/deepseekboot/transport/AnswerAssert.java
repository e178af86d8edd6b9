package io.github.deepseekboot.transport;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.NullUnmarked;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.TokenLogprob;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.recordings.ExpectedAnswer;

/**
 * Compares what the library read with what the plain reader of the tests read.
 */
@NullUnmarked
final class AnswerAssert {

	private AnswerAssert() {
	}

	static void assertSame(ChatCompletion completion, ExpectedAnswer expected, boolean stream) {
		SoftAssertions softly = new SoftAssertions();
		softly.assertThat(completion.id()).as("id").isEqualTo(expected.id());
		softly.assertThat(completion.model()).as("model").isEqualTo(expected.model());
		softly.assertThat(completion.created()).as("created").isEqualTo(time(expected.created()));
		softly.assertThat(completion.systemFingerprint()).as("fingerprint").isEqualTo(expected.systemFingerprint());
		softly.assertThat(plain(completion.usage())).as("usage").isEqualTo(plain(expected.usage()));
		softly.assertThat(completion.choices().stream().map(ChatCompletion.Choice::index))
			.as("choices")
			.containsExactlyElementsOf(expected.choices().keySet());
		for (ChatCompletion.Choice choice : completion.choices()) {
			ExpectedAnswer.Choice wanted = expected.choices().get(choice.index());
			if (wanted != null) {
				choice(softly, choice, wanted, stream);
			}
		}
		softly.assertAll();
	}

	private static void choice(SoftAssertions softly, ChatCompletion.Choice choice, ExpectedAnswer.Choice expected,
			boolean stream) {
		// a stream does not deliver empty pieces
		softly.assertThat(stream ? orEmpty(choice.message().content()) : choice.message().content())
			.as("content")
			.isEqualTo(stream ? orEmpty(expected.content()) : expected.content());
		softly.assertThat(choice.message().reasoningContent()).as("reasoning").isEqualTo(expected.reasoning());
		FinishReason finishReason = choice.finishReason();
		softly.assertThat((finishReason != null) ? finishReason.value() : null)
			.as("finish reason")
			.isEqualTo(expected.finishReason());
		List<ToolCall> calls = expected.toolCalls()
			.stream()
			.map((call) -> new ToolCall(call.id(), orEmpty(call.name()), call.arguments()))
			.toList();
		softly.assertThat(choice.message().toolCalls()).as("tool calls").isEqualTo(calls);
		Logprobs logprobs = choice.logprobs();
		softly.assertThat(tokens((logprobs != null) ? logprobs.content() : List.of()))
			.as("logprobs of the content")
			.isEqualTo(orEmpty(expected.contentLogprobs()));
		softly.assertThat(tokens((logprobs != null) ? logprobs.reasoningContent() : List.of()))
			.as("logprobs of the reasoning")
			.isEqualTo(orEmpty(expected.reasoningLogprobs()));
	}

	private static Instant time(Long seconds) {
		return (seconds != null && seconds != 0) ? Instant.ofEpochSecond(seconds) : null;
	}

	private static String orEmpty(String text) {
		return (text != null) ? text : "";
	}

	private static List<ExpectedAnswer.TokenLogprob> orEmpty(List<ExpectedAnswer.TokenLogprob> tokens) {
		return (tokens != null) ? tokens : List.of();
	}

	private static List<ExpectedAnswer.TokenLogprob> tokens(List<TokenLogprob> logprobs) {
		List<ExpectedAnswer.TokenLogprob> tokens = new ArrayList<>();
		logprobs.forEach((token) -> tokens.add(new ExpectedAnswer.TokenLogprob(token.token(), token.logprob())));
		return tokens;
	}

	private static ExpectedAnswer.Usage plain(ExpectedAnswer.Usage usage) {
		return (usage != null) ? usage : new ExpectedAnswer.Usage(null, null, null, null, null, null);
	}

	private static ExpectedAnswer.Usage plain(Usage usage) {
		return (usage != null)
				? new ExpectedAnswer.Usage(usage.promptTokens(), usage.completionTokens(), usage.totalTokens(),
						usage.cacheHitTokens(), usage.cacheMissTokens(), usage.reasoningTokens())
				: plain((ExpectedAnswer.Usage) null);
	}

}
