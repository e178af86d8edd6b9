package io.github.deepseekboot.benchmark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.client.WebClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spring's WebClient as one writes it by hand, without anything around it: the reference.
 */
public final class PlainWebClient implements ClientUnderTest {

	private static final ParameterizedTypeReference<ServerSentEvent<String>> EVENT = new ParameterizedTypeReference<>() {
	};

	private final JsonMapper mapper = new JsonMapper();

	private final WebClient webClient;

	/**
	 * Create the client.
	 * @param baseUrl the base URL of the provider
	 */
	public PlainWebClient(String baseUrl) {
		this(webClient(baseUrl));
	}

	PlainWebClient(WebClient webClient) {
		this.webClient = webClient;
	}

	static WebClient webClient(String baseUrl) {
		return webClient(WebClient.builder(), baseUrl);
	}

	static WebClient webClient(WebClient.Builder builder, String baseUrl) {
		return builder.baseUrl(baseUrl).defaultHeaders((headers) -> headers.setBearerAuth(API_KEY)).build();
	}

	@Override
	public CompletableFuture<Void> stream(Consumer<String> text) {
		return request(this.webClient, true).accept(MediaType.TEXT_EVENT_STREAM)
			.retrieve()
			.bodyToFlux(EVENT)
			.mapNotNull(ServerSentEvent::data)
			.takeUntil("[DONE]"::equals)
			.filter((data) -> !data.equals("[DONE]"))
			.map((data) -> this.mapper.readValue(data, Chunk.class))
			.doOnNext((chunk) -> {
				Message delta = chunk.choices().get(0).delta();
				if (delta.content() != null) {
					text.accept(delta.content());
				}
				if (delta.toolCalls() != null) {
					delta.toolCalls().forEach((call) -> text.accept(call.function().arguments()));
				}
			})
			.then()
			.toFuture();
	}

	@Override
	public String complete() {
		Completion completion = request(this.webClient, false).retrieve().bodyToMono(Completion.class).block();
		return String.valueOf((completion != null) ? completion.choices().get(0).message().content() : null);
	}

	static WebClient.RequestHeadersSpec<?> request(WebClient webClient, boolean stream) {
		Map<String, Object> body = new HashMap<>();
		body.put("model", MODEL);
		body.put("messages", List.of(Map.of("role", "user", "content", QUESTION)));
		body.put("stream", stream);
		if (stream) {
			body.put("stream_options", Map.of("include_usage", true));
		}
		return webClient.post().uri("/chat/completions").contentType(MediaType.APPLICATION_JSON).bodyValue(body);
	}

	record Chunk(String id, String model, long created, List<ChunkChoice> choices) {

	}

	record ChunkChoice(int index, Message delta) {

	}

	record Completion(String id, String model, long created, List<Choice> choices) {

	}

	record Choice(int index, Message message) {

	}

	record Message(@Nullable String role, @Nullable String content,
			@JsonProperty("reasoning_content") @Nullable String reasoningContent,
			@JsonProperty("tool_calls") @Nullable List<ToolCall> toolCalls) {

	}

	record ToolCall(int index, @Nullable String id, Function function) {

	}

	record Function(@Nullable String name, String arguments) {

	}

}
