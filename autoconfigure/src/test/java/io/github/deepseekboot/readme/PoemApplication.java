package io.github.deepseekboot.readme;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

import io.github.deepseekboot.ChatCompletionTemplate;

// tag::application[]
@SpringBootApplication
public class PoemApplication {

	public static void main(String[] args) {
		SpringApplication.run(PoemApplication.class, args);
	}

	@Bean
	CommandLineRunner poem(ChatCompletionTemplate chat) {
		return (args) -> System.out.println(chat.complete("Write a poem about rain").content());
	}

}
// end::application[]
