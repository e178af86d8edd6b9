package io.github.deepseekboot.test.provider;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a provider says that has no script for it.
 */
final class BuiltInText {

	private static final int QUOTED = 200;

	private BuiltInText() {
	}

	static String reasoning(String provider) {
		return """
				The question is in. There is no model behind this simulated %s, so there is nothing to work out. \
				Still, a thinking model would turn the question over here, and a client should show or hide \
				these lines as it likes. Now for the reply.""".formatted(provider);
	}

	static String answer(ReceivedCall call, String provider) {
		List<String> results = call.toolResults();
		if (call.wantsJson()) {
			JsonNode schema = call.responseSchema();
			ObjectNode plain = Json.object()
				.put("simulated", true)
				.put("provider", provider)
				.put("answer", "No model was asked.");
			return ((schema.isObject()) ? sample(schema) : plain).toString();
		}
		if (!results.isEmpty()) {
			return """
					The tool has answered, and the simulated %s passes it on:

					> %s

					A real model would put this into words of its own.""".formatted(provider,
					quoted(String.join(" / ", results)));
		}
		return """
				This is a **simulated answer**. It comes from a stand-in for %s on this machine; \
				no model was asked and nothing was billed.

				You wrote:

				> %s

				A real model would answer that. The simulator shows how an answer arrives:

				- in small pieces, one after the other, at the pace of its script
				- with reasoning first, where the provider thinks
				- with the tokens counted at the end

				Even code comes through:

				```java
				for (String piece : answer) {
					System.out.print(piece);
				}
				```

				To hear from the real %1$s, configure its address and an API key.""".formatted(provider,
				quoted(call.lastUserMessage()));
	}

	private static String quoted(String text) {
		String line = text.strip().replaceAll("\\s+", " ");
		if (line.codePointCount(0, line.length()) <= QUOTED) {
			return line;
		}
		return line.substring(0, line.offsetByCodePoints(0, QUOTED)) + " …";
	}

	// make up a value that fits a JSON schema, as far as its types go
	static JsonNode sample(JsonNode schema) {
		return Json.tree(sampleValue(schema));
	}

	private static Object sampleValue(JsonNode schema) {
		JsonNode choices = schema.path("enum");
		if (!choices.isEmpty()) {
			return choices.path(0);
		}
		JsonNode type = schema.path("type");
		return switch (((type.isArray()) ? type.path(0) : type).asString("object")) {
			case "string" -> "simulated";
			case "integer", "number" -> 1;
			case "boolean" -> true;
			case "array" -> List.of(sampleValue(schema.path("items")));
			default -> sampleObject(schema.path("properties"));
		};
	}

	private static Map<String, Object> sampleObject(JsonNode properties) {
		Map<String, Object> object = new LinkedHashMap<>();
		properties.forEachEntry((name, schema) -> object.put(name, sampleValue(schema)));
		return object;
	}

}
