package io.github.deepseekboot.samples.frameworks;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model calls next: each tool whose name has a word of the question, once for each
 * set of arguments that the question has for it.
 */
final class ToolPlan {

	private static final Set<String> EMPTY_WORDS = Set.of("get", "find", "from", "the", "current", "a", "to", "next");

	private static final Map<String, String> SYNONYMS = Map.of("plus", "add", "clock", "time");

	private final Turn turn;

	ToolPlan(Turn turn) {
		this.turn = turn;
	}

	List<Call> calls() {
		JsonNode choice = this.turn.request().path("tool_choice");
		boolean forced = choice.asString("").equals("required");
		if (choice.asString("").equals("none")) {
			return List.of();
		}
		List<Call> calls = new ArrayList<>();
		for (JsonNode tool : this.turn.request().path("tools")) {
			JsonNode function = tool.path("function");
			if ((isWanted(function, this.turn.question()) || forced)
					&& calls.stream().noneMatch((call) -> call.forNow())) {
				calls.addAll(calls(function));
			}
		}
		return calls;
	}

	private static boolean isWanted(JsonNode function, String text) {
		List<String> asked = Turn.words(text).stream().map((word) -> SYNONYMS.getOrDefault(word, word)).toList();
		return Turn.words(function.path("name").asString())
			.stream()
			.filter((word) -> !EMPTY_WORDS.contains(word))
			.anyMatch(asked::contains);
	}

	// of a question about several tools, the part about this one
	private String about(JsonNode function) {
		String question = this.turn.question();
		long wanted = this.turn.request()
			.path("tools")
			.valueStream()
			.filter((tool) -> isWanted(tool.path("function"), question))
			.count();
		for (String part : question.split(" and ")) {
			if (wanted > 1 && isWanted(function, part)) {
				return part;
			}
		}
		return question;
	}

	private List<Call> calls(JsonNode function) {
		String name = function.path("name").asString();
		JsonNode properties = function.path("parameters").path("properties");
		List<Call> calls = new ArrayList<>();
		if (properties.isEmpty()) {
			return this.turn.hasCalled(name) ? calls : List.of(new Call(name, "{}", false));
		}
		if (isNumbersOnly(properties)) {
			return numbers(name, properties);
		}
		String focus = about(function);
		Iterator<String> places = new Extractor(focus).places().iterator();
		int texts = (int) properties.valueStream()
			.filter((property) -> property.path("type").asString("").equals("string")
					&& property.path("enum").isEmpty())
			.count();
		do {
			ObjectNode arguments = new Extractor(focus, places).object(function.path("parameters"));
			String json = arguments.toString();
			if (arguments.isEmpty() || this.turn.hasCalled(name, json)
					|| calls.stream().anyMatch((call) -> call.arguments().equals(json))) {
				break;
			}
			calls.add(new Call(name, json, false));
		}
		while (places.hasNext() && texts == 1);
		return calls;
	}

	private static boolean isNumbersOnly(JsonNode properties) {
		return properties.valueStream().allMatch((property) -> property.path("type").asString("").equals("integer"));
	}

	// one call after the other where a number is yet to be known
	private List<Call> numbers(String name, JsonNode properties) {
		List<Call> calls = new ArrayList<>();
		String question = this.turn.question();
		String clause = question;
		for (String part : question.split(",? then |\\? ")) {
			clause = (part.contains(name) && part.matches(".*(?:\\d|result).*")) ? part : clause;
		}
		List<Integer> numbers = new ArrayList<>(new Extractor(clause).integers());
		boolean refers = clause.contains("result");
		if (refers) {
			if (this.turn.latestResult().isEmpty()) {
				return calls;
			}
			numbers.add(0, Integer.parseInt(this.turn.latestResult().trim()));
		}
		for (int i = 0; i + properties.size() <= numbers.size(); i += properties.size()) {
			ObjectNode arguments = JsonMapper.shared().createObjectNode();
			int next = i;
			for (String property : properties.propertyNames()) {
				arguments.put(property, numbers.get(next++));
			}
			if (!(refers ? this.turn.hasCalled(name) : this.turn.hasCalled(name, arguments.toString()))) {
				calls.add(new Call(name, arguments.toString(), question.contains(" then ")));
			}
		}
		return calls;
	}

	/**
	 * A call to make.
	 *
	 * @param tool the name of the tool
	 * @param arguments its arguments as JSON
	 * @param forNow whether what comes after it needs its result
	 */
	record Call(String tool, String arguments, boolean forNow) {

	}

}
