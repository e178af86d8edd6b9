package io.github.deepseekboot.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A chat-completion request, read leniently.
 */
final class ChatCall {

	private static final int CHARACTERS_PER_TOKEN = 4;

	private static final int TOKENS_PER_MESSAGE = 4;

	private static final int CACHE_UNIT = 64;

	private final JsonNode body;

	ChatCall(JsonNode body) {
		this.body = body;
	}

	JsonNode body() {
		return this.body;
	}

	String model() {
		return this.body.path("model").asString("");
	}

	boolean stream() {
		return this.body.path("stream").asBoolean(false);
	}

	boolean includeUsage() {
		return this.body.path("stream_options").path("include_usage").asBoolean(false);
	}

	JsonNode messages() {
		return this.body.path("messages");
	}

	// the limit of the answer, the greatest number if there is none
	int maxTokens() {
		int limit = this.body.path("max_tokens").asInt(this.body.path("max_completion_tokens").asInt(0));
		return (limit > 0) ? limit : Integer.MAX_VALUE;
	}

	boolean wantsJson() {
		return this.body.path("response_format").path("type").asString("text").startsWith("json");
	}

	// the schema that the answer must follow, a missing node if there is none
	JsonNode responseSchema() {
		return this.body.path("response_format").path("json_schema").path("schema");
	}

	String lastUserText() {
		String text = "";
		for (JsonNode message : messages()) {
			if (message.path("role").asString("").equals("user")) {
				text = text(message);
			}
		}
		return text;
	}

	// what the tools answered if that is what the conversation ends with
	List<String> toolResults() {
		List<String> results = new ArrayList<>();
		for (JsonNode message : messages()) {
			if (message.path("role").asString("").equals("tool")) {
				results.add(text(message));
			}
			else {
				results.clear();
			}
		}
		return results;
	}

	// the function that the request leaves no choice but to call or, with a free choice,
	// the one that the last user message names
	@Nullable JsonNode wantedTool() {
		JsonNode choice = this.body.path("tool_choice");
		String forced = choice.path("function").path("name").asString("");
		String mode = choice.asString("auto");
		String question = lastUserText();
		for (JsonNode tool : this.body.path("tools")) {
			JsonNode function = tool.path("function");
			String name = function.path("name").asString("");
			boolean wanted = switch (mode) {
				case "none" -> false;
				case "required" -> true;
				default -> (forced.isEmpty()) ? mentions(question, name) : forced.equals(name);
			};
			if (wanted && !name.isEmpty()) {
				return function;
			}
		}
		return null;
	}

	private static boolean mentions(String text, String name) {
		String lower = text.toLowerCase(Locale.ROOT);
		String tool = name.toLowerCase(Locale.ROOT);
		return lower.contains(tool) || lower.contains(tool.replace('_', ' '));
	}

	int promptTokens() {
		int tokens = tokens(this.body.path("tools"));
		for (JsonNode message : messages()) {
			tokens += tokens(message);
		}
		return tokens;
	}

	// the tokens that a prefix cache would have: all messages but the new one, in whole
	// units
	int cachedTokens() {
		int size = messages().size();
		int tokens = (size > 0) ? promptTokens() - tokens(messages().path(size - 1)) : 0;
		return tokens / CACHE_UNIT * CACHE_UNIT;
	}

	private static int tokens(JsonNode node) {
		if (node.isMissingNode()) {
			return 0;
		}
		String text = (node.isObject()) ? text(node) : node.toString();
		return text.length() / CHARACTERS_PER_TOKEN + TOKENS_PER_MESSAGE;
	}

	private static String text(JsonNode message) {
		JsonNode content = message.path("content");
		if (!content.isArray()) {
			return content.asString("");
		}
		StringBuilder text = new StringBuilder();
		for (JsonNode part : content) {
			text.append(part.path("text").asString(""));
		}
		return text.toString();
	}

}
