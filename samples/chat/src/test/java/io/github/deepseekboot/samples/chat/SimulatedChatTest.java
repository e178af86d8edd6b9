package io.github.deepseekboot.samples.chat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/**
 * Starts the application with simulated providers, whatever keys the environment has.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = { "deepseek.providers.deepseek.api-key=",
		"deepseek.providers.siliconflow.api-key=", "deepseek.providers.alayanew.api-key=" })
@interface SimulatedChatTest {

}
