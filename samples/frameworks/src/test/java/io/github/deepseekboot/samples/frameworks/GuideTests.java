package io.github.deepseekboot.samples.frameworks;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import io.github.deepseekboot.test.provider.ReceivedCall;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of what the guide shows.
 */
class GuideTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Routed routed = new Routed();

	@AfterAll
	static void stop() {
		routed.close();
	}

	@Test
	void theLibrarianFindsAndRemembers() {
		assertThat(ask("ida", "On which shelf stands the cookbook of Naples?")).contains("shelf 3");
		assertThat(ask("ida", "Hello, my favourite subject is geology.")).isNotEmpty();
		assertThat(ask("ida", "What is my favourite subject?")).contains("geology");
		assertThat(ask("otto", "What is my favourite subject?")).doesNotContain("geology");
	}

	@Test
	void theAgentAsksTheTimetable() {
		assertThat(routed.bean(TravelAgent.class).plan("Find the next train from Oslo to Bergen"))
			.contains("from Oslo to Bergen leaves at 9:15");
		ReceivedCall last = routed.deepseek().lastCall();
		assertThat(last.toolResults()).hasSize(1);
		assertThat(last.tools()).containsExactly("nextTrain");
	}

	@Test
	void theRiddlerThinks() {
		assertThat(routed.bean(Riddler.class).thorough("What has keys and opens no door?")).isNotEmpty();
		ReceivedCall last = routed.deepseek().lastCall();
		assertThat(last.json().path("thinking").path("type").asString()).isEqualTo("enabled");
		assertThat(last.json().path("reasoning_effort").asString()).isEqualTo("high");
		assertThat(last.json().path("user_id").asString()).isEqualTo("ida");
	}

	private static String ask(String reader, String question) {
		List<String> pieces = routed.bean(Librarian.class).answer(reader, question).collectList().block(PATIENCE);
		return String.join("", pieces);
	}

}
