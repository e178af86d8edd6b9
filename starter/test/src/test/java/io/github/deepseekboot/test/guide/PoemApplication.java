package io.github.deepseekboot.test.guide;

import java.util.List;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.tool.Tool;

/**
 * The application under test in the guide to testing.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ PoemApplication.PoemController.class, PoemApplication.Poet.class })
class PoemApplication {

	static void main(String[] args) {
		SpringApplication.run(PoemApplication.class, args);
	}

	@RestController
	static class PoemController {

		private final ChatCompletionTemplate chat;

		PoemController(ChatCompletionTemplate chat) {
			this.chat = chat;
		}

		@GetMapping(path = "/poem", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
		Flux<ChatDelta> poem(@RequestParam String topic) {
			return this.chat.stream("Write a poem about " + topic);
		}

	}

	@Service
	static class Poet {

		private final ChatCompletionTemplate chat;

		Poet(ChatCompletionTemplate chat) {
			this.chat = chat;
		}

		String poem(String topic) {
			return this.chat.complete("Write a poem about " + topic).content();
		}

		String poemAboutTheWeather(String city) {
			Tool weather = Tool.of("get_weather", "The weather of a city", Query.class, (query) -> "rain");
			return this.chat.withTools(weather).complete("A poem about the weather in " + city).content();
		}

		Poem titled(String topic) {
			return this.chat.complete("Write a poem about " + topic, Poem.class);
		}

	}

	record Query(String city) {

	}

	record Poem(String title, List<String> lines) {

	}

}
