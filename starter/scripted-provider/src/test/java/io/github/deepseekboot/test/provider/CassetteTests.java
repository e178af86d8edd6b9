package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link Cassette}: a scripted provider is the real host, another one the
 * recorder.
 */
class CassetteTests {

	private static final String REAL_KEY = "sk-real-0123456789-abcdef-zyxw";

	// with what JSON, addresses and Base64 write otherwise
	private static final String AWKWARD_KEY = "AWKWARD/q9+q9/AWKWARD=q9-zyxw";

	private final ScriptedProvider host = ScriptedProvider.start("deepseek");

	private final ScriptedProvider deepseek = ScriptedProvider.start("deepseek");

	private final TestClient client = new TestClient(this.deepseek);

	@TempDir
	private Path folder;

	private Path file;

	@BeforeEach
	void file() {
		this.file = this.folder.resolve("cassettes/poems.json");
		this.host.acceptKeys(REAL_KEY);
	}

	@AfterEach
	void stop() {
		this.deepseek.close();
		this.host.close();
	}

	@Test
	void whatWasRecordedIsReplayedWithoutTheHost() {
		this.host.thinks("Hm").answers("Drip, drop").usage(10, 7);
		this.host.answers("Plain");
		this.host.fails(429).retryAfter(Duration.ofSeconds(2));
		insert(RecordMode.ALL);
		String stream = this.client.post(streamed("rain")).body();
		JsonNode completion = this.client.complete(question("snow"));
		HttpResponse<String> failure = this.client.post(question("hail"));
		assertThat(stream).contains("[DONE]");
		assertThat(this.host.calls()).hasSize(3);
		Cassette cassette = insert(RecordMode.NONE);
		assertThat(cassette.unused()).isEqualTo(3);
		HttpResponse<String> replayed = this.client.post(question("hail"));
		assertThat(replayed.statusCode()).isEqualTo(429);
		assertThat(replayed.body()).isEqualTo(failure.body());
		assertThat(replayed.headers().firstValue("Retry-After")).hasValue("2");
		assertThat(this.client.complete(question("snow"))).isEqualTo(completion);
		HttpResponse<String> events = this.client.post(streamed("rain"));
		assertThat(events.body()).isEqualTo(stream);
		assertThat(events.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
		assertThat(cassette.unused()).isZero();
		assertThat(this.host.calls()).hasSize(3);
		assertThatNoException().isThrownBy(this.deepseek::verify);
	}

	@Test
	void testsThatShareAFileRecordItTogether() {
		this.host.answers("Old").times(2);
		insert(RecordMode.MISSING);
		this.client.complete(question("hail"));
		this.host.answers("Drip, drop");
		this.host.answers("Plain");
		insert(RecordMode.ALL);
		insert(RecordMode.ALL);
		this.client.complete(question("rain"));
		insert(RecordMode.ALL);
		this.client.complete(question("snow"));
		Cassette cassette = insert(RecordMode.NONE);
		assertThat(cassette.unused()).isEqualTo(3);
		this.client.complete(question("rain"));
		this.client.complete(question("snow"));
		assertThatNoException().isThrownBy(this.deepseek::verify);
	}

	@Test
	void theFileIsReadable() throws IOException {
		this.host.answers("Drip, drop").pace(Duration.ofMillis(20));
		insert(RecordMode.ALL);
		this.client.post(streamed("rain"));
		JsonNode exchange = Json.parse(Files.readString(this.file)).at("/exchanges/0");
		assertThat(exchange.at("/request/messages/0/content").asString()).isEqualTo("rain");
		JsonNode frames = exchange.at("/response/frames");
		assertThat(frames.size()).isGreaterThan(4);
		assertThat(frames.path(0).path("text").asString()).startsWith("data: {").endsWith("}\n\n");
		assertThat(frames.path(frames.size() - 1).path("at").asLong())
			.isGreaterThan(frames.path(0).path("at").asLong());
		assertThat(exchange.at("/response/end").asString()).isEqualTo("complete");
		assertThat(Files.readString(this.file).lines().count()).isGreaterThan(20);
	}

	@Test
	void nothingSecretIsWritten() throws IOException {
		this.host.fails(new ProviderError(401, "application/json",
				"{\"error\":{\"message\":\"Your api key: ****zyxw is invalid, " + REAL_KEY + " that is\"}}",
				Map.of("Set-Cookie", "session=secret-cookie", "x-account", "secret-account")));
		this.deepseek.replays(cassette(RecordMode.ALL).redact("/metadata/tenant")
			.redact((text) -> text.replace("Ida Berg", "somebody"))
			.build());
		ObjectNode question = question("I am Ida Berg").put("user", "ida-42");
		question.putObject("metadata").put("tenant", "acme-inc").put("color", "blue");
		assertThat(this.client.post(question).body()).contains(REAL_KEY);
		assertThat(Files.readString(this.file))
			.doesNotContain(REAL_KEY, "zyxw", "secret-cookie", "secret-account", "Ida Berg", "ida-42", "acme-inc",
					TestClient.KEY, "Authorization")
			.contains("I am somebody", "blue");
		this.deepseek.replays(cassette(RecordMode.NONE).redact("/metadata/tenant")
			.redact((text) -> text.replace("Ida Berg", "somebody"))
			.build());
		assertThat(this.client.post(question).statusCode()).isEqualTo(401);
		assertThatNoException().isThrownBy(this.deepseek::verify);
	}

	@ParameterizedTest
	@ValueSource(strings = { "%s", "You said %s.", "https://host.invalid/?key=%s&x=1", "{\"authorization\":\"%s\"}",
			"Bearer %s", "API-KEY: %s", "x-api-key=%s;" })
	void theKeyIsNowhereInAnswersNorInErrors(String text) throws IOException {
		String said = text.formatted(AWKWARD_KEY);
		this.host.acceptKeys();
		this.host.answers(said);
		this.host.fails(new ProviderError(400, "application/json",
				Json.object().set("error", Json.object().put("message", said)).toString(), Map.of()));
		this.host.fails(new ProviderError(502, "text/html", "<p>" + said + "</p>", Map.of("Retry-After", "1")));
		this.host.answers("Well").calls("remember", Map.of("secret", said));
		this.deepseek.replays(cassette(RecordMode.ALL).host(this.host.baseUrl(), AWKWARD_KEY).build());
		for (ObjectNode question : List.of(question(said), question("b"), question("c"), streamed("d"))) {
			this.client.post(question);
		}
		assertNothingOfTheKey();
	}

	// each a way in which hosts and models repeat a key
	static Stream<String> spellings() {
		Base64.Encoder base64 = Base64.getEncoder();
		return Stream.of(AWKWARD_KEY, URLEncoder.encode(AWKWARD_KEY, StandardCharsets.UTF_8),
				base64.encodeToString(bytes(AWKWARD_KEY)), base64.encodeToString(bytes("me:" + AWKWARD_KEY)),
				base64.encodeToString(bytes("x" + AWKWARD_KEY + "y")),
				Base64.getUrlEncoder().withoutPadding().encodeToString(bytes("Jo:" + AWKWARD_KEY)),
				AWKWARD_KEY.replace("/", "\\/"), AWKWARD_KEY.replace("+", "\\u002B"),
				AWKWARD_KEY.chars().mapToObj("\\u%04x"::formatted).collect(Collectors.joining()));
	}

	@ParameterizedTest
	@MethodSource("spellings")
	void theKeyIsTakenOutHoweverItIsWritten(String spelling) throws IOException {
		this.host.acceptKeys();
		this.host.sends("text/event-stream",
				"data: {\"choices\":[{\"delta\":{\"content\":\"<%s>\"}}]}\r\n\r\n: <%s>\r\n\r\n".formatted(spelling,
						spelling));
		this.host.sends("application/json", "{\"choices\":[],\"note\":\"<%s>\"}".formatted(spelling));
		this.host.sends("text/plain", "<%s>".formatted(spelling));
		this.deepseek.replays(cassette(RecordMode.ALL).host(this.host.baseUrl(), AWKWARD_KEY).build());
		this.client.post(streamed("a"));
		this.client.post(question("b"));
		this.client.post(question("c"));
		assertNothingOfTheKey();
		assertThat(Files.readString(this.file)).contains("redacted").doesNotContain(spelling, Json.write(spelling));
	}

	static Stream<Arguments> brokenOff() {
		String text = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s";
		String event = text + "\"}}]}\n\n";
		String sixth = AWKWARD_KEY.substring(0, 6);
		String most = AWKWARD_KEY.substring(0, AWKWARD_KEY.length() - 1);
		return Stream.of(Arguments.of("text/event-stream", event.formatted("It is ") + text.formatted(sixth)),
				Arguments.of("text/event-stream", event.formatted("It is ") + text.formatted(most)),
				// what a text event breaks off with stands in the next
				Arguments.of("text/event-stream",
						event.formatted("AWK") + text.formatted(AWKWARD_KEY.substring(3, AWKWARD_KEY.length() - 4))),
				Arguments.of("text/event-stream", event.formatted("AWKWARD") + event.formatted("/q9+")),
				Arguments.of("text/event-stream", event.formatted("It is ") + "event: x\n" + text.formatted(most)),
				Arguments.of("text/event-stream", "upstream refuses " + most),
				Arguments.of("application/json", "{\"choices\":[{\"message\":{\"content\":\"" + most),
				// at the most tokens
				Arguments.of("application/json", "{\"choices\":[{\"message\":{\"content\":\"It is " + most + "\"}}]}"),
				Arguments.of("text/plain", "You said " + Base64.getEncoder().encodeToString(bytes(most)) + "\n"));
	}

	@ParameterizedTest
	@MethodSource("brokenOff")
	void aKeyThatBreaksOffIsTakenOutToo(String type, String body) throws IOException {
		this.host.acceptKeys();
		this.host.sends(type, body);
		this.deepseek.replays(cassette(RecordMode.ALL).host(this.host.baseUrl(), AWKWARD_KEY).build());
		assertThat(this.client.post(streamed("a")).body()).isEqualTo(body);
		assertNothingOfTheKey();
		assertThat(Files.readString(this.file)).doesNotContain("AWKWAR");
		this.deepseek.replays(cassette(RecordMode.NONE).build());
		String replayed = this.client.post(streamed("a")).body();
		assertThat(replayed).startsWith(body.substring(0, 7)).contains("redact");
		assertThat(replayed.endsWith("\n\n")).isEqualTo(body.endsWith("\n\n"));
	}

	private void assertNothingOfTheKey() throws IOException {
		String file = Files.readString(this.file);
		String decoded = Pattern.compile("[\\w+/-]{16,}")
			.matcher(file)
			.results()
			.flatMap((run) -> IntStream.range(0, 4).mapToObj((start) -> run.group().substring(start)))
			.map((run) -> run.replace('-', '+').replace('_', '/'))
			.map((run) -> new String(Base64.getDecoder().decode(run.substring(0, run.length() / 4 * 4)),
					StandardCharsets.UTF_8))
			.collect(Collectors.joining("\n"));
		assertThat(file + decoded).doesNotContain("AWKWARD", "q9", "zyxw");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3, 7, 1000 })
	void whatIsSaidInPiecesIsRedactedInOnePiece(int length) throws IOException {
		this.host.acceptKeys();
		String text = "I am Ida Berg, my key is " + AWKWARD_KEY + ", remember it.";
		this.host.thinks("the key is " + AWKWARD_KEY + " indeed")
			.answersInPieces(text.split("(?<=\\G.{" + length + "})"))
			.calls("remember", Map.of("key", "sk-0123456789abcdef-zyxw", "after", "that"));
		this.deepseek.replays(cassette(RecordMode.ALL).host(this.host.baseUrl(), AWKWARD_KEY)
			.redact((said) -> said.replace("Ida Berg", "somebody"))
			.build());
		List<JsonNode> events = TestClient.events(this.client.post(streamed("rain")).body());
		assertThat(TestClient.joined(events, "content")).isEqualTo(text);
		assertNothingOfTheKey();
		assertThat(Files.readString(this.file)).doesNotContain("Ida", "Berg");
		this.deepseek.replays(cassette(RecordMode.NONE).build());
		List<JsonNode> replayed = TestClient.events(this.client.post(streamed("rain")).body());
		assertThat(replayed).hasSameSizeAs(events);
		assertThat(TestClient.joined(replayed, "content")).isEqualTo("I am somebody, my key is redacted, remember it.");
		assertThat(TestClient.joined(replayed, "reasoning_content")).isEqualTo("the key is redacted indeed");
		assertThat(Json.parse(TestClient.arguments(replayed, 0)))
			.isEqualTo(Json.tree(Map.of("key", "redacted", "after", "that")));
	}

	@Test
	void fieldsAreTakenOutOfEventsToo() throws IOException {
		this.host.sends("text/event-stream", """
				id: 1
				data: {"user": "ida-42", "choices": [{"delta": {"content": "Drip"}}], "tags": ["acme-inc", "blue"]}

				data: [DONE]

				""");
		this.deepseek.replays(cassette(RecordMode.ALL).redact("/tags/0").build());
		assertThat(this.client.post(streamed("rain")).body()).contains("ida-42", "acme-inc");
		assertThat(Files.readString(this.file)).doesNotContain("ida-42", "acme-inc").contains("id: 1", "Drip", "blue");
	}

	@Test
	void theQueryIsAskedAndNotWritten() throws IOException {
		AtomicReference<String> asked = new AtomicReference<>();
		HttpServer azure = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		azure.createContext("/", (exchange) -> {
			asked.set(exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("api-key"));
			exchange.getResponseHeaders().set("Content-Type", "application/json");
			exchange.getResponseHeaders().set("X-Echo", REAL_KEY);
			exchange.sendResponseHeaders(200, 2);
			exchange.getResponseBody().write(bytes("{}"));
			exchange.close();
		});
		azure.start();
		try {
			String address = "http://127.0.0.1:" + azure.getAddress().getPort() + "/openai";
			this.deepseek.replays(cassette(RecordMode.ALL).host(address, REAL_KEY).build());
			this.client.send(this.client.request("/chat/completions?version=1&key=secret-in-query")
				.header("api-key", "secret-in-header")
				.header("X-Auth-Token", "secret-token")
				.POST(HttpRequest.BodyPublishers.ofString(question("rain").toString()))
				.build());
		}
		finally {
			azure.stop(0);
		}
		assertThat(asked).hasValue("/openai/chat/completions?version=1&key=secret-in-query " + REAL_KEY);
		assertThat(Files.readString(this.file)).doesNotContain("secret", REAL_KEY, "zyxw", TestClient.KEY);
		assertThat(this.deepseek.requests().toString()).doesNotContain("secret", TestClient.KEY);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Incorrect API key provided: sk-real*****zyxw.", "Your api key: ****zyxw is invalid",
			"key sk-re...zyxw", "hf_0123456789zyxw", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6eXh3In0.c2lnLXp5eHc",
			"Authorization: Basic bWU6c2VjcmV0LXp5eHc=", "bce-v3/ALTAK-0123/zyxw", "xai-0123456789zyxw" })
	void whatLooksLikeAKeyIsTakenOut(String text) throws IOException {
		this.host.acceptKeys();
		this.host.answers(text);
		this.deepseek.replays(cassette(RecordMode.ALL).build());
		this.client.post(question("Is ***this*** or sk-1 one? Bearers and basic things are none."));
		assertThat(Files.readString(this.file)).contains("redacted")
			.contains("Is ***this*** or sk-1 one? Bearers and basic things are none.")
			.doesNotContain("zyxw", "6eXh3", "sk-re", "c2lnLXp5eHc", "c2VjcmV0LXp5eHc");
	}

	@Test
	void whatNoLongerFitsSaysWhatDiffers() {
		this.host.answers("Drip, drop");
		insert(RecordMode.ALL);
		this.client.post(question("rain").put("temperature", 0.2));
		insert(RecordMode.NONE);
		assertThat(this.client.post(question("snow").put("top_p", 1)).statusCode()).isEqualTo(400);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.deepseek::verify)
			.withMessageContaining("nothing in " + this.file + " fits any more")
			.withMessageContaining("/messages/0/content: recorded \"rain\", asked \"snow\"")
			.withMessageContaining("/temperature: recorded 0.2, asked nothing")
			.withMessageContaining("/top_p: recorded nothing, asked 1");
	}

	@Test
	void anExchangeIsForOneCall() {
		this.host.answers("Drip, drop");
		insert(RecordMode.ALL);
		this.client.post(question("rain"));
		insert(RecordMode.NONE);
		assertThat(this.client.post(question("rain")).statusCode()).isEqualTo(200);
		assertThat(this.client.post(question("rain")).statusCode()).isEqualTo(400);
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.deepseek::verify)
			.withMessageContaining("each of the 1 exchanges of " + this.file + " was used");
	}

	@Test
	void aMissingCassetteSaysHowToRecord() {
		insert(RecordMode.NONE);
		this.client.post(question("rain"));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(this.deepseek::verify)
			.withMessageContaining(
					"there is no cassette " + this.file + "; record it with -Ddeepseek.test.record=missing");
	}

	@Test
	void onlyWhatIsMissingIsRecorded() {
		this.host.answers("one");
		insert(RecordMode.MISSING);
		this.client.post(question("rain"));
		this.host.answers("two");
		insert(RecordMode.MISSING);
		assertThat(this.client.post(question("rain")).body()).contains("one");
		assertThat(this.client.post(question("snow")).body()).contains("two");
		assertThat(this.host.calls()).hasSize(2);
		assertThat(insert(RecordMode.NONE).unused()).isEqualTo(2);
	}

	@Test
	void aBrokenStreamIsReplayedAsOne() {
		this.host.answers("one two three four").cutsAfter(2);
		insert(RecordMode.ALL);
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> this.client.post(streamed("rain")));
		insert(RecordMode.NONE);
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> this.client.post(streamed("rain")));
		assertThatNoException().isThrownBy(this.deepseek::verify);
	}

	@Test
	void thePaceIsReplayedOnRequest() {
		this.host.answers("one two three four five").pace(Duration.ofMillis(60));
		insert(RecordMode.ALL);
		this.client.post(streamed("rain"));
		this.deepseek.replays(cassette(RecordMode.NONE).paced().build());
		long start = System.nanoTime();
		assertThat(this.client.post(streamed("rain")).body()).contains("five");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
	}

	@Test
	void recordingNeedsAHostAndAKey() {
		assertThatIllegalStateException()
			.isThrownBy(() -> Cassette.at(this.file).mode(RecordMode.ALL).host("http://host.invalid", null).build())
			.withMessageContaining("'deepseek.test.record' is 'all'");
		assertThatIllegalArgumentException().isThrownBy(() -> RecordMode.of("sometimes"))
			.withMessageContaining("none, missing, all");
	}

	private Cassette insert(RecordMode mode) {
		Cassette cassette = cassette(mode).build();
		this.deepseek.reset();
		this.deepseek.replays(cassette);
		return cassette;
	}

	private Cassette.Builder cassette(RecordMode mode) {
		return Cassette.at(this.file).mode(mode).host(this.host.baseUrl(), REAL_KEY);
	}

	private static ObjectNode question(String text) {
		return TestClient.question("deepseek-chat", text);
	}

	private static ObjectNode streamed(String text) {
		return TestClient.streamed(question(text));
	}

}
