package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
