package io.github.deepseekboot.tool;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

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
import io.github.deepseekboot.test.provider.ReceivedRequest;
import io.github.deepseekboot.test.provider.ScriptedAnswer;
import io.github.deepseekboot.test.provider.ScriptedProvider;
import io.github.deepseekboot.transport.ProviderConnections;

/**
 * A provider whose model calls tools by a script: one answer for each request, the last
 * one again and again.
 */
@NullUnmarked
public final class CallingModel implements AutoCloseable {

	static final Duration PATIENCE = Duration.ofSeconds(20);

	static final JsonMapper JSON = JsonMapper.builder().build();

	// one that does not think unasked
	private static final String MODEL = "deepseek-chat";

	private final ScriptedProvider provider;

	private final ProviderConnections connections = new ProviderConnections(WebClient.builder(), null);

	private final ChatCompletionTemplate template;

	@SafeVarargs
	public CallingModel(Consumer<ScriptedAnswer>... script) {
		this("deepseek", script);
	}

	@SafeVarargs
	public CallingModel(String preset, Consumer<ScriptedAnswer>... script) {
		this.provider = ScriptedProvider.start(preset);
		for (int i = 0; i < script.length; i++) {
			ScriptedAnswer answer = this.provider.reply().usage(10, 4, 5, 0).header("x-ds-trace-id", "trace");
			script[i].accept((i < script.length - 1) ? answer : answer.always());
		}
		Provider provider = Provider.builder(preset, ProviderPresets.get(preset))
			.baseUrl(this.provider.baseUrl())
			.apiKey(ApiKey.of("test-key"))
			.models(Map.of("chat", ProviderModel.of(MODEL)))
			.build();
		this.template = new ChatCompletionTemplate(RoutingClient
			.builder(List.of(this.connections.client(provider, new ProviderConnections.Settings(100))),
					new ProviderChain(List.of(preset)))
			.build());
	}

	/**
	 * Properties of an application that asks the model.
	 */
	public String[] properties() {
		return new String[] { "deepseek.providers.deepseek.api-key=test-key",
				"deepseek.providers.deepseek.base-url=" + this.provider.baseUrl(),
				"deepseek.providers.deepseek.models.chat=" + MODEL };
	}

	public ChatCompletionTemplate template() {
		return this.template;
	}

	/**
	 * The bodies of the requests that came.
	 */
	public List<JsonNode> requests() {
		return this.provider.requests().stream().map(ReceivedRequest::json).toList();
	}

	@Override
	public void close() {
		this.connections.close();
		this.provider.close();
	}

	/**
	 * The model calls tools: {@code call("c1", "weather", "{}")} and so on.
	 */
	public static Consumer<ScriptedAnswer> calling(ToolCall... calls) {
		return ending("tool_calls", calls);
	}

	static Consumer<ScriptedAnswer> calling(String reasoning, String content, ToolCall... calls) {
		return (answer) -> {
			calling(calls).accept(answer.thinks(reasoning));
			if (content != null) {
				answer.answers(content);
			}
		};
	}

	static Consumer<ScriptedAnswer> ending(String finishReason, ToolCall... calls) {
		return (answer) -> {
			answer.finishReason(finishReason);
			for (ToolCall call : calls) {
				answer.calls(call.id(), call.name(), call.arguments());
			}
		};
	}

	public static Consumer<ScriptedAnswer> saying(String text) {
		return (answer) -> answer.answers(text);
	}

	public static ToolCall call(String id, String name, String arguments) {
		return new ToolCall(id, name, arguments);
	}

	/**
	 * The same body for whoever asks.
	 */
	static Consumer<ScriptedAnswer> body(String contentType, byte[] body) {
		return (answer) -> answer.sends(contentType, new String(body, StandardCharsets.UTF_8));
	}

	static String event(String choice) {
		return "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[" + choice + "]}\n\n";
	}

	static String delta(String delta) {
		return event("{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}");
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

}
