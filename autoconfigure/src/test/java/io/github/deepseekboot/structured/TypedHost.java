package io.github.deepseekboot.structured;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.ChatCompletionTemplate;
import io.github.deepseekboot.autoconfigure.DeepSeekAutoConfiguration;
import io.github.deepseekboot.transport.TestServer;

/**
 * The hosts of three providers on one socket, whose answers follow a script, and an
 * application that asks them.
 */
public final class TypedHost implements AutoCloseable {

	static final JsonMapper JSON = JsonMapper.builder().build();

	// half a character may stand in a piece, as an escape
	private static final ObjectWriter ASCII = JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

	private final Queue<TestServer.Handler> script = new ConcurrentLinkedQueue<>();

	private final TestServer server = TestServer.start((exchange) -> this.script.remove().handle(exchange));

	/**
	 * Give an answer.
	 */
	public TypedHost answer(String content) {
		return answer(content, "stop");
	}

	public TypedHost answer(String content, String finishReason) {
		return then(
				(exchange) -> exchange.respond(200,
						"""
								{"model": "m", "choices": [{"index": 0, "message": {"role": "assistant", "content": %s},
								"finish_reason": "%s"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}"""
							.formatted(JSON.writeValueAsString(content), finishReason),
						"Content-Type", "application/json"));
	}

	/**
	 * Call a tool without arguments.
	 */
	TypedHost call(String tool) {
		return callWith(tool, "{}");
	}

	/**
	 * Call a tool.
	 */
	public TypedHost callWith(String tool, String arguments) {
		return then(
				(exchange) -> exchange
					.respond(200,
							"""
									{"choices": [{"index": 0, "message": {"role": "assistant", "content": null, "tool_calls": [{"id": "call-1",
									"type": "function", "function": {"name": "%s", "arguments": %s}}]}, "finish_reason": "tool_calls"}]}"""
								.formatted(tool, JSON.writeValueAsString(arguments)),
							"Content-Type", "application/json"));
	}

	/**
	 * Stream some words and the call of a tool.
	 */
	TypedHost streamCall(String words, String tool) {
		return then((exchange) -> {
			exchange.head(200, "Content-Type", "text/event-stream");
			exchange.chunk(events(words) + """
					data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call-1","function":\
					{"name":"%s","arguments":"{}"}}]},"finish_reason":null}]}

					""".formatted(tool) + end("tool_calls"));
			exchange.end();
		});
	}

	/**
	 * Stream an answer in these pieces.
	 */
	public TypedHost stream(String finishReason, String... pieces) {
		return then((exchange) -> {
			exchange.head(200, "Content-Type", "text/event-stream");
			exchange.chunk(events(pieces) + end(finishReason));
			exchange.end();
		});
	}

	TypedHost then(TestServer.Handler handler) {
		this.script.add(handler);
		return this;
	}

	static String events(String... pieces) {
		return Arrays.stream(pieces)
			.map((piece) -> "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":" + ASCII.writeValueAsString(piece)
					+ "},\"finish_reason\":null}]}\n\n")
			.collect(Collectors.joining());
	}

	static String end(String finishReason) {
		return "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + finishReason + "\"}],"
				+ "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}\n\ndata: [DONE]\n\n";
	}

	/**
	 * The bodies of the requests so far.
	 */
	public List<JsonNode> requests() {
		return this.server.requests().stream().map((request) -> JSON.readTree(request.text())).toList();
	}

	List<String> paths() {
		return this.server.requests().stream().map(TestServer.Request::path).toList();
	}

	/**
	 * What is left of the script.
	 */
	int unused() {
		return this.script.size();
	}

	public void run(Consumer<ChatCompletionTemplate> application, String... properties) {
		run(runner(), application, properties);
	}

	/**
	 * Run an application whose class path lacks a package.
	 */
	public void runWithout(String missing, Consumer<ChatCompletionTemplate> application) {
		run(runner().withClassLoader(new FilteredClassLoader(missing)), application);
	}

	private static ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(DeepSeekAutoConfiguration.class,
				WebClientAutoConfiguration.class, JacksonAutoConfiguration.class, ValidationAutoConfiguration.class));
	}

	private void run(ApplicationContextRunner runner, Consumer<ChatCompletionTemplate> application,
			String... properties) {
		List<String> all = new ArrayList<>(List.of("deepseek.fallback=siliconflow,deepseek,alayanew"));
		for (String id : List.of("siliconflow", "deepseek", "alayanew")) {
			all.add("deepseek.providers." + id + ".base-url=" + this.server.baseUrl() + "/" + id);
			all.add("deepseek.providers." + id + ".api-key=test-key");
		}
		all.add("deepseek.providers.siliconflow.structured-output=json-schema");
		all.addAll(List.of(properties));
		runner.withPropertyValues(all.toArray(String[]::new))
			.run((context) -> application.accept(context.getBean(ChatCompletionTemplate.class)));
	}

	@Override
	public void close() {
		this.server.close();
	}

}
