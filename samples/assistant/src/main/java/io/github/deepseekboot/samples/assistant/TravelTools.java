package io.github.deepseekboot.samples.assistant;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.springframework.stereotype.Component;

import io.github.deepseekboot.tool.Tool;

/**
 * What the model may look up. The answers are made up; yours come from a database or
 * another service. The functions may block.
 */
@Component
class TravelTools {

	Tool weather() {
		return Tool.of("get_weather", "The weather forecast of a city for tomorrow", WeatherQuery.class,
				this::forecast);
	}

	Tool trains() {
		return Tool.of("find_trains", "The trains from one city to another tomorrow", TrainQuery.class,
				this::timetable);
	}

	private Weather forecast(WeatherQuery query) {
		Weather weather = new Weather(query.city(), "rain", 11);
		System.out.printf("%n  tool      %s -> %s", query, weather);
		return weather;
	}

	private List<Train> timetable(TrainQuery query) {
		List<Train> trains = List.of(new Train("08:25", "14:58"), new Train("12:03", "18:55"));
		System.out.printf("%n  tool      %s -> %s", query, trains);
		return trains;
	}

	record WeatherQuery(@JsonPropertyDescription("The city, in English") String city) {

	}

	record Weather(String city, String sky, int degrees) {

	}

	record TrainQuery(String from, String to) {

	}

	record Train(String departure, String arrival) {

	}

}
