package io.github.deepseekboot.samples.assistant;

import java.time.Duration;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.test.provider.Script;

/**
 * What the simulated provider answers to the requests of the dialogue, one after the
 * other. An application of your own has no need of this.
 */
final class SimulatedDialogue {

	private SimulatedDialogue() {
	}

	static Script[] scripts() {
		return new Script[] { toolCalls(), travelAdvice(), invoice(), items(),
				paced().answer("How nice! I will keep in mind that Ida comes along.").build(),
				paced().answer("Go to the aquarium: it is dry, and full of fish.").build(), recollection() };
	}

	private static Script toolCalls() {
		return paced().reasoning("I need the forecast and the timetable, and may ask for both at once.")
			.toolCall("get_weather", "{\"city\":\"Bergen\"}")
			.toolCall("find_trains", "{\"from\":\"Oslo\",\"to\":\"Bergen\"}")
			.build();
	}

	private static Script travelAdvice() {
		return paced().reasoning("Both tools have answered.").answerRequest((request) -> {
			JsonNode weather = JsonMapper.shared().readTree(content(request, 2));
			JsonNode train = JsonMapper.shared().readTree(content(request, 3)).path(0);
			return "Expect %s and %d degrees. The train at %s is in Bergen at %s.".formatted(
					weather.path("sky").asString(), weather.path("degrees").asInt(), train.path("departure").asString(),
					train.path("arrival").asString());
		}).build();
	}

	private static Script invoice() {
		return paced().answer("""
				{"number": "2026-0815", "issued": "2026-11-20", "lines": [
				{"article": "seat Oslo-Bergen", "quantity": 2, "price": 499.00},
				{"article": "bicycle", "quantity": 1, "price": 98.00}], "total": 1096.00}""").build();
	}

	private static Script items() {
		return paced().answer("""
				{"items": [{"quantity": 1, "name": "rain jacket"}, {"quantity": 2, "name": "pairs of wool socks"},
				{"quantity": 1, "name": "thermos"}, {"quantity": 1, "name": "book for the train"}]}""").build();
	}

	private static Script recollection() {
		return paced().answerRequest((request) -> "You said: \"" + content(request, 1) + "\"").build();
	}

	private static Script.Builder paced() {
		return Script.builder().chunksPerSecond(40).firstTokenDelay(Duration.ofMillis(200));
	}

	private static String content(JsonNode request, int message) {
		return request.path("messages").path(message).path("content").asString();
	}

}
