package io.github.deepseekboot.samples.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.FluxExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static io.github.deepseekboot.test.ChatAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the gateway with scripted providers.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deepseek.shared.enabled=false", "deepseek.fallback=deepseek,siliconflow",
				"deepseek.retry.backoff=1ms",
				"gateway.tenants.acme.key-sha256=2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea",
				"gateway.tenants.small.key-sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
				"gateway.tenants.small.models=chat", "gateway.tenants.small.max-concurrent=1",
				"gateway.tenants.small.max-wait=0s",
				"gateway.tenants.rated.key-sha256=1ee2fda849e9741c380e9e61346ddc85f0299b9a875f712924adc0bdd04e6914",
				"gateway.tenants.rated.requests-per-minute=4", "gateway.tenants.rated.max-wait=0s" })
@AutoConfigureDeepSeek
@AutoConfigureWebTestClient(timeout = "30s")
class GatewayApplicationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final ParameterizedTypeReference<ServerSentEvent<String>> EVENT = new ParameterizedTypeReference<>() {
	};

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	@Autowired
	ScriptedProvider deepseek;

	@Autowired
	ScriptedProvider siliconflow;

	@Autowired
	WebTestClient web;

	@LocalServerPort
	int port;

	private WebTestClient.ResponseSpec post(String key, String body) {
		return this.web.post()
			.uri("/v1/chat/completions")
			.header(HttpHeaders.AUTHORIZATION, "Bearer " + key)
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(body)
			.exchange();
	}

	private WebTestClient.ResponseSpec post(String body) {
		return post("demo", body);
	}

	private static String question(String more) {
		return "{\"model\": \"chat\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]" + more + "}";
	}

	private List<String> events(String body) {
		FluxExchangeResult<ServerSentEvent<String>> result = post(body).expectStatus()
			.isOk()
			.expectHeader()
			.contentTypeCompatibleWith(MediaType.TEXT_EVENT_STREAM)
			.returnResult(EVENT);
		return result.getResponseBody().map(ServerSentEvent::data).collectList().blockOptional(PATIENCE).orElseThrow();
	}

	private static List<JsonNode> chunks(List<String> events) {
		assertThat(events).last().isEqualTo("[DONE]");
		return events.subList(0, events.size() - 1).stream().map(MAPPER::readTree).toList();
	}

	@Test
	void completes() {
		this.deepseek.thinks("Hm").answers("Hello, Ann").usage(5, 3);
		post(question(", \"temperature\": 0.5, \"max_completion_tokens\": 20, \"stop\": \"X\", \"seed\": 7"))
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.object")
			.isEqualTo("chat.completion")
			.jsonPath("$.id")
			.isNotEmpty()
			.jsonPath("$.created")
			.isNumber()
			.jsonPath("$.model")
			.isEqualTo("chat")
			.jsonPath("$.choices[0].message.role")
			.isEqualTo("assistant")
			.jsonPath("$.choices[0].message.content")
			.isEqualTo("Hello, Ann")
			.jsonPath("$.choices[0].finish_reason")
			.isEqualTo("stop")
			.jsonPath("$.usage.prompt_tokens")
			.isEqualTo(5)
			.jsonPath("$.usage.completion_tokens")
			.isEqualTo(3)
			.jsonPath("$.usage.total_tokens")
			.isEqualTo(8);
		assertThat(this.deepseek).lastCall()
			.isNotStreamed()
			.hasUserMessage("hi")
			.hasField("/temperature", 0.5)
			.hasField("/max_tokens", 20)
			.hasField("/stop/0", "X")
			.hasField("/seed", 7);
	}

	@Test
	void reasons() {
		this.deepseek.thinks("Hm, well").answers("Yes").always();
		post("""
				{"model": "reasoner", "messages": [{"role": "user", "content": "hi"}]}""").expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.choices[0].message.reasoning_content")
			.isEqualTo("Hm, well");
		List<JsonNode> chunks = chunks(events("""
				{"model": "reasoner", "stream": true, "messages": [{"role": "user", "content": "hi"}]}"""));
		assertThat(text(chunks, "reasoning_content")).isEqualTo("Hm, well");
		assertThat(text(chunks, "content")).isEqualTo("Yes");
		post(question(", \"thinking\": {\"type\": \"enabled\"}")).expectStatus().isOk();
		assertThat(this.deepseek).lastCall().isThinking();
		post("""
				{"model": "reasoner", "reasoning_effort": "none", "messages": [{"role": "user", "content": "hi"}]}""")
			.expectStatus()
			.isOk();
		assertThat(this.deepseek).lastCall().isNotThinking();
	}

	private static String text(List<JsonNode> chunks, String field) {
		StringBuilder text = new StringBuilder();
		chunks.forEach((chunk) -> text.append(chunk.at("/choices/0/delta/" + field).asString("")));
		return text.toString();
	}

	@Test
	void streams() {
		this.deepseek.answers("Drip, drop, drip").usage(5, 3).times(2);
		List<JsonNode> chunks = chunks(
				events(question(", \"stream\": true, \"stream_options\": {\"include_usage\": true}")));
		assertThat(text(chunks, "content")).isEqualTo("Drip, drop, drip");
		assertThat(chunks.get(0).at("/choices/0/delta/role").asString()).isEqualTo("assistant");
		assertThat(chunks).allSatisfy((chunk) -> {
			assertThat(chunk.get("object").asString()).isEqualTo("chat.completion.chunk");
			assertThat(chunk.get("model").asString()).isEqualTo("chat");
			assertThat(chunk.get("id")).isEqualTo(chunks.get(0).get("id"));
		});
		JsonNode last = chunks.get(chunks.size() - 1);
		assertThat(last.get("choices")).isEmpty();
		assertThat(last.at("/usage/total_tokens").asInt()).isEqualTo(8);
		assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asString()).isEqualTo("stop");
		List<JsonNode> without = chunks(events(question(", \"stream\": true")));
		assertThat(without).noneMatch((chunk) -> chunk.has("usage"));
	}

	@Test
	void callsTools() {
		String tools = """
				, "tools": [{"type": "function", "function": {"name": "get_weather", "description": "The weather",
				"parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}], "tool_choice": "auto\"""";
		this.deepseek.calls("get_weather", Map.of("city", "Oslo")).times(2);
		EntityExchangeResult<byte[]> result = post(question(tools)).expectStatus().isOk().expectBody().returnResult();
		JsonNode call = MAPPER.readTree(result.getResponseBody()).at("/choices/0/message/tool_calls/0");
		assertThat(call.at("/type").asString()).isEqualTo("function");
		assertThat(call.at("/function/name").asString()).isEqualTo("get_weather");
		assertThat(MAPPER.readTree(call.at("/function/arguments").asString()).get("city").asString()).isEqualTo("Oslo");
		assertThat(this.deepseek).lastCall()
			.hasTools("get_weather")
			.hasField("/tool_choice", "auto")
			.hasField("/tools/0/function/parameters/properties/city/type", "string");
		List<JsonNode> chunks = chunks(events(question(tools + ", \"stream\": true")));
		StringBuilder arguments = new StringBuilder();
		chunks.forEach(
				(chunk) -> arguments.append(chunk.at("/choices/0/delta/tool_calls/0/function/arguments").asString("")));
		assertThat(MAPPER.readTree(arguments.toString()).get("city").asString()).isEqualTo("Oslo");
		assertThat(chunks).filteredOn((chunk) -> chunk.at("/choices/0/delta/tool_calls/0").has("id")).hasSize(1);
		this.deepseek.whenToolResults().answers("Rain");
		post("""
				{"model": "chat", "messages": [{"role": "user", "content": "hi"},
				{"role": "assistant", "content": null, "refusal": null, "tool_calls": [{"id": "1", "type": "function",
				"function": {"name": "get_weather", "arguments": "{}"}}]},
				{"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "wet"}]}]}""").expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.choices[0].message.content")
			.isEqualTo("Rain");
		assertThat(this.deepseek).lastCall().hasField("/messages/2/content/0/text", "wet");
	}

	@Test
	void answersInAFormat() {
		this.deepseek.answersJson(Map.of("a", 1)).times(2);
		post(question(", \"response_format\": {\"type\": \"json_object\"}")).expectStatus().isOk();
		assertThat(this.deepseek).lastCall().hasField("/response_format/type", "json_object");
		post(question("""
				, "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object",
				"properties": {"a": {"type": "integer"}}}}}""")).expectStatus().isOk();
		// which does not know schemas
		assertThat(this.deepseek).lastCall().hasField("/response_format/type", "json_object");
	}

	@Test
	void listsWhatATenantMayAskFor() {
		this.web.get()
			.uri("/v1/models")
			.header(HttpHeaders.AUTHORIZATION, "Bearer demo")
			.exchange()
			.expectBody()
			.jsonPath("$.data[?(@.id == 'chat')].object")
			.isEqualTo("model")
			.jsonPath("$.data[?(@.id == 'reasoner')]")
			.exists();
		this.web.get()
			.uri("/v1/models")
			.header(HttpHeaders.AUTHORIZATION, "Bearer test")
			.exchange()
			.expectBody()
			.jsonPath("$.data.length()")
			.isEqualTo(1);
		this.web.get()
			.uri("/v1/models/reasoner")
			.header(HttpHeaders.AUTHORIZATION, "Bearer test")
			.exchange()
			.expectStatus()
			.isNotFound();
	}

	@Test
	void refusesWhoIsNotKnown() {
		for (String uri : List.of("/v1/models", "/v1/nothing", "/v1;a=b/models")) {
			for (String authorization : List.of("Bearer wrong", "Bearer ", "Basic ZGVtbw==", "demo")) {
				this.web.get()
					.uri(uri)
					.header(HttpHeaders.AUTHORIZATION, authorization)
					.exchange()
					.expectStatus()
					.isUnauthorized()
					.expectBody()
					.jsonPath("$.error.code")
					.isEqualTo("invalid_api_key");
			}
			this.web.get().uri(uri).exchange().expectStatus().isUnauthorized();
		}
		assertThat(this.deepseek).hasReceivedNoCalls();
	}

	@Test
	void refusesWhatIsWrong() {
		Map<String, String> bodies = Map.of("model", "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
				"temperature", question(", \"temperature\": \"hot\""), "max_tokens", question(", \"max_tokens\": 1.5"),
				"messages[0].role", "{\"model\": \"chat\", \"messages\": [{\"role\": \"king\", \"content\": \"hi\"}]}",
				"messages[0]", "{\"model\": \"chat\", \"messages\": [1]}", "tools[0].function.name",
				question(", \"tools\": [{\"type\": \"function\", \"function\": {}}]"), "response_format.type",
				question(", \"response_format\": {\"type\": \"poem\"}"));
		bodies.forEach((param, body) -> post(body).expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.error.type")
			.isEqualTo("invalid_request_error")
			.jsonPath("$.error.param")
			.isEqualTo(param)
			.jsonPath("$.error.message")
			.isNotEmpty());
		for (String body : List.of("{\"model\": \"chat\"}", "{\"model\": ", "[]", "\"hi\"")) {
			post(body).expectStatus().isBadRequest().expectBody().jsonPath("$.error.message").isNotEmpty();
		}
		post("{\"model\": \"gpt-5\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}").expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.error.code")
			.isEqualTo("model_not_found");
		this.web.get()
			.uri("/v1/chat/completions")
			.header(HttpHeaders.AUTHORIZATION, "Bearer demo")
			.exchange()
			.expectStatus()
			.isEqualTo(405)
			.expectBody()
			.jsonPath("$.error.type")
			.isEqualTo("invalid_request_error");
		this.web.get()
			.uri("/v1/nothing")
			.header(HttpHeaders.AUTHORIZATION, "Bearer demo")
			.exchange()
			.expectStatus()
			.isNotFound()
			.expectBody()
			.jsonPath("$.error.type")
			.isEqualTo("invalid_request_error");
		assertThat(this.deepseek).hasReceivedNoCalls();
	}

	@ParameterizedTest
	@CsvSource({ "400, 400", "401, 502", "402, 502", "429, 429", "503, 503" })
	void saysWhatProvidersDid(int status, int expected) {
		for (ScriptedProvider each : List.of(this.deepseek, this.siliconflow)) {
			each.fails(status).always();
		}
		if (expected == 429) {
			this.deepseek.reset();
			this.deepseek.fails(status).retryAfter(Duration.ofSeconds(7)).always();
		}
		for (String more : List.of("", ", \"stream\": true")) {
			WebTestClient.ResponseSpec response = post(question(more));
			String body = response.expectStatus()
				.isEqualTo(expected)
				.expectHeader()
				.contentType(MediaType.APPLICATION_JSON)
				.expectBody(String.class)
				.returnResult()
				.getResponseBody();
			assertThat(body).contains("\"error\"").doesNotContain("test-key", "siliconflow");
			if (expected == 429) {
				response.expectHeader().valueMatches(HttpHeaders.RETRY_AFTER, "[1-7]");
			}
		}
	}

	@Test
	void asksElsewhere() {
		this.deepseek.fails(503).always();
		this.siliconflow.answers("Hello").always();
		post(question("")).expectStatus().isOk();
		assertThat(text(chunks(events(question(", \"stream\": true"))), "content")).isEqualTo("Hello");
	}

	@Test
	void aBrokenStreamEndsWithAnError() {
		this.deepseek.answers("Drip, drop, drip, drop").cutsAfter(3);
		List<String> events = new ArrayList<>();
		StepVerifier.create(post(question(", \"stream\": true")).returnResult(EVENT).getResponseBody())
			.thenConsumeWhile((event) -> events.add(event.data()))
			.expectError()
			.verify(PATIENCE);
		assertThat(events).hasSizeGreaterThan(1).doesNotContain("[DONE]");
		JsonNode last = MAPPER.readTree(events.get(events.size() - 1));
		assertThat(last.at("/error/code").asString()).isEqualTo("stream_interrupted");
		assertThat(last.at("/error/message").asString()).isNotEmpty();
	}

	@Test
	void eventsAreSentAsTheyCome() {
		long before = this.deepseek.cancelled();
		this.deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		FluxExchangeResult<ServerSentEvent<String>> result = post("test", question(", \"stream\": true"))
			.returnResult(EVENT);
		// the answer does not end
		StepVerifier.create(result.getResponseBody()).expectNextCount(2).thenCancel().verify(PATIENCE);
		await().atMost(PATIENCE).until(() -> this.deepseek.cancelled() == before + 1);
		aPermitIsFree();
	}

	private void aPermitIsFree() {
		this.deepseek.reset();
		this.deepseek.answers("Hello").always();
		await().atMost(PATIENCE).untilAsserted(() -> post("test", question("")).expectStatus().isOk());
	}

	@Test
	void whoLeavesEndsTheCall() {
		long before = this.deepseek.cancelled();
		this.deepseek.answers("Hello").stalls();
		Disposable call = WebClient.create("http://127.0.0.1:" + this.port)
			.post()
			.uri("/v1/chat/completions")
			.header(HttpHeaders.AUTHORIZATION, "Bearer test")
			.contentType(MediaType.APPLICATION_JSON)
			.bodyValue(question(""))
			.retrieve()
			.bodyToMono(String.class)
			.subscribe();
		await().atMost(PATIENCE).until(() -> this.deepseek.inFlight() == 1);
		post("test", question("")).expectStatus()
			.isEqualTo(429)
			.expectHeader()
			.valueEquals(HttpHeaders.RETRY_AFTER, 1)
			.expectBody()
			.jsonPath("$.error.type")
			.isEqualTo("rate_limit_error");
		call.dispose();
		await().atMost(PATIENCE).until(() -> this.deepseek.cancelled() == before + 1);
		aPermitIsFree();
	}

	@Test
	void aRateSaysWhenToComeAgain() {
		this.deepseek.answers("Hello").always();
		post("rated", question("")).expectStatus().isOk();
		post("rated", question("")).expectStatus()
			.isEqualTo(429)
			.expectHeader()
			.valueMatches(HttpHeaders.RETRY_AFTER, "1[0-5]");
		assertThat(this.deepseek).hasReceivedCalls(1);
	}

}
