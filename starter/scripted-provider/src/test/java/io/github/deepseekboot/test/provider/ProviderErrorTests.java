package io.github.deepseekboot.test.provider;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Each provider fails in its own words.
 */
class ProviderErrorTests {

	private static ScriptedServer simulator;

	private ScriptedProvider deepSeek;

	private ScriptedProvider siliconFlow;

	private ScriptedProvider alaya;

	@BeforeAll
	static void start() {
		simulator = TestClient.simulator();
	}

	@AfterAll
	static void stop() {
		simulator.close();
	}

	@BeforeEach
	void reset() {
		this.deepSeek = simulator.provider("deepseek");
		this.siliconFlow = simulator.provider("siliconflow");
		this.alaya = simulator.provider("alayanew");
		for (ScriptedProvider provider : simulator.providers()) {
			provider.script(Script.builder().build());
			provider.acceptKeys();
		}
	}

	private static HttpResponse<String> ask(ScriptedProvider provider) {
		String model = provider.dialect().models().get(0);
		return new TestClient(provider).post(TestClient.streamed(TestClient.question(model, "Hello")));
	}

	private static String contentType(HttpResponse<String> response) {
		return response.headers().firstValue("content-type").orElse("");
	}

	@ParameterizedTest
	@CsvSource({ "400,invalid_request_error", "401,authentication_error", "402,unknown_error",
			"429,invalid_request_error", "500,server_error", "503,service_unavailable_error" })
	void deepSeekHasTheOpenAiEnvelope(int status, String type) {
		this.deepSeek.script(Script.failing(status));
		HttpResponse<String> response = ask(this.deepSeek);
		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(contentType(response)).isEqualTo("application/json");
		assertThat(response.headers().firstValue("x-ds-trace-id")).isPresent();
		JsonNode error = Json.parse(response.body()).path("error");
		assertThat(error.path("message").asString()).isNotEmpty();
		assertThat(error.path("type").asString()).isEqualTo(type);
		assertThat(error.path("param").isNull()).isTrue();
		assertThat(error.path("code").asString()).isEqualTo("invalid_request_error");
	}

	@Test
	void deepSeekHas422InPlainText() {
		this.deepSeek.script(Script.failing(422));
		HttpResponse<String> response = ask(this.deepSeek);
		assertThat(response.statusCode()).isEqualTo(422);
		assertThat(contentType(response)).startsWith("text/plain");
		assertThat(response.body()).startsWith("Failed to deserialize");
	}

	@Test
	void deepSeekHasAContextError() {
		this.deepSeek.script(Script.builder().error(400, "context-length").build());
		assertThat(ask(this.deepSeek).body()).contains("maximum context length is 1048576 tokens");
	}

	@ParameterizedTest
	@CsvSource({ "400,20012", "400,20015", "400,20024", "400,20037", "401,30014", "403,30001", "403,30003", "403,30005",
			"403,30011", "429,50604", "503,50505", "503,50508", "503,50603", "504,50501", "504,50506", "504,50509" })
	void siliconFlowHasItsOwnCodes(int status, int code) {
		this.siliconFlow.script(Script.builder().error(status, String.valueOf(code)).build());
		HttpResponse<String> response = ask(this.siliconFlow);
		assertThat(response.statusCode()).isEqualTo(status);
		JsonNode body = Json.parse(response.body());
		assertThat(body.path("code").asInt()).isEqualTo(code);
		assertThat(body.path("message").asString()).isNotEmpty();
		assertThat(body.path("data").isNull()).isTrue();
		assertThat(response.headers().firstValue("x-siliconcloud-trace-id")).isPresent();
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'', textBlock = """
			400, application/json,          '{"code":20015,'
			401, application/json,          '"Invalid token"'
			403, application/json,          '"Forbidden"'
			404, text/plain; charset=utf-8, '404 page not found'
			429, application/json,          '{"message":'
			503, application/json,          '{"code":50505,'
			504, application/json,          '"Gateway Timeout"'
			""")
	void siliconFlowHasManyShapes(int status, String contentType, String start) {
		this.siliconFlow.script(Script.failing(status));
		HttpResponse<String> response = ask(this.siliconFlow);
		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(contentType(response)).isEqualTo(contentType);
		assertThat(response.body()).startsWith(start);
	}

	@ParameterizedTest
	@CsvSource({ "400", "401", "404", "415", "500", "503" })
	void alayaHasFlatErrors(int status) {
		this.alaya.script(Script.failing(status));
		HttpResponse<String> response = ask(this.alaya);
		assertThat(response.statusCode()).isEqualTo(status);
		JsonNode body = Json.parse(response.body());
		assertThat(body.path("object").asString()).isEqualTo("error");
		assertThat(body.path("message").asString()).isNotEmpty();
		assertThat(body.path("code").asInt()).isEqualTo(status);
	}

	@Test
	void otherStatusesComeFromAGateway() {
		this.deepSeek.script(Script.failing(502));
		HttpResponse<String> response = ask(this.deepSeek);
		assertThat(response.statusCode()).isEqualTo(502);
		assertThat(contentType(response)).isEqualTo("text/html");
		assertThat(response.body()).contains("502 Bad Gateway");
	}

	@Test
	void anErrorMayBeGivenCompletely() {
		ProviderError error = this.deepSeek.error(429).withHeader("Retry-After", "2");
		this.deepSeek.script(Script.builder().error(error).header("x-extra", "yes").build());
		HttpResponse<String> response = ask(this.deepSeek);
		assertThat(response.statusCode()).isEqualTo(429);
		assertThat(response.headers().firstValue("retry-after")).hasValue("2");
		assertThat(response.headers().firstValue("x-extra")).hasValue("yes");
	}

	@Test
	void anUnknownVariantIsRefused() {
		Script script = Script.builder().error(400, "nonsense").build();
		assertThatIllegalArgumentException().isThrownBy(() -> this.deepSeek.script(script))
			.withMessageContaining("400/nonsense")
			.withMessageContaining("400/context-length");
		assertThatIllegalArgumentException().isThrownBy(() -> this.siliconFlow.error(403, "1"));
	}

	@Test
	void anUnknownKeyIsRefused() {
		for (ScriptedProvider provider : simulator.providers()) {
			provider.acceptKeys("sk-other");
			assertThat(ask(provider).statusCode()).isEqualTo(401);
			assertThat(new TestClient(provider).get("/models").statusCode()).isEqualTo(401);
			provider.acceptKeys("sk-other", TestClient.KEY);
			assertThat(ask(provider).statusCode()).isEqualTo(200);
			assertThat(new TestClient(provider).get("/models").statusCode()).isEqualTo(200);
		}
	}

	@Test
	void deepSeekEchoesTheTailOfAWrongKey() {
		this.deepSeek.acceptKeys("sk-other");
		assertThat(ask(this.deepSeek).body()).contains("****wxyz is invalid").doesNotContain(TestClient.KEY);
	}

	@ParameterizedTest
	@CsvSource({ "''", "Bearer", "'Bearer '", "Basic abc" })
	void aMissingKeyIsRefused(String authorization) {
		for (ScriptedProvider provider : simulator.providers()) {
			TestClient client = new TestClient(provider);
			HttpRequest request = client.request("/chat/completions")
				.setHeader("Authorization", authorization)
				.POST(HttpRequest.BodyPublishers.ofString("{}"))
				.build();
			assertThat(client.send(request).statusCode()).isEqualTo(401);
		}
	}

	@Test
	void anUnknownModelIsRefused() {
		HttpResponse<String> response = new TestClient(this.deepSeek).post(TestClient.question("gpt-x", "Hello"));
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains("supported API model names are deepseek-flash", "you passed gpt-x");
		response = new TestClient(this.siliconFlow).post(TestClient.question("gpt-x", "Hello"));
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(Json.parse(response.body()).path("code").asInt()).isEqualTo(20012);
		response = new TestClient(this.alaya).post(TestClient.question("gpt-x", "Hello"));
		assertThat(response.statusCode()).isEqualTo(404);
		assertThat(response.body()).contains("gpt-x");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', value = { "{\"model\":", "[]", "\"text\"", "``" })
	void aMalformedBodyIsRefused(String body) {
		for (ScriptedProvider provider : simulator.providers()) {
			TestClient client = new TestClient(provider);
			HttpRequest request = client.request("/chat/completions")
				.POST(HttpRequest.BodyPublishers.ofString(body))
				.build();
			assertThat(client.send(request).statusCode()).as(provider.id()).isEqualTo(400);
		}
	}

	@Test
	void aRequestWithoutMessagesIsRefused() {
		for (ScriptedProvider provider : simulator.providers()) {
			ObjectNode body = Json.object().put("model", provider.dialect().models().get(0));
			assertThat(new TestClient(provider).post(body).statusCode()).isEqualTo(400);
		}
	}

	@Test
	void alayaWantsJsonAsContentType() {
		TestClient client = new TestClient(this.alaya);
		HttpRequest request = client.request("/chat/completions")
			.setHeader("Content-Type", "text/plain")
			.POST(HttpRequest.BodyPublishers.ofString(TestClient.question("deepseek-r1", "Hello").toString()))
			.build();
		assertThat(client.send(request).statusCode()).isEqualTo(415);
	}

	@Test
	void deepSeekRefusesAForcedToolWhileThinking() {
		ObjectNode question = TestClient.withTool(TestClient.question("deepseek-flash", "Hello"), "weather")
			.put("tool_choice", "required");
		HttpResponse<String> response = new TestClient(this.deepSeek).post(question);
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(contentType(response)).isEqualTo("application/octet-stream");
		assertThat(response.body()).contains("does not support this tool_choice");
		question.putObject("thinking").put("type", "disabled");
		assertThat(new TestClient(this.deepSeek).post(question).body()).contains("\"finish_reason\":\"tool_calls\"");
	}

	@Test
	void deepSeekWantsItsReasoningBack() {
		ObjectNode question = TestClient.question("deepseek-flash", "Hello");
		ObjectNode message = question.withArray("messages").addObject().put("role", "assistant").put("content", "");
		message.putArray("tool_calls")
			.addObject()
			.put("id", "call_00_a")
			.put("type", "function")
			.putObject("function")
			.put("name", "weather")
			.put("arguments", "{}");
		question.withArray("messages")
			.addObject()
			.put("role", "tool")
			.put("tool_call_id", "call_00_a")
			.put("content", "rain");
		assertThat(new TestClient(this.deepSeek).post(question).body()).contains("must be passed back");
		message.put("reasoning_content", "");
		assertThat(new TestClient(this.deepSeek).post(question).statusCode()).isEqualTo(200);
	}

	@Test
	void deepSeekRefusesStreamOptionsWithoutAStream() {
		ObjectNode question = TestClient.streamed(TestClient.question("deepseek-flash", "Hello")).put("stream", false);
		assertThat(new TestClient(this.deepSeek).post(question).statusCode()).isEqualTo(400);
	}

	@Test
	void otherPathsAreNotFound() {
		for (ScriptedProvider provider : simulator.providers()) {
			assertThat(new TestClient(provider).get("/nothing").statusCode()).isEqualTo(404);
			assertThat(new TestClient(provider).get("/chat/completions").statusCode()).isEqualTo(404);
			assertThat(new TestClient(provider).get("/../../elsewhere").statusCode()).isEqualTo(404);
		}
	}

}
