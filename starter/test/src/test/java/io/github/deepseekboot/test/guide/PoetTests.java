package io.github.deepseekboot.test.guide;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.test.ScriptedChatClient;
import io.github.deepseekboot.test.guide.PoemApplication.Poet;

import static io.github.deepseekboot.test.ChatAssertions.assertThatStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The tests without an application that the guide shows.
 */
// tag::client[]
class PoetTests {

	private final ScriptedChatClient model = ScriptedChatClient.create();

	@AfterEach
	void nothingUnexpected() {
		this.model.close();
	}

	@Test
	void writesAPoem() {
		this.model.whenLastMessage("rain").answers("Drip, drop");
		assertThat(new Poet(this.model.template()).poem("rain")).isEqualTo("Drip, drop");
	}

	@Test
	void givesUpOnASilentModel() {
		this.model.stalls();
		assertThatExceptionOfType(DeepSeekException.class)
			.isThrownBy(() -> new Poet(this.model.template()).poem("rain"))
			.satisfies((ex) -> assertThat(ex.getKind()).isEqualTo(ErrorKind.TIMEOUT));
	}

	@Test
	void aMinuteTakesNoMinute() {
		this.model.answers("Drip, drop, drip, drop").pace(Duration.ofSeconds(10));
		assertThatStream(this.model.template().stream("rain")).hasContent("Drip, drop, drip, drop");
	}

}
// end::client[]
