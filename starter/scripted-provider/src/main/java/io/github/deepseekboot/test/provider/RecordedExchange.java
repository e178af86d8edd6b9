package io.github.deepseekboot.test.provider;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request and its response as they stand on a {@link Cassette}.
 *
 * @param request the request's body
 * @param status the HTTP status
 * @param headers the headers of the response that matter
 * @param frames the pieces of the response's body
 * @param end what happened after them
 */
record RecordedExchange(JsonNode request, int status, Map<String, String> headers, List<Frame> frames,
		ScriptedResponse.End end) {

	static RecordedExchange read(JsonNode json) {
		JsonNode response = json.path("response");
		Map<String, String> headers = new LinkedHashMap<>();
		response.path("headers").forEachEntry((name, value) -> headers.put(name, value.asString()));
		List<Frame> frames = new ArrayList<>();
		for (JsonNode frame : response.path("frames")) {
			// JSON stands as such, so that it can be read
			JsonNode content = frame.path("json");
			frames.add(new Frame(frame.path("at").asLong(),
					(content.isMissingNode()) ? frame.path("text").asString("") : content.toString()));
		}
		return new RecordedExchange(json.path("request"), response.path("status").asInt(), headers, frames,
				ScriptedResponse.End.valueOf(response.path("end").asString("complete").toUpperCase(Locale.ROOT)));
	}

	ObjectNode write() {
		ObjectNode json = Json.object();
		json.set("request", this.request);
		ObjectNode response = json.putObject("response").put("status", this.status);
		ObjectNode names = response.putObject("headers");
		this.headers.forEach(names::put);
		ArrayNode pieces = response.putArray("frames");
		boolean isJson = this.headers.getOrDefault("content-type", "").contains("json");
		for (Frame frame : this.frames) {
			ObjectNode piece = pieces.addObject().put("at", frame.at());
			JsonNode content = (isJson && this.frames.size() == 1) ? Exchange.parse(frame.text()) : Json.tree("");
			if (content.isObject()) {
				piece.set("json", content);
			}
			else {
				piece.put("text", frame.text());
			}
		}
		response.put("end", this.end.name().toLowerCase(Locale.ROOT));
		return json;
	}

	/**
	 * A piece of a response: an event of a stream, or the complete body.
	 *
	 * @param at when it came, in milliseconds since the request
	 * @param text what came
	 */
	record Frame(long at, String text) {

	}

}
