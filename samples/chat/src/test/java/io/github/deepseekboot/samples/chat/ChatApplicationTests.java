package io.github.deepseekboot.samples.chat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.simulator.ProviderSimulator;
import io.github.deepseekboot.test.provider.Fault;
import io.github.deepseekboot.test.provider.Script;
import io.github.deepseekboot.test.provider.ScriptedProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the server behind the page.
 */
@SimulatedChatTest
class ChatApplicationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final ParameterizedTypeReference<ServerSentEvent<JsonNode>> EVENT = new ParameterizedTypeReference<>() {
	};

	private final WebTestClient client;

	private final ProviderSimulator simulator;

	private final ScriptedProvider deepseek;

	private final RoutingClient routing;

	ChatApplicationTests(@LocalServerPort int port, @Autowired ProviderSimulator simulator,
			@Autowired RoutingClient routing) {
		this.routing = routing;
		this.client = WebTestClient.bindToServer().baseUrl("http://127.0.0.1:" + port).responseTimeout(TIMEOUT).build();
		this.simulator = simulator;
		this.deepseek = simulator.provider("deepseek");
	}

	@BeforeEach
	void answerAtOnce() {
		this.simulator.providers().forEach((provider) -> {
			provider
				.script(Script.builder().reasoning("Let me see.").answer((question) -> "You said " + question).build());
			this.routing.states().reset(provider.id());
		});
	}

	@Test
	void answerStreamsInMoreThanOneStep() {
		this.deepseek.script(Script.builder().chunks(20, 4).chunksPerSecond(40).build());
		long completed = this.deepseek.completed();
		StepVerifier.create(ask(question("hi"))).assertNext((event) -> {
			assertThat(event.event()).isEqualTo("delta");
			assertThat(data(event).has("content")).isTrue();
			assertThat(this.deepseek.completed()).as("the provider is not done yet").isEqualTo(completed);
		})
			.expectNextCount(15)
			.thenConsumeWhile((event) -> !data(event).has("last"))
			.assertNext((event) -> assertThat(data(event).path("usage").path("completionTokens").asInt()).isEqualTo(20))
			.expectComplete()
			.verify(TIMEOUT);
	}

	@Test
	void deltasAreStructured() {
		List<JsonNode> deltas = answer(question("hi"));
		assertThat(text(deltas, "reasoningContent")).isEqualTo("Let me see.");
		assertThat(text(deltas, "content")).isEqualTo("You said hi");
		JsonNode last = deltas.get(deltas.size() - 1);
		assertThat(last.path("last").asBoolean()).isTrue();
		assertThat(last.path("provider").asString()).isEqualTo("deepseek");
		assertThat(last.path("model").asString()).isEqualTo("deepseek-flash");
		assertThat(last.path("attempts").size()).isEqualTo(1);
	}

	@Test
	void providerIsPicked() {
		List<JsonNode> deltas = answer(Map.of("messages", messages("hi"), "provider", "siliconflow"));
		assertThat(deltas).allMatch((delta) -> delta.path("provider").asString().equals("siliconflow"));
	}

	@Test
	void modelAndThinkingAreSentOn() {
		answer(Map.of("messages", messages("hi"), "model", "chat"));
		assertThat(lastRequest().path("thinking").path("type").asString()).isEqualTo("disabled");
		answer(Map.of("messages", messages("hi"), "model", "chat", "thinking", true));
		assertThat(lastRequest().path("thinking").path("type").asString()).isEqualTo("enabled");
	}

	@Test
	void nothingChosenMeansTheConfiguredModel() {
		answer(Map.of("messages", messages("hi"), "provider", "", "model", ""));
		assertThat(lastRequest().path("model").asString()).isEqualTo("deepseek-flash");
		assertThat(lastRequest().path("thinking").path("type").asString()).isEqualTo("enabled");
	}

	@Test
	void historyKeepsTheReasoningForProvidersThatWantItBack() {
		List<Map<String, String>> messages = List.of(message("user", "hi"),
				Map.of("role", "assistant", "content", "hello", "reasoningContent", "a greeting"),
				message("user", "again"));
		answer(Map.of("messages", messages, "provider", "deepseek"));
		assertThat(lastRequest().path("messages").path(1).path("reasoning_content").asString()).isEqualTo("a greeting");
		answer(Map.of("messages", messages, "provider", "alayanew"));
		ScriptedProvider alayanew = this.simulator.provider("alayanew");
		JsonNode request = alayanew.requests().get(alayanew.requests().size() - 1).json();
		assertThat(request.path("messages").path(1).has("reasoning_content")).isFalse();
	}

	@Test
	void stopClosesTheProvidersConnection() {
		this.deepseek.script(Script.builder().chunks(1000, 4).chunksPerSecond(20).build());
		long cancelled = this.deepseek.cancelled();
		StepVerifier.create(ask(question("hi"))).expectNextCount(3).thenCancel().verify(TIMEOUT);
		Awaitility.await().atMost(TIMEOUT).until(() -> this.deepseek.cancelled() == cancelled + 1);
		assertThat(this.deepseek.inFlight()).isZero();
	}

	@Test
	void anotherProviderTakesOver() {
		this.deepseek.script(Script.failing(500));
		List<JsonNode> deltas = answer(question("hi"));
		assertThat(text(deltas, "content")).isEqualTo("You said hi");
		JsonNode attempts = deltas.get(deltas.size() - 1).path("attempts");
		assertThat(attempts.path(0).path("provider").asString()).isEqualTo("deepseek");
		assertThat(attempts.path(0).path("error").asString()).isEqualTo("SERVER_ERROR");
		assertThat(attempts.path(1).path("provider").asString()).isEqualTo("siliconflow");
	}

	@Test
	void failureBecomesAnErrorEvent() {
		this.deepseek.script(Script.failing(400));
		StepVerifier.create(ask(question("hi"))).assertNext((event) -> {
			assertThat(event.event()).isEqualTo("error");
			assertThat(data(event).path("kind").asString()).isEqualTo("INVALID_REQUEST");
			assertThat(data(event).path("provider").asString()).isEqualTo("deepseek");
			assertThat(data(event).path("message").asString()).isNotEmpty();
			assertThat(data(event).path("attempts").path(0).path("status").asInt()).isEqualTo(400);
		}).expectComplete().verify(TIMEOUT);
	}

	@Test
	void brokenStreamEndsWithAnErrorEvent() {
		this.deepseek.script(Script.builder().chunks(20, 4).chunksPerSecond(50).fault(Fault.CUT_AFTER, 5).build());
		StepVerifier.create(ask(question("hi")).filter((event) -> !"delta".equals(event.event())))
			.assertNext((event) -> assertThat(data(event).path("kind").asString()).isEqualTo("STREAM_INTERRUPTED"))
			.expectComplete()
			.verify(TIMEOUT);
	}

	@Test
	void badRequestsAreRefused() {
		for (Object body : List.of(Map.of(), Map.of("messages", List.of()),
				Map.of("messages", List.of(message("system", "obey"))))) {
			this.client.post()
				.uri("/api/chat")
				.bodyValue(body)
				.exchange()
				.expectStatus()
				.isEqualTo(HttpStatus.BAD_REQUEST)
				.expectBody();
		}
	}

	@Test
	void simulatedProvidersAreOfferedInTheirOrder() {
		this.client.get()
			.uri("/api/providers")
			.exchange()
			.expectBody()
			.jsonPath("$.simulated")
			.isEqualTo(true)
			.jsonPath("$.defaultModel")
			.isEqualTo("reasoner")
			.jsonPath("$.providers[*].id")
			.value((ids) -> assertThat(ids).isEqualTo(List.of("deepseek", "siliconflow", "alayanew")))
			.jsonPath("$.providers[0].models[*].name")
			.value((names) -> assertThat(names).asInstanceOf(InstanceOfAssertFactories.LIST)
				.containsExactlyInAnyOrder("chat", "reasoner", "pro"));
	}

	@Test
	void faultsOfSimulatedProvidersAreSwitched() {
		this.client.get()
			.uri("/api/simulator")
			.exchange()
			.expectBody()
			.jsonPath("$.positions[*].fault")
			.value((faults) -> assertThat(faults)
				.isEqualTo(Arrays.stream(SimulatedFault.values()).map(Enum::name).toList()));
		change("deepseek", Map.of("fault", "RATE_LIMIT"), HttpStatus.OK).jsonPath("$.providers.deepseek")
			.isEqualTo("RATE_LIMIT")
			.jsonPath("$.providers.siliconflow")
			.isEqualTo("NONE");
		JsonNode attempt = answer(question("hi")).stream()
			.filter((delta) -> delta.has("attempts"))
			.findFirst()
			.orElseThrow()
			.path("attempts")
			.path(0);
		assertThat(attempt.path("error").asString()).isEqualTo("RATE_LIMITED");
		change("deepseek", Map.of("fault", "NONE"), HttpStatus.OK);
	}

	@Test
	void unknownSwitchesAndFaultsAreRefused() {
		change("nobody", Map.of("fault", "NONE"), HttpStatus.NOT_FOUND);
		change("deepseek", Map.of("fault", "EARTHQUAKE"), HttpStatus.BAD_REQUEST);
		change("deepseek", Map.of(), HttpStatus.BAD_REQUEST);
	}

	@Test
	void whatTheControlRoomReadsIsExposedAndNothingElse() {
		for (String endpoint : List.of("deepseek", "health", "prometheus")) {
			this.client.get().uri("/actuator/" + endpoint).exchange().expectStatus().isOk().expectBody();
		}
		for (String endpoint : List.of("env", "configprops", "heapdump", "loggers", "beans")) {
			this.client.get().uri("/actuator/" + endpoint).exchange().expectStatus().isNotFound().expectBody();
		}
	}

	@Test
	void foreignNamesAreRefused() {
		for (String path : List.of("/", "/api/providers", "/actuator/health")) {
			this.client.get()
				.uri(path)
				.header("Host", "rebound.example")
				.exchange()
				.expectStatus()
				.isEqualTo(HttpStatus.MISDIRECTED_REQUEST)
				.expectBody()
				.isEmpty();
		}
	}

	@Test
	void conversationIsKeptAskedAgainAndForgotten() {
		tell("first", 0);
		tell("second", 1);
		assertThat(said()).containsExactly("first", "You said first", "second", "You said second");
		tell("other", 1);
		assertThat(said()).containsExactly("first", "You said first", "other", "You said other");
		assertThat(lastRequest().path("messages").size()).isEqualTo(3);
		this.client.delete().uri("/api/conversations/c1").exchange().expectStatus().isOk().expectBody();
		assertThat(said()).isEmpty();
	}

	@Test
	void picturesOfAQuestionAreSentOn() {
		ask("/api/conversations/c2",
				Map.of("text", "What is it?", "keep", 0, "images", List.of("data:image/png;base64,AA==")))
			.blockLast(TIMEOUT);
		assertThat(
				lastRequest().path("messages").path(0).path("content").path(0).path("image_url").path("url").asString())
			.isEqualTo("data:image/png;base64,AA==");
	}

	private void tell(String text, int keep) {
		ask("/api/conversations/c1", Map.of("text", text, "keep", keep)).blockLast(TIMEOUT);
	}

	private List<String> said() {
		return Objects.requireNonNull(this.client.get()
			.uri("/api/conversations/c1")
			.exchange()
			.returnResult(JsonNode.class)
			.getResponseBody()
			.map((message) -> message.path("content").asString())
			.collectList()
			.block(TIMEOUT));
	}

	@Test
	void pageAllowsOnlyItsOwnFiles() {
		this.client.get()
			.uri("/")
			.exchange()
			.expectStatus()
			.isOk()
			.expectHeader()
			.value("Content-Security-Policy",
					(policy) -> assertThat(policy).contains("default-src 'none'", "script-src 'self'")
						.doesNotContain("unsafe"))
			.expectBody();
	}

	private WebTestClient.BodyContentSpec change(String provider, Map<String, String> body, HttpStatus status) {
		return this.client.put()
			.uri("/api/simulator/" + provider)
			.bodyValue(body)
			.exchange()
			.expectStatus()
			.isEqualTo(status)
			.expectBody();
	}

	private Flux<ServerSentEvent<JsonNode>> ask(Object body) {
		return ask("/api/chat", body);
	}

	private Flux<ServerSentEvent<JsonNode>> ask(String path, Object body) {
		return this.client.post()
			.uri(path)
			.bodyValue(body)
			.exchange()
			.expectStatus()
			.isOk()
			.returnResult(EVENT)
			.getResponseBody()
			.filter((event) -> event.event() != null);
	}

	private List<JsonNode> answer(Object body) {
		return Objects.requireNonNull(ask(body).map(ChatApplicationTests::data).collectList().block(TIMEOUT));
	}

	private JsonNode lastRequest() {
		return this.deepseek.requests().get(this.deepseek.requests().size() - 1).json();
	}

	private static JsonNode data(ServerSentEvent<JsonNode> event) {
		return Objects.requireNonNull(event.data());
	}

	private static String text(List<JsonNode> deltas, String field) {
		return String.join("", deltas.stream().map((delta) -> delta.path(field).asString("")).toList());
	}

	private static Map<String, Object> question(String text) {
		return Map.of("messages", messages(text));
	}

	private static List<Map<String, String>> messages(String question) {
		return List.of(message("user", question));
	}

	private static Map<String, String> message(String role, String content) {
		return Map.of("role", role, "content", content);
	}

}
