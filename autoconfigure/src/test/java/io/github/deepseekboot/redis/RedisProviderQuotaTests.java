package io.github.deepseekboot.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;
import redis.embedded.RedisServer;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.PermitRequest;
import io.github.deepseekboot.hook.ProviderQuota.Permit;
import io.github.deepseekboot.redis.SharedSettings.WhenUnavailable;
import io.github.deepseekboot.routing.RoutingSettings;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RedisProviderQuota} with a real Redis and several instances in one
 * JVM.
 */
class RedisProviderQuotaTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final int LIMIT = 12;

	private final PermitRequest request = PermitRequest.builder("a", "chat", ChatRequest.of("hi"))
		.account("one")
		.build();

	private RedisServer server;

	private String pid;

	private final List<Instance> instances = new ArrayList<>();

	@BeforeEach
	void start() {
		this.server = RedisServers.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.instances.forEach(Instance::close);
		this.server.stop();
	}

	private Instance instance(SharedSettings settings) {
		Instance instance = new Instance(RedisServers.port(this.server), settings,
				RoutingSettings.builder().maxConcurrent(LIMIT).maxWait(Duration.ofSeconds(2)).build());
		this.instances.add(instance);
		return instance;
	}

	// a machine that is busy may answer late: that is no fault here
	private static SharedSettings settings(WhenUnavailable whenUnavailable) {
		return new SharedSettings("test:", Duration.ofMillis(500), Duration.ofSeconds(2), whenUnavailable, 3);
	}

	private Permit acquire(Instance instance) {
		Permit free = instance.quota.tryAcquire(this.request);
		return (free != null) ? free : instance.quota.acquire(this.request).block(PATIENCE);
	}

	private List<Permit> acquireAll(Instance instance, int most) {
		List<Permit> permits = new ArrayList<>();
		try {
			while (permits.size() < most) {
				permits.add(acquire(instance));
			}
		}
		catch (DeepSeekException ex) {
			assertThat(ex.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		}
		return permits;
	}

	private static void await(String what, BooleanSupplier condition) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		boolean met = condition.getAsBoolean();
		while (!met && System.nanoTime() < deadline) {
			LockSupport.parkNanos(1_000_000);
			met = condition.getAsBoolean();
		}
		assertThat(met).as(what).isTrue();
	}

	@Test
	void aLimitHoldsForAllInstancesTogether() {
		Instance first = instance(settings(WhenUnavailable.LOCAL));
		Instance second = instance(settings(WhenUnavailable.LOCAL));
		List<Permit> permits = acquireAll(first, 8);
		permits.addAll(acquireAll(second, LIMIT));
		assertThat(permits).hasSize(LIMIT);
		permits.forEach(Permit::release);
		assertThat(acquireAll(second, LIMIT)).as("what the first gave back").hasSize(LIMIT);
	}

	@Test
	void manyCallersNeverGoBeyondTheLimitAndUseIt() {
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		AtomicInteger done = new AtomicInteger();
		List<Mono<Void>> callers = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			Instance instance = instance(settings(WhenUnavailable.LOCAL));
			for (int caller = 0; caller < 20; caller++) {
				callers.add(Mono.defer(() -> {
					Permit free = instance.quota.tryAcquire(this.request);
					return (free != null) ? Mono.just(free) : instance.quota.acquire(this.request);
				}).flatMap((permit) -> {
					most.accumulateAndGet(running.incrementAndGet(), Math::max);
					return Mono.delay(Duration.ofMillis(20)).doOnNext((tick) -> {
						running.decrementAndGet();
						done.incrementAndGet();
						permit.release();
						permit.release();
					});
				}).repeat(9).then());
			}
		}
		Flux.merge(Flux.fromIterable(callers), 100).blockLast(PATIENCE);
		assertThat(done).hasValue(600);
		assertThat(most.get()).isLessThanOrEqualTo(LIMIT);
		assertThat(running).hasValue(0);
		// nothing is kept
		await("all permits are back", () -> keys().isEmpty());
	}

	private Set<String> keys() {
		return new StringRedisTemplate(this.instances.get(0).factory).keys("test:permits:*leases");
	}

	@Test
	void anInstanceThatStopsGivesBackWhatItDoesNotUse() {
		Instance instance = instance(
				new SharedSettings("test:", Duration.ofMillis(500), Duration.ofMinutes(5), WhenUnavailable.LOCAL, 3));
		acquire(instance).release();
		assertThat(keys()).hasSize(1);
		instance.quota.stop();
		await("given back", () -> keys().isEmpty());
	}

	@Test
	void permitsOfAnInstanceThatDiedComeBackWithItsLease() {
		Instance dead = instance(settings(WhenUnavailable.LOCAL));
		assertThat(acquireAll(dead, LIMIT)).hasSize(LIMIT);
		Instance other = instance(settings(WhenUnavailable.LOCAL));
		assertThat(acquireAll(other, 1)).isEmpty();
		dead.die();
		await("the lease ends", () -> other.quota.tryAcquire(this.request) != null || !acquireAll(other, 1).isEmpty());
	}

	@Test
	void aStreamKeepsItsPermitForLongerThanALease() {
		Instance first = instance(settings(WhenUnavailable.LOCAL));
		assertThat(acquireAll(first, LIMIT)).hasSize(LIMIT);
		Instance second = instance(settings(WhenUnavailable.LOCAL));
		for (int i = 0; i < 2; i++) {
			// each waits for two seconds, which is a lease
			assertThat(acquireAll(second, 1)).isEmpty();
		}
	}

	@Test
	void inASteadyStateFewCommandsAreSent() {
		Instance instance = instance(settings(WhenUnavailable.LOCAL));
		long before = instance.redis.commands();
		int calls = 1000;
		for (int i = 0; i < calls; i++) {
			acquire(instance).release();
		}
		assertThat(instance.redis.commands() - before).isLessThan(calls / 10);
	}

	@Test
	void whoCallsNowAndThenFindsAPermitAtHand() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		// no wait for Redis ends in this time
		Instance instance = new Instance(RedisServers.port(this.server),
				new SharedSettings("test:", Duration.ofMinutes(1), Duration.ofMinutes(5), WhenUnavailable.LOCAL, 3),
				RoutingSettings.builder().maxConcurrent(LIMIT).build(), TransportClock.of(time),
				() -> time.advanceTimeBy(Duration.ZERO));
		this.instances.add(instance);
		List<Permit> permits = new CopyOnWriteArrayList<>();
		instance.quota.acquire(this.request).subscribe(permits::add);
		await("the first, from Redis", () -> {
			time.advanceTimeBy(Duration.ZERO);
			return !permits.isEmpty();
		});
		permits.get(0).release();
		Duration renewal = Duration.ofMillis(500);
		for (int call = 0; call < 10; call++) {
			// between two calls, all permits are free when the lease is renewed
			time.advanceTimeBy(renewal);
			Permit permit = instance.quota.tryAcquire(this.request);
			assertThat(permit).as("call " + call).isNotNull();
			permit.release();
		}
		await("who does not call any more gives it back", () -> {
			time.advanceTimeBy(renewal);
			return keys().isEmpty();
		});
	}

	@Test
	void howManyCommandsAreSentDoesNotDependOnHowManyCallsWait() {
		Instance busy = instance(settings(WhenUnavailable.LOCAL));
		assertThat(acquireAll(busy, LIMIT)).hasSize(LIMIT);
		for (int callers : List.of(1, 400)) {
			Instance waiting = instance(settings(WhenUnavailable.LOCAL));
			long before = scripts();
			long begin = System.nanoTime();
			// they wait, give up and come again
			Flux.range(0, callers)
				.flatMap((caller) -> waiting.quota.acquire(this.request)
					.timeout(Duration.ofMillis(30))
					.onErrorComplete()
					.repeat(), callers)
				.take(Duration.ofSeconds(2))
				.blockLast(PATIENCE);
			long sent = scripts() - before;
			long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
			// one in 20 ms for those that wait, two renewals a second, and the probes
			long most = millis / 20 + 2 * (millis / 500 + 1) + 5;
			assertThat(sent).as(callers + " callers in " + millis + " ms").isBetween(2L, most);
			waiting.die();
		}
	}

	// by Redis' own count
	private long scripts() {
		return new StringRedisTemplate(this.instances.get(0).factory).execute((RedisCallback<Long>) (connection) -> {
			Properties stats = connection.serverCommands().info("commandstats");
			return Stream.of("cmdstat_eval", "cmdstat_evalsha")
				.map((name) -> stats.getProperty(name, "calls=0,"))
				.mapToLong((stat) -> Long.parseLong(stat.replaceAll("calls=(\\d+),.*", "$1")))
				.sum();
		});
	}

	@Test
	void aClockOfRedisThatWasSetBackDoesNotKeepPermitsForLong() {
		StringRedisTemplate redis = new StringRedisTemplate(instance(settings(WhenUnavailable.LOCAL)).factory);
		String keys = "test:permits:{a/one/chat}:";
		long future = System.currentTimeMillis() + Duration.ofHours(1).toMillis();
		redis.opsForHash().put(keys + "held", "since", Long.toString(future));
		Instance instance = this.instances.get(0);
		await("all of them", () -> {
			List<Permit> permits = acquireAll(instance, LIMIT);
			permits.forEach(Permit::release);
			return permits.size() == LIMIT;
		});
	}

	@Test
	void aLimitThatNobodyUsedForLongIsThereAtOnce() {
		// a wait of half a second, and two seconds for the others in an empty Redis
		Instance instance = new Instance(RedisServers.port(this.server),
				new SharedSettings("test:", Duration.ofMillis(500), Duration.ofSeconds(4), WhenUnavailable.LOCAL, 3),
				RoutingSettings.builder().maxConcurrent(LIMIT).maxWait(Duration.ofMillis(1)).build());
		this.instances.add(instance);
		StringRedisTemplate redis = new StringRedisTemplate(instance.factory);
		redis.opsForValue().set("test:since", "1000");
		await("Redis runs for longer", () -> redis.execute((RedisCallback<Boolean>) (connection) -> Integer
			.parseInt(connection.serverCommands().info("server").getProperty("uptime_in_seconds")) >= 3));
		assertThat(acquireAll(instance, LIMIT)).hasSize(LIMIT);
	}

	@Test
	void whatAStartedRedisLoadedDoesNotTellWhatIsInUse() {
		Instance instance = instance(settings(WhenUnavailable.LOCAL));
		new StringRedisTemplate(instance.factory).opsForValue().set("test:since", "1000");
		assertThat(instance.redis.age().block(PATIENCE)).isLessThan(PATIENCE);
	}

	@Test
	void aRedisThatDoesNotWriteIsAGoneOne() {
		Instance instance = instance(settings(WhenUnavailable.LOCAL));
		AtomicInteger changes = new AtomicInteger();
		instance.redis.addListener((available) -> changes.incrementAndGet());
		StringRedisTemplate redis = new StringRedisTemplate(instance.factory);
		// as without memory, or as a replica
		config(redis, "1");
		acquireAll(instance, 1).forEach(Permit::release);
		await("gone", () -> !instance.redis.isAvailable());
		// probes come meanwhile
		Mono.delay(Duration.ofMillis(2500)).block();
		acquireAll(instance, 1).forEach(Permit::release);
		assertThat(changes).as("gone once, not again with each probe").hasValue(1);
		config(redis, "0");
		await("back", instance.redis::isAvailable);
	}

	private static void config(StringRedisTemplate redis, String replicas) {
		redis.execute((RedisCallback<Object>) (connection) -> {
			connection.serverCommands().setConfig("min-replicas-to-write", replicas);
			return null;
		});
	}

	@Test
	void theKeysOfAScriptAreInOneSlotOfACluster() {
		for (String prefix : List.of("deepseek:", "", "{app}:", "a{b:", "a}b:")) {
			for (String provider : List.of("a", "limiter:}x{}", "limiter:{}")) {
				List<String> keys = RedisProviderQuota.keys(prefix, provider, "one", "a/b:{c}");
				assertThat(keys).allMatch((key) -> key.startsWith(prefix));
				assertThat(keys.stream().map(SlotHash::getSlot).distinct()).as(keys.toString()).hasSize(1);
			}
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new SharedSettings("a{}:", Duration.ofMillis(50), Duration.ofSeconds(10),
					WhenUnavailable.LOCAL, 2))
			.withMessageContaining("{}");
	}

	@Test
	@DisabledOnOs(OS.WINDOWS)
	void aRedisThatStandsStillIsAGoneOne() throws Exception {
		Instance instance = instance(
				new SharedSettings("test:", Duration.ofMillis(200), Duration.ofSeconds(2), WhenUnavailable.LOCAL, 3));
		acquire(instance).release();
		signal("STOP");
		List<Permit> permits = acquireAll(instance, 4);
		assertThat(permits).as("its part of the limit").hasSize(4);
		await("gone", () -> !instance.redis.isAvailable());
		assertThat(instance.quota.tryAcquire(this.request)).isNull();
		long begin = System.nanoTime();
		permits.get(0).release();
		assertThat(instance.quota.tryAcquire(this.request)).as("without Redis").isNotNull();
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(200));
		signal("CONT");
		await("back", instance.redis::isAvailable);
		assertThat(acquireAll(instance, LIMIT - 4)).hasSize(LIMIT - 4);
	}

	@Test
	@DisabledOnOs(OS.WINDOWS)
	void aCallWaitsForRedisForNoLongerThanItsTimeAndOnce() throws Exception {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		TransportClock clock = TransportClock.of(time);
		Instance instance = new Instance(RedisServers.port(this.server), SharedSettings.DEFAULTS,
				RoutingSettings.builder().maxConcurrent(LIMIT).build(), clock, () -> time.advanceTimeBy(Duration.ZERO));
		this.instances.add(instance);
		signal("STOP");
		try {
			AtomicInteger given = new AtomicInteger();
			List<Permit> permits = new CopyOnWriteArrayList<>();
			for (int call = 0; call < 100; call++) {
				instance.quota.acquire(this.request).subscribe((permit) -> {
					given.incrementAndGet();
					permits.add(permit);
				});
			}
			time.advanceTimeBy(Duration.ofMillis(49));
			assertThat(given).hasValue(0);
			assertThat(instance.redis.isAvailable()).isTrue();
			time.advanceTimeBy(Duration.ofMillis(1));
			assertThat(instance.redis.isAvailable()).isFalse();
			assertThat(given).as("the part of one of two instances").hasValue(LIMIT / 2);
			long commands = instance.redis.commands();
			for (int call = 0; call < 94; call++) {
				permits.remove(0).release();
				time.advanceTimeBy(Duration.ZERO);
			}
			assertThat(given).as("all of them, and no further wait").hasValue(100);
			assertThat(instance.redis.commands()).isEqualTo(commands);
			permits.forEach(Permit::release);
			assertThat(instance.quota.tryAcquire(this.request)).isNotNull();
		}
		finally {
			signal("CONT");
		}
	}

	private void signal(String signal) throws Exception {
		String pid = new StringRedisTemplate(this.instances.get(0).factory)
			.execute((RedisCallback<String>) (connection) -> this.pid = (this.pid != null) ? this.pid
					: connection.serverCommands().info("server").getProperty("process_id"));
		assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
	}

	@Test
	void aRedisThatIsGoneLeavesOpenOrClosedAsAskedFor() throws Exception {
		Instance open = instance(settings(WhenUnavailable.OPEN));
		Instance closed = instance(settings(WhenUnavailable.CLOSED));
		acquire(open).release();
		acquire(closed).release();
		this.server.stop();
		await("gone", () -> {
			acquireAll(open, 1).forEach(Permit::release);
			acquireAll(closed, 1).forEach(Permit::release);
			return !open.redis.isAvailable() && !closed.redis.isAvailable();
		});
		assertThat(acquireAll(open, 5 * LIMIT)).hasSize(5 * LIMIT);
		assertThat(closed.quota.tryAcquire(this.request)).isNull();
		assertThat(closed.quota.acquire(this.request).materialize().block(PATIENCE).getThrowable())
			.isInstanceOf(DeepSeekException.class)
			.hasMessageContaining("deepseek.shared.when-unavailable");
	}

	@Test
	void aRedisThatLostAllLearnsWhatIsInUse() {
		Instance first = instance(settings(WhenUnavailable.LOCAL));
		Instance second = instance(settings(WhenUnavailable.LOCAL));
		List<Permit> held = acquireAll(first, 8);
		assertThat(held).hasSize(8);
		new StringRedisTemplate(first.factory).execute((RedisCallback<Object>) (connection) -> {
			connection.serverCommands().flushAll();
			return null;
		});
		assertThat(acquireAll(second, LIMIT)).as("its part, while the others are not known").hasSize(4);
	}

	/**
	 * An instance of an application.
	 */
	private static final class Instance {

		final LettuceConnectionFactory factory;

		final SharedRedis redis;

		final RedisProviderQuota quota;

		Instance(int port, SharedSettings settings, RoutingSettings limits) {
			this(port, settings, limits, TransportClock.system(), () -> {
			});
		}

		Instance(int port, SharedSettings settings, RoutingSettings limits, TransportClock clock, Runnable time) {
			this.factory = RedisServers.connect(port);
			this.redis = new SharedRedis(this.factory, settings, clock);
			this.quota = new RedisProviderQuota(this.redis, (provider) -> limits);
			this.redis.start();
			this.quota.start();
			time.run();
			await("connected", this.redis::isAvailable);
		}

		void die() {
			this.quota.stop();
			this.redis.stop();
			this.factory.stop();
		}

		void close() {
			die();
			this.factory.destroy();
		}

	}

}
