package io.github.deepseekboot.samples.chat;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

import io.github.deepseekboot.conversation.InMemoryConversationStore;
import io.github.deepseekboot.hook.ConversationStore;

/**
 * A chat page. Without a key simulated providers answer.
 */
// Redis is for the simulated instances alone
@SpringBootApplication(proxyBeanMethods = false, exclude = { DataRedisAutoConfiguration.class,
		DataRedisReactiveAutoConfiguration.class, DataRedisRepositoriesAutoConfiguration.class })
public class ChatApplication {

	private static final Log logger = LogFactory.getLog(ChatApplication.class);

	/**
	 * Start the application.
	 * @param args properties, as {@code --server.port=8081}
	 */
	public static void main(String[] args) {
		SpringApplication.run(ChatApplication.class, args);
	}

	@Bean
	ConversationStore conversationStore() {
		return new InMemoryConversationStore();
	}

	@EventListener
	void announce(WebServerInitializedEvent event) {
		logger.info("The page is at http://127.0.0.1:" + event.getWebServer().getPort());
	}

}
