package io.github.deepseekboot.readme;

import java.math.BigDecimal;

import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.tool.Tool;

// tag::helper[]
@Service
class Helper {

	private final ChatCompletionTemplate chat;

	Helper(ChatCompletionTemplate chat) {
		this.chat = chat;
	}

	String weather(String question) { // runs your code when the model asks for it
		Tool tool = Tool.of("get_weather", "The weather of a city", City.class, (city) -> "21 °C in " + city.name());
		return this.chat.withTools(tool).complete(question).content();
	}

	Invoice read(String text) { // a value in place of text
		return this.chat.complete("Read this invoice:\n" + text, Invoice.class);
	}

	Flux<ChatDelta> talk(String session, String message) { // knows what was said before
		return this.chat.conversation(session).stream(message);
	}

	record City(String name) {
	}

	record Invoice(String number, BigDecimal total) {
	}

}
// end::helper[]
