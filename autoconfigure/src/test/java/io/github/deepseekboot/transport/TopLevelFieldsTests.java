package io.github.deepseekboot.transport;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the fields of an answer, beside its choices, that have no place of their own.
 */
class TopLevelFieldsTests {

	private static final Map<String, Object> RESULT = Map.of("url", "https://a.invalid", "title", "A");

	private static ProviderClient client(String type, String body) {
		return new ProviderClient(TestProviders.provider("openai"), WebClient.builder()
			.exchangeFunction((request) -> Mono.just(ClientResponse.create(HttpStatusCode.valueOf(200))
				.header(HttpHeaders.CONTENT_TYPE, type)
				.body(Flux.just(DefaultDataBufferFactory.sharedInstance.wrap(body.getBytes(StandardCharsets.UTF_8))))
				.build()))
			.build());
	}

	private static List<ChatDelta> stream(String... events) {
		String body = "data: " + String.join("\n\ndata: ", events) + "\n\ndata: [DONE]\n\n";
		return Objects.requireNonNull(client("text/event-stream", body).stream(TestProviders.attempt())
			.collectList()
			.block(TestProviders.SOON));
	}

	private static Map<String, Object> collected(List<ChatDelta> deltas) {
		ChatCompletion completion = Objects
			.requireNonNull(Flux.fromIterable(deltas).collect(ChatCompletion.collector()).block(TestProviders.SOON));
		return completion.message().extra();
	}

	@Test
	void ofACompleteAnswerTheyAreExtra() {
		String body = "{\"id\":\"1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"fine\","
				+ "\"annotations\":[{\"type\":\"url_citation\"}]},\"finish_reason\":\"stop\"}],\"citations\":[\"https://a.invalid\"],"
				+ "\"search_results\":[{\"url\":\"https://a.invalid\",\"title\":\"A\"}],\"images\":[],\"related\":null,\"metadata\":{}}";
		ChatCompletion completion = Objects.requireNonNull(
				client("application/json", body).complete(TestProviders.attempt()).block(TestProviders.SOON));
		assertThat(completion.message().extra()).isEqualTo(Map.of("citations", List.of("https://a.invalid"),
				"search_results", List.of(RESULT), "annotations", List.of(Map.of("type", "url_citation"))));
	}

	@Test
	void ofAStreamTheyComeOnce() {
		String rest = ",\"citations\":[\"https://a.invalid\"],\"search_results\":[{\"url\":\"https://a.invalid\",\"title\":\"A\"}]}";
		List<ChatDelta> deltas = stream("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]" + rest,
				"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"}}]" + rest,
				"{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]" + rest);
		assertThat(deltas).extracting((delta) -> delta.extra().keySet().size()).containsExactly(2, 0, 0, 0);
		assertThat(collected(deltas))
			.isEqualTo(Map.of("citations", List.of("https://a.invalid"), "search_results", List.of(RESULT)));
	}

	@Test
	void aListThatGrowsIsToldPieceByPiece() {
		List<ChatDelta> deltas = stream(
				"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}],\"citations\":[\"a\"]}",
				"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"}}],\"citations\":[\"a\",\"b\",\"c\"]}");
		assertThat(deltas.get(1).extra()).isEqualTo(Map.of("citations", List.of("b", "c")));
		assertThat(collected(deltas)).isEqualTo(Map.of("citations", List.of("a", "b", "c")));
	}

	@Test
	void whatComesWithTheUsageIsOnTheLastDelta() {
		List<ChatDelta> deltas = stream(
				"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":\"stop\"}]}",
				"{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1},\"citations\":[\"a\"]}");
		assertThat(deltas.get(deltas.size() - 1).extra()).isEqualTo(Map.of("citations", List.of("a")));
		assertThat(collected(deltas)).isEqualTo(Map.of("citations", List.of("a")));
	}

	@Test
	void whatComesBeforeTheFirstTokenWaitsForIt() {
		List<ChatDelta> deltas = stream("{\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}",
				"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":\"stop\"}]}");
		assertThat(deltas.get(0).content()).isEqualTo("one");
		assertThat(deltas.get(0).extra()).containsOnlyKeys("prompt_filter_results");
	}

	@Test
	void answersWithoutThemHaveNone() {
		List<ChatDelta> deltas = stream(
				"{\"id\":\"1\",\"object\":\"x\",\"service_tier\":\"default\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}],\"usage\":null}",
				"{\"id\":\"1\",\"object\":\"x\",\"service_tier\":\"default\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}");
		assertThat(deltas).allSatisfy((delta) -> assertThat(delta.extra()).isEmpty());
	}

}
