package io.github.deepseekboot.redis;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.ReactiveHealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.ReactiveStringRedisTemplate;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import redis.embedded.RedisServer;

import io.github.deepseekboot.CallLimiter;
import io.github.deepseekboot.CallLimiterFactory;
import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.autoconfigure.DeepSeekSharedAutoConfiguration;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ProviderQuota;
import io.github.deepseekboot.hook.RoutingEvent.ChainChanged;
import io.github.deepseekboot.hook.RoutingListener;
import io.github.deepseekboot.routing.ProviderStatus;
import io.github.deepseekboot.routing.RoutingClient;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeepSeekSharedAutoConfiguration} and {@link RedisRoutingSync}, with
 * two applications at one Redis.
 */
@ExtendWith(OutputCaptureExtension.class)
class SharedApplicationsTests {

	@RegisterExtension
	static final WireMockExtension host = WireMockExtension.newInstance()
		.options(WireMockConfiguration.wireMockConfig().dynamicPort().http2PlainDisabled(true))
		.build();

	private static RedisServer server;

	@BeforeAll
	static void start() {
		server = RedisServers.start();
	}

	@AfterAll
	static void stop() throws IOException {
		server.stop();
	}

	private ApplicationContextRunner runner(String... more) {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class,
					DeepSeekSharedAutoConfiguration.class, DataRedisAutoConfiguration.class))
			.withPropertyValues("deepseek.provider=deepseek", "deepseek.fallback=siliconflow",
					"deepseek.providers.deepseek.api-key=test-key", "deepseek.providers.siliconflow.api-key=test-key",
					"deepseek.providers.deepseek.base-url=" + host.baseUrl() + "/deepseek",
					"deepseek.providers.siliconflow.base-url=" + host.baseUrl() + "/siliconflow",
					"spring.data.redis.port=" + RedisServers.port(server), "deepseek.shared.max-wait=500ms")
			.withPropertyValues(more);
	}

	private static void answer() {
		host.stubFor(post(urlPathMatching("/.*")).willReturn(okJson("""
				{"id": "1", "object": "chat.completion", "created": 1760000000, "model": "some-model", "choices": [
				{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
				"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}""")));
	}

	private static RoutingClient router(ApplicationContext context) {
		return context.getBean(RoutingClient.class);
	}

	private static ProviderStatus status(ApplicationContext context, String provider) {
		RoutingClient router = router(context);
		return router.clients()
			.stream()
			.map((client) -> client.provider())
			.filter((known) -> known.id().equals(provider))
			.map((known) -> router.states().status(provider, known.apiKey()))
			.findFirst()
			.orElseThrow();
	}

	private static Duration await(String what, BooleanSupplier condition) {
		long begin = System.nanoTime();
		while (!condition.getAsBoolean() && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20)) {
			LockSupport.parkNanos(1_000_000);
		}
		assertThat(condition.getAsBoolean()).as(what).isTrue();
		return Duration.ofNanos(System.nanoTime() - begin);
	}

	private static void awaitConnected(ApplicationContext... contexts) {
		for (ApplicationContext context : contexts) {
			await("connected", context.getBean(SharedRedis.class)::isAvailable);
		}
	}

	@Test
	void whatOneLearnsTheOtherKnowsWithinASecond() {
		// whose wall clock is wrong
		ApplicationContextRunner late = runner("deepseek.shared.enabled=true").withBean(InstantSource.class,
				() -> InstantSource.offset(InstantSource.system(), Duration.ofMinutes(5)));
		runner("deepseek.shared.enabled=true").run((first) -> late.run((second) -> {
			awaitConnected(first, second);
			answer();
			host.stubFor(post(urlPathMatching("/deepseek/.*"))
				.willReturn(aResponse().withStatus(429).withHeader("Retry-After", "20").withBody("{\"error\":{}}")));
			assertThat(first.getBean(ChatCompletionTemplate.class).complete("hi").provider()).isEqualTo("siliconflow");
			assertThat(await("the cool-down", () -> status(second, "deepseek").coolDown() == ErrorKind.RATE_LIMITED))
				.isLessThan(Duration.ofSeconds(1));
			Duration left = status(second, "deepseek").coolDownLeft();
			assertThat(left).isBetween(Duration.ofSeconds(17), Duration.ofMillis(20_100));
			host.resetRequests();
			assertThat(second.getBean(ChatCompletionTemplate.class).complete("hi").provider()).isEqualTo("siliconflow");
			host.verify(0, WireMock.postRequestedFor(urlPathMatching("/deepseek/.*")));
			// a shorter one does not shorten it
			router(second).states()
				.coolDown("deepseek", status(second, "deepseek").credential(), ErrorKind.RATE_LIMITED,
						Duration.ofSeconds(1));
			assertThat(status(second, "deepseek").coolDownLeft()).isGreaterThan(Duration.ofSeconds(10));

			router(second).states().reset("deepseek");
			assertThat(await("the reset", () -> status(first, "deepseek").coolDown() == null))
				.isLessThan(Duration.ofSeconds(1));

			router(first).providerSwitch().switchTo("siliconflow");
			assertThat(await("the switch",
					() -> router(second).providerSwitch().chain().providers().get(0).equals("siliconflow")))
				.isLessThan(Duration.ofSeconds(1));
			router(second).providerSwitch().reorder(List.of("deepseek", "siliconflow"));
			await("the switch back",
					() -> router(first).providerSwitch().chain().providers().get(0).equals("deepseek"));
		}));
	}

	@Test
	void aSwitchWhileAnotherIsTakenOverIsShared() {
		ApplicationContextRunner shared = runner("deepseek.shared.enabled=true", "deepseek.shared.key-prefix=both:");
		AtomicReference<RoutingClient> router = new AtomicReference<>();
		RoutingListener back = (event) -> {
			if (event instanceof ChainChanged changed && changed.chain().providers().get(0).equals("siliconflow")) {
				router.get().providerSwitch().switchTo("deepseek");
			}
		};
		shared.run((first) -> shared.withBean(RoutingListener.class, () -> back).run((second) -> {
			router.set(router(second));
			awaitConnected(first, second);
			router(first).providerSwitch().switchTo("siliconflow");
			await("the switch back",
					() -> router(first).providerSwitch().chain().providers().get(0).equals("deepseek"));
		}));
	}

	@Test
	void whatANewerVersionSharesIsNoHarm(CapturedOutput output) {
		ApplicationContextRunner shared = runner("deepseek.shared.enabled=true", "deepseek.shared.key-prefix=newer:");
		shared.run((first) -> shared.run((second) -> {
			awaitConnected(first, second);
			StringRedisTemplate redis = new StringRedisTemplate(first.getBean(RedisConnectionFactory.class));
			String credential = status(first, "deepseek").credential();
			redis.opsForHash()
				.putAll("newer:routing", Map.of("cool:deepseek/" + credential, "9999999999999 OF_A_KIND_TO_COME",
						"cool:siliconflow/" + credential, "soon", "cool:no", "9999999999999"));
			router(first).providerSwitch().switchTo("siliconflow");
			await("the switch", () -> router(second).providerSwitch().chain().providers().get(0).equals("siliconflow"));
			router(second).providerSwitch().switchTo("deepseek");
			await("the switch back",
					() -> router(first).providerSwitch().chain().providers().get(0).equals("deepseek"));
			assertThat(first.getBean(SharedRedis.class).isAvailable()).isTrue();
			// the switch is applied before them
			await("two entries, two instances",
					() -> output.getOut().lines().filter((line) -> line.contains("could not be applied")).count() >= 4);
			assertThat(output.getOut().lines().filter((line) -> line.contains("could not be applied"))).hasSize(4);
		}));
	}

	@Test
	void aPasswordOfRedisIsNotShown(CapturedOutput output) throws IOException {
		RedisServer closed = RedisServer.newRedisServer()
			.port(RedisServers.freePort())
			.bind("127.0.0.1")
			.setting("requirepass other-secret")
			.build();
		closed.start();
		try {
			runner("deepseek.shared.enabled=true",
					"spring.data.redis.url=redis://someone:test-secret@127.0.0.1:" + RedisServers.port(closed))
				.run((context) -> {
					await("noticed", () -> output.getOut().contains("Redis is not available"));
					answer();
					assertThat(context.getBean(ChatCompletionTemplate.class).complete("hi").content())
						.isEqualTo("hello");
					assertThat(context.getBean(ReactiveHealthIndicator.class).health().block().toString())
						.contains("unavailable")
						.doesNotContain("secret");
				});
		}
		finally {
			closed.stop();
		}
		assertThat(output.getAll()).doesNotContain("secret");
	}

	@Test
	void aCallCostsAtMostTwoRoundTrips() {
		assertThat(roundTripsOf(400)).isLessThan(400);
		assertThat(roundTripsOf(400, "deepseek.limit.requests-per-minute=6000",
				"deepseek.limit.tokens-per-minute=6000000"))
			.isLessThanOrEqualTo(2 * 400);
		// so few that instances have to tell each other of nearly each call
		assertThat(
				roundTripsOf(50, "deepseek.limit.requests-per-minute=240", "deepseek.limit.tokens-per-minute=100000"))
			.isLessThanOrEqualTo(2 * 50);
	}

	private long roundTripsOf(int calls, String... limits) {
		AtomicLong sent = new AtomicLong();
		runner("deepseek.shared.enabled=true", "deepseek.shared.key-prefix=cost-" + UUID.randomUUID() + ":")
			.withPropertyValues(limits)
			.run((context) -> {
				answer();
				awaitConnected(context);
				await("shared", context.getBean(RedisRateBuckets.class)::isShared);
				ChatCompletionTemplate template = context.getBean(ChatCompletionTemplate.class);
				template.complete("hi");
				StringRedisTemplate redis = new StringRedisTemplate(context.getBean(RedisConnectionFactory.class));
				long before = roundTrips(redis);
				Flux.range(0, calls)
					.flatMap((call) -> template.completeAsync("hi"), 4)
					.blockLast(Duration.ofMinutes(1));
				// the question how many there were is one of them
				sent.set(roundTrips(redis) - before - 1);
			});
		System.out.println("shared: " + sent + " round trips for " + calls + " calls " + List.of(limits));
		return sent.get();
	}

	// by Redis' own count, without the commands within scripts
	private static long roundTrips(StringRedisTemplate redis) {
		return redis.execute((RedisCallback<Long>) (connection) -> Long
			.parseLong(connection.serverCommands().info("stats").getProperty("total_reads_processed")));
	}

	@Test
	void aMeterAndHealthShowWhetherRedisIsThere() {
		runner("deepseek.shared.enabled=true").run((context) -> {
			awaitConnected(context);
			SimpleMeterRegistry registry = new SimpleMeterRegistry();
			context.getBean(MeterBinder.class).bindTo(registry);
			assertThat(registry.get("deepseek.shared.available").gauge().value()).isOne();
			assertThat(context.getBean(ReactiveHealthIndicator.class).health().block().getDetails())
				.containsEntry("redis", "available");
			context.getBean(SharedRedis.class).failed(new IllegalStateException("test"));
			assertThat(registry.get("deepseek.shared.available").gauge().value()).isZero();
			assertThat(context.getBean(ReactiveHealthIndicator.class).health().block().getDetails().get("redis"))
				.isEqualTo("unavailable; when-unavailable=LOCAL");
			answer();
			assertThat(context.getBean(ChatCompletionTemplate.class).complete("hi").content()).isEqualTo("hello");
		});
	}

	@Test
	void nothingIsSharedUnlessAPropertySaysSo() {
		runner("spring.data.redis.port=1").run((context) -> {
			assertThat(context).doesNotHaveBean(SharedRedis.class).doesNotHaveBean(ProviderQuota.class);
			answer();
			assertThat(context.getBean(ChatCompletionTemplate.class).complete("hi").content()).isEqualTo("hello");
		});
	}

	@Test
	void aQuotaOfTheApplicationStays() {
		runner("deepseek.shared.enabled=true").withBean(ProviderQuota.class, () -> (request) -> Mono.empty())
			.run((context) -> assertThat(context).hasSingleBean(ProviderQuota.class)
				.doesNotHaveBean(RedisProviderQuota.class));
	}

	@Test
	void whatIsMissingIsNamed() {
		runner("deepseek.shared.enabled=true")
			.withClassLoader(new FilteredClassLoader(ReactiveStringRedisTemplate.class))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("deepseek.shared.enabled")
				.hasMessageContaining("spring-boot-starter-data-redis"));
		runner("deepseek.limit.requests-per-minute=60").withClassLoader(new FilteredClassLoader("io.github.bucket4j"))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("deepseek.limit.requests-per-minute")
				.hasMessageContaining("bucket4j_jdk17-core"));
		runner("deepseek.shared.lease=10ms", "deepseek.shared.enabled=true").run((
				context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("deepseek.shared.lease"));
	}

	@Test
	void ratesAreLimitedWithAndWithoutRedis() {
		for (String shared : List.of("false", "true")) {
			runner("deepseek.shared.enabled=" + shared, "deepseek.limit.requests-per-minute=8",
					"deepseek.limit.max-wait=1ms", "deepseek.shared.key-prefix=rates:",
					"deepseek.shared.expected-instances=1")
				.run((context) -> {
					answer();
					if (shared.equals("true")) {
						await("shared", context.getBean(RedisRateBuckets.class)::isShared);
					}
					ChatCompletionTemplate template = context.getBean(ChatCompletionTemplate.class);
					for (int i = 0; i < 4; i++) {
						assertThat(template.complete("hi").provider()).isEqualTo((i < 2) ? "deepseek" : "siliconflow");
					}
				});
		}
	}

	@Test
	void limitsOfTheApplicationAreShared() {
		ApplicationContextRunner shared = runner("deepseek.shared.enabled=true", "deepseek.shared.key-prefix=limiter:");
		shared.run((first) -> shared.run((second) -> {
			List<CallLimiter> concurrent = new ArrayList<>();
			List<CallLimiter> rated = new ArrayList<>();
			CallLimits.Builder limits = CallLimits.builder().maxWait(Duration.ZERO);
			for (ApplicationContext instance : List.of(first, second)) {
				awaitConnected(instance);
				await("shared", instance.getBean(RedisRateBuckets.class)::isShared);
				CallLimiterFactory factory = instance.getBean(CallLimiterFactory.class);
				concurrent.add(factory.create("acme", limits.maxConcurrent(2).requestsPerMinute(0).build()));
				rated.add(factory.create("rated", limits.maxConcurrent(500).requestsPerMinute(400).build()));
			}
			acquire(concurrent.get(0));
			acquire(concurrent.get(1));
			assertThat(concurrent).noneMatch(SharedApplicationsTests::isFree);
			// a quarter at once, what flows in, and what is not reported yet
			long given = IntStream.range(0, 240).filter((call) -> isFree(rated.get(call % 2))).count();
			assertThat(given).isBetween(100L, 160L);
		}));
	}

	private static boolean isFree(CallLimiter limiter) {
		try {
			acquire(limiter).release();
			return true;
		}
		catch (DeepSeekException ex) {
			assertThat(ex.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
			return false;
		}
	}

	private static ProviderQuota.Permit acquire(CallLimiter limiter) {
		return limiter.acquire(ChatRequest.of("hi")).blockOptional(Duration.ofSeconds(20)).orElseThrow();
	}

}
