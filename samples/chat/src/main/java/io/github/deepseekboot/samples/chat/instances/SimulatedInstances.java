package io.github.deepseekboot.samples.chat.instances;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

import io.github.deepseekboot.actuate.DeepSeekEndpoint;

/**
 * Three instances, the Redis that they share and the providers that they ask. All stop
 * when nobody has looked for a while.
 */
@Component
@ConditionalOnBooleanProperty("chat.simulated")
class SimulatedInstances implements DisposableBean {

	static final int LIMIT = 6;

	static final Duration LEASE = Duration.ofSeconds(3);

	static final List<String> PROVIDERS = List.of("deepseek", "siliconflow");

	private static final int INSTANCES = 3;

	private static final Log logger = LogFactory.getLog(SimulatedInstances.class);

	private final Duration watched;

	// by their numbers; a killed one is missing
	private final Map<Integer, SimulatedInstance> instances = new TreeMap<>();

	private @Nullable SimulatedRedis redis;

	private @Nullable CountedProviders providers;

	private @Nullable Disposable watch;

	private volatile long lookedAt;

	SimulatedInstances(@Value("20s") Duration watched) {
		this.watched = watched;
	}

	synchronized void start() throws IOException {
		if (this.redis != null) {
			return;
		}
		this.lookedAt = System.nanoTime();
		this.redis = new SimulatedRedis();
		this.providers = new CountedProviders(PROVIDERS);
		IntStream.rangeClosed(1, INSTANCES).forEach(this::startInstance);
		this.watch = Flux.interval(Duration.ofSeconds(1), Schedulers.boundedElastic())
			.onBackpressureDrop()
			.filter((tick) -> System.nanoTime() - this.lookedAt > this.watched.toNanos())
			.subscribe((tick) -> stop());
		logger.info("Three simulated instances share a Redis on port " + this.redis.port());
	}

	synchronized void startInstance(int number) {
		if (this.redis != null && this.providers != null && number >= 1 && number <= INSTANCES
				&& !this.instances.containsKey(number)) {
			this.instances.put(number, new SimulatedInstance(properties(this.redis, this.providers)));
		}
	}

	private static Map<String, Object> properties(SimulatedRedis redis, CountedProviders providers) {
		Map<String, Object> properties = new HashMap<>();
		properties.put("spring.data.redis.host", "127.0.0.1");
		properties.put("spring.data.redis.port", redis.port());
		properties.put("deepseek.shared.enabled", true);
		properties.put("deepseek.shared.lease", LEASE.toString());
		properties.put("deepseek.shared.max-wait", "200ms");
		// or a killed one would start calls between the loss of Redis and its end
		properties.put("deepseek.shared.when-unavailable", "closed");
		properties.put("deepseek.limit.max-concurrent", LIMIT);
		properties.put("deepseek.limit.max-wait", "60s");
		properties.put("deepseek.provider", PROVIDERS.get(0));
		properties.put("deepseek.fallback", String.join(",", PROVIDERS));
		for (String id : PROVIDERS) {
			properties.put("deepseek.providers." + id + ".api-key", "simulated");
			properties.put("deepseek.providers." + id + ".base-url", providers.baseUrl(id));
		}
		return properties;
	}

	synchronized void kill(int number) {
		SimulatedInstance instance = this.instances.remove(number);
		if (instance != null) {
			instance.kill();
		}
	}

	synchronized void askFirst(int number, String provider) {
		SimulatedInstance instance = this.instances.get(number);
		if (instance != null) {
			instance.askFirst(provider);
		}
	}

	synchronized void refuseNext(String provider) {
		if (this.providers != null) {
			this.providers.provider(provider).refuseNext();
		}
	}

	synchronized void stop() {
		if (this.watch != null) {
			this.watch.dispose();
		}
		this.instances.values().forEach(SimulatedInstance::stop);
		this.instances.clear();
		if (this.providers != null) {
			this.providers.close();
		}
		if (this.redis != null) {
			this.redis.close();
		}
		this.watch = null;
		this.providers = null;
		this.redis = null;
	}

	@Override
	public void destroy() {
		stop();
	}

	/**
	 * Return what the control room shows.
	 * @return the counts of the providers, and each instance
	 */
	synchronized View look() {
		this.lookedAt = System.nanoTime();
		if (this.providers == null) {
			return new View(false, LIMIT, LEASE.toSeconds(), List.of(), List.of());
		}
		return new View(true, LIMIT, LEASE.toSeconds(), this.providers.counts(),
				IntStream.rangeClosed(1, INSTANCES).mapToObj(this::describe).toList());
	}

	private InstanceView describe(int number) {
		SimulatedInstance instance = this.instances.get(number);
		return new InstanceView(number, (instance != null) ? instance.providers() : null);
	}

	/**
	 * View of the instances and of the providers.
	 *
	 * @param running whether the instances were started
	 * @param limit the calls at once that a provider permits to all instances
	 * @param leaseSeconds for how long permits of a killed instance stay taken
	 * @param providers what the providers count
	 * @param instances the instances
	 */
	record View(boolean running, int limit, long leaseSeconds, List<CountedProvider.Count> providers,
			List<InstanceView> instances) {

	}

	/**
	 * View of an instance.
	 *
	 * @param number its number, from 1 on
	 * @param endpoint what its actuator endpoint shows; {@code null} if it was killed
	 */
	record InstanceView(int number, DeepSeekEndpoint.@Nullable Providers endpoint) {

	}

}
