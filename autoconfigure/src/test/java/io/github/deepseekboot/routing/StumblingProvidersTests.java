package io.github.deepseekboot.routing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.transport.ProviderClient;
import io.github.deepseekboot.transport.TransportClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What callers see when providers refuse a part of the requests, with the settings that
 * hold unless configured. In a time of its own; {@code -Dstumbling.calls} says how many
 * calls are made, {@code -Dstumbling.seconds} how long the same is done over sockets.
 */
class StumblingProvidersTests {

	private static final int CALLS = Integer.getInteger("stumbling.calls", 20_000);

	private static final double STUMBLES = 0.06;

	private static final Duration PACE = Duration.ofNanos(1_000_000_000 / 28);

	private final Random random = new Random(20261126);

	private final SimulatedTime time = new SimulatedTime(this.random);

	private final List<AtomicInteger> sends = new ArrayList<>();

	private final AtomicInteger answered = new AtomicInteger();

	private final AtomicInteger failed = new AtomicInteger();

	@ParameterizedTest
	@CsvSource({ "3, 429, 0.1", "3, 503, 0.1", "3, 500, 0.5", "1, 429, 0.5" })
	void fault120SeveralProvidersThatEachStumbleAreHardlySeen(int providers, int status, double mostPercent) {
		RoutingClient client = client(providers, status, STUMBLES);
		for (int i = 0; i < CALLS; i++) {
			this.time.schedule(() -> call(client, () -> {
			}), i * PACE.toNanos(), TimeUnit.NANOSECONDS);
		}
		runToTheEnd();
		double percent = 100.0 * this.failed.get() / CALLS;
		System.out.printf("stumbling: %d provider(s), %d for %.0f %%: %d of %,d calls failed (%.3f %%), sends %s%n",
				providers, status, STUMBLES * 100, this.failed.get(), CALLS, percent, this.sends);
		assertThat(this.answered.get() + this.failed.get()).isEqualTo(CALLS);
		assertThat(percent).isLessThan(mostPercent);
	}

	@Test
	void whenAllRefuseEachIsAskedOnceForEachCallAndHardlyMore() {
		RoutingClient client = client(3, 429, 1);
		long end = this.time.nanos() + TimeUnit.SECONDS.toNanos(20);
		for (int i = 0; i < 200; i++) {
			this.time.schedule(() -> callAgain(client, end));
		}
		runToTheEnd();
		int calls = this.failed.get();
		System.out.printf("stumbling: 3 providers, 429 for all: %,d calls of 200 callers, sends %s%n", calls,
				this.sends);
		assertThat(this.answered).hasValue(0);
		assertThat(calls).isGreaterThan(1000);
		// the bound of docs/reliability.md
		assertThat(this.sends).allSatisfy((sends) -> assertThat(sends.get()).isLessThan(2 * calls)
			.isLessThanOrEqualTo(calls + RoutingSettings.DEFAULTS.budget()));
	}

	private void callAgain(RoutingClient client, long end) {
		if (end - this.time.nanos() > 0) {
			call(client, () -> this.time.schedule(() -> callAgain(client, end), 20, TimeUnit.MILLISECONDS));
		}
	}

	private void call(RoutingClient client, Runnable then) {
		client.complete(ChatRequest.of("hi")).subscribe((completion) -> {
			this.answered.incrementAndGet();
			then.run();
		}, (failure) -> {
			this.failed.incrementAndGet();
			then.run();
		});
	}

	private void runToTheEnd() {
		while (this.time.runNext()) {
			// until nothing is left to do
		}
	}

	private RoutingClient client(int size, int status, double rate) {
		List<ProviderClient> clients = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			AtomicInteger sends = new AtomicInteger();
			this.sends.add(sends);
			WebClient webClient = WebClient.builder().exchangeFunction((request) -> {
				sends.incrementAndGet();
				boolean stumbles = this.random.nextDouble() < rate;
				return Mono.delay(Duration.ofMillis(stumbles ? 20 : 100 + this.random.nextInt(900)), this.time)
					.map((tick) -> ClientResponse.create(HttpStatusCode.valueOf(stumbles ? status : 200))
						.header(HttpHeaders.CONTENT_TYPE, "application/json")
						.body(stumbles ? "{\"error\":{\"message\":\"not now\"}}" : MisbehavingServer.completion("well"))
						.build());
			}).build();
			clients.add(new ProviderClient(ScriptedProvider.provider("p" + i, "test-key").build(), webClient,
					TransportClock.of(this.time)));
		}
		return RoutingClient
			.builder(clients, new ProviderChain(clients.stream().map((client) -> client.provider().id()).toList()))
			.clock(TransportClock.of(this.time))
			.random((bound) -> Math.floorMod(this.random.nextLong(), bound))
			.build();
	}

	@ParameterizedTest
	@CsvSource({ "429, 0.1", "503, 0.1", "500, 0.5" })
	@EnabledIfSystemProperty(named = "stumbling.seconds", matches = "\\d+")
	void theSameOverSockets(int status, double mostPercent) throws Exception {
		int seconds = Integer.getInteger("stumbling.seconds");
		List<AutoCloseable> resources = new ArrayList<>();
		try {
			RoutingFixture fixture = new RoutingFixture().settings(RoutingSettings.DEFAULTS).recordNothing();
			for (String id : List.of("a", "b", "c")) {
				MisbehavingServer.Behaviour well = MisbehavingServer.answer("well");
				MisbehavingServer server = MisbehavingServer.start((exchange) -> {
					boolean stumbles;
					synchronized (this.random) {
						stumbles = this.random.nextDouble() < STUMBLES;
					}
					if (stumbles) {
						exchange.status(status, "", "{\"error\":{\"message\":\"not now\"}}");
					}
					else {
						well.play(exchange);
					}
				});
				resources.add(server);
				fixture.provider(id, server.port());
			}
			resources.add(0, fixture);
			int calls = (int) (seconds / (PACE.toNanos() / 1e9));
			Flux.interval(PACE)
				.take(calls)
				.onBackpressureBuffer()
				.flatMap((tick) -> fixture.client()
					.complete(ChatRequest.of("hi"))
					.then(Mono.fromRunnable(this.answered::incrementAndGet))
					.onErrorResume((failure) -> Mono.fromRunnable(this.failed::incrementAndGet)), 1000)
				.blockLast(Duration.ofSeconds(seconds + 60L));
			double percent = 100.0 * this.failed.get() / calls;
			System.out.printf("stumbling over sockets: %d: %d of %,d calls failed (%.3f %%)%n", status,
					this.failed.get(), calls, percent);
			assertThat(this.answered.get() + this.failed.get()).isEqualTo(calls);
			assertThat(percent).isLessThan(mostPercent);
		}
		finally {
			for (AutoCloseable resource : resources) {
				resource.close();
			}
		}
	}

}
