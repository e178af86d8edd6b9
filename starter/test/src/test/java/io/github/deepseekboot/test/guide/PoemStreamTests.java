package io.github.deepseekboot.test.guide;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.deepseekboot.test.ScriptedProviderExtension;
import io.github.deepseekboot.test.provider.Fault;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The words of scripts that the guide shows.
 */
@ExtendWith(ScriptedProviderExtension.class)
class PoemStreamTests {

	@Test
	void whatAScriptSays(ScriptedProvider deepseek) {
		// tag::words[]
		deepseek.thinks("Hm").answers("Drip, drop").usage(12, 4).pace(Duration.ofMillis(20));
		deepseek.calls("get_weather", "{\"city\": \"Oslo\"}").calls("get_time", "{}");
		deepseek.fails(429).retryAfter(Duration.ofSeconds(2));
		deepseek.fails(400, "context-length");
		deepseek.answers("Late").stallsBefore(Duration.ofSeconds(5)).keepsAlive(Duration.ofSeconds(1));
		deepseek.answers("Drip, drop, drip, drop").cutsAfter(3); // tokens, then a reset
		deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		deepseek.answers("Drip, drop").finishReason("length");
		deepseek.fails(Fault.HTML_PAGE); // of a proxy, under status 200
		deepseek.answersInPieces("{\"title\": \"Ra", "in\"}").model("deepseek-v4-pro");
		deepseek.calls("call_1", "get_weather", "{}"); // under that id
		deepseek.sends("application/json", "{}"); // as it is
		// end::words[]
		assertThat(deepseek.unused()).isEqualTo(12);
	}

	@Test
	void whomAnAnswerIsFor(ScriptedProvider deepseek) {
		// tag::conditions[]
		deepseek.whenLastMessage("rain").answers("Drip, drop");
		deepseek.whenSystemMessage("You are a poet").whenModel("deepseek-v4-pro").answers("Drip");
		deepseek.whenTool("get_weather").whenTurn(1).calls("get_weather", "{}");
		deepseek.whenToolResults().answers("Take an umbrella");
		deepseek.when((call) -> call.model().endsWith("-pro")).fails(503).times(3);
		deepseek.answers("I do not know").always();
		// end::conditions[]
		assertThat(deepseek.unused()).isEqualTo(5);
	}

}
