package io.github.deepseekboot.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * {@link PlainWebClient} with the builder of an application that has Actuator and a
 * Prometheus registry: it observes the HTTP exchange.
 */
public final class ObservedWebClient implements ClientUnderTest {

	private final PlainWebClient client;

	/**
	 * Start the application.
	 * @param baseUrl the base URL of the provider
	 */
	public ObservedWebClient(String baseUrl) {
		this(start(), baseUrl);
	}

	ObservedWebClient(ConfigurableApplicationContext application, String baseUrl) {
		this.client = new PlainWebClient(
				PlainWebClient.webClient(application.getBean(WebClient.Builder.class), baseUrl));
	}

	static ConfigurableApplicationContext start() {
		return new SpringApplicationBuilder(Application.class).run("--spring.main.banner-mode=off",
				"--logging.level.root=warn", "--deepseek.enabled=false");
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		return this.client.stream(text);
	}

	@Override
	public String complete() {
		return this.client.complete();
	}

	/**
	 * The application.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
