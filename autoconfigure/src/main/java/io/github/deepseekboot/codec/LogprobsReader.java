package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import io.github.deepseekboot.chat.Logprobs;
import io.github.deepseekboot.chat.TokenLogprob;

/**
 * Reads log probabilities.
 */
final class LogprobsReader {

	private LogprobsReader() {
	}

	static @Nullable Logprobs read(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return null;
		}
		List<TokenLogprob> content = List.of();
		List<TokenLogprob> reasoning = List.of();
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "content" -> content = tokens(parser, value);
				case "reasoning_content" -> reasoning = tokens(parser, value);
				default -> parser.skipChildren();
			}
		}
		return (content.isEmpty() && reasoning.isEmpty()) ? null : new Logprobs(content, reasoning);
	}

	private static List<TokenLogprob> tokens(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_ARRAY) {
			parser.skipChildren();
			return List.of();
		}
		List<TokenLogprob> logprobs = new ArrayList<>();
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element == JsonToken.START_OBJECT) {
				logprobs.add(token(parser));
			}
			else {
				parser.skipChildren();
			}
		}
		return logprobs;
	}

	private static TokenLogprob token(JsonParser parser) {
		String token = "";
		double logprob = Double.NaN;
		List<Integer> bytes = null;
		List<TokenLogprob> top = List.of();
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			if (name.equals("token") && value == JsonToken.VALUE_STRING) {
				token = parser.getString();
			}
			else if (name.equals("logprob") && value.isNumeric()) {
				logprob = parser.getDoubleValue();
			}
			else if (name.equals("bytes") && value == JsonToken.START_ARRAY) {
				bytes = new ArrayList<>();
				JsonToken element;
				while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
					bytes.add(JsonScalars.index(parser, element, 0));
				}
			}
			else if (name.equals("top_logprobs")) {
				top = tokens(parser, value);
			}
			else {
				parser.skipChildren();
			}
		}
		return new TokenLogprob(token, logprob, bytes, top);
	}

}
