package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekSharedAutoConfiguration;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.routing.RoutingClient;

/**
 * An instance of an application with many callers, in a JVM of its own.
 */
public final class SharedInstance {

	static final String COOL_DOWN = "cool-down at ";

	private SharedInstance() {
	}

	/**
	 * Call until the standard input ends, then print what came of it.
	 * @param arguments the number of callers, and properties as arguments
	 */
	public static void main(String[] arguments) throws Exception {
		int callers = Integer.parseInt(arguments[0]);
		String[] properties = Arrays.copyOfRange(arguments, 1, arguments.length);
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.run(properties);
		ChatCompletionTemplate template = context.getBean(ChatCompletionTemplate.class);
		SharedRedis redis = context.getBean(SharedRedis.class);
		while (!redis.isAvailable()) {
			Mono.delay(Duration.ofMillis(10)).block();
		}
		long commands = redis.commands();
		Map<String, AtomicInteger> results = new ConcurrentHashMap<>();
		Flux<?> calls = Flux.range(0, callers)
			.flatMap((caller) -> Mono.defer(() -> template.completeAsync("hi"))
				.map((completion) -> "ok")
				.onErrorResume((failure) -> Mono
					.just((failure instanceof DeepSeekException known) ? known.getKind().name() : "UNTYPED " + failure))
				.doOnNext((result) -> results.computeIfAbsent(result, (key) -> new AtomicInteger()).incrementAndGet())
				.repeat(), callers);
		var running = calls.subscribe();
		System.out.println("started");
		reportCoolDown(context.getBean(RoutingClient.class));
		while (System.in.read() != -1) {
			// until it ends
		}
		running.dispose();
		System.out.println("commands=" + (redis.commands() - commands) + " " + new TreeMap<>(results));
		System.exit(0);
	}

	// by the monotonic clock of this machine, which JVMs have in common
	private static void reportCoolDown(RoutingClient router) {
		Provider provider = router.clients().iterator().next().provider();
		Flux.interval(Duration.ofMillis(10))
			.onBackpressureDrop()
			.filter((tick) -> router.states()
				.status(provider.id(), provider.apiKey())
				.coolDown() == ErrorKind.RATE_LIMITED)
			.next()
			.subscribe((tick) -> System.out.println(COOL_DOWN + System.nanoTime()));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DeepSeekAutoConfiguration.class, DeepSeekSharedAutoConfiguration.class,
			DataRedisAutoConfiguration.class })
	static class Application {

	}

}
