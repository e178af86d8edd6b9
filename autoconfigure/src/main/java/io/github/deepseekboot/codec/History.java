package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ChatMessage;
import io.github.deepseekboot.chat.MessageRole;
import io.github.deepseekboot.chat.ToolCall;

/**
 * The messages of a request as hosts take them, whoever made them. A host refuses an
 * entire history in which a tool call is not answered, an answer belongs to no call, or
 * the arguments of a call are no JSON object, and it would do so in every turn to come.
 */
final class History {

	private static final JsonMapper LENIENT = JsonMapper.builder()
		.enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS, JsonReadFeature.ALLOW_TRAILING_COMMA,
				JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES,
				JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
		.build();

	private History() {
	}

	/**
	 * What is to be sent in place of each message.
	 * @param messages the messages
	 * @return for each message the same or another, or {@code null} to send none
	 */
	static List<@Nullable ChatMessage> sent(List<ChatMessage> messages) {
		List<@Nullable ChatMessage> sent = new ArrayList<>(messages);
		boolean tools = false;
		for (ChatMessage message : messages) {
			tools |= message.role() == MessageRole.TOOL || !message.toolCalls().isEmpty();
		}
		if (tools) {
			int i = 0;
			while (i < messages.size()) {
				i = turn(messages, i, sent);
			}
		}
		return sent;
	}

	// a message with the answers to its calls
	private static int turn(List<ChatMessage> messages, int start, List<@Nullable ChatMessage> sent) {
		ChatMessage message = messages.get(start);
		Set<String> made = new HashSet<>(0);
		List<ToolCall> calls = calls(message, start, made);
		int end = start + 1;
		while (end < messages.size() && messages.get(end).role() == MessageRole.TOOL) {
			end++;
		}
		Map<String, Integer> answers = new HashMap<>();
		List<Integer> unnamed = new ArrayList<>();
		for (int i = (message.role() == MessageRole.TOOL) ? start : start + 1; i < end; i++) {
			String id = messages.get(i).toolCallId();
			if (id != null) {
				answers.putIfAbsent(id, i);
			}
			else {
				unnamed.add(i);
			}
			sent.set(i, null);
		}
		List<ToolCall> answered = new ArrayList<>(calls.size());
		for (ToolCall call : calls) {
			Integer answer = answers.remove(call.id());
			if (answer == null && made.contains(call.id()) && !unnamed.isEmpty()) {
				answer = unnamed.remove(0);
			}
			if (answer != null) {
				answered.add(call);
				sent.set(answer, messages.get(answer).toBuilder().toolCallId(call.id()).build());
			}
		}
		if (!calls.isEmpty()) {
			boolean empty = answered.isEmpty() && !StringUtils.hasText(message.content()) && message.parts().isEmpty();
			sent.set(start, empty ? null : message.toBuilder().toolCalls(answered).build());
		}
		return end;
	}

	// with an id, a name and arguments each
	private static List<ToolCall> calls(ChatMessage message, int position, Set<String> made) {
		List<ToolCall> calls = new ArrayList<>(message.toolCalls().size());
		Set<String> ids = new HashSet<>();
		for (ToolCall call : message.toolCalls()) {
			String id = call.id();
			if (id == null) {
				id = "call_" + position + "_" + calls.size();
				made.add(id);
			}
			if (ids.add(id)) {
				String name = call.name().isBlank() ? "unnamed" : call.name();
				ToolCall named = new ToolCall(id, name, call.arguments(), call.extra());
				calls
					.add(named.isComplete() ? named : new ToolCall(id, name, repaired(call.arguments()), call.extra()));
			}
		}
		return calls;
	}

	private static String repaired(String arguments) {
		try {
			JsonNode read = LENIENT.readTree(arguments);
			return read.isObject() ? WireJson.MAPPER.writeValueAsString(read) : "{}";
		}
		catch (JacksonException ex) {
			return "{}";
		}
	}

}
