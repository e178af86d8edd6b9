package io.github.deepseekboot.recordings;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.transport.TestServer;

/**
 * A host on loopback that behaves as a field report says.
 */
final class ReportedHost implements AutoCloseable {

	private static final Pattern MOMENT = Pattern.compile("\\{(ms|s)\\+(\\d+)}");

	private static final int HELD_MILLIS = 30_000;

	private static final int HEARTBEAT_MILLIS = 200;

	private static final JsonMapper mapper = JsonMapper.builder().build();

	private final String name;

	private final List<JsonNode> replies;

	private final AtomicInteger next = new AtomicInteger();

	private final List<String> bodies = new ArrayList<>();

	private final TestServer server;

	ReportedHost(String name, List<JsonNode> replies) {
		this.name = name;
		this.replies = replies;
		this.server = TestServer.start(this::answer);
	}

	String baseUrl() {
		return this.server.baseUrl() + "/v1";
	}

	/**
	 * The bodies of the chat requests so far.
	 * @return a copy
	 */
	List<String> bodies() {
		synchronized (this.bodies) {
			return List.copyOf(this.bodies);
		}
	}

	private void answer(TestServer.Exchange exchange) throws IOException {
		if (!exchange.request().method().equals("POST")) {
			exchange.respond(404, "{}", "Content-Type", "application/json");
			return;
		}
		synchronized (this.bodies) {
			this.bodies.add(exchange.request().text());
		}
		JsonNode reply = this.replies.get(Math.min(this.next.getAndIncrement(), this.replies.size() - 1));
		if (reply.isString()) {
			healthy(exchange);
		}
		else if (reply.has("events")) {
			events(exchange, reply);
		}
		else {
			JsonNode body = reply.path("body");
			exchange.respond(reply.path("status").asInt(200),
					moments(body.isString() ? body.stringValue() : body.isMissingNode() ? "" : body.toString()),
					headers(reply, "application/json"));
		}
	}

	private void healthy(TestServer.Exchange exchange) throws IOException {
		String text = "from " + this.name;
		if (mapper.readTree(exchange.request().text()).path("stream").asBoolean(false)) {
			exchange.head(200, "Content-Type", "text/event-stream");
			exchange.chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}\n\n"
					+ "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
					+ "data: [DONE]\n\n");
			exchange.end();
			return;
		}
		exchange.respond(200, "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" + text
				+ "\"},\"finish_reason\":\"stop\"}]}", "Content-Type", "application/json");
	}

	private void events(TestServer.Exchange exchange, JsonNode reply) throws IOException {
		exchange.head(reply.path("status").asInt(200), headers(reply, "text/event-stream"));
		for (JsonNode event : reply.path("events")) {
			exchange.chunk(moments(event.isString() ? event.stringValue() : "data: " + event + "\n\n"));
		}
		switch (reply.path("end").asString("done")) {
			case "done" -> {
				exchange.chunk("data: [DONE]\n\n");
				exchange.end();
			}
			case "close" -> exchange.end();
			case "cut" -> exchange.close();
			case "hold" -> exchange.closedByClient(HELD_MILLIS);
			case "heartbeat" -> {
				for (int i = 0; i < HELD_MILLIS / HEARTBEAT_MILLIS && !exchange.closedByClient(HEARTBEAT_MILLIS); i++) {
					exchange.chunk(": keep-alive\n\n");
				}
			}
			default -> throw new IllegalStateException("unknown end: " + reply.path("end"));
		}
	}

	private static String[] headers(JsonNode reply, String contentType) {
		List<String> headers = new ArrayList<>();
		String type = reply.path("contentType").asString(contentType);
		if (!type.isEmpty()) {
			headers.addAll(List.of("Content-Type", type));
		}
		reply.path("headers")
			.properties()
			.forEach((header) -> headers.addAll(List.of(header.getKey(), moments(header.getValue().asString()))));
		return headers.toArray(String[]::new);
	}

	private static String moments(String text) {
		return MOMENT.matcher(text).replaceAll((match) -> {
			Instant moment = Instant.now().plusSeconds(Long.parseLong(match.group(2)));
			return Matcher.quoteReplacement(
					String.valueOf(match.group(1).equals("ms") ? moment.toEpochMilli() : moment.getEpochSecond()));
		});
	}

	@Override
	public void close() {
		this.server.close();
	}

}
