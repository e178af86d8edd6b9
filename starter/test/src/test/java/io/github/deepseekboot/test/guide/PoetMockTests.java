package io.github.deepseekboot.test.guide;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.test.ChatAnswers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * The test with a mock that the guide shows.
 */
class PoetMockTests {

	// tag::mock[]
	private final ChatCompletionOperations chat = mock(ChatCompletionOperations.class);

	@Test
	void writesWhatTheModelWrites() {
		given(this.chat.complete(contains("rain")))
			.willReturn(ChatAnswers.completion((answer) -> answer.answers("Drip, drop")));
		assertThat(this.chat.complete("Write a poem about rain").content()).isEqualTo("Drip, drop");
	}
	// end::mock[]

}
