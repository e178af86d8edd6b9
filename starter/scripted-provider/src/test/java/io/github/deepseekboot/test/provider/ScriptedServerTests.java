package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.ChannelBindException;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * The server itself: its life, its counters, its load.
 */
class ScriptedServerTests {

	private ScriptedServer simulator;

	private ScriptedProvider provider;

	@BeforeEach
	void start() {
		this.simulator = TestClient.simulator();
		this.provider = this.simulator.provider("deepseek");
	}

	@AfterEach
	void stop() {
		this.simulator.close();
	}

	@Test
	void providersHaveTheirOwnAddresses() {
		String root = "http://127.0.0.1:" + this.simulator.port();
		assertThat(this.simulator.baseUrl("deepseek")).isEqualTo(root + "/deepseek");
		assertThat(this.simulator.baseUrl("siliconflow")).isEqualTo(root + "/siliconflow/v1");
		assertThat(this.simulator.baseUrl("alayanew")).isEqualTo(root + "/alayanew/v1");
		assertThat(this.simulator.simulateProvider("lab").baseUrl()).isEqualTo(root + "/lab/v1");
		assertThat(new TestClient(this.simulator.provider("lab")).post(TestClient.question("anything", "Hello"))
			.statusCode()).isEqualTo(200);
		assertThatIllegalArgumentException().isThrownBy(() -> this.simulator.simulateProvider("lab"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.simulator.addProvider("a/b", "openai"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.simulator.provider("nobody"));
	}

	@Test
	void onlyLoopbackIsServed() throws IOException {
		for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
			for (InetAddress address : Collections.list(card.getInetAddresses())) {
				if (!address.isLoopbackAddress()) {
					assertThatExceptionOfType(IOException.class)
						.isThrownBy(() -> new Socket(address, this.simulator.port()).close());
				}
			}
		}
	}

	@Test
	void closeDoesNotFailForThreadsThatAreBusy() {
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		this.provider.script(Script.builder().answer((question) -> {
			busy.countDown();
			await(closed);
			return "late";
		}).build());
		CompletableFuture<Void> call = CompletableFuture
			.runAsync(() -> new TestClient(this.provider).post(TestClient.question("deepseek-chat", "Hi")));
		await(busy);
		try {
			assertThatNoException().isThrownBy(this.simulator::close);
		}
		finally {
			closed.countDown();
		}
		assertThat(call.handle((nothing, failure) -> true)).succeedsWithin(Duration.ofSeconds(10));
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void closeReleasesThePortWhateverGoesOn() throws IOException {
		this.provider.script(Script.failing(Fault.STALL_AFTER));
		int port = this.simulator.port();
		try (RawConnection stalled = new RawConnection(this.provider)
			.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hi")))) {
			assertThat(stalled.read(10_000, "data:")).isEqualTo(RawConnection.End.FOUND);
			this.simulator.close();
			assertThat(stalled.read(10_000, "")).isIn(RawConnection.End.CLOSED, RawConnection.End.RESET);
		}
		assertThatExceptionOfType(ConnectException.class)
			.isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());
		this.simulator.close();
		// the connections end on their event loops
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.inFlight()).isZero());
		Awaitility.await().untilAsserted(() -> assertThat(simulatorThreads()).isEmpty());
		try (ScriptedServer again = ScriptedServer.start(port)) {
			assertThat(again.port()).isEqualTo(port);
			assertThatExceptionOfType(ChannelBindException.class).isThrownBy(() -> ScriptedServer.start(port));
			assertThat(simulatorThreads()).isNotEmpty().allMatch(Thread::isDaemon);
		}
	}

	private static List<Thread> simulatorThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("scripted-provider"))
			.toList();
	}

	@Test
	void requestsAreCounted() {
		TestClient client = new TestClient(this.provider);
		client.post(TestClient.question("deepseek-chat", "Hello"));
		client.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello")));
		client.post(TestClient.question("nothing", "Hello"));
		this.provider.script(Script.failing(500));
		client.post(TestClient.question("deepseek-chat", "Hello"));
		client.get("/models");
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.inFlight()).isZero());
		assertThat(this.provider.received()).isEqualTo(4);
		assertThat(this.provider.completed()).isEqualTo(2);
		assertThat(this.provider.failed()).isEqualTo(2);
		assertThat(this.provider.cancelled()).isZero();
		assertThat(this.simulator.provider("siliconflow").received()).isZero();
	}

	@Test
	void anAnswererThatThrowsIsAFailure() {
		this.provider.script(Script.builder().answer((question) -> {
			throw new IllegalStateException("as the test wants it");
		}).build());
		assertThat(new TestClient(this.provider).post(TestClient.question("deepseek-chat", "Hello")).statusCode())
			.isEqualTo(500);
		assertThat(this.provider.failed()).isOne();
	}

	@Test
	void aClientThatLeavesIsCounted() throws IOException {
		this.provider.script(Script.builder().chunksPerSecond(20).build());
		try (RawConnection connection = new RawConnection(this.provider)) {
			connection.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello")));
			assertThat(connection.read(10_000, "data:")).isEqualTo(RawConnection.End.FOUND);
			assertThat(this.provider.inFlight()).isOne();
		}
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.cancelled()).isOne());
		assertThat(this.provider.inFlight()).isZero();
		assertThat(this.provider.completed()).isZero();
	}

	@Test
	void clientsThatDoNotReadFillNoMemory() throws IOException {
		int clients = 10;
		long limit = 32 * 1024 * 1024;
		this.provider.script(Script.builder().chunks(1_000_000, 100).build());
		List<RawConnection> connections = new ArrayList<>();
		try {
			for (int i = 0; i < clients; i++) {
				RawConnection connection = new RawConnection(this.provider);
				connections.add(connection);
				connection.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello")));
				assertThat(connection.read(10_000, "data:")).isEqualTo(RawConnection.End.FOUND);
			}
			ByteBufAllocatorMetricProvider allocator = (ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT;
			Awaitility.await()
				.during(Duration.ofMillis(300))
				.until(() -> allocator.metric().usedDirectMemory() < limit);
			assertThat(this.provider.inFlight()).isEqualTo(clients);
			assertThat(new TestClient(this.provider).get("/models").statusCode()).isEqualTo(200);
		}
		finally {
			for (RawConnection connection : connections) {
				connection.close();
			}
		}
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.cancelled()).isEqualTo(clients));
	}

	@Test
	void requestsAreKeptWithTheirKeysMasked() {
		TestClient client = new TestClient(this.provider);
		client.post(TestClient.question("deepseek-chat", "Hello"));
		client.get("/models");
		List<ReceivedRequest> requests = this.provider.requests();
		assertThat(requests).extracting(ReceivedRequest::path)
			.containsExactly("/deepseek/chat/completions", "/deepseek/models");
		ReceivedRequest first = requests.get(0);
		assertThat(first.method()).isEqualTo("POST");
		assertThat(first.headers()).containsEntry("AUTHORIZATION", "Bearer ****")
			.containsEntry("content-type", "application/json");
		assertThat(first.json()).isEqualTo(TestClient.question("deepseek-chat", "Hello"));
		assertThat(first.toString()).doesNotContain(TestClient.KEY);
		for (int i = 0; i < 1020; i++) {
			client.post(TestClient.question("deepseek-chat", "number " + i));
		}
		assertThat(this.provider.requests()).hasSize(1000);
		assertThat(this.provider.requests().get(999).body()).contains("number 1019");
		assertThat(this.provider.lastCall().number()).isEqualTo(1021);
	}

	@Test
	void connectionsAreKeptAlive() throws IOException {
		try (RawConnection connection = new RawConnection(this.provider)) {
			this.provider.script(Script.answering("first"));
			connection.post(TestClient.question("deepseek-chat", "Hello"));
			assertThat(connection.read(10_000, "first")).isEqualTo(RawConnection.End.FOUND);
			this.provider.script(Script.answering("second"));
			connection.post(TestClient.streamed(TestClient.question("deepseek-chat", "Hello")));
			assertThat(connection.read(10_000, "[DONE]\n\n\r\n0\r\n\r\n")).isEqualTo(RawConnection.End.FOUND);
			connection.send("GET", "/models", "");
			assertThat(connection.read(10_000, "\"object\":\"list\"")).isEqualTo(RawConnection.End.FOUND);
		}
	}

	@Test
	void manyStreamsRunAtOnce() {
		int streams = 500;
		this.provider.script(Script.builder().chunks(3, 16).chunksPerSecond(2).build());
		ConnectionProvider pool = ConnectionProvider.create("test", streams);
		HttpClient http = HttpClient.create(pool)
			.headers((headers) -> headers.set("Authorization", "Bearer " + TestClient.KEY));
		String body = TestClient.streamed(TestClient.question("deepseek-chat", "Hello")).toString();
		Flux<String> answers = Flux.range(0, streams)
			.flatMap((index) -> http.post()
				.uri(this.provider.baseUrl() + "/chat/completions")
				.send(ByteBufFlux.fromString(Mono.just(body)))
				.responseContent()
				.aggregate()
				.asString(), streams);
		try {
			StepVerifier.create(answers)
				.thenAwait()
				.recordWith(ArrayList::new)
				.thenConsumeWhile((answer) -> answer.endsWith("data: [DONE]\n\n"))
				.consumeRecordedWith((all) -> assertThat(all).hasSize(streams))
				.expectComplete()
				.verify(Duration.ofSeconds(20));
		}
		finally {
			pool.dispose();
		}
		assertThat(this.provider.completed()).isEqualTo(streams);
	}

}
