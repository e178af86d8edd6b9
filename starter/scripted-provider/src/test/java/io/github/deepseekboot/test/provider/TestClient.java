package io.github.deepseekboot.test.provider;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a simulated provider.
 */
final class TestClient {

	static final String KEY = "sk-0123456789-0123456789-wxyz";

	private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final ScriptedProvider provider;

	TestClient(ScriptedProvider provider) {
		this.provider = provider;
	}

	/**
	 * A server with the three hosts that have a shape of their own.
	 */
	static ScriptedServer simulator() {
		ScriptedServer server = ScriptedServer.start();
		List.of("deepseek", "siliconflow", "alayanew").forEach(server::simulateProvider);
		return server;
	}

	static ObjectNode question(String model, String text) {
		ObjectNode body = Json.object().put("model", model);
		body.putArray("messages").addObject().put("role", "user").put("content", text);
		return body;
	}

	static ObjectNode streamed(ObjectNode question) {
		question.put("stream", true).putObject("stream_options").put("include_usage", true);
		return question;
	}

	static ObjectNode withTool(ObjectNode question, String name) {
		ObjectNode function = question.putArray("tools")
			.addObject()
			.put("type", "function")
			.putObject("function")
			.put("name", name);
		function.putObject("parameters")
			.put("type", "object")
			.putObject("properties")
			.putObject("city")
			.put("type", "string");
		return question;
	}

	HttpResponse<String> post(JsonNode body) {
		return send(request("/chat/completions").POST(HttpRequest.BodyPublishers.ofString(body.toString())).build());
	}

	HttpResponse<String> get(String path) {
		return send(request(path).GET().build());
	}

	HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create(this.provider.baseUrl() + path))
			.timeout(Duration.ofSeconds(20))
			.header("Authorization", "Bearer " + KEY)
			.header("Content-Type", "application/json");
	}

	HttpResponse<String> send(HttpRequest request) {
		try {
			return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	JsonNode complete(ObjectNode question) {
		return Json.parse(post(question).body());
	}

	/**
	 * Return the data of the events but the end marker.
	 */
	List<JsonNode> stream(ObjectNode question) {
		return events(post(streamed(question)).body());
	}

	static List<JsonNode> events(String body) {
		return body.lines()
			.filter((line) -> line.startsWith("data: {"))
			.map((line) -> Json.parse(line.substring("data: ".length())))
			.toList();
	}

	static List<JsonNode> deltas(List<JsonNode> events) {
		return events.stream()
			.map((event) -> event.path("choices").path(0).path("delta"))
			.filter((delta) -> !delta.isMissingNode())
			.toList();
	}

	static String joined(List<JsonNode> events, String field) {
		StringBuilder text = new StringBuilder();
		deltas(events).forEach((delta) -> text.append(delta.path(field).asString("")));
		return text.toString();
	}

	static String arguments(List<JsonNode> events, int index) {
		StringBuilder text = new StringBuilder();
		for (JsonNode delta : deltas(events)) {
			for (JsonNode call : delta.path("tool_calls")) {
				if (call.path("index").asInt(-1) == index) {
					text.append(call.path("function").path("arguments").asString(""));
				}
			}
		}
		return text.toString();
	}

	static JsonNode last(List<JsonNode> events) {
		return events.get(events.size() - 1);
	}

}
