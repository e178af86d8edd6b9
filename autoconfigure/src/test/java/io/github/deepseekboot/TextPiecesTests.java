package io.github.deepseekboot;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatCompletionClient;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;

/**
 * Tests for {@link ChatCompletionOperations#streamText(String)}.
 */
class TextPiecesTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	@Test
	void noPieceEndsWithinACharacter() {
		StepVerifier.create(text("a\uD83D", "\uDE00b", "", " c"))
			.expectNext("a", "\uD83D\uDE00b", " c")
			.expectComplete()
			.verify(PATIENCE);
	}

	@Test
	void aHalfThatStaysAloneIsNotLost() {
		StepVerifier.create(text("\uD83D")).expectNext("\uD83D").expectComplete().verify(PATIENCE);
	}

	private static Flux<String> text(String... contents) {
		return new ChatCompletionTemplate(new ChatCompletionClient() {

			@Override
			public Mono<ChatCompletion> complete(ChatRequest request) {
				return Mono.empty();
			}

			@Override
			public Flux<ChatDelta> stream(ChatRequest request) {
				return Flux.fromArray(contents)
					.map((content) -> ChatDelta.of("lab", content))
					.concatWithValues(ChatDelta.last("lab", null));
			}

		}).streamText("Hi");
	}

}
