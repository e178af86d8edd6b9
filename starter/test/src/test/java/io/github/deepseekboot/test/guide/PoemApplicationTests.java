package io.github.deepseekboot.test.guide;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.test.web.reactive.server.WebTestClient;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek;
import io.github.deepseekboot.test.guide.PoemApplication.Poem;
import io.github.deepseekboot.test.guide.PoemApplication.Poet;
import io.github.deepseekboot.test.provider.ScriptedProvider;

// tag::imports[]
import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static io.github.deepseekboot.test.ChatAssertions.assertThatStream;
import static org.assertj.core.api.Assertions.assertThat;
// end::imports[]

/**
 * The tests of an application that the guide shows.
 */
// tag::application[]
@SpringBootTest
@AutoConfigureDeepSeek
@AutoConfigureWebTestClient
class PoemApplicationTests {

	@Autowired
	ScriptedProvider deepseek;

	@Autowired
	ScriptedProvider siliconflow;

	// end::application[]

	// tag::stream[]
	@Test
	void streamsAPoem(@Autowired WebTestClient web) {
		this.deepseek.thinks("Short, I think").answers("Drip, drop").pace(Duration.ofMillis(10));
		var deltas = web.get().uri("/poem?topic=rain").exchange().returnResult(ChatDelta.class).getResponseBody();
		assertThatStream(deltas).hasReasoning("Short, I think").hasContent("Drip, drop");
		assertThat(this.deepseek).lastCall().isStreamed().hasUserMessage("Write a poem about rain");
	}
	// end::stream[]

	// tag::tool[]
	@Test
	void asksForTheWeather(@Autowired Poet poet) {
		this.deepseek.calls("get_weather", Map.of("city", "Oslo"));
		this.deepseek.whenToolResults().answers("Drip, drop");
		assertThat(poet.poemAboutTheWeather("Oslo")).isEqualTo("Drip, drop");
		assertThat(this.deepseek).hasReceivedCalls(2).lastCall().hasToolResults("rain");
	}
	// end::tool[]

	// tag::failover[]
	@Test
	void asksElsewhere(@Autowired Poet poet) {
		this.deepseek.fails(503).always();
		this.siliconflow.answers("Drip, drop");
		assertThat(poet.poem("rain")).isEqualTo("Drip, drop");
		assertThat(this.siliconflow).lastCall().hasModel("deepseek-ai/DeepSeek-V4-Flash");
	}
	// end::failover[]

	// tag::typed[]
	@Test
	void readsATypedAnswer(@Autowired Poet poet) {
		Poem poem = new Poem("Rain", List.of("Drip", "drop"));
		this.deepseek.answersJson(poem);
		assertThat(poet.titled("rain")).isEqualTo(poem);
		assertThat(this.deepseek).lastCall().hasField("/response_format/type", "json_object");
	}
	// end::typed[]

}
