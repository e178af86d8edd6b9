package io.github.deepseekboot.samples.frameworks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.test.provider.ReceivedCall;
import io.github.deepseekboot.test.provider.ScriptedAnswer;

/**
 * Stands in for a model. It knows a little of the world, counts, calls the tools that a
 * question is about with what it finds in the question, follows JSON schemas, and keeps
 * to limits and stop sequences. It knows nothing of who asks.
 */
final class ModelDouble implements BiConsumer<ReceivedCall, ScriptedAnswer> {

	private static final Map<String, String> CAPITALS = Map.of("germany", "Berlin", "france", "Paris", "norway",
			"Oslo");

	private static final Map<String, String> GERMAN = Map.of("i love you", "Ich liebe dich", "good morning",
			"Guten Morgen");

	private static final Pattern SUM = Pattern.compile("(\\d+) ?(?:\\+|plus) ?(\\d+)");

	private static final Pattern FAVOURITE = Pattern.compile("my (.+?) is (\\w+)", Pattern.CASE_INSENSITIVE);

	private static final Pattern QUOTED = Pattern.compile("'([^']+)'");

	private static final Pattern TOKEN = Pattern.compile("\\s*\\S{1,7}");

	@Override
	public void accept(ReceivedCall call, ScriptedAnswer answer) {
		Turn turn = new Turn(call.json());
		List<ToolPlan.Call> calls = new ToolPlan(turn).calls();
		if (!calls.isEmpty()) {
			calls.forEach((wanted) -> answer.calls(wanted.tool(), wanted.arguments()));
			return;
		}
		String text = untilStop(call.json(), say(call, turn));
		List<String> tokens = tokens(text);
		int limit = call.json()
			.path("max_tokens")
			.asInt(call.json().path("max_completion_tokens").asInt(Integer.MAX_VALUE));
		if (tokens.size() > limit) {
			answer.answers(String.join("", tokens.subList(0, limit))).finishReason("length");
		}
		else {
			answer.answers(text);
		}
	}

	private static String say(ReceivedCall call, Turn turn) {
		JsonNode schema = schema(call.json());
		if (!schema.isMissingNode()) {
			return new Extractor(turn.question() + " " + String.join(" ", turn.results())).object(schema).toString();
		}
		String answer = plainly(turn);
		if (call.json().path("response_format").path("type").asString("").equals("json_object")) {
			Matcher field = QUOTED.matcher(turn.question());
			return JsonMapper.shared()
				.writeValueAsString(field.find() ? Map.of(field.group(1), answer) : Map.of("answer", answer));
		}
		return answer;
	}

	private static String plainly(Turn turn) {
		if (!turn.results().isEmpty()) {
			return "The tools returned: " + String.join(" and ", turn.results());
		}
		String question = turn.question().toLowerCase(Locale.ROOT);
		List<String> sentences = new ArrayList<>();
		CAPITALS.forEach((country, capital) -> {
			if (question.contains("capital of " + country)) {
				sentences.add(capital);
			}
		});
		Matcher sum = SUM.matcher(question);
		while (sum.find()) {
			sentences.add(sum.group(1) + " and " + sum.group(2) + " make "
					+ (Integer.parseInt(sum.group(1)) + Integer.parseInt(sum.group(2))));
		}
		if (turn.system().contains("into German")) {
			GERMAN.forEach((english, german) -> {
				if (question.contains(english)) {
					sentences.add(german);
				}
			});
		}
		Matcher remembered = FAVOURITE.matcher(turn.earlier());
		while (remembered.find()) {
			if (question.contains("my " + remembered.group(1).toLowerCase(Locale.ROOT))) {
				sentences.add("Your " + remembered.group(1) + " is " + remembered.group(2));
			}
		}
		if (question.startsWith("say ")) {
			Matcher quoted = QUOTED.matcher(turn.question());
			sentences.add(quoted.find() ? quoted.group(1) : "");
		}
		if (question.contains("story")) {
			sentences.add("Once upon a time, a fox met a crow. ".repeat(40));
		}
		turn.images().forEach((image) -> sentences.add("I see a " + image));
		sentences.addAll(found(turn));
		return sentences.isEmpty() ? "I do not know what to say to that" : String.join(". ", sentences);
	}

	// a sentence of the context that shares most words with the question
	private static List<String> found(Turn turn) {
		String best = "";
		long most = 1;
		for (String sentence : turn.context()) {
			long shared = Turn.words(sentence)
				.stream()
				.filter((word) -> word.length() > 4 && Turn.words(turn.question()).contains(word))
				.count();
			if (shared > most) {
				most = shared;
				best = sentence;
			}
		}
		return best.isEmpty() ? List.of() : List.of(best);
	}

	// where the host takes no schema, it stands in the instructions
	private static JsonNode schema(JsonNode request) {
		JsonNode format = request.path("response_format");
		if (format.path("type").asString("").equals("json_schema")) {
			return format.path("json_schema").path("schema");
		}
		if (format.path("type").asString("").equals("json_object")) {
			String instructions = request.path("messages").path(0).path("content").asString("");
			int start = instructions.indexOf('{');
			try {
				return (start >= 0)
						? JsonMapper.shared().readTree(instructions.substring(start, instructions.lastIndexOf('}') + 1))
						: format.path("none");
			}
			catch (JacksonException ex) {
				return format.path("none");
			}
		}
		return format.path("none");
	}

	private static String untilStop(JsonNode request, String text) {
		int end = text.length();
		for (JsonNode stop : request.path("stop")) {
			int found = text.indexOf(stop.asString());
			end = (found >= 0) ? Math.min(end, found) : end;
		}
		return text.substring(0, end);
	}

	private static List<String> tokens(String text) {
		List<String> tokens = new ArrayList<>();
		Matcher token = TOKEN.matcher(text);
		while (token.find()) {
			tokens.add(token.group());
		}
		return tokens;
	}

}
