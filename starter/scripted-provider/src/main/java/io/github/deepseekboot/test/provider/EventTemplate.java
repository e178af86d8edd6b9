package io.github.deepseekboot.test.provider;

import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import tools.jackson.databind.JsonNode;

/**
 * An event of a stream, encoded once but for two holes: its text and its usage. Writing
 * one is copying bytes.
 */
final class EventTemplate {

	/**
	 * Placeholder of the text in the JSON; a character of private use, which no real text
	 * has.
	 */
	static final String TEXT = "\uE000";

	/**
	 * Placeholder of the usage in the JSON.
	 */
	static final String USAGE = "\uE001";

	private static final String TEXT_HOLE = "\"" + TEXT + "\"";

	private static final String USAGE_HOLE = "\"" + USAGE + "\"";

	private final byte[] beforeText;

	private final byte[] beforeUsage;

	private final byte[] afterUsage;

	private final boolean usage;

	EventTemplate(JsonNode data) {
		String event = "data: " + data + "\n\n";
		int text = event.indexOf(TEXT_HOLE);
		String rest = (text < 0) ? event : event.substring(text + TEXT_HOLE.length());
		int hole = rest.indexOf(USAGE_HOLE);
		this.usage = hole >= 0;
		this.beforeText = bytes((text < 0) ? "" : event.substring(0, text));
		this.beforeUsage = bytes((this.usage) ? rest.substring(0, hole) : rest);
		this.afterUsage = bytes((this.usage) ? rest.substring(hole + USAGE_HOLE.length()) : "");
	}

	boolean hasUsage() {
		return this.usage;
	}

	void write(ByteBuf out, byte[] text, byte[] usage) {
		out.writeBytes(this.beforeText).writeBytes(text).writeBytes(this.beforeUsage);
		if (this.usage) {
			out.writeBytes(usage).writeBytes(this.afterUsage);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
