package io.github.deepseekboot.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;

import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;
import reactor.test.scheduler.VirtualTimeScheduler;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ModelInfo;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.chat.Usage;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderTimeouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link ProviderClient}, over loopback sockets.
 */
@NullUnmarked
class ProviderClientTests {

	private static final String JSON = "application/json";

	private static final String SSE = "text/event-stream";

	private static final String ANSWER = """
			{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],
			"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""";

	private static final String STREAM = Streams.content("Hi") + "\n\n" + Streams.stop() + "\n\n" + Streams.done()
			+ "\n\n";

	@Test
	void requestHasTheProvidersHeaders() {
		try (TestServer server = TestServer.answering(200, JSON, ANSWER)) {
			Provider provider = TestProviders.builder("deepseek", server.baseUrl() + "/v1/")
				.headers(Map.of("X-Team", "blue"))
				.build();
			TestProviders.client(provider).complete(TestProviders.attempt()).block(TestProviders.SOON);
			TestServer.Request request = server.requests().get(0);
			assertThat(request.method()).isEqualTo("POST");
			assertThat(request.path()).isEqualTo("/v1/chat/completions");
			assertThat(request.headers()).containsEntry("Authorization", "Bearer " + TestProviders.KEY)
				.containsEntry("Content-Type", JSON)
				.containsEntry("Accept", JSON)
				.containsEntry("Accept-Encoding", "identity")
				.containsEntry("X-Team", "blue")
				.containsEntry("Content-Length", Integer.toString(request.body().length));
			assertThat(request.text()).contains("\"model\":\"deepseek-test\"", "\"stream\":false");
		}
	}

	@Test
	void keyGoesIntoTheHeaderOfTheHost() {
		try (TestServer server = TestServer.answering(200, "application/json", "{\"data\":[]}")) {
			ProviderClient client = TestProviders.client("azure", server);
			assertThat(client.models().block(TestProviders.SOON)).isEmpty();
			assertThat(server.requests().get(0).headers()).containsEntry("api-key", TestProviders.KEY)
				.doesNotContainKey("authorization");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"owned_by\":\"o\"},{\"id\":\"n\"}]}",
			"[{\"id\":\"m\",\"owned_by\":\"o\"},{\"id\":\"n\"}]" })
	void modelsMayComeInAnObjectOrAsAList(String body) {
		try (TestServer server = TestServer.answering(200, "application/json", body)) {
			assertThat(TestProviders.client("openai", server).models().block(TestProviders.SOON))
				.containsExactly(new ModelInfo("m", "o", null, null), new ModelInfo("n", null, null, null));
			assertThat(server.requests().get(0).path()).isEqualTo("/models");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"context_window\":1000,\"max_output_tokens\":20",
			"\"context_length\":1000,\"max_completion_tokens\":20", "\"max_model_len\":1000,\"max_output_length\":20",
			"\"context_window\":0,\"context_size\":1000,\"max_output_tokens\":20" })
	void modelsReportHowLongTextsMayBe(String fields) {
		try (TestServer server = TestServer.answering(200, "application/json",
				"{\"data\":[{\"id\":\"m\"," + fields + "}]}")) {
			assertThat(TestProviders.client("deepseek", server).models().block(TestProviders.SOON))
				.containsExactly(new ModelInfo("m", null, 1000L, 20L));
		}
	}

	@Test
	void hostThatNeverListsItsModelsMeetsTheIdleBytesTimeout() {
		try (TestServer server = TestServer.start((exchange) -> exchange.closedByClient(20_000))) {
			Provider provider = TestProviders.builder("openai", server.baseUrl())
				.timeouts(TestProviders.timeouts(Duration.ofMillis(200), Duration.ofSeconds(20)))
				.build();
			DeepSeekException failure = catchThrowableOfType(DeepSeekException.class,
					() -> TestProviders.client(provider).models().block(TestProviders.SOON));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.TIMEOUT);
		}
	}

	@Test
	void streamIsAskedForAsOne() {
		try (TestServer server = TestServer.answering(200, SSE, STREAM)) {
			TestProviders.client("deepseek", server).stream(TestProviders.attempt()).blockLast(TestProviders.SOON);
			assertThat(server.requests().get(0).headers()).containsEntry("Accept", SSE)
				.containsEntry("Accept-Encoding", "identity");
			assertThat(server.requests().get(0).text()).contains("\"stream\":true");
		}
	}

	@Test
	void compressionIsNotAskedForWhateverTheApplicationsBuilderSays() {
		WebClient.Builder builder = WebClient.builder().defaultHeader("Accept-Encoding", "gzip");
		try (TestServer server = TestServer.start((exchange) -> exchange.respond(200,
				exchange.request().method().equals("GET") ? "{\"data\":[]}" : ANSWER, "Content-Type", JSON))) {
			Provider provider = TestProviders.builder("deepseek", server.baseUrl()).build();
			ProviderClient client = new ProviderConnections(builder, null).client(provider,
					new ProviderConnections.Settings(10));
			client.complete(TestProviders.attempt()).block(TestProviders.SOON);
			client.models().block(TestProviders.SOON);
			assertThat(server.requests()).hasSize(2)
				.allSatisfy((request) -> assertThat(request.headers()).containsEntry("Accept-Encoding", "identity"));
		}
	}

	@Test
	void nothingIsSentBeforeTheSubscription() {
		try (TestServer server = TestServer.answering(200, JSON, ANSWER)) {
			ProviderClient client = TestProviders.client("deepseek", server);
			client.stream(TestProviders.attempt());
			client.complete(TestProviders.attempt());
			assertThat(server.accepted()).isZero();
		}
	}

	@Test
	void completeAnswerIsRead() {
		try (TestServer server = TestServer
			.start((exchange) -> exchange.respond(200, ANSWER, "Content-Type", JSON, "x-ds-trace-id", "t1"))) {
			ChatCompletion completion = TestProviders.client("deepseek", server)
				.complete(TestProviders.attempt())
				.block(TestProviders.SOON);
			assertThat(completion.content()).isEqualTo("Hi");
			assertThat(completion.requestId()).isEqualTo("t1");
			assertThat(completion.usage())
				.isEqualTo(Usage.builder().promptTokens(1L).completionTokens(2L).totalTokens(3L).build());
			assertThat(completion.rawJson()).isEqualTo(ANSWER);
		}
	}

	@ParameterizedTest
	@CsvSource({ "200,", "200,application/octet-stream", "200,text/event-stream;charset=utf-8", "200,Text/Event-Stream",
			"201,text/event-stream" })
	void streamMayComeUnderAVagueType(int status, String contentType) {
		try (TestServer server = TestServer.start((exchange) -> exchange.respond(status, STREAM,
				(contentType != null) ? new String[] { "Content-Type", contentType } : new String[0]))) {
			List<ChatDelta> deltas = TestProviders.client("deepseek", server)
				.stream(TestProviders.attempt())
				.collectList()
				.block(TestProviders.SOON);
			assertThat(deltas).hasSize(3);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { JSON, "application/octet-stream", "text/plain", "text/html" })
	void completeAnswerMayComeUnderAnyTypeButThatOfStreams(String contentType) {
		try (TestServer server = TestServer.answering(200, contentType, ANSWER)) {
			assertThat(TestProviders.client("deepseek", server)
				.complete(TestProviders.attempt())
				.block(TestProviders.SOON)
				.content()).isEqualTo("Hi");
		}
	}

	@Test
	void blankLinesBeforeTheJsonAreSkipped() {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			for (int i = 0; i < 5; i++) {
				exchange.chunk("\r\n \t\n");
			}
			exchange.chunk(ANSWER);
			exchange.end();
		})) {
			assertThat(TestProviders.client("deepseek", server)
				.complete(TestProviders.attempt())
				.block(TestProviders.SOON)
				.content()).isEqualTo("Hi");
		}
	}

	@Test
	void blankLinesBeforeTheJsonCountTowardsTheLimit() {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			for (int i = 0; i < 30; i++) {
				exchange.chunk("\n".repeat(100));
			}
			exchange.chunk(ANSWER);
			exchange.end();
		})) {
			ProviderClient client = limited(server, new ResponseLimits(1000, 2000));
			assertThat(Failure.of(client.complete(TestProviders.attempt())).getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "\n", " \r\n\t\n" })
	void emptyAnswerIsAKindOfItsOwn(String body) {
		for (String contentType : List.of(JSON, "text/plain")) {
			try (TestServer server = TestServer.answering(200, contentType, body)) {
				ProviderClient client = TestProviders.client("deepseek", server);
				assertKind(client, ErrorKind.EMPTY_RESPONSE);
			}
		}
		try (TestServer server = TestServer.answering(200, SSE, body)) {
			ProviderClient client = TestProviders.client("deepseek", server);
			assertKind(client, ErrorKind.EMPTY_RESPONSE);
		}
	}

	@Test
	void noContentIsAnEmptyAnswer() {
		try (TestServer server = TestServer
			.start((exchange) -> exchange.raw("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))) {
			assertKind(TestProviders.client("deepseek", server), ErrorKind.EMPTY_RESPONSE);
		}
	}

	@Test
	void jsonForAStreamIsTheWrongType() {
		try (TestServer server = TestServer.answering(200, JSON, ANSWER)) {
			DeepSeekException failure = Failure
				.of(TestProviders.client("deepseek", server).stream(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			assertThat(failure).isNotInstanceOf(StreamInterruptedException.class)
				.hasMessageContaining("wrong content type application/json");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { SSE, "text/plain", "application/x-ndjson", JSON })
	void streamForAWholeAnswerIsReadAllTheSame(String contentType) {
		try (TestServer server = TestServer.answering(200, contentType, "\n" + STREAM)) {
			ChatCompletion completion = TestProviders.client("deepseek", server)
				.complete(TestProviders.attempt())
				.block(TestProviders.SOON);
			assertThat(completion.content()).isEqualTo("Hi");
			assertThat(completion.usage().totalTokens()).isEqualTo(3);
		}
	}

	@Test
	void streamForAWholeAnswerThatEndsEarlyIsCut() {
		try (TestServer server = TestServer.answering(200, SSE, Streams.content("Hel") + "\n\n")) {
			DeepSeekException failure = Failure
				.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
		}
	}

	@Test
	void completeAnswerUnderTheTypeOfStreamsIsRead() {
		try (TestServer server = TestServer.answering(200, SSE, ANSWER)) {
			assertThat(TestProviders.client("deepseek", server)
				.complete(TestProviders.attempt())
				.block(TestProviders.SOON)
				.content()).isNotEmpty();
		}
	}

	@Test
	void whatIsNeitherUnderTheTypeOfStreamsIsTheWrongType() {
		try (TestServer server = TestServer.answering(200, SSE, "all is well")) {
			DeepSeekException failure = Failure
				.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			assertThat(failure).hasMessageContaining("wrong content type text/event-stream");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "text/plain", "application/x-ndjson", "application/json", "text/html" })
	void streamUnderAnotherTypeIsReadWhereItIsOneBeyondDoubt(String contentType) {
		for (String begin : List.of("", "\r\n \n", ": keep-alive\n\n", "event: message\n", "\uFEFF", "retry: 5\n\n")) {
			try (TestServer server = TestServer.start((exchange) -> {
				exchange.head(200, "Content-Type", contentType);
				byte[] body = (begin + STREAM).getBytes(StandardCharsets.UTF_8);
				for (int i = 0; i < 12; i++) {
					exchange.chunk(Arrays.copyOfRange(body, i, i + 1));
				}
				exchange.chunk(Arrays.copyOfRange(body, 12, body.length));
				exchange.end();
			})) {
				List<ChatDelta> deltas = TestProviders.client("deepseek", server)
					.stream(TestProviders.attempt())
					.collectList()
					.block(TestProviders.SOON);
				assertThat(deltas).extracting(ChatDelta::content).startsWith("Hi");
				assertThat(deltas.get(deltas.size() - 1).isLast()).isTrue();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "date: today", "dat", "{\"data\":1}", "<html>data:</html>", "even" })
	void whatOnlyLooksLikeAStreamIsNone(String body) {
		for (String contentType : List.of("text/plain", "application/octet-stream")) {
			try (TestServer server = TestServer.answering(200, contentType, body)) {
				DeepSeekException failure = Failure
					.of(TestProviders.client("deepseek", server).stream(TestProviders.attempt()));
				assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
				assertThat(failure).hasMessageContaining("wrong content type " + contentType);
			}
		}
	}

	@Test
	void errorInJsonForAStreamIsMapped() {
		try (TestServer server = TestServer.answering(200, "text/plain",
				"{\"error\":{\"message\":\"slow down\",\"code\":429}}")) {
			DeepSeekException failure = Failure
				.of(TestProviders.client("deepseek", server).stream(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.RATE_LIMITED);
		}
	}

	@Test
	void floodOfElementsIsALocalLimit() {
		for (String field : List.of("\"tool_calls\":[%s]", "\"logprobs\":{\"content\":[%s]}", "\"new\":[%s]")) {
			String flood = "{},".repeat(4_000_000) + "{}";
			String body = "{\"choices\":[{\"message\":{" + field.formatted(flood) + ",\"content\":\"x\"}}]}";
			try (TestServer server = TestServer.answering(200, JSON, body)) {
				DeepSeekException failure = Failure
					.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()));
				assertThat(failure.getKind()).as(field).isEqualTo(ErrorKind.LOCAL_LIMIT);
			}
		}
	}

	@Test
	void htmlUnderStatus200IsTheWrongType() {
		String page = "<html>\r\n<h1>\u001b[31mSign in</h1>" + "x".repeat(10_000);
		try (TestServer server = TestServer.answering(200, "text/html", page)) {
			ProviderClient client = TestProviders.client("deepseek", server);
			for (DeepSeekException failure : assertKind(client, ErrorKind.MALFORMED_RESPONSE)) {
				assertThat(failure).hasMessageContaining("\\u001b[31mSign in")
					.hasMessageNotContaining("<h1>")
					.hasMessageNotContaining("xxx");
			}
		}
	}

	@Test
	void htmlUnderAnErrorStatusGoesByTheStatus() {
		try (TestServer server = TestServer.answering(502, "text/html", "<html>\n<h1>502 Bad Gateway</h1></html>")) {
			ProviderClient client = TestProviders.client("deepseek", server);
			for (DeepSeekException failure : assertKind(client, ErrorKind.SERVER_ERROR)) {
				assertThat(failure.getStatus()).isEqualTo(502);
				assertThat(failure).hasMessageContaining("502 Bad Gateway");
			}
		}
	}

	@Test
	void errorStatusUnderTheTypeOfStreamsGoesByTheStatusAndItsCode() {
		try (TestServer server = TestServer.answering(429, SSE,
				"data: {\"error\":{\"message\":\"slow down\",\"code\":\"c\"}}\n\ndata: [DONE]\n\n")) {
			ProviderClient client = TestProviders.client("deepseek", server);
			for (DeepSeekException failure : assertKind(client, ErrorKind.RATE_LIMITED)) {
				assertThat(failure.getCode()).isEqualTo("c");
				assertThat(failure).hasMessageContaining("slow down");
			}
		}
		try (TestServer server = TestServer.answering(403, SSE,
				"data: {\"code\":30001,\"message\":\"no balance\",\"data\":null}\n\n")) {
			assertKind(TestProviders.client("siliconflow", server), ErrorKind.OUT_OF_CREDIT);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"choices\":[", "nonsense", "{} {}", "17", "{\"choices\":[{\"index\":-1}]}" })
	void brokenJsonIsMalformed(String body) {
		try (TestServer server = TestServer.answering(200, JSON, body)) {
			DeepSeekException failure = Failure
				.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			assertThat(failure).hasNoCause();
			if (body.startsWith("{\"choices\":[") && !body.endsWith("}")) {
				// how its healthy beginning reads is of no use
				assertThat(failure).hasMessageContaining("ends early, after " + body.length() + " bytes");
			}
			else {
				assertThat(failure).hasMessageContaining(body);
			}
		}
	}

	@Test
	void jsonBeyondTheConstraintsIsMalformed() {
		for (String value : List.of("[".repeat(501) + "]".repeat(501), "1".repeat(10_000))) {
			try (TestServer server = TestServer.answering(200, JSON, "{\"created\":" + value + "}")) {
				DeepSeekException failure = Failure
					.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()));
				assertThat(failure.getKind()).isEqualTo(ErrorKind.MALFORMED_RESPONSE);
			}
		}
	}

	@Test
	void giantAnswerIsCutOff() throws Exception {
		CompletableFuture<Boolean> closed = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			closed.complete(writesFail(exchange, "{\"a\":\"" + "x".repeat(10_000)));
		})) {
			DeepSeekException failure = Failure
				.of(limited(server, new ResponseLimits(1000, 100_000)).complete(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
			assertThat(failure).hasMessageContaining("larger than 100000 bytes");
			assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void answerOfTheLimitFits() {
		try (TestServer server = TestServer.answering(200, JSON, ANSWER)) {
			int size = ANSWER.getBytes(StandardCharsets.UTF_8).length;
			assertThat(limited(server, new ResponseLimits(1000, size)).complete(TestProviders.attempt())
				.block(TestProviders.SOON)
				.content()).isEqualTo("Hi");
			assertThat(Failure.of(limited(server, new ResponseLimits(1000, size - 1)).complete(TestProviders.attempt()))
				.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		}
	}

	@Test
	void giantEventClosesTheConnection() throws Exception {
		CompletableFuture<Boolean> closed = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk("data: ");
			closed.complete(writesFail(exchange, "x".repeat(10_000)));
		})) {
			DeepSeekException failure = Failure
				.of(limited(server, new ResponseLimits(50_000, 1000)).stream(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
			assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void giantErrorIsReadInPart() throws Exception {
		for (boolean stream : new boolean[] { true, false }) {
			CompletableFuture<Boolean> closed = new CompletableFuture<>();
			try (TestServer server = TestServer.start((exchange) -> {
				exchange.head(503, "Content-Type", "text/plain");
				closed.complete(writesFail(exchange, "busy ".repeat(2000)));
			})) {
				ProviderClient client = TestProviders.client("deepseek", server);
				DeepSeekException failure = Failure
					.of(stream ? client.stream(TestProviders.attempt()) : client.complete(TestProviders.attempt()));
				assertThat(failure.getKind()).isEqualTo(ErrorKind.OVERLOADED);
				assertThat(failure).hasMessageContaining("busy busy");
				assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
			}
		}
	}

	@Test
	void errorThatNeverEndsGoesByItsStatus() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		CountDownLatch over = new CountDownLatch(1);
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(503, "Content-Type", JSON);
			exchange.chunk("{\"error\":");
			over.await();
		})) {
			ProviderClient client = TestProviders.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
					ResponseLimits.DEFAULTS, TransportClock.of(time));
			DeepSeekException failure = failureInTime(client, time, Duration.ofSeconds(61));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.OVERLOADED);
			over.countDown();
		}
	}

	@Test
	void compressedAnswerIsRefused() {
		for (String contentType : List.of(JSON, SSE)) {
			try (TestServer server = TestServer.start((exchange) -> exchange.respond(200, gzip(ANSWER), "Content-Type",
					contentType, "Content-Encoding", "gzip"))) {
				ProviderClient client = TestProviders.client("deepseek", server);
				for (DeepSeekException failure : assertKind(client, ErrorKind.MALFORMED_RESPONSE)) {
					assertThat(failure).hasMessageContaining("compressed (gzip)");
				}
			}
		}
	}

	@Test
	void compressionBombIsNeverUnpacked() {
		byte[] bomb = gzip("{\"a\":\"" + "x".repeat(50_000_000));
		assertThat(bomb.length).isLessThan(64 * 1024);
		try (TestServer server = TestServer
			.start((exchange) -> exchange.respond(200, bomb, "Content-Type", JSON, "Content-Encoding", "gzip"))) {
			ProviderClient client = limited(server, new ResponseLimits(100_000, 100_000));
			for (DeepSeekException failure : assertKind(client, ErrorKind.MALFORMED_RESPONSE)) {
				assertThat(failure).hasMessageContaining("compressed (gzip)");
			}
		}
	}

	@Test
	void compressedErrorGoesByItsStatus() {
		try (TestServer server = TestServer.start((exchange) -> exchange.respond(503, gzip("{\"message\":\"busy\"}"),
				"Content-Type", JSON, "Content-Encoding", "gzip"))) {
			ProviderClient client = TestProviders.client("deepseek", server);
			for (DeepSeekException failure : assertKind(client, ErrorKind.OVERLOADED)) {
				assertThat(failure).hasMessageContaining("status 503 and no message");
			}
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "\"insufficient_system_resource\" | half | OVERLOADED", "\"aborted\" | half | OVERLOADED",
					"\"stop\" | | EMPTY_RESPONSE", "null | | EMPTY_RESPONSE", "\"tool_calls\" | | EMPTY_RESPONSE",
					"\"content_filter\" | | CONTENT_FILTERED", "\"content_filter\" | half | ", "\"length\" | | ",
					"null | text | " })
	void finishReasonDecidesWhatAnAnswerIsWorth(String finishReason, String content, ErrorKind kind) {
		String body = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"" + ((content != null) ? content : "")
				+ "\"},\"finish_reason\":" + finishReason + "}]}";
		try (TestServer server = TestServer.answering(200, JSON, body)) {
			ProviderClient client = TestProviders.client("deepseek", server);
			if (kind == null) {
				assertThat(client.complete(TestProviders.attempt()).block(TestProviders.SOON)).isNotNull();
				return;
			}
			assertThat(Failure.of(client.complete(TestProviders.attempt())).getKind()).isEqualTo(kind);
		}
	}

	@Test
	void answerWithOneChoiceGivenUpIsGivenUp() {
		for (String reasons : List.of("aborted,stop", "stop,aborted")) {
			String[] reason = reasons.split(",");
			String body = """
					{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"%s"},
					{"index":1,"message":{"content":"b"},"finish_reason":"%s"}]}""".formatted(reason[0], reason[1]);
			try (TestServer server = TestServer.answering(200, JSON, body)) {
				assertThat(Failure.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()))
					.getKind()).isEqualTo(ErrorKind.OVERLOADED);
			}
		}
	}

	@Test
	void requestThatCannotBeWrittenIsTheCallersFault() {
		List<Object> endless = new ArrayList<>();
		endless.add(endless);
		Attempt attempt = TestProviders.attempt(ChatRequest.builder().user("Hello").extra("x", endless).build());
		try (TestServer server = TestServer.answering(200, JSON, ANSWER)) {
			ProviderClient client = TestProviders.client("deepseek", server);
			for (DeepSeekException failure : List.of(Failure.of(client.stream(attempt)),
					Failure.of(client.complete(attempt)))) {
				assertThat(failure.getKind()).isEqualTo(ErrorKind.INVALID_REQUEST);
				assertThat(failure).hasMessageContaining("cannot be written as JSON");
			}
			assertThat(server.accepted()).isZero();
		}
	}

	@Test
	void answerCutShortIsNoAnswer() {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.raw(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-ds-trace-id: t1\r\nContent-Length: "
					+ (ANSWER.length() + 10) + "\r\n\r\n" + ANSWER)
				.getBytes(StandardCharsets.UTF_8));
			exchange.close();
		})) {
			DeepSeekException failure = Failure
				.of(TestProviders.client("deepseek", server).complete(TestProviders.attempt()));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
			assertThat(failure.getRequestId()).isEqualTo("t1");
			assertThat(failure.getStatus()).isEqualTo(200);
		}
	}

	@Test
	void connectionResetWithinAStreamInterruptsIt() {
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(Streams.content("Hel") + "\n\n" + Streams.content("lo") + "\n\n");
			// the client must have read it before the reset throws it away
			awaitRead();
			exchange.reset();
		})) {
			StreamInterruptedException failure = (StreamInterruptedException) Failure
				.of(TestProviders.client("deepseek", server)
					.stream(TestProviders.attempt())
					.doOnNext((delta) -> delivered(delta.content())));
			assertThat(failure.getCauseKind()).isEqualTo(ErrorKind.STREAM_CLOSED);
			assertThat(failure.getPartialContent()).isEqualTo("Hello");
		}
	}

	private final CountDownLatch read = new CountDownLatch(2);

	private void delivered(String content) {
		if (content != null) {
			this.read.countDown();
		}
	}

	private void awaitRead() throws InterruptedException {
		this.read.await(20, TimeUnit.SECONDS);
	}

	@Test
	void refusedConnectionWasNeverProcessed() throws IOException {
		int port;
		try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = unused.getLocalPort();
		}
		ProviderClient client = TestProviders
			.client(TestProviders.builder("deepseek", "http://127.0.0.1:" + port).build());
		assertKind(client, ErrorKind.CONNECTION);
	}

	@Test
	void silentTlsHandshakeMeetsItsTimeout() throws Exception {
		try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
			ProviderTimeouts timeouts = ProviderTimeouts.builder()
				.connect(Duration.ofSeconds(5))
				.tls(Duration.ofMillis(300))
				.acquire(Duration.ofSeconds(5))
				.idleBytes(Duration.ofSeconds(60))
				.idleTokens(Duration.ofSeconds(120))
				.total(Duration.ofMinutes(20))
				.build();
			assertKind(
					TestProviders.client(TestProviders.builder("deepseek", "https://127.0.0.1:" + silent.getLocalPort())
						.timeouts(timeouts)
						.build()),
					ErrorKind.TLS);
		}
	}

	@Test
	void connectionClosedWithinTheTlsHandshakeIsATlsFailure() {
		// hangs up, because what it reads is no HTTP
		try (TestServer server = TestServer.answering(200, JSON, ANSWER)) {
			String url = server.baseUrl().replace("http:", "https:");
			assertKind(TestProviders.client(TestProviders.builder("deepseek", url).build()), ErrorKind.TLS);
		}
	}

	@Test
	void redirectIsNotFollowed() {
		try (TestServer other = TestServer.answering(200, JSON, ANSWER);
				TestServer server = TestServer.start((exchange) -> exchange.respond(307, "", "Location",
						other.baseUrl() + exchange.request().path()))) {
			assertKind(TestProviders.client("deepseek", server), ErrorKind.REDIRECTED);
			assertThat(other.accepted()).isZero();
		}
	}

	@Test
	void completeAnswerMayBeSilentUntilTheTotalTimeoutExpires() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch over = new CountDownLatch(1);
		try (TestServer server = TestServer.start((exchange) -> {
			asked.countDown();
			over.await();
		})) {
			ProviderClient client = TestProviders.client(TestProviders.builder("deepseek", server.baseUrl()).build(),
					ResponseLimits.DEFAULTS, TransportClock.of(time));
			AtomicReference<Throwable> failure = new AtomicReference<>();
			client.complete(TestProviders.attempt()).subscribe((completion) -> {
			}, failure::set);
			assertThat(await(asked)).isTrue();
			time.advanceTimeBy(Duration.ofMinutes(20).minusMillis(1));
			assertThat(failure).hasNullValue();
			time.advanceTimeBy(Duration.ofMillis(1));
			assertThat(((DeepSeekException) failure.get()).getKind()).isEqualTo(ErrorKind.TIMEOUT);
			assertThat(failure.get()).hasMessageContaining("deepseek.timeout.total");
			over.countDown();
		}
	}

	@Test
	void completeAnswerThatFallsSilentMeetsTheIdleBytesTimeout() {
		VirtualTimeScheduler time = VirtualTimeScheduler.create();
		CountDownLatch over = new CountDownLatch(1);
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			exchange.chunk("\n");
			over.await();
		})) {
			ProviderTimeouts timeouts = TestProviders.timeouts(Duration.ofSeconds(60), Duration.ofSeconds(120));
			ProviderClient client = TestProviders.client(
					TestProviders.builder("deepseek", server.baseUrl()).timeouts(timeouts).build(),
					ResponseLimits.DEFAULTS, TransportClock.of(time));
			DeepSeekException failure = failureInTime(client, time, Duration.ofSeconds(61));
			assertThat(failure.getKind()).isEqualTo(ErrorKind.TIMEOUT);
			assertThat(failure).hasMessageContaining("deepseek.timeout.idle-bytes");
			over.countDown();
		}
	}

	@Test
	void cancellingBeforeTheHeadClosesTheConnection() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CompletableFuture<Boolean> closed = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			asked.countDown();
			closed.complete(exchange.closedByClient(20_000));
		})) {
			ProviderClient client = TestProviders.client("deepseek", server);
			Disposable call = client.stream(TestProviders.attempt()).subscribe();
			assertThat(await(asked)).isTrue();
			call.dispose();
			assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void cancellingAWholeAnswerClosesTheConnection() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CompletableFuture<Boolean> closed = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", JSON);
			exchange.chunk("\n");
			asked.countDown();
			closed.complete(exchange.closedByClient(20_000));
		})) {
			Disposable call = TestProviders.client("deepseek", server).complete(TestProviders.attempt()).subscribe();
			assertThat(await(asked)).isTrue();
			call.dispose();
			assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	@Test
	void cancellingWithinAStreamClosesTheConnection() throws Exception {
		CompletableFuture<Boolean> closed = new CompletableFuture<>();
		try (TestServer server = TestServer.start((exchange) -> {
			exchange.head(200, "Content-Type", SSE);
			exchange.chunk(Streams.content("a") + "\n\n");
			closed.complete(exchange.closedByClient(20_000));
		})) {
			ChatDelta first = TestProviders.client("deepseek", server)
				.stream(TestProviders.attempt())
				.blockFirst(TestProviders.SOON);
			assertThat(first.content()).isEqualTo("a");
			assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
		}
	}

	private static List<DeepSeekException> assertKind(ProviderClient client, ErrorKind kind) {
		List<DeepSeekException> failures = List.of(Failure.of(client.stream(TestProviders.attempt())),
				Failure.of(client.complete(TestProviders.attempt())));
		assertThat(failures).allSatisfy((failure) -> assertThat(failure.getKind()).isEqualTo(kind));
		return failures;
	}

	private static ProviderClient limited(TestServer server, ResponseLimits limits) {
		return TestProviders.client(TestProviders.builder("deepseek", server.baseUrl()).build(), limits,
				TransportClock.system());
	}

	/**
	 * The failure of a complete answer that only comes when virtual time passes.
	 */
	private static DeepSeekException failureInTime(ProviderClient client, VirtualTimeScheduler time, Duration step) {
		Attempt attempt = TestProviders.attempt(ChatRequest.of("Hello"), Duration.ofDays(1000), Duration.ofDays(1000));
		CompletableFuture<ChatCompletion> answer = client.complete(attempt).toFuture();
		Awaitility.await().atMost(TestProviders.SOON).until(() -> {
			time.advanceTimeBy(step);
			return answer.isDone();
		});
		return catchThrowableOfType(DeepSeekException.class, () -> {
			try {
				answer.join();
			}
			catch (CompletionException ex) {
				throw ex.getCause();
			}
		});
	}

	private static boolean await(CountDownLatch latch) {
		try {
			return latch.await(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/**
	 * Write until the client has closed the connection.
	 */
	private static boolean writesFail(TestServer.Exchange exchange, String chunk) {
		try {
			for (int i = 0; i < 10_000; i++) {
				exchange.chunk(chunk);
			}
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

	private static byte[] gzip(String text) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
			out.write(text.getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return bytes.toByteArray();
	}

}
