package io.github.deepseekboot.test.provider;

import java.nio.charset.StandardCharsets;

import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one JSON mapper.
 */
final class Json {

	private static final JsonMapper MAPPER = new JsonMapper();

	private static final ObjectWriter ASCII = MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

	private Json() {
	}

	static ObjectNode object() {
		return MAPPER.createObjectNode();
	}

	static JsonNode parse(String json) {
		return MAPPER.readTree(json);
	}

	static JsonNode parse(byte[] json) {
		return MAPPER.readTree(json);
	}

	static JsonNode tree(Object value) {
		return MAPPER.valueToTree(value);
	}

	static String write(Object value) {
		return MAPPER.writeValueAsString(value);
	}

	static String pretty(JsonNode value) {
		return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
	}

	static byte[] writeBytes(Object value) {
		return MAPPER.writeValueAsBytes(value);
	}

	// with escapes, as which half a character may stand alone
	static byte[] writeAscii(String text) {
		return ASCII.writeValueAsString(text).getBytes(StandardCharsets.US_ASCII);
	}

}
