package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each {@link Fault} as it shows on a socket.
 */
class FaultTests {

	private static final int LONG = 10_000;

	private static final int SHORT = 300;

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

	private static ObjectNode blocking() {
		return TestClient.question("deepseek-chat", "Hello");
	}

	private static ObjectNode streaming() {
		return TestClient.streamed(blocking());
	}

	private void fault(Fault fault) {
		this.provider.script(Script.failing(fault));
	}

	private RawConnection connect() throws IOException {
		return new RawConnection(this.provider);
	}

	private void awaitFailed() {
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.failed()).isOne());
		assertThat(this.provider.inFlight()).isZero();
		assertThat(this.provider.cancelled()).isZero();
	}

	private void awaitCancelled() {
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.cancelled()).isOne());
		assertThat(this.provider.inFlight()).isZero();
		assertThat(this.provider.failed()).isZero();
	}

	@Test
	void refuseResetsBeforeAnyByte() throws IOException {
		fault(Fault.REFUSE);
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(LONG, "")).isEqualTo(RawConnection.End.RESET);
			assertThat(connection.text()).isEmpty();
		}
		awaitFailed();
	}

	@Test
	void refuseHoldsForOtherPagesToo() throws IOException {
		fault(Fault.REFUSE);
		try (RawConnection connection = connect().send("GET", "/models", "")) {
			assertThat(connection.read(LONG, "")).isEqualTo(RawConnection.End.RESET);
		}
		fault(Fault.STALL_BEFORE_HEADERS);
		try (RawConnection connection = connect().send("GET", "/models", "")) {
			assertThat(connection.read(SHORT, "")).isEqualTo(RawConnection.End.SILENT);
		}
		assertThat(this.provider.received()).isZero();
	}

	@Test
	void stallBeforeHeadersSendsNothing() throws IOException {
		fault(Fault.STALL_BEFORE_HEADERS);
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(SHORT, "")).isEqualTo(RawConnection.End.SILENT);
			assertThat(connection.text()).isEmpty();
			assertThat(this.provider.inFlight()).isOne();
		}
		awaitCancelled();
	}

	@Test
	void stallBeforeTheFirstTokenSendsHeaders() throws IOException {
		fault(Fault.STALL_BEFORE_FIRST_TOKEN);
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(LONG, "\r\n\r\n")).isEqualTo(RawConnection.End.FOUND);
			assertThat(connection.read(SHORT, "")).isEqualTo(RawConnection.End.SILENT);
			assertThat(connection.text()).startsWith("HTTP/1.1 200 OK").contains("text/event-stream");
			assertThat(connection.body()).isEmpty();
		}
		awaitCancelled();
	}

	@Test
	void aStallMayBeKeptAlive() throws IOException {
		this.provider
			.script(Script.builder().fault(Fault.STALL_BEFORE_FIRST_TOKEN).keepAlive(Duration.ofMillis(20)).build());
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(LONG, ": keep-alive")).isEqualTo(RawConnection.End.FOUND);
			assertThat(connection.body()).doesNotContain("data:");
		}
		awaitCancelled();
	}

	@Test
	void stallAfterSendsSomeChunks() throws IOException {
		this.provider.script(Script.builder().fault(Fault.STALL_AFTER, 2).build());
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(LONG, "data:")).isEqualTo(RawConnection.End.FOUND);
			assertThat(connection.read(SHORT, "")).isEqualTo(RawConnection.End.SILENT);
			assertThat(TestClient.events(connection.body())).hasSize(3);
		}
		awaitCancelled();
	}

	@Test
	void cutBeforeTheFirstTokenResetsAfterHeaders() throws IOException {
		fault(Fault.CUT_BEFORE_FIRST_TOKEN);
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(LONG, "")).isEqualTo(RawConnection.End.RESET);
			assertThat(connection.text()).startsWith("HTTP/1.1 200 OK");
			assertThat(connection.body()).isEmpty();
		}
		awaitFailed();
	}

	@Test
	void cutAfterResetsAfterSomeChunks() throws IOException {
		this.provider.script(Script.builder().fault(Fault.CUT_AFTER, 4).chunksPerSecond(100).build());
		try (RawConnection connection = connect().post(streaming())) {
			assertThat(connection.read(LONG, "")).isEqualTo(RawConnection.End.RESET);
			List<JsonNode> events = TestClient.events(connection.body());
			assertThat(events).hasSize(5);
			assertThat(connection.body()).doesNotContain("[DONE]");
		}
		awaitFailed();
	}

	@Test
	void cutAfterCutsABlockingAnswerInHalf() throws IOException {
		fault(Fault.CUT_AFTER);
		try (RawConnection connection = connect().post(blocking())) {
			assertThat(connection.read(LONG, "")).isEqualTo(RawConnection.End.RESET);
			assertThat(connection.text()).contains("application/json").contains("\"chat.completion\"");
			assertThat(connection.body()).doesNotContain("\"usage\"");
		}
		awaitFailed();
	}

	@Test
	void endWithoutDoneEndsInGoodOrder() {
		fault(Fault.END_WITHOUT_DONE);
		String body = new TestClient(this.provider).post(streaming()).body();
		assertThat(body).doesNotContain("[DONE]").contains("\"finish_reason\":\"stop\"").endsWith("}\n\n");
		awaitFailed();
	}

	@Test
	void endWithoutDoneEndsABlockingAnswerInTheMiddle() {
		fault(Fault.END_WITHOUT_DONE);
		String body = new TestClient(this.provider).post(blocking()).body();
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> Json.parse(body));
		awaitFailed();
	}

	@Test
	void errorInStreamIsTheProvidersOwn() {
		ScriptedProvider siliconFlow = this.simulator.provider("siliconflow");
		siliconFlow.script(Script.builder().fault(Fault.ERROR_IN_STREAM, 2).build());
		HttpResponse<String> response = new TestClient(siliconFlow)
			.post(TestClient.streamed(TestClient.question("deepseek-ai/DeepSeek-V3.2", "Hello")));
		assertThat(response.statusCode()).isEqualTo(200);
		List<JsonNode> events = TestClient.events(response.body());
		assertThat(events).hasSize(4);
		assertThat(TestClient.last(events).path("code").asInt()).isEqualTo(50505);
		assertThat(response.body()).doesNotContain("[DONE]");
	}

	@Test
	void errorInStreamMayBeChosen() {
		this.provider.script(Script.builder().fault(Fault.ERROR_IN_STREAM, 0).error(402).build());
		HttpResponse<String> response = new TestClient(this.provider).post(streaming());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(TestClient.last(TestClient.events(response.body())).path("error").path("message").asString())
			.isEqualTo("Insufficient Balance");
		response = new TestClient(this.provider).post(blocking());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(Json.parse(response.body()).has("error")).isTrue();
		Awaitility.await().untilAsserted(() -> assertThat(this.provider.failed()).isEqualTo(2));
	}

	@Test
	void htmlPageIsAnHtmlPage() {
		fault(Fault.HTML_PAGE);
		HttpResponse<String> response = new TestClient(this.provider).post(streaming());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
		assertThat(response.body()).startsWith("<!DOCTYPE html>");
		awaitFailed();
	}

	@Test
	void emptyBodyIsEmpty() {
		fault(Fault.EMPTY_BODY);
		HttpResponse<String> response = new TestClient(this.provider).post(streaming());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEmpty();
		awaitFailed();
	}

}
