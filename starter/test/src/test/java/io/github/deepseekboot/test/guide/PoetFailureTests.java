package io.github.deepseekboot.test.guide;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.test.ScriptedChatClient;
import io.github.deepseekboot.test.guide.PoemApplication.Poet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The tests of failures that the guide shows.
 */
class PoetFailureTests {

	private final ScriptedChatClient model = ScriptedChatClient.create();

	@AfterEach
	void nothingUnexpected() {
		this.model.close();
	}

	// tag::failures[]
	@Test
	void knowsWhenToAskAgain() {
		this.model.fails(429).retryAfter(Duration.ofSeconds(2));
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> new Poet(this.model.template()).poem("rain"))
			.satisfies((ex) -> {
				assertThat(ex.getKind()).isEqualTo(ErrorKind.RATE_LIMITED);
				assertThat(ex.getRetryAfter()).isEqualTo(Duration.ofSeconds(2));
			});
	}

	@Test
	void keepsHalfAPoem() {
		this.model.answers("Drip, drop, drip, drop").cutsAfter(2);
		assertThatExceptionOfType(StreamInterruptedException.class)
			.isThrownBy(() -> this.model.template().stream("rain").blockLast())
			.satisfies((ex) -> assertThat(ex.getPartialContent()).isEqualTo("Drip, drop,"));
	}
	// end::failures[]

	@Test
	void aChineseCharacterIsAToken() {
		this.model.answers("\u4e0b\u96e8\u4e86").cutsAfter(2);
		assertThatExceptionOfType(StreamInterruptedException.class)
			.isThrownBy(() -> this.model.template().stream("rain").blockLast())
			.satisfies((ex) -> assertThat(ex.getPartialContent()).isEqualTo("\u4e0b\u96e8"));
	}

}
