package io.github.deepseekboot.samples.assistant;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An assistant that uses tools, gives typed answers and remembers what was said. Without
 * a key a simulated provider answers.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class AssistantApplication {

	/**
	 * Start the application. It ends with the dialogue.
	 * @param args properties, as {@code --deepseek.chat.model=reasoner}
	 */
	public static void main(String[] args) {
		SpringApplication.run(AssistantApplication.class, args);
	}

}
