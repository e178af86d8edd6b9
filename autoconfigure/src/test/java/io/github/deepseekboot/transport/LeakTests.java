package io.github.deepseekboot.transport;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * No network buffer is lost, however a call ends.
 */
class LeakTests {

	private static final String SSE = "text/event-stream";

	private static final String EVENT = Streams.content("x".repeat(2000)) + "\n\n";

	private static final Attempt SILENT = TestProviders.attempt(ChatRequest.of("silence"));

	private final ListAppender<ILoggingEvent> reports = new ListAppender<>();

	private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);

	@BeforeEach
	void listen() {
		assumeThat(ResourceLeakDetector.getLevel()).as("level of Netty's leak detection")
			.isEqualTo(ResourceLeakDetector.Level.PARANOID);
		// what earlier tests lost is not counted here
		collectGarbage();
		this.reports.start();
		this.logger.addAppender(this.reports);
	}

	@AfterEach
	void stopListening() {
		this.logger.detachAppender(this.reports);
	}

	@Test
	void lostBufferWouldBeSeen() {
		PooledByteBufAllocator.DEFAULT.directBuffer(7).writeByte(1);
		Awaitility.await().atMost(TestProviders.SOON).until(() -> {
			collectGarbage();
			return !leaks().isEmpty();
		});
	}

	@Test
	void noCallLosesABuffer() {
		try (TestServer server = TestServer.start(LeakTests::answer)) {
			ProviderClient client = TestProviders.client("deepseek", server);
			ProviderClient limited = TestProviders.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
					new ResponseLimits(1500, 1500), TransportClock.system());
			Flux.range(0, 400)
				.flatMap((n) -> call((n % 5 == 4) ? limited : client, n).onErrorResume((failure) -> Mono.empty()), 16)
				.blockLast(TestProviders.SOON.multipliedBy(2));
			assertThat(server.requests()).hasSizeGreaterThan(100);
		}
		IntStream.range(0, 5).forEach((n) -> collectGarbage());
		assertThat(leaks()).isEmpty();
	}

	private static Mono<?> call(ProviderClient client, int n) {
		Flux<ChatDelta> stream = client.stream(TestProviders.attempt());
		return switch (n % 6) {
			case 0 -> stream.then();
			case 1 -> stream.take(1 + n % 7).then();
			case 2 -> stream.limitRate(1).take(3).then();
			case 3 -> client.stream(SILENT).timeout(Duration.ofMillis(20)).then();
			case 4 -> client.complete(TestProviders.attempt());
			default -> client.complete(SILENT).timeout(Duration.ofMillis(20));
		};
	}

	private static void answer(TestServer.Exchange exchange) throws IOException {
		if (exchange.request().text().contains("silence")) {
			// Reactor Netty may lose a buffer of a call cancelled as its answer begins:
			// https://github.com/reactor/reactor-netty/issues/3683
			exchange.closedByClient(20_000);
			return;
		}
		switch (ThreadLocalRandom.current().nextInt(7)) {
			case 0 -> {
				exchange.head(200, "Content-Type", SSE);
				for (int i = 0; i < 50; i++) {
					exchange.chunk(EVENT);
				}
				exchange.chunk(Streams.done() + "\n\n");
				exchange.end();
			}
			case 1 -> {
				exchange.head(200, "Content-Type", SSE);
				exchange.chunk(EVENT + EVENT.substring(0, 500));
				exchange.reset();
			}
			case 2 ->
				exchange.respond(200, EVENT.repeat(20) + "data: {broken\n\n" + EVENT.repeat(20), "Content-Type", SSE);
			case 3 -> exchange.respond(503, EVENT.repeat(50), "Content-Type", "text/plain");
			case 4 -> exchange.respond(200, "{\"choices\":[{\"message\":{\"content\":\"" + "x".repeat(5000) + "\"}}]}",
					"Content-Type", "application/json");
			case 5 -> {
				exchange.head(200, "Content-Type", "application/json");
				exchange.chunk("{\"choices\":[");
				exchange.reset();
			}
			default -> exchange.respond(200, EVENT.repeat(5) + Streams.done() + "\n\n" + EVENT.repeat(50),
					"Content-Type", SSE);
		}
	}

	private List<ILoggingEvent> leaks() {
		return List.copyOf(this.reports.list)
			.stream()
			.filter((event) -> event.getFormattedMessage().contains("LEAK"))
			.toList();
	}

	private static void collectGarbage() {
		System.gc();
		// a leak is reported when the next buffer is allocated
		for (int i = 0; i < 50; i++) {
			ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
			buffer.release();
		}
	}

}
