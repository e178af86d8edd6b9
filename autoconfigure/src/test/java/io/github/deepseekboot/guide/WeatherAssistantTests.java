package io.github.deepseekboot.guide;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.tool.CallingModel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests that the code of {@code docs/guide/tools.md} does what it says.
 */
@NullUnmarked
class WeatherAssistantTests {

	private static final ToolCall WEATHER = CallingModel.call("c1", "get_weather", "{\"city\":\"Ningbo\"}");

	private static final ToolCall FORECAST = CallingModel.call("c2", "get_forecast", "{\"city\":\"Ningbo\"}");

	@Test
	void toolsAreRun() {
		try (CallingModel model = new CallingModel(CallingModel.calling(WEATHER, FORECAST),
				CallingModel.saying("21, then 25"))) {
			assertThat(assistant(model).ask("The weather?")).isEqualTo("21, then 25");
			assertThat(
					model.requests().get(0).at("/tools/0/function/parameters/properties/city/description").asString())
				.isEqualTo("The city, in English");
			assertThat(sent(model)).containsExactly("{\"city\":\"Ningbo\",\"degrees\":21}",
					"{\"city\":\"Ningbo\",\"degrees\":25}");
		}
	}

	@Test
	void deltasHaveTheirRound() {
		try (CallingModel model = new CallingModel(CallingModel.calling(WEATHER), CallingModel.saying("Fine"))) {
			List<ChatDelta> deltas = assistant(model).live("The weather?").collectList().block();
			assertThat(deltas).extracting(ChatDelta::round).contains(1, 2);
			assertThat(JsonMapper.shared().writeValueAsString(deltas.get(deltas.size() - 2))).contains("\"round\":2");
		}
	}

	@Test
	void mistakesAreSentAndFailuresRaised() {
		ToolCall mistake = CallingModel.call("c1", "send_warning", "{\"city\":");
		ToolCall failing = CallingModel.call("c2", "send_warning", "{\"city\":\"Atlantis\",\"level\":\"red\"}");
		try (CallingModel model = new CallingModel(CallingModel.calling(mistake), CallingModel.calling(failing))) {
			assertThatIllegalStateException().isThrownBy(() -> assistant(model).careful("Warn them"))
				.withMessage("no such city");
			assertThat(sent(model)).singleElement().asString().startsWith("Error: the arguments for the tool");
			assertThat(model.requests().get(0).at("/tools/1/function/strict").asBoolean()).isTrue();
		}
	}

	@Test
	void aConversationKeepsWhatToolsSaid() {
		try (CallingModel model = new CallingModel(CallingModel.calling(WEATHER), CallingModel.saying("21"),
				CallingModel.saying("Warm"))) {
			assertThat(assistant(model).talk("The weather?", "Is that warm?")).isEqualTo("Warm");
			assertThat(model.requests().get(2).path("messages").valueStream())
				.extracting((message) -> message.path("role").asString())
				.containsExactly("user", "assistant", "tool", "assistant", "user");
		}
	}

	@Test
	void callsMayBeHandledByHand() {
		try (CallingModel model = new CallingModel(CallingModel.calling(WEATHER), CallingModel.saying("21"))) {
			assertThat(assistant(model).byHand("The weather?")).isEqualTo("21");
			assertThat(sent(model)).containsExactly("{\"city\":\"Ningbo\",\"degrees\":21}");
		}
		try (CallingModel model = new CallingModel(CallingModel.saying("I do not know"))) {
			assertThat(assistant(model).byHand("The weather?")).isEqualTo("I do not know");
			assertThat(assistant(model).stationCount().definition().parameters()).isNull();
		}
	}

	private static List<String> sent(CallingModel model) {
		return model.requests()
			.get(1)
			.path("messages")
			.valueStream()
			.filter((message) -> message.path("role").asString().equals("tool"))
			.map((JsonNode message) -> message.path("content").asString())
			.toList();
	}

	private static WeatherAssistant assistant(CallingModel model) {
		return new WeatherAssistant(model.template(), new Stations(), JsonMapper.shared());
	}

	private static final class Stations implements WeatherAssistant.WeatherStations {

		@Override
		public WeatherAssistant.Weather measure(String city) {
			return new WeatherAssistant.Weather(city, 21);
		}

		@Override
		public Mono<WeatherAssistant.Weather> forecast(String city) {
			return Mono.just(new WeatherAssistant.Weather(city, 25));
		}

		@Override
		public Map<String, Object> warn(String city, String level) {
			if (city.equals("Atlantis")) {
				throw new IllegalStateException("no such city");
			}
			return Map.of("warned", true);
		}

		@Override
		public int count() {
			return 3;
		}

	}

}
