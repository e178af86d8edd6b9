package io.github.deepseekboot.samples.chat.instances;

import java.time.Duration;
import java.util.Map;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.actuate.DeepSeekEndpoint;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekSharedAutoConfiguration;
import io.github.deepseekboot.redis.SharedRedis;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * Instance of an application: a context of its own, and callers that ask without end.
 */
final class SimulatedInstance {

	private static final int CALLERS = 6;

	private static final Duration PAUSE_OF_CALLER = Duration.ofMillis(100);

	private final AnnotationConfigApplicationContext context;

	private final DeepSeekEndpoint endpoint;

	private final Disposable calls;

	private volatile boolean killed;

	SimulatedInstance(Map<String, Object> properties) {
		this.context = new AnnotationConfigApplicationContext();
		this.context.setEnvironment(environment(properties));
		this.context.register(Application.class);
		this.context.refresh();
		this.endpoint = new DeepSeekEndpoint(this.context.getBean(RoutingClient.class));
		this.calls = ask(this.context.getBean(ChatCompletionTemplate.class), this.context.getBean(SharedRedis.class));
	}

	// what the process was started with is for the page's own application
	private static StandardEnvironment environment(Map<String, Object> properties) {
		return new StandardEnvironment() {

			@Override
			protected void customizePropertySources(MutablePropertySources propertySources) {
				propertySources.addFirst(new MapPropertySource("instance", properties));
			}

		};
	}

	private Disposable ask(ChatCompletionTemplate chat, SharedRedis redis) {
		Mono<?> connected = Flux.interval(PAUSE_OF_CALLER).takeUntil((tick) -> redis.isAvailable()).last();
		Flux<?> calls = Flux.range(0, CALLERS)
			.flatMap((caller) -> Mono.defer(() -> chat.completeAsync("hi"))
				.then()
				.onErrorComplete()
				.then(Mono.delay(PAUSE_OF_CALLER))
				.repeat(() -> !this.killed));
		return connected.thenMany(calls).subscribe();
	}

	/**
	 * Return what the actuator endpoint of the instance shows.
	 * @return the order and the state of the providers
	 */
	DeepSeekEndpoint.Providers providers() {
		return this.endpoint.providers();
	}

	void askFirst(String provider) {
		this.endpoint.switchTo(provider);
	}

	void stop() {
		this.calls.dispose();
		this.context.close();
	}

	/**
	 * Cut the connection to Redis before anything else ends, so that the instance gives
	 * nothing back, like a process that is killed.
	 */
	void kill() {
		this.killed = true;
		this.context.getBean(LettuceConnectionFactory.class).destroy();
		stop();
	}

	/**
	 * The instance's application. No component, so that the page's application does not
	 * find it.
	 */
	@ImportAutoConfiguration({ DeepSeekAutoConfiguration.class, DeepSeekSharedAutoConfiguration.class,
			DataRedisAutoConfiguration.class })
	static class Application {

	}

}
