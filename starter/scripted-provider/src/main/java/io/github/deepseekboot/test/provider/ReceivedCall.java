package io.github.deepseekboot.test.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A chat-completion request as a scripted provider received it. It never has the API key.
 */
public final class ReceivedCall {

	private static final int CHARACTERS_PER_TOKEN = 4;

	private static final int TOKENS_PER_MESSAGE = 4;

	private static final int CACHE_UNIT = 64;

	private final ReceivedRequest request;

	private final JsonNode body;

	private final long number;

	ReceivedCall(ReceivedRequest request, JsonNode body, long number) {
		this.request = request;
		this.body = body;
		this.number = number;
	}

	/**
	 * Return the place of this call among those that the provider received.
	 * @return the number, from 1
	 */
	public long number() {
		return this.number;
	}

	/**
	 * Return the body of the request.
	 * @return the JSON
	 */
	public JsonNode json() {
		return this.body;
	}

	/**
	 * Return a header of the request; of those with credentials no more than that they
	 * are there.
	 * @param name the name, in any case
	 * @return the value, or {@code null} if there is no such header
	 */
	public @Nullable String header(String name) {
		return this.request.headers().get(name);
	}

	/**
	 * Return the model, as the provider names it.
	 * @return the model, empty if the request has none
	 */
	public String model() {
		return this.body.path("model").asString("");
	}

	/**
	 * Return whether a stream is asked for.
	 * @return whether a stream is asked for
	 */
	public boolean isStream() {
		return this.body.path("stream").asBoolean(false);
	}

	/**
	 * Return whether thinking is switched on or off, in any spelling that hosts have for
	 * it.
	 * @return {@code null} if the request leaves it to the model
	 */
	public @Nullable Boolean thinking() {
		String type = this.body.path("thinking").path("type").asString("");
		if (!type.isEmpty()) {
			return !type.equals("disabled");
		}
		JsonNode template = this.body.path("chat_template_kwargs");
		for (JsonNode flag : List.of(this.body.path("enable_thinking"), template.path("thinking"),
				template.path("enable_thinking"), this.body.path("reasoning").path("enabled"),
				this.body.path("think"))) {
			if (flag.isBoolean()) {
				return flag.asBoolean();
			}
		}
		String effort = this.body.path("reasoning_effort")
			.asString(this.body.path("reasoning").path("effort").asString(""));
		return (effort.isEmpty()) ? null : Boolean.valueOf(!effort.equals("none"));
	}

	/**
	 * Return the messages.
	 * @return the messages, the latest last
	 */
	public List<ReceivedMessage> messages() {
		List<ReceivedMessage> messages = new ArrayList<>();
		for (JsonNode message : messageNodes()) {
			messages.add(new ReceivedMessage(message.path("role").asString(""), text(message)));
		}
		return messages;
	}

	/**
	 * Return the text of the last message, of any role.
	 * @return the text, empty if there is none
	 */
	public String lastMessage() {
		JsonNode messages = messageNodes();
		return text(messages.path(messages.size() - 1));
	}

	/**
	 * Return the text of the last message of the user.
	 * @return the text, empty if there is none
	 */
	public String lastUserMessage() {
		String text = "";
		for (JsonNode message : messageNodes()) {
			if (isFrom(message, "user")) {
				text = text(message);
			}
		}
		return text;
	}

	/**
	 * Return which turn of the conversation this is.
	 * @return the number of messages of the user, 1 for a first question
	 */
	public int turn() {
		int turn = 0;
		for (JsonNode message : messageNodes()) {
			turn += (isFrom(message, "user")) ? 1 : 0;
		}
		return turn;
	}

	/**
	 * Return the tools that the model may call.
	 * @return the names of the functions
	 */
	public List<String> tools() {
		List<String> names = new ArrayList<>();
		for (JsonNode tool : this.body.path("tools")) {
			names.add(tool.path("function").path("name").asString(""));
		}
		return names;
	}

	/**
	 * Return what tools have answered, if that is what the conversation ends with.
	 * @return the results, empty if the conversation ends otherwise
	 */
	public List<String> toolResults() {
		List<String> results = new ArrayList<>();
		for (JsonNode message : messageNodes()) {
			if (isFrom(message, "tool")) {
				results.add(text(message));
			}
			else {
				results.clear();
			}
		}
		return results;
	}

	boolean includeUsage() {
		return this.body.path("stream_options").path("include_usage").asBoolean(false);
	}

	JsonNode messageNodes() {
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

	// the function that the request leaves no choice but to call or, with a free choice,
	// the one that the last user message names
	@Nullable JsonNode wantedTool() {
		JsonNode choice = this.body.path("tool_choice");
		String forced = choice.path("function").path("name").asString("");
		String mode = choice.asString("auto");
		String question = lastUserMessage();
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
		for (JsonNode message : messageNodes()) {
			tokens += tokens(message);
		}
		return tokens;
	}

	// the tokens in a prefix cache: all messages but the new one, in full units
	int cachedTokens() {
		int size = messageNodes().size();
		int tokens = (size > 0) ? promptTokens() - tokens(messageNodes().path(size - 1)) : 0;
		return tokens / CACHE_UNIT * CACHE_UNIT;
	}

	private static int tokens(JsonNode node) {
		if (node.isMissingNode()) {
			return 0;
		}
		String text = (node.isObject()) ? text(node) : node.toString();
		return text.length() / CHARACTERS_PER_TOKEN + TOKENS_PER_MESSAGE;
	}

	private static boolean isFrom(JsonNode message, String role) {
		return message.path("role").asString("").equals(role);
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

	/**
	 * Describe what was asked, in a few lines.
	 */
	@Override
	public String toString() {
		StringBuilder text = new StringBuilder("call ").append(this.number)
			.append(": model '")
			.append(model())
			.append('\'')
			.append((isStream()) ? ", streamed" : "");
		Boolean thinking = thinking();
		if (thinking != null) {
			text.append((thinking) ? ", thinking" : ", not thinking");
		}
		if (!tools().isEmpty()) {
			text.append(", tools ").append(tools());
		}
		for (ReceivedMessage message : messages()) {
			text.append("\n    ").append(message.role()).append(": ").append(message.content());
		}
		return text.toString();
	}

}
