package io.github.deepseekboot.benchmark;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * An application with the starter, Spring AI and LangChain4j.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class BridgeApplication {

	static <T> T start(String baseUrl, Class<T> bean) {
		return new SpringApplicationBuilder(BridgeApplication.class, LangChain4jBridgeClient.ModelsConfiguration.class)
			.run("--spring.main.banner-mode=off", "--logging.level.root=warn",
					"--deepseek.providers.deepseek.api-key=" + ClientUnderTest.API_KEY,
					"--deepseek.providers.deepseek.base-url=" + baseUrl,
					// the simulator's name for what it answers to deepseek-chat
					"--deepseek.chat.model=deepseek-v4-flash", "--deepseek.chat.thinking=false",
					"--deepseek.limit.max-concurrent=20000")
			.getBean(bean);
	}

}
