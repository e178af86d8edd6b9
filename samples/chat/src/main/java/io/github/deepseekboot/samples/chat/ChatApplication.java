package io.github.deepseekboot.samples.chat;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A chat page. Without a key simulated providers answer.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class ChatApplication {

	/**
	 * Start the application.
	 * @param args properties, as {@code --server.port=8081}
	 */
	public static void main(String[] args) {
		SpringApplication.run(ChatApplication.class, args);
	}

}
