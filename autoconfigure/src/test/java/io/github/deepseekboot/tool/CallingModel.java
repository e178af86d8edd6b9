package io.github.deepseekboot.tool;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.NullUnmarked;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionOperations;
import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.hook.ProviderChain;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderModel;
import io.github.deepseekboot.provider.ProviderPresets;
import io.github.deepseekboot.routing.RoutingClient;
import io.github.deepseekboot.transport.ProviderConnections;
import io.github.deepseekboot.transport.TestServer;

/**
 * A provider on a loopback socket whose model calls tools by a script: one turn for each
 * request, the last one again and again.
 */
@NullUnmarked
public final class CallingModel implements AutoCloseable {

	static final Duration PATIENCE = Duration.ofSeconds(20);

	static final JsonMapper JSON = JsonMapper.builder().build();

	private final TestServer server;

	private final ProviderConnections connections = new ProviderConnections(WebClient.builder(), null);

	private final AtomicInteger turn = new AtomicInteger();

	private final ChatCompletionTemplate template;

	public CallingModel(Turn... script) {
		this("deepseek", script);
	}

	public CallingModel(String preset, Turn... script) {
		this.server = TestServer.start((exchange) -> {
			boolean stream = JSON.readTree(exchange.request().body()).path("stream").asBoolean();
			script[Math.min(this.turn.getAndIncrement(), script.length - 1)].answer(exchange, stream);
		});
		Provider provider = Provider.builder(preset, ProviderPresets.get(preset))
			.baseUrl(this.server.baseUrl())
			.apiKey(ApiKey.of("test-key"))
			.models(Map.of("chat", ProviderModel.of("m")))
			.build();
		this.template = new ChatCompletionTemplate(RoutingClient
			.builder(List.of(this.connections.client(provider, new ProviderConnections.Settings(100))),
					new ProviderChain(List.of(preset)))
			.build());
	}

	/**
	 * Where the provider is.
	 */
	public String baseUrl() {
		return this.server.baseUrl();
	}

	public ChatCompletionTemplate template() {
		return this.template;
	}

	/**
	 * The bodies of the requests that came.
	 */
	public List<JsonNode> requests() {
		return this.server.requests().stream().map((request) -> JSON.readTree(request.body())).toList();
	}

	@Override
	public void close() {
		this.connections.close();
		this.server.close();
	}

	/**
	 * The model calls tools: {@code call("c1", "weather", "{}")} and so on.
	 */
	public static Turn calling(ToolCall... calls) {
		return new Answer(null, null, List.of(calls), "tool_calls");
	}

	static Turn calling(String reasoning, String content, ToolCall... calls) {
		return new Answer(reasoning, content, List.of(calls), "tool_calls");
	}

	static Turn ending(String finishReason, ToolCall... calls) {
		return new Answer(null, null, List.of(calls), finishReason);
	}

	public static Turn saying(String text) {
		return new Answer(null, text, List.of(), "stop");
	}

	public static ToolCall call(String id, String name, String arguments) {
		return new ToolCall(id, name, arguments);
	}

	/**
	 * The same body for whoever asks.
	 */
	static Turn body(String contentType, byte[] body) {
		return (exchange, stream) -> exchange.respond(200, body, "Content-Type", contentType);
	}

	static String event(String choice) {
		return "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[" + choice + "]}\n\n";
	}

	static String delta(String delta) {
		return event("{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}");
	}

	/**
	 * What the model does about one request.
	 */
	@FunctionalInterface
	public interface Turn {

		void answer(TestServer.Exchange exchange, boolean stream) throws IOException, InterruptedException;

	}

	/**
	 * The ways to make a call.
	 */
	enum Api {

		BLOCKING {

			@Override
			ChatCompletion call(ChatCompletionOperations chat, ChatRequest request) {
				return chat.complete(request);
			}

		},

		MONO {

			@Override
			ChatCompletion call(ChatCompletionOperations chat, ChatRequest request) {
				return chat.completeAsync(request).block(PATIENCE);
			}

		},

		FLUX {

			@Override
			ChatCompletion call(ChatCompletionOperations chat, ChatRequest request) {
				return chat.stream(request).collect(ChatCompletion.collector()).block(PATIENCE);
			}

		};

		abstract ChatCompletion call(ChatCompletionOperations chat, ChatRequest request);

		ChatCompletion call(ChatCompletionOperations chat, String prompt) {
			return call(chat, ChatRequest.of(prompt));
		}

		Mono<ChatCompletion> later(ChatCompletionOperations chat, String prompt) {
			return (this == FLUX) ? chat.stream(prompt).collect(ChatCompletion.collector())
					: chat.completeAsync(prompt);
		}

	}

	private record Answer(String reasoning, String content, List<ToolCall> calls, String finishReason) implements Turn {

		private static final String USAGE = ",\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
				+ "\"total_tokens\":15,\"prompt_cache_hit_tokens\":4,\"prompt_cache_miss_tokens\":6}}";

		@Override
		public void answer(TestServer.Exchange exchange, boolean stream) throws IOException {
			if (stream) {
				exchange.respond(200, events(), "Content-Type", "text/event-stream", "x-ds-trace-id", "trace");
			}
			else {
				exchange.respond(200, complete(), "Content-Type", "application/json", "x-ds-trace-id", "trace");
			}
		}

		private String complete() {
			List<String> calls = this.calls.stream()
				.map((call) -> "{\"id\":" + json(call.id()) + ",\"type\":\"function\",\"function\":{\"name\":"
						+ json(call.name()) + ",\"arguments\":" + json(call.arguments()) + "}}")
				.toList();
			return "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
					+ ((this.reasoning != null) ? "\"reasoning_content\":" + json(this.reasoning) + "," : "")
					+ "\"content\":" + json(this.content)
					+ (calls.isEmpty() ? "" : ",\"tool_calls\":[" + String.join(",", calls) + "]")
					+ "},\"finish_reason\":" + json(this.finishReason) + "}]" + USAGE;
		}

		private String events() {
			List<String> events = new ArrayList<>();
			if (this.reasoning != null) {
				events.add(delta("{\"reasoning_content\":" + json(this.reasoning) + "}"));
			}
			if (this.content != null) {
				for (String word : this.content.split("(?<= )")) {
					events.add(delta("{\"content\":" + json(word) + "}"));
				}
			}
			for (int i = 0; i < this.calls.size(); i++) {
				ToolCall call = this.calls.get(i);
				events.add(fragment(i, "\"id\":" + json(call.id()) + ",\"type\":\"function\",",
						"\"name\":" + json(call.name()) + ",", ""));
				for (String piece : call.arguments().split("(?<=\\G.{4})")) {
					events.add(fragment(i, "", "", piece));
				}
			}
			events.add("data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
					+ "\"finish_reason\":" + json(this.finishReason) + "}]" + USAGE + "\n\n");
			events.add("data: [DONE]\n\n");
			return String.join("", events);
		}

		private static String fragment(int index, String head, String name, String arguments) {
			return delta("{\"tool_calls\":[{\"index\":" + index + "," + head + "\"function\":{" + name
					+ "\"arguments\":" + json(arguments) + "}}]}");
		}

		private static String json(String text) {
			return JSON.writeValueAsString(text);
		}

	}

}
