package io.github.deepseekboot.guide;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.tool.Tool;
import io.github.deepseekboot.tool.ToolOptions;

@RestController
class WeatherAssistant {

	private final ChatCompletionTemplate chat;

	private final WeatherStations stations;

	private final JsonMapper mapper;

	WeatherAssistant(ChatCompletionTemplate chat, WeatherStations stations, JsonMapper mapper) {
		this.chat = chat;
		this.stations = stations;
		this.mapper = mapper;
	}

	// tag::declare[]
	Tool weather() {
		return Tool.of("get_weather", "The weather of a city right now", WeatherQuery.class,
				(query) -> this.stations.measure(query.city())); // may block
	}

	Tool forecast() {
		return Tool.of("get_forecast", "The weather of a city tomorrow", WeatherQuery.class,
				(query) -> this.stations.forecast(query.city())); // a Mono<Weather>
	}

	Tool stationCount() {
		return Tool.of("count_stations", "How many weather stations there are", () -> this.stations.count());
	}
	// end::declare[]

	// tag::schema[]
	Tool warning() {
		return Tool
			.of("send_warning", "Warns everybody in a city", """
					{
					  "type": "object",
					  "properties": {
					    "city": { "type": "string" },
					    "level": { "type": "string", "enum": ["yellow", "red"] }
					  },
					  "required": ["city", "level"],
					  "additionalProperties": false
					}""",
					(arguments) -> this.stations.warn(arguments.get("city").asString(),
							arguments.get("level").asString()))
			.strict();
	}
	// end::schema[]

	// tag::loop[]
	String ask(String question) {
		return this.chat.withTools(weather(), forecast()).complete(question).content();
	}
	// end::loop[]

	// tag::stream[]
	@GetMapping(path = "/ask", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
	Flux<ChatDelta> live(@RequestParam String question) {
		return this.chat.withTools(weather(), forecast()).stream(question);
	}
	// end::stream[]

	// tag::options[]
	String careful(String question) {
		ToolOptions options = ToolOptions.builder().maxRounds(4).concurrency(2).onFailure((call, failure) -> {
			if (failure instanceof DeepSeekException mistake && mistake.getKind() == ErrorKind.MALFORMED_RESPONSE) {
				return "Error: " + mistake.getReason(); // the model's own mistake: it may
														// try again
			}
			throw failure;
		}).build();
		return this.chat.withTools(List.of(weather(), warning()), options).complete(question).content();
	}
	// end::options[]

	// tag::conversation[]
	String talk(String first, String second) {
		ChatRequest request = ChatRequest.of(first);
		ChatCompletion answer = this.chat.withTools(weather()).complete(request);
		return this.chat.withTools(weather())
			.complete(request.toBuilder().messages(answer.messages()).user(second).build())
			.content();
	}
	// end::conversation[]

	// tag::byhand[]
	String byHand(String question) {
		ChatRequest request = ChatRequest.builder().user(question).tools(List.of(weather().definition())).build();
		ChatCompletion answer = this.chat.complete(request);
		if (answer.toolCalls().isEmpty()) {
			return answer.content();
		}
		ChatRequest.Builder next = request.toBuilder().message(answer.message());
		for (ToolCall call : answer.toolCalls()) {
			WeatherQuery query = this.mapper.readValue(call.arguments(), WeatherQuery.class);
			Weather result = this.stations.measure(query.city());
			next.message(ChatMessage.tool(call.id(), this.mapper.writeValueAsString(result)));
		}
		return this.chat.complete(next.build()).content();
	}
	// end::byhand[]

	// tag::types[]
	record WeatherQuery(@JsonPropertyDescription("The city, in English") String city) {
	}

	record Weather(String city, int degrees) {
	}
	// end::types[]

	interface WeatherStations {

		Weather measure(String city);

		Mono<Weather> forecast(String city);

		Map<String, Object> warn(String city, String level);

		int count();

	}

}
