package io.github.deepseekboot.samples.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.test.autoconfigure.AutoConfigureDeepSeek;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what the gateway answers when it has no answer: always an error as OpenAI's
 * API has it.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deepseek.shared.enabled=false", "deepseek.fallback=deepseek", "deepseek.timeout.total=3s",
				"deepseek.timeout.first-token=500ms", "deepseek.timeout.idle-tokens=500ms",
				"spring.http.codecs.max-in-memory-size=64KB",
				"gateway.tenants.acme.key-sha256=2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea",
				"gateway.tenants.rated.key-sha256=1ee2fda849e9741c380e9e61346ddc85f0299b9a875f712924adc0bdd04e6914",
				"gateway.tenants.rated.requests-per-minute=4", "gateway.tenants.rated.max-wait=0s" })
@AutoConfigureDeepSeek
@AutoConfigureWebTestClient(timeout = "30s")
class GatewayErrorsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final JsonMapper MAPPER = JsonMapper.builder().build();

	private static final String URI = "/v1/chat/completions";

	private static final String FIELDS = "\"model\": \"chat\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}";

	private static final String QUESTION = "{" + FIELDS;

	private static final String STREAMED = "{\"stream\": true, " + FIELDS;

	@Autowired
	ScriptedProvider deepseek;

	@Autowired
	WebTestClient web;

	private WebTestClient.ResponseSpec ask(HttpMethod method, String uri, String key, MediaType type, String body) {
		return this.web.method(method)
			.uri(uri)
			.header(HttpHeaders.AUTHORIZATION, "Bearer " + key)
			.contentType(type)
			.bodyValue(body)
			.exchange();
	}

	private WebTestClient.ResponseSpec post(String body) {
		return ask(HttpMethod.POST, URI, "demo", MediaType.APPLICATION_JSON, body);
	}

	private static JsonNode error(WebTestClient.ResponseSpec response, int status, String type) {
		EntityExchangeResult<byte[]> result = response.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_JSON)
			.expectBody()
			.returnResult();
		return error(MAPPER.readTree(result.getResponseBody()), type);
	}

	private static JsonNode error(JsonNode answer, String type) {
		assertThat(answer.propertyNames()).containsExactly("error");
		JsonNode error = answer.get("error");
		assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
		assertThat(error.get("message").asString()).isNotBlank();
		assertThat(error.get("type").asString()).isEqualTo(type);
		return error;
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "null", "{", "[]", "\"hi\"", "not JSON", "{\"model\": \"chat\"}",
			"{\"model\": \"chat\", \"messages\": []}", "{\"model\": \"chat\", \"messages\": null}",
			"{\"model\": \"chat\", \"messages\": [null]}", "{\"model\": \"chat\", \"messages\": \"hi\"}",
			"{\"model\": 7, \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}" })
	void whatIsNoRequest(String body) {
		error(post(body), 400, "invalid_request_error");
	}

	@Test
	void whatIsNestedTooDeep() {
		error(post(QUESTION.replace("\"hi\"", "[".repeat(5000) + "]".repeat(5000))), 400, "invalid_request_error");
	}

	@Test
	void whatIsTooLong() {
		JsonNode error = error(post(QUESTION.replace("hi", "x".repeat(100_000))), 413, "invalid_request_error");
		assertThat(error.get("message").asString()).contains("too large");
	}

	@ParameterizedTest
	@CsvSource({ "POST, /v1/chat/completions, text/plain, 415", "GET, /v1/chat/completions, application/json, 405",
			"POST, /v1/models, application/json, 405", "GET, /v1/nothing, application/json, 404",
			"POST, /v1/embeddings, application/json, 404", "GET, /v1/models/nothing, application/json, 404" })
	void whatDoesNotExist(String method, String uri, String type, int status) {
		error(ask(HttpMethod.valueOf(method), uri, "demo", MediaType.parseMediaType(type), QUESTION), status,
				"invalid_request_error");
	}

	@Test
	void whatModelDoesNotExist() {
		JsonNode error = error(post(QUESTION.replace("chat", "gpt-5")), 404, "invalid_request_error");
		assertThat(error.get("code").asString()).isEqualTo("model_not_found");
		assertThat(error.get("param").asString()).isEqualTo("model");
	}

	@Test
	void whoIsNotKnown() {
		JsonNode error = error(ask(HttpMethod.POST, URI, "wrong", MediaType.APPLICATION_JSON, QUESTION), 401,
				"authentication_error");
		assertThat(error.get("code").asString()).isEqualTo("invalid_api_key");
	}

	@Test
	void whoCallsTooOften() {
		this.deepseek.answers("Hello").always();
		ask(HttpMethod.POST, URI, "rated", MediaType.APPLICATION_JSON, QUESTION).expectStatus().isOk();
		for (String body : List.of(QUESTION, STREAMED)) {
			WebTestClient.ResponseSpec response = ask(HttpMethod.POST, URI, "rated", MediaType.APPLICATION_JSON, body);
			assertThat(error(response, 429, "rate_limit_error").get("code").asString())
				.isEqualTo("rate_limit_exceeded");
			response.expectHeader().valueMatches(HttpHeaders.RETRY_AFTER, "[1-9]\\d?");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { QUESTION, STREAMED })
	void aProviderThatDoesNotAnswerInTime(String body) {
		this.deepseek.answers("Hello").stalls().always();
		JsonNode error = error(post(body), 504, "server_error");
		assertThat(error.get("code").asString()).isEqualTo("timeout");
	}

	@Test
	void aProviderThatFallsSilentInAStream() {
		this.deepseek.answers("Drip, drop, drip, drop").stallsAfter(3);
		theStreamBreaks();
	}

	@Test
	void aProviderThatFailsInAStream() {
		this.deepseek.sends(MediaType.TEXT_EVENT_STREAM_VALUE, """
				data: {"id": "1", "object": "chat.completion.chunk", "created": 1760000000, "model": "deepseek-chat", \
				"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Drip"}, "finish_reason": null}]}

				data: {"error": {"message": "account test-account is gone", "type": "server_error", "code": "500"}}

				""");
		theStreamBreaks();
	}

	private void theStreamBreaks() {
		List<String> events = new ArrayList<>();
		StepVerifier.create(post(STREAMED).expectStatus()
			.isOk()
			.returnResult(new ParameterizedTypeReference<ServerSentEvent<String>>() {
			})
			.getResponseBody())
			.thenConsumeWhile((event) -> events.add(event.data()))
			// the connection, of which some clients take note that pass the event over
			.expectError()
			.verify(PATIENCE);
		assertThat(events).hasSizeGreaterThan(1).doesNotContain("[DONE]").noneMatch((data) -> data.contains("test-"));
		JsonNode error = error(MAPPER.readTree(events.get(events.size() - 1)), "server_error");
		assertThat(error.get("code").asString()).isEqualTo("stream_interrupted");
	}

}
