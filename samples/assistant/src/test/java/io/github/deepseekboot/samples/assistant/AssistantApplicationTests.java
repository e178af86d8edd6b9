package io.github.deepseekboot.samples.assistant;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.ReceivedRequest;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the application without a key: what it prints, and what the simulated provider
 * was asked for it.
 */
@SpringBootTest(properties = "deepseek.providers.deepseek.api-key=")
@ExtendWith(OutputCaptureExtension.class)
class AssistantApplicationTests {

	private final ScriptedProvider provider;

	private final List<JsonNode> requests;

	AssistantApplicationTests(@Autowired ProviderSimulator simulator) {
		this.provider = simulator.provider("deepseek");
		this.requests = this.provider.requests().stream().map(ReceivedRequest::json).toList();
	}

	@Test
	void allIsAskedOnceAndAnswered(CapturedOutput output) {
		assertThat(this.requests).hasSize(SimulatedDialogue.scripts().length);
		assertThat(this.provider.completed()).isEqualTo(this.requests.size());
		assertThat(output).contains("answers are simulated")
			.containsPattern("[1-9]\\d* tokens asked, [1-9]\\d* answered; " + this.requests.size()
					+ " attempts, 0 of them failed");
	}

	@Test
	void toolsRunBetweenTheRoundsOfOneStream(CapturedOutput output) {
		assertThat(output).containsSubsequence("round 1   thinks   I need the forecast",
				"round 1   calls 1  get_weather {\"city\":\"Bergen\"}",
				"round 1   calls 2  find_trains {\"from\":\"Oslo\",\"to\":\"Bergen\"}",
				"round 2   answers  Expect rain and 11 degrees. The train at 08:25 is in Bergen at 14:58.");
		assertThat(output).contains("WeatherQuery[city=Bergen] -> Weather[city=Bergen, sky=rain, degrees=11]",
				"TrainQuery[from=Oslo, to=Bergen] -> [Train[departure=08:25, arrival=14:58], ");
	}

	@Test
	void theModelGetsWhatTheToolsReturned() {
		JsonNode messages = this.requests.get(1).path("messages");
		assertThat(messages).hasSize(4);
		JsonNode calls = messages.path(1).path("tool_calls");
		assertThat(calls).hasSize(2);
		assertThat(messages.path(2).path("tool_call_id")).isEqualTo(calls.path(0).path("id"));
		assertThat(messages.path(3).path("tool_call_id")).isEqualTo(calls.path(1).path("id"));
		assertThat(JsonMapper.shared().readTree(messages.path(2).path("content").asString()))
			.isEqualTo(JsonMapper.shared().readTree("{\"city\":\"Bergen\",\"sky\":\"rain\",\"degrees\":11}"));
		assertThat(messages.path(1).path("reasoning_content").asString()).startsWith("I need the forecast");
	}

	@Test
	void theInvoiceIsReadIntoARecord(CapturedOutput output) {
		assertThat(output).containsSubsequence("number  2026-0815", "issued  2026-11-20",
				"line    Line[article=seat Oslo-Bergen, quantity=2, price=499.00]",
				"line    Line[article=bicycle, quantity=1, price=98.00]", "total   1096.00");
		assertThat(this.requests.get(2).path("response_format").path("type").asString()).isEqualTo("json_object");
		assertThat(this.requests.get(2).path("messages").path(0).path("content").asString()).contains("\"issued\"");
	}

	@Test
	void theListIsReadItemByItem(CapturedOutput output) {
		assertThat(output).containsSubsequence("Item[quantity=1, name=rain jacket]",
				"Item[quantity=2, name=pairs of wool socks]", "Item[quantity=1, name=thermos]",
				"Item[quantity=1, name=book for the train]");
		assertThat(this.requests.get(3).path("stream").asBoolean()).isTrue();
	}

	@Test
	void theThirdTurnCarriesTheHistory(CapturedOutput output) {
		String fact = "My daughter Ida comes along to Bergen. She is six and loves fish.";
		JsonNode messages = this.requests.get(6).path("messages");
		assertThat(messages.valueStream().map((message) -> message.path("role").asString())).containsExactly("system",
				"user", "assistant", "user", "assistant", "user");
		assertThat(messages.valueStream().map((message) -> message.path("content").asString())).containsSubsequence(
				fact, "How nice! I will keep in mind that Ida comes along.", "What could we do there when it rains?",
				"Go to the aquarium: it is dry, and full of fish.", "How old did I say that she is?");
		assertThat(output).containsSubsequence("You: How old did I say that she is?",
				"Assistant: You said: \"" + fact + "\"");
	}

}
