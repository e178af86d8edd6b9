package io.github.deepseekboot.test.guide;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.test.ChatAnswers;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The ready answers that the guide shows.
 */
class ChatAnswersGuideTests {

	@Test
	void answers() {
		// tag::answers[]
		var completion = ChatAnswers.completion((answer) -> answer.thinks("Hm").answers("Drip").usage(12, 3));
		var deltas = ChatAnswers.deltas((answer) -> answer.answers("Drip, drop"));
		var limited = ChatAnswers.exception((answer) -> answer.fails(429).retryAfter(Duration.ofSeconds(2)));
		var anyKind = ChatAnswers.exception(ErrorKind.OVERLOADED);
		var broken = ChatAnswers.interrupted("Drip,");
		var unreadable = ChatAnswers.invalidAnswer("No JSON");
		// end::answers[]
		assertThat(completion.usage()).isNotNull();
		assertThat(deltas).isNotEmpty();
		assertThat(limited.getRetryAfter()).isEqualTo(Duration.ofSeconds(2));
		assertThat(anyKind.getKind()).isEqualTo(ErrorKind.OVERLOADED);
		assertThat(broken.getPartialContent()).isEqualTo("Drip,");
		assertThat(unreadable.getRawText()).isEqualTo("No JSON");
	}

}
