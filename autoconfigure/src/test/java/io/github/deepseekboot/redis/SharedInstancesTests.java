package io.github.deepseekboot.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.OS;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import reactor.core.publisher.Flux;
import redis.embedded.RedisServer;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three JVMs with one Redis and a provider that counts. {@code -Dshared.seconds} says how
 * long each phase is measured.
 */
@EnabledIfSystemProperty(named = "shared.seconds", matches = "\\d+",
		disabledReason = "three JVMs take a minute (-Dshared.seconds)")
@DisabledOnOs(OS.WINDOWS)
class SharedInstancesTests {

	private static final int LIMIT = 30;

	private static final int CALLERS = 100;

	private static final Duration COOL_DOWN = Duration.ofSeconds(2);

	private static final Duration LEASE = Duration.ofSeconds(4);

	// much longer than four JVMs on two cores take to hand a permit on
	private static final Duration LATENCY = Duration.ofSeconds(1);

	// of Debian's faketime
	private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1");

	private final long seconds = Long.getLong("shared.seconds");

	@Test
	void theProvidersOwnCountNeverGoesBeyondTheLimit() throws Exception {
		RedisServer redis = RedisServers.start();
		String redisPid = pid(redis);
		List<Instance> instances = new ArrayList<>();
		try (Provider provider = new Provider()) {
			for (int i = 0; i < 3; i++) {
				// the clock of the last one is wrong
				instances.add(new Instance(provider.port(), RedisServers.port(redis), (i < 2) ? "" : "+5m"));
			}
			for (Instance instance : instances) {
				assertThat(instance.started.await(90, TimeUnit.SECONDS)).as(instance.output::toString).isTrue();
			}
			provider.measure(2);
			Measure steady = provider.measure(this.seconds);
			report("three instances", steady);
			long refusedAt = provider.refuseOne();
			List<Long> known = new ArrayList<>();
			for (Instance instance : instances) {
				assertThat(instance.coolDown.await(10, TimeUnit.SECONDS)).isTrue();
				known.add((instance.coolDownAt - refusedAt) / 1_000_000);
			}
			System.out.println("shared: a 429 of one instance is known after " + known + " ms");
			provider.measure(COOL_DOWN.toSeconds() + 1);
			instances.get(0).kill();
			provider.measure(LEASE.toSeconds() + 2);
			Measure afterKill = provider.measure(this.seconds);
			report("after kill -9 of one, and its lease", afterKill);
			signal(redisPid, "STOP");
			// calls from before end
			provider.measure(2);
			Measure without = provider.measure(this.seconds);
			report("without Redis", without);
			signal(redisPid, "CONT");
			provider.measure(4);
			Measure back = provider.measure(this.seconds);
			report("with Redis again", back);
			redis.stop();
			provider.measure(2);
			redis = RedisServers.start(RedisServers.port(redis));
			redisPid = pid(redis);
			Measure restarting = provider.measure(4);
			report("Redis restarted empty, at once", restarting);
			Measure restarted = provider.measure(this.seconds);
			report("Redis restarted empty, later", restarted);
			List<String> results = new ArrayList<>();
			for (Instance instance : instances.subList(1, 3)) {
				results.add(instance.end());
			}
			results.forEach((result) -> System.out.println("shared: " + result));
			assertThat(known).allMatch((millis) -> millis < 1000);
			assertThat(steady.most()).isLessThanOrEqualTo(LIMIT);
			assertThat(afterKill.most()).isLessThanOrEqualTo(LIMIT);
			assertThat(back.most()).isLessThanOrEqualTo(LIMIT);
			// two instances with a third each
			assertThat(without.most()).isLessThanOrEqualTo(2 * LIMIT / 3);
			assertThat(restarting.most()).isLessThanOrEqualTo(LIMIT);
			assertThat(restarted.most()).isLessThanOrEqualTo(LIMIT);
			assertThat(restarted.use()).isGreaterThan(0.9);
			assertThat(steady.use()).isGreaterThan(0.9);
			assertThat(afterKill.use()).isGreaterThan(0.9);
			assertThat(back.use()).isGreaterThan(0.9);
			assertThat(results).allSatisfy((result) -> assertThat(result).contains("ok=").doesNotContain("UNTYPED"));
		}
		finally {
			signal(redisPid, "CONT");
			instances.forEach(Instance::kill);
			redis.stop();
		}
	}

	/**
	 * What a permit script costs Redis, by its own count, with a hundred instances that
	 * hold permits of one account and model.
	 */
	@Test
	void thePermitScriptCostsRedisLittle() throws IOException {
		RedisServer redis = RedisServers.start();
		LettuceConnectionFactory factory = RedisServers.connect(RedisServers.port(redis));
		try {
			ReactiveStringRedisTemplate template = new ReactiveStringRedisTemplate(factory);
			List<String> keys = List.of("permits:{test}:leases", "permits:{test}:held");
			int instances = 100;
			int calls = 20_000;
			long begin = System.nanoTime();
			Flux.range(0, calls)
				.flatMap((call) -> template.execute(RedisProviderQuota.LEASE, keys,
						List.of("instance-" + call % instances, "60000", "50000", "500", "503", "0", "500", "0")), 64)
				.blockLast(Duration.ofMinutes(2));
			double seconds = (System.nanoTime() - begin) / 1e9;
			String stats = new StringRedisTemplate(factory).execute((RedisCallback<String>) (
					connection) -> connection.serverCommands().info("commandstats").getProperty("cmdstat_evalsha"));
			double micros = Double.parseDouble(stats.replaceAll(".*usec_per_call=([0-9.]+).*", "$1"));
			System.out.printf("shared: a permit script among %d instances: %.1f us of Redis, so at most %.0f a second; "
					+ "%.0f a second from one client%n", instances, micros, 1e6 / micros, calls / seconds);
			assertThat(micros).isLessThan(5000);
		}
		finally {
			factory.destroy();
			redis.stop();
		}
	}

	/**
	 * What sharing adds to a call that finds a permit free: three applications in one JVM
	 * are asked in turns, so that what disturbs one disturbs all.
	 */
	@Test
	void whatSharingAddsToACall() throws IOException {
		RedisServer redis = RedisServers.start();
		String[] shared = { "--deepseek.shared.enabled=true", "--spring.data.redis.host=127.0.0.1",
				"--spring.data.redis.port=" + RedisServers.port(redis), "--deepseek.shared.key-prefix=plain:",
				// on a machine that is busy, too
				"--deepseek.shared.max-wait=1s" };
		String[] rated = Stream
			.concat(Stream.of(shared), Stream.of("--deepseek.shared.key-prefix=rated:",
					"--deepseek.limit.requests-per-minute=1000000", "--deepseek.limit.tokens-per-minute=1000000000"))
			.toArray(String[]::new);
		List<ConfigurableApplicationContext> contexts = new ArrayList<>();
		try (ScriptedProvider provider = ScriptedProvider.start("deepseek")) {
			provider.script(Script.answering("hello"));
			for (String[] more : List.of(new String[0], shared, rated)) {
				contexts.add(new SpringApplicationBuilder(SharedInstance.Application.class).web(WebApplicationType.NONE)
					.properties("deepseek.providers.deepseek.api-key=test-key",
							"deepseek.providers.deepseek.base-url=" + provider.baseUrl())
					.run(more));
			}
			List<ChatCompletionTemplate> templates = contexts.stream()
				.map((context) -> context.getBean(ChatCompletionTemplate.class))
				.toList();
			int calls = 5000;
			double[][] micros = new double[templates.size()][calls];
			for (int call = -calls; call < calls; call++) {
				if (call == 0) {
					for (ConfigurableApplicationContext context : contexts.subList(1, contexts.size())) {
						assertThat(context.getBean(SharedRedis.class).isAvailable()).isTrue();
					}
				}
				for (int i = 0; i < templates.size(); i++) {
					// each is the first as often as the others
					int turn = Math.floorMod(call + i, templates.size());
					long begin = System.nanoTime();
					assertThat(templates.get(turn).complete("hi").content()).isEqualTo("hello");
					if (call >= 0) {
						micros[turn][call] = (System.nanoTime() - begin) / 1e3;
					}
				}
			}
			report("nothing", micros[0], micros[0]);
			report("permits and cool-downs", micros[1], micros[0]);
			report("permits, cool-downs and rates", micros[2], micros[0]);
		}
		finally {
			contexts.forEach(ConfigurableApplicationContext::close);
			redis.stop();
		}
	}

	private static void report(String what, double[] micros, double[] unshared) {
		double[] added = new double[micros.length];
		for (int i = 0; i < added.length; i++) {
			added[i] = micros[i] - unshared[i];
		}
		System.out.printf(
				"shared: a call that shares %s: median %.0f us, 99 %% %.0f us; added, of %d pairs: "
						+ "quartiles %.0f, %.0f, %.0f us%n",
				what, quantile(micros, 0.5), quantile(micros, 0.99), added.length, quantile(added, 0.25),
				quantile(added, 0.5), quantile(added, 0.75));
	}

	private static double quantile(double[] values, double part) {
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		return sorted[(int) (part * (sorted.length - 1))];
	}

	private static void report(String phase, Measure measure) {
		System.out.printf("shared: %s: at most %d of %d at once, %.1f %% used, %d calls%n", phase, measure.most(),
				LIMIT, 100 * measure.use(), measure.calls());
	}

	private static String pid(RedisServer server) {
		LettuceConnectionFactory factory = RedisServers.connect(RedisServers.port(server));
		try {
			return new StringRedisTemplate(factory).execute((RedisCallback<String>) (
					connection) -> connection.serverCommands().info("server").getProperty("process_id"));
		}
		finally {
			factory.destroy();
		}
	}

	private static void signal(String pid, String signal) throws Exception {
		new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
	}

	private record Measure(int most, double use, int calls) {

	}

	/**
	 * A JVM.
	 */
	private static final class Instance {

		final CountDownLatch started = new CountDownLatch(1);

		final CountDownLatch coolDown = new CountDownLatch(1);

		volatile long coolDownAt;

		private final CountDownLatch ended = new CountDownLatch(1);

		private final Process process;

		// the first lines, for a start that fails
		private final StringBuffer output = new StringBuffer();

		private volatile String result = "";

		Instance(int provider, int redis, String clock) throws IOException {
			ProcessBuilder builder = new ProcessBuilder(System.getProperty("java.home") + "/bin/java",
					"-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", System.getProperty("java.class.path"),
					SharedInstance.class.getName(), Integer.toString(CALLERS),
					"--deepseek.providers.deepseek.api-key=test-key",
					"--deepseek.providers.deepseek.base-url=http://127.0.0.1:" + provider,
					"--deepseek.limit.max-concurrent=" + LIMIT, "--deepseek.limit.max-wait=60s",
					"--deepseek.shared.enabled=true", "--deepseek.shared.lease=" + LEASE,
					"--deepseek.shared.expected-instances=3", "--deepseek.shared.max-wait=200ms",
					"--spring.data.redis.port=" + redis, "--spring.data.redis.host=127.0.0.1",
					"--spring.docker.compose.enabled=false")
				.redirectErrorStream(true);
			if (!clock.isEmpty()) {
				if (Files.exists(FAKETIME)) {
					// waits are by the monotonic clock: they spin with either default
					builder.environment()
						.putAll(Map.of("LD_PRELOAD", FAKETIME.toString(), "FAKETIME", clock,
								"FAKETIME_DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX", "0"));
				}
				else {
					System.out.println("shared: there is no libfaketime, so that all clocks are right");
				}
			}
			this.process = builder.start();
			Thread reader = new Thread(this::read, "instance");
			reader.setDaemon(true);
			reader.start();
		}

		private void read() {
			try (BufferedReader out = new BufferedReader(
					new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8))) {
				for (String line = out.readLine(); line != null; line = out.readLine()) {
					if (this.output.length() < 10_000) {
						this.output.append(line).append('\n');
					}
					if (line.equals("started")) {
						this.started.countDown();
					}
					else if (line.startsWith(SharedInstance.COOL_DOWN) && this.coolDown.getCount() > 0) {
						this.coolDownAt = Long.parseLong(line.substring(SharedInstance.COOL_DOWN.length()));
						this.coolDown.countDown();
					}
					else if (line.startsWith("commands=")) {
						this.result = line;
					}
					else if (line.contains("Redis")) {
						System.out.println("shared: " + line);
					}
				}
			}
			catch (IOException ex) {
				// killed
			}
			this.ended.countDown();
		}

		String end() throws Exception {
			this.process.getOutputStream().close();
			assertThat(this.ended.await(30, TimeUnit.SECONDS)).isTrue();
			return this.result;
		}

		void kill() {
			this.process.destroyForcibly();
		}

	}

	/**
	 * Answers after a while, and counts who waits.
	 */
	private static final class Provider implements AutoCloseable {

		private static final byte[] ANSWER = """
				{"id": "1", "object": "chat.completion", "created": 1760000000, "model": "deepseek-chat", "choices": [
				{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
				"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}"""
			.getBytes(StandardCharsets.UTF_8);

		private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(8);

		private final HttpServer server;

		private int running;

		private int most;

		private int calls;

		private long busyNanos;

		private long changedAt = System.nanoTime();

		private final AtomicBoolean refusing = new AtomicBoolean();

		private final CompletableFuture<Long> refusedAt = new CompletableFuture<>();

		Provider() throws IOException {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
			this.server.setExecutor(this.executor);
			this.server.createContext("/", this::answer);
			this.server.start();
		}

		int port() {
			return this.server.getAddress().getPort();
		}

		private synchronized void change(int by) {
			long now = System.nanoTime();
			this.busyNanos += this.running * (now - this.changedAt);
			this.changedAt = now;
			this.running += by;
			this.most = Math.max(this.most, this.running);
			this.calls += (by > 0) ? 1 : 0;
		}

		private void answer(HttpExchange exchange) throws IOException {
			change(1);
			exchange.getRequestBody().readAllBytes();
			this.executor.schedule(() -> {
				// before the answer, which frees the permit
				change(-1);
				if (this.refusing.getAndSet(false)) {
					exchange.getResponseHeaders().set("Retry-After", Long.toString(COOL_DOWN.toSeconds()));
					this.refusedAt.complete(System.nanoTime());
					exchange.sendResponseHeaders(429, -1);
					exchange.close();
					return null;
				}
				try (OutputStream out = exchange.getResponseBody()) {
					exchange.getResponseHeaders().set("Content-Type", "application/json");
					exchange.sendResponseHeaders(200, ANSWER.length);
					out.write(ANSWER);
				}
				catch (IOException ex) {
					exchange.close();
				}
				return null;
			}, LATENCY.toMillis(), TimeUnit.MILLISECONDS);
		}

		// a time of System.nanoTime()
		long refuseOne() throws Exception {
			this.refusing.set(true);
			return this.refusedAt.get(30, TimeUnit.SECONDS);
		}

		Measure measure(long seconds) throws InterruptedException {
			long begin;
			synchronized (this) {
				change(0);
				this.most = this.running;
				this.calls = 0;
				this.busyNanos = 0;
				begin = this.changedAt;
			}
			new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
			synchronized (this) {
				change(0);
				return new Measure(this.most, (double) this.busyNanos / (this.changedAt - begin) / LIMIT, this.calls);
			}
		}

		@Override
		public void close() {
			this.server.stop(0);
			this.executor.shutdownNow();
		}

	}

}
