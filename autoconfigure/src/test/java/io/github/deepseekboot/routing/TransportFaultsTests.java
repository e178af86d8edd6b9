package io.github.deepseekboot.routing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.web.reactive.function.client.ClientRequest;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.resources.LoopResources;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.hook.RoutingEvent.FailedOver;
import io.github.deepseekboot.hook.RoutingEvent.Retried;
import io.github.deepseekboot.observation.ProviderStateMeters;
import io.github.deepseekboot.routing.MisbehavingServer.EarlyBehaviour;
import io.github.deepseekboot.routing.RoutingFixture.Result;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The faults 1 to 22 of docs/reliability.md. Provider {@code a} misbehaves, provider
 * {@code b} answers.
 */
class TransportFaultsTests extends AbstractRoutingTests {

	private static final String ROLE_ONLY = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";

	private RoutingFixture then(RoutingFixture fixture) throws IOException {
		return fixture.provider("b", server(MisbehavingServer.answer("from b")).port());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault1ConnectionRefused(boolean stream) throws IOException {
		RoutingFixture fixture = then(fixture().provider("a", MisbehavingServer.deadPort()));
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a CONNECTION, a CONNECTION, b ok");
		assertThat(result.text()).isEqualTo("from b");
		assertThat(fixture.events(FailedOver.class)).singleElement()
			.satisfies((event) -> assertThat(event.maybeBilledTwice()).isFalse());
	}

	@Test
	void fault2UnknownHost() throws IOException {
		RoutingFixture fixture = then(fixture().provider("a", "http://nothing.invalid/v1"));
		Result result = fixture.call(false);
		assertThat(result.path()).isEqualTo("a CONNECTION, a CONNECTION, b ok");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault4BadCertificate(boolean stream, @TempDir Path folder) throws Exception {
		MisbehavingServer server = MisbehavingServer.start(selfSigned(folder), MisbehavingServer.answer("forged"));
		this.resources.add(server);
		RoutingFixture fixture = then(fixture().provider("a", "https://localhost:" + server.port() + "/v1"));
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a TLS, b ok");
		assertThat(server.requests()).isZero();
		assertThat(fixture.events(Retried.class)).isEmpty();
	}

	private static ServerSocketFactory selfSigned(Path folder) throws Exception {
		Path file = folder.resolve("server.p12");
		Process keytool = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-alias",
				"server", "-keyalg", "EC", "-dname", "CN=localhost", "-storetype", "PKCS12", "-storepass", "changeit",
				"-keystore", file.toString())
			.redirectErrorStream(true)
			.start();
		keytool.getInputStream().readAllBytes();
		assertThat(keytool.waitFor()).isZero();
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(file)) {
			store.load(in, "changeit".toCharArray());
		}
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(store, "changeit".toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), null, null);
		return context.getServerSocketFactory();
	}

	@Test
	void fault5TlsHang() throws IOException {
		EarlyBehaviour silence = (exchange) -> exchange.awaitClose();
		MisbehavingServer server = server(silence);
		RoutingFixture fixture = then(fixture().provider("a", "https://localhost:" + server.port() + "/v1"));
		Result result = fixture.call(true);
		assertThat(result.path()).isEqualTo("a TLS, b ok");
		assertThat(result.attempts().get(0).elapsed()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault6ConnectBlackhole() throws IOException {
		MisbehavingServer server = MisbehavingServer.blackhole();
		this.resources.add(server);
		RoutingFixture fixture = then(fixture().provider("a", server.port()));
		Result result = fixture.call(true);
		assertThat(result.path()).isEqualTo("a CONNECTION, a CONNECTION, b ok");
		assertThat(result.attempts().get(0).elapsed()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(4));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault7ResetBeforeHeaders(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> exchange.reset());
		RoutingFixture fixture = then(fixture().provider("a", server.port()));
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a STREAM_CLOSED, b ok");
		assertThat(server.requests()).isEqualTo(1);
		assertThat(fixture.events(FailedOver.class)).singleElement()
			.satisfies((event) -> assertThat(event.maybeBilledTwice()).isTrue());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault7ResetBeforeHeadersByTheLastProvider(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> exchange.reset());
		RoutingFixture fixture = fixture().provider("a", server.port());
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a STREAM_CLOSED, a STREAM_CLOSED");
		assertThat(result.error().getKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
		assertThat(server.requests()).isEqualTo(2);
		assertThat(fixture.events(Retried.class)).singleElement()
			.satisfies((event) -> assertThat(event.maybeBilledTwice()).isTrue());
	}

	@Test
	void fault7ResetRightAfterAccept() throws IOException {
		EarlyBehaviour reset = (exchange) -> exchange.reset();
		RoutingFixture fixture = then(fixture().provider("a", server(reset).port()));
		Result result = fixture.call(true);
		assertThat(result.text()).isEqualTo("from b");
		assertThat(result.path()).startsWith("a ").endsWith(", b ok");
		assertThat(result.attempts().get(0).error()).isIn(ErrorKind.CONNECTION, ErrorKind.STREAM_CLOSED);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault8ResetWhileTheRequestIsWritten(boolean stream) throws IOException {
		EarlyBehaviour reset = (exchange) -> {
			exchange.readHead();
			exchange.reset();
		};
		RoutingFixture fixture = then(fixture().provider("a", server(reset).port()));
		Result result = fixture.call(ChatRequest.of("x".repeat(20_000_000)), stream);
		assertThat(result.path()).isEqualTo("a STREAM_CLOSED, b ok");
		assertThat(fixture.events(FailedOver.class)).singleElement()
			.satisfies((event) -> assertThat(event.maybeBilledTwice()).isTrue());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault9StalePooledSocketIsReplacedSilently(boolean stream) throws Exception {
		LoopResources loops = LoopResources.create("stale", 1, true);
		this.resources.add(loops::dispose);
		MisbehavingServer server = server(MisbehavingServer.answer("well"));
		RoutingFixture fixture = fixture().loops(loops).provider("a", server.port());
		assertThat(fixture.call(stream).text()).isEqualTo("well");
		// the event loop learns of the reset only after it sent the next request
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch busy = new CountDownLatch(1);
		EventLoopGroup eventLoop = loops.onClient(true);
		// what follows the end of the first call, such as the return of its connection
		eventLoop.submit(() -> {
		}).sync();
		Mono<String> second = answer(fixture, stream).cache();
		// in one task, so that the event loop cannot check the connection in between
		eventLoop.execute(() -> {
			begun.countDown();
			awaitQuietly(busy);
			second.subscribe((text) -> {
			}, (failure) -> {
			});
		});
		begun.await();
		server.resetAll();
		busy.countDown();
		assertThat(second.block(RoutingFixture.PATIENCE)).isEqualTo("well");
		assertThat(server.connections()).isEqualTo(2);
		assertThat(server.requests()).isEqualTo(2);
		// the pool may see the reset first; the extra send covers one after the request
		long reconnects = fixture.providerClient("a").reconnects();
		assertThat(reconnects + fixture.events(Retried.class).size()).isLessThanOrEqualTo(1);
		MeterRegistry meters = new SimpleMeterRegistry();
		new ProviderStateMeters(fixture.client()).bindTo(meters);
		assertThat(meters.get("deepseek.client.reconnects").tag("provider", "a").functionCounter().count())
			.isEqualTo(reconnects);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault9ResetBetweenThePoolAndTheRequestCostsAReconnectAlone(boolean stream) throws IOException {
		MisbehavingServer server = server(MisbehavingServer.answer("well"));
		AtomicBoolean armed = new AtomicBoolean();
		// the body is written with the head, when the request has its connection
		RoutingFixture fixture = fixture().maxConnections(1)
			.filter((request, next) -> next.exchange(ClientRequest.from(request).body((message, context) -> {
				if (armed.compareAndSet(true, false)) {
					HttpClientRequest connected = ((ClientHttpRequest) message).getNativeRequest();
					resetQuietly(server, ((Connection) connected).channel());
				}
				return request.body().insert(message, context);
			}).build()))
			.provider("a", server.port());
		assertThat(fixture.call(stream).text()).isEqualTo("well");
		armed.set(true);
		Result result = fixture.call(stream);
		assertThat(result.text()).isEqualTo("well");
		assertThat(result.path()).isEqualTo("a ok");
		assertThat(armed).isFalse();
		assertThat(fixture.providerClient("a").reconnects()).isOne();
		assertThat(fixture.events(Retried.class)).isEmpty();
		assertThat(server.connections()).isEqualTo(2);
		assertThat(server.requests()).isEqualTo(2);
	}

	// returns when the client's system knows of the reset, too
	private static void resetQuietly(MisbehavingServer server, Channel channel) {
		try {
			server.resetAll();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		RoutingFixture.await("the reset has arrived",
				() -> !isConnected("tcp", channel) && !isConnected("tcp6", channel));
	}

	// by both ports: one of them alone may be that of another connection, too
	private static boolean isConnected(String protocol, Channel channel) {
		Path table = Path.of("/proc/net", protocol);
		try (Stream<String> lines = Files.exists(table) ? Files.lines(table) : Stream.empty()) {
			return lines.anyMatch((line) -> line.contains(port(channel.localAddress()))
					&& line.contains(port(channel.remoteAddress())));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String port(SocketAddress address) {
		return String.format(":%04X ", ((InetSocketAddress) address).getPort());
	}

	@Test
	void fault9ResetOfAReusedSocketAfterTheRequestIsAmbiguous() throws Exception {
		MisbehavingServer server = server(MisbehavingServer.answer("well"), (exchange) -> exchange.reset(),
				MisbehavingServer.answer("again"));
		// the second call gets the connection of the first, when that is back in the pool
		RoutingFixture fixture = fixture().maxConnections(1).provider("a", server.port());
		assertThat(fixture.call(true).text()).isEqualTo("well");
		Result result = fixture.call(true);
		assertThat(result.path()).isEqualTo("a STREAM_CLOSED, a ok");
		assertThat(server.requests()).isEqualTo(3);
		assertThat(fixture.providerClient("a").reconnects()).isZero();
		assertThat(fixture.events(Retried.class)).singleElement()
			.satisfies((event) -> assertThat(event.maybeBilledTwice()).isTrue());
	}

	private static Mono<String> answer(RoutingFixture fixture, boolean stream) {
		ChatRequest request = ChatRequest.of("hi");
		return stream ? fixture.client().stream(request).collectList().map(RoutingFixture::text)
				: fixture.client().complete(request).map(ChatCompletion::content);
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void fault10ResetBeforeTheFirstToken() throws IOException {
		RoutingFixture fixture = fixture().countBytes();
		then(fixture.provider("a", server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.chunk(ROLE_ONLY);
			RoutingFixture.await("the client has it", () -> fixture.bytesReceived() == ROLE_ONLY.length());
			exchange.reset();
		}).port()));
		Result result = fixture.call(true);
		assertThat(result.path()).isEqualTo("a STREAM_CLOSED, b ok");
		assertThat(result.text()).isEqualTo("from b");
		assertThat(result.deltas()).allSatisfy((delta) -> assertThat(delta.provider()).isEqualTo("b"));
	}

	@Test
	void fault11ResetMidStream() throws IOException {
		RoutingFixture fixture = fixture().countBytes();
		int sent = MisbehavingServer.delta("one ").length() + MisbehavingServer.delta("two").length();
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("one ");
			exchange.token("two");
			RoutingFixture.await("the client has it", () -> fixture.bytesReceived() == sent);
			exchange.reset();
		});
		assertInterrupted(fixture, server, ErrorKind.STREAM_CLOSED, "one two");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault12EndWithoutDone(boolean abruptly) throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("half");
			if (!abruptly) {
				exchange.write("0\r\n\r\n");
			}
			exchange.close();
		});
		assertInterrupted(server, ErrorKind.STREAM_CLOSED, "half");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault12EndWithoutDoneAndToken(boolean abruptly) throws IOException {
		RoutingFixture fixture = then(fixture().provider("a", server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.chunk(ROLE_ONLY);
			if (!abruptly) {
				exchange.write("0\r\n\r\n");
			}
			exchange.close();
		}).port()));
		assertThat(fixture.call(true).path()).isEqualTo("a STREAM_CLOSED, b ok");
	}

	@Test
	void fault13DoneWithoutBlankLine() throws IOException {
		RoutingFixture fixture = fixture().provider("a", server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("whole");
			exchange.chunk("data: [DONE]");
			exchange.write("0\r\n\r\n");
		}).port());
		Result result = fixture.call(true);
		assertThat(result.failure()).isNull();
		assertThat(result.text()).isEqualTo("whole");
		assertThat(result.path()).isEqualTo("a ok");
	}

	@Test
	void fault14StallBeforeHeadersOfAStream() throws IOException {
		MisbehavingServer server = server((exchange) -> exchange.awaitClose());
		RoutingFixture fixture = then(
				fixture().timeouts(RoutingFixture.timeouts(300, 5000, 5000)).provider("a", server.port()));
		assertThat(fixture.call(true).path()).isEqualTo("a TIMEOUT, b ok");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault14StallBeforeHeadersOfABlockingAnswerIsUpToTheTotalTimeout() throws IOException {
		MisbehavingServer server = server((exchange) -> exchange.awaitClose());
		RoutingFixture fixture = then(
				fixture().timeouts(RoutingFixture.timeouts(100, 100, 500)).provider("a", server.port()));
		Result result = fixture.call(false);
		assertThat(result.path()).isEqualTo("a TIMEOUT");
		assertThat(result.error()).hasMessageContaining("total");
		assertThat(result.attempts().get(0).elapsed()).isGreaterThan(Duration.ofMillis(400));
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault14StallAfterHeaders(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write(exchange.wantsStream() ? MisbehavingServer.STREAM_HEAD + "1\r\n\n\r\n"
					: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
			exchange.awaitClose();
		});
		RoutingFixture fixture = then(
				fixture().timeouts(RoutingFixture.timeouts(5000, 300, 9000)).provider("a", server.port()));
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a TIMEOUT, b ok");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault15StallMidStream() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("so far");
			exchange.awaitClose();
		});
		assertInterrupted(server, ErrorKind.TIMEOUT, "so far");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault16EndlessKeepAlivesBeforeTheFirstToken() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.repeatUntilClosed(": keep-alive\n\n", 20);
		});
		RoutingFixture fixture = then(
				fixture().timeouts(RoutingFixture.timeouts(400, 200, 5000)).provider("a", server.port()));
		Result result = fixture.call(true);
		assertThat(result.path()).isEqualTo("a TIMEOUT, b ok");
		assertThat(result.attempts().get(0).elapsed()).isGreaterThan(Duration.ofMillis(350));
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault16EndlessKeepAlivesAfterTheFirstToken() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("a token");
			exchange.repeatUntilClosed(": keep-alive\n\n", 20);
		});
		StreamInterruptedException failure = assertInterrupted(server, ErrorKind.TIMEOUT, "a token");
		assertThat(failure).hasMessageContaining("idle-tokens");
	}

	@Test
	void fault16EndlessBlankLinesBeforeABlockingAnswer() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
			exchange.repeatUntilClosed("\n", 20);
		});
		RoutingFixture fixture = fixture().timeouts(RoutingFixture.timeouts(200, 200, 600))
			.provider("a", server.port());
		assertThat(fixture.call(false).error()).hasMessageContaining("total");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault17OneByteAtATime(boolean stream) throws IOException {
		String answer = "data: {\"choices\":[{\"delta\":{\"content\":\"x";
		MisbehavingServer server = server((exchange) -> {
			exchange.write(exchange.wantsStream() ? MisbehavingServer.STREAM_HEAD
					: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
			for (int i = 0; i < answer.length() - 1; i++) {
				exchange.chunk(answer.substring(i, i + 1));
			}
			exchange.repeatUntilClosed("x", 20);
		});
		RoutingFixture fixture = fixture().timeouts(RoutingFixture.timeouts(5000, 300, 900))
			.provider("a", server.port());
		Result result = fixture.call(stream);
		assertThat(result.error().getKind()).isEqualTo(ErrorKind.TIMEOUT);
		assertThat(result.error()).hasMessageContaining("total");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault18InterimResponses(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 100 Continue\r\n\r\n");
			exchange.write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
			MisbehavingServer.answer("after the hints").play(exchange);
		});
		RoutingFixture fixture = fixture().provider("a", server.port());
		Result result = fixture.call(stream);
		assertThat(result.path()).isEqualTo("a ok");
		assertThat(result.text()).isEqualTo("after the hints");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void fault19NoContent(boolean stream) throws IOException {
		MisbehavingServer server = server((exchange) -> exchange.write("HTTP/1.1 204 No Content\r\n\r\n"));
		RoutingFixture fixture = then(fixture().provider("a", server.port()));
		assertThat(fixture.call(stream).path()).isEqualTo("a EMPTY_RESPONSE, a EMPTY_RESPONSE, b ok");
	}

	@Test
	void fault20ContentLengthTooShort() throws IOException {
		MisbehavingServer server = server((exchange) -> exchange
			.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n"
					+ MisbehavingServer.completion("cut")),
				MisbehavingServer.answer("a fresh socket"));
		RoutingFixture fixture = then(fixture().provider("a", server.port()));
		assertThat(fixture.call(false).path()).isEqualTo("a MALFORMED_RESPONSE, b ok");
		// what was left over must not be taken for the next answer
		Result next = fixture.call(ChatRequest.of("hi").toBuilder().provider("a").build(), false);
		assertThat(next.path()).isEqualTo("a ok");
		assertThat(next.text()).isEqualTo("a fresh socket");
		assertThat(server.connections()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "garbage", "\r\ngarbage", "HTTP/1.1 200 OK\r\nContent-Le",
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{}" })
	void fault20WhatFollowsAnAnswerIsNotTakenForTheNext(String extra) throws IOException {
		String answer = MisbehavingServer.completion("fine");
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + answer.length()
					+ "\r\n\r\n" + answer + extra);
			exchange.awaitClose();
		}, MisbehavingServer.answer("a fresh socket"));
		RoutingFixture fixture = fixture().provider("a", server.port());
		assertThat(fixture.call(false).text()).isEqualTo("fine");
		Result next = fixture.call(false);
		assertThat(next.path()).isEqualTo("a ok");
		assertThat(next.text()).isEqualTo("a fresh socket");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault20WhatComesWithoutARequestClosesTheConnection() throws IOException {
		CountDownLatch answered = new CountDownLatch(1);
		MisbehavingServer server = server((exchange) -> {
			exchange.json(MisbehavingServer.completion("fine"));
			awaitQuietly(answered);
			exchange.json(MisbehavingServer.completion("for nobody"));
			exchange.awaitClose();
		}, MisbehavingServer.answer("a fresh socket"));
		RoutingFixture fixture = fixture().provider("a", server.port());
		assertThat(fixture.call(false).text()).isEqualTo("fine");
		answered.countDown();
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
		assertThat(fixture.call(false).text()).isEqualTo("a fresh socket");
	}

	@Test
	void fault20ContentLengthTooLong() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"
					+ MisbehavingServer.completion("cut"));
			exchange.close();
		});
		RoutingFixture fixture = then(fixture().provider("a", server.port()));
		assertThat(fixture.call(false).path()).isEqualTo("a STREAM_CLOSED, b ok");
	}

	@Test
	void fault21BrokenChunkFraming() throws IOException {
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD + "zz\r\nno chunk\r\n");
			exchange.awaitClose();
		});
		RoutingFixture fixture = then(fixture().provider("a", server.port()));
		assertThat(fixture.call(true).path()).isEqualTo("a MALFORMED_RESPONSE, b ok");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault21BrokenChunkFramingMidStream() throws IOException {
		RoutingFixture fixture = fixture().countBytes();
		int sent = MisbehavingServer.delta("fine").length();
		MisbehavingServer server = server((exchange) -> {
			exchange.write(MisbehavingServer.STREAM_HEAD);
			exchange.token("fine");
			RoutingFixture.await("the client has it", () -> fixture.bytesReceived() == sent);
			exchange.write("zz\r\nno chunk\r\n");
			exchange.awaitClose();
		});
		assertInterrupted(fixture, server, ErrorKind.MALFORMED_RESPONSE, "fine");
		RoutingFixture.await("the client hangs up", () -> server.closedByClient() == 1);
	}

	@Test
	void fault22AnswerBeforeTheRequestWasRead() throws IOException {
		MisbehavingServer other = server(MisbehavingServer.answer("from b"));
		EarlyBehaviour early = (exchange) -> {
			exchange.readHead();
			exchange.status(503, "", "{\"error\":{\"message\":\"busy\"}}");
			exchange.halfClose();
			RoutingFixture.await("the client goes on", () -> other.requests() == 1);
			exchange.awaitClose();
		};
		MisbehavingServer server = server(early, MisbehavingServer.answer("a fresh socket"));
		RoutingFixture fixture = fixture().provider("a", server.port()).provider("b", other.port());
		Result result = fixture.call(ChatRequest.of("x".repeat(20_000_000)), false);
		assertThat(result.text()).isEqualTo("from b");
		Result next = fixture.call(ChatRequest.of("hi").toBuilder().provider("a").build(), false);
		assertThat(next.text()).isEqualTo("a fresh socket");
		assertThat(server.connections()).isEqualTo(2);
	}

	// the stream of provider a breaks after its commit, and provider b is never asked
	private StreamInterruptedException assertInterrupted(MisbehavingServer server, ErrorKind cause, String text)
			throws IOException {
		return assertInterrupted(fixture().timeouts(RoutingFixture.timeouts(5000, 300, 9000)), server, cause, text);
	}

	private StreamInterruptedException assertInterrupted(RoutingFixture fixture, MisbehavingServer server,
			ErrorKind cause, String text) throws IOException {
		MisbehavingServer other = server(MisbehavingServer.answer("from b"));
		fixture.provider("a", server.port()).provider("b", other.port());
		Result result = fixture.call(true);
		assertThat(result.text()).isEqualTo(text);
		assertThat(result.path()).isEqualTo("a STREAM_INTERRUPTED");
		assertThat(result.error()).isInstanceOf(StreamInterruptedException.class);
		StreamInterruptedException interrupted = (StreamInterruptedException) result.error();
		assertThat(interrupted.getCauseKind()).isEqualTo(cause);
		assertThat(interrupted.getPartialContent()).isEqualTo(text);
		assertThat(interrupted.getProvider()).isEqualTo("a");
		assertThat(server.requests()).isEqualTo(1);
		assertThat(other.requests()).isZero();
		return interrupted;
	}

}
