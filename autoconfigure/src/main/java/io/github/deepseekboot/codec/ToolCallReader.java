package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ToolCallDelta;

/**
 * Reads tool calls, and the fragments of them in the chunks of a stream. What a host says
 * of index, id and name decides which call a fragment belongs to; calls that share an
 * index get numbers of their own.
 */
final class ToolCallReader {

	private static final int NO_INDEX = -1;

	// of arguments, kept to recognise them when they are said again
	private static final int MAX_BEGINNING = 64;

	// the calls that have begun, by choice; there are none in most streams
	private final Map<Integer, List<Call>> calls = new HashMap<>(0);

	private int turn;

	private int begun;

	/**
	 * Read a list of calls, or the only one.
	 * @param parser the parser
	 * @param start what it stands at
	 * @param max the most calls of an answer
	 * @return the calls or fragments, or {@code null} for none
	 */
	static @Nullable List<Fragment> read(JsonParser parser, JsonToken start, int max) {
		if (start == JsonToken.START_OBJECT) {
			// the only one, without the list around it
			Fragment fragment = fragment(parser);
			return fragment.isEmpty() ? null : List.of(fragment);
		}
		if (start != JsonToken.START_ARRAY) {
			parser.skipChildren();
			return null;
		}
		List<Fragment> fragments = null;
		JsonToken element;
		while ((element = parser.nextToken()) != JsonToken.END_ARRAY) {
			if (element != JsonToken.START_OBJECT) {
				parser.skipChildren();
				continue;
			}
			fragments = (fragments != null) ? fragments : new ArrayList<>(2);
			check(fragments.size() + 1, max);
			fragments.add(fragment(parser));
		}
		return fragments;
	}

	/**
	 * Read the only call of older hosts, {@code function_call}.
	 * @param parser the parser
	 * @param start what it stands at
	 * @return the call or fragment, or {@code null} for none
	 */
	static @Nullable List<Fragment> readFunction(JsonParser parser, JsonToken start) {
		if (start != JsonToken.START_OBJECT) {
			parser.skipChildren();
			return null;
		}
		Fragment fragment = new Fragment();
		fragment.index = 0;
		readFunction(parser, fragment);
		return (fragment.name == null && fragment.arguments == null) ? null : List.of(fragment);
	}

	static void check(int calls, int max) {
		if (calls > max) {
			throw new DeepSeekException(ErrorKind.LOCAL_LIMIT,
					"the answer has more than " + max + " tool calls (deepseek.limit.max-tool-calls)");
		}
	}

	private static Fragment fragment(JsonParser parser) {
		Fragment fragment = new Fragment();
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			JsonToken value = parser.nextToken();
			switch (name) {
				case "index" -> fragment.index = index(parser, value);
				case "id" -> fragment.id = JsonScalars.word(parser, value);
				case "function" -> {
					if (value == JsonToken.START_OBJECT) {
						readFunction(parser, fragment);
					}
					else {
						parser.skipChildren();
					}
				}
				case "name", "arguments", "parameters", "input" -> readFunctionField(parser, name, value, fragment);
				case "type" -> parser.skipChildren();
				default -> {
					if (value == JsonToken.VALUE_NULL) {
						continue;
					}
					fragment.extra = fragment.extra.isEmpty() ? new LinkedHashMap<>(2) : fragment.extra;
					fragment.extra.put(name, WireJson.MAPPER.treeToValue(WireJson.readNested(parser), Object.class));
				}
			}
		}
		return fragment;
	}

	private static void readFunction(JsonParser parser, Fragment fragment) {
		while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = parser.currentName();
			readFunctionField(parser, name, parser.nextToken(), fragment);
		}
	}

	// some hosts leave out the object around name and arguments
	private static void readFunctionField(JsonParser parser, String name, JsonToken value, Fragment fragment) {
		switch (name) {
			case "name" -> fragment.name = JsonScalars.word(parser, value);
			case "arguments" -> {
				fragment.argumentsAt = (value == JsonToken.VALUE_STRING)
						? (int) parser.currentTokenLocation().getByteOffset() : ChunkEnvelope.NOWHERE;
				fragment.arguments = arguments(parser, value);
			}
			case "parameters", "input" -> {
				// what some models call them, and their hosts leave it
				if (fragment.arguments == null) {
					fragment.argumentsAt = ChunkEnvelope.NOWHERE;
					fragment.arguments = arguments(parser, value);
				}
				else {
					parser.skipChildren();
				}
			}
			default -> parser.skipChildren();
		}
	}

	private static @Nullable String arguments(JsonParser parser, JsonToken value) {
		if (value == JsonToken.START_OBJECT) {
			return WireJson.MAPPER.writeValueAsString(WireJson.readNested(parser));
		}
		if (value == JsonToken.START_ARRAY) {
			String list = WireJson.MAPPER.writeValueAsString(WireJson.readNested(parser));
			// what PHP makes of an empty object
			return list.equals("[]") ? "{}" : list;
		}
		return JsonScalars.stringOrEmpty(parser, value);
	}

	private static int index(JsonParser parser, JsonToken value) {
		if (value == JsonToken.VALUE_STRING && parser.getString().matches("\\d{1,9}")) {
			return Integer.parseInt(parser.getString());
		}
		if (!value.isNumeric()) {
			parser.skipChildren();
			return NO_INDEX;
		}
		return (parser.getDoubleValue() < 0) ? NO_INDEX : JsonScalars.index(parser, value, NO_INDEX);
	}

	/**
	 * Find the calls that fragments belong to.
	 * @param choice the index of the choice
	 * @param fragments what a chunk has of the choice
	 * @param max the most calls of an answer
	 * @return the fragments with the number of their call, without those that bring
	 * nothing
	 */
	List<ToolCallDelta> number(int choice, List<Fragment> fragments, int max) {
		List<Call> calls = this.calls.computeIfAbsent(choice, (index) -> new ArrayList<>(2));
		if (fragments.size() == 1) {
			ToolCallDelta delta = number(calls, fragments.get(0), NO_INDEX, max);
			return (delta != null) ? List.of(delta) : List.of();
		}
		List<ToolCallDelta> deltas = new ArrayList<>(fragments.size());
		for (int i = 0; i < fragments.size(); i++) {
			ToolCallDelta delta = number(calls, fragments.get(i), i, max);
			if (delta != null) {
				deltas.add(delta);
			}
		}
		return deltas;
	}

	private @Nullable ToolCallDelta number(List<Call> calls, Fragment fragment, int position, int max) {
		if (fragment.isEmpty()) {
			// it may bring a further field of a call
			Call begun = fragment.extra.isEmpty() ? null : current(calls, fragment, position);
			return (begun != null) ? begun.take(fragment, ++this.turn) : null;
		}
		int known = calls.size();
		Call call = call(calls, fragment, position);
		this.begun += calls.size() - known;
		check(this.begun, max);
		return call.take(fragment, ++this.turn);
	}

	/**
	 * Number calls of which each is complete.
	 * @param calls all calls of a message
	 * @return the calls
	 */
	static List<ToolCallDelta> number(List<Fragment> calls) {
		List<ToolCallDelta> deltas = new ArrayList<>(calls.size());
		for (Fragment call : calls) {
			if (call.isEmpty()) {
				continue;
			}
			deltas.add(new ToolCallDelta(deltas.size(), call.id, call.name, call.arguments, call.extra));
		}
		return deltas;
	}

	private static Call call(List<Call> calls, Fragment fragment, int position) {
		Call current = current(calls, fragment, position);
		if (current != null && fragment.id != null && fragment.id.equals(current.id)) {
			return current;
		}
		Call known = known(calls, fragment.id);
		if (known != null && (fragment.index == NO_INDEX || fragment.name == null || fragment.index == known.index)) {
			return known;
		}
		if (current == null || begins(fragment, current)) {
			current = new Call(number(calls, fragment.index), fragment.index);
			calls.add(current);
		}
		return current;
	}

	// that of the host, unless a call has it already
	private static int number(List<Call> calls, int index) {
		int number = (index != NO_INDEX) ? index : calls.size();
		for (int i = 0; i < calls.size(); i++) {
			if (calls.get(i).number == number) {
				number = (number < Integer.MAX_VALUE) ? number + 1 : 0;
				i = -1;
			}
		}
		return number;
	}

	// the latest call under the index; without one, that at the position or the latest
	private static @Nullable Call current(List<Call> calls, Fragment fragment, int position) {
		if (fragment.index == NO_INDEX && position != NO_INDEX && fragment.id == null && fragment.name == null
				&& position < calls.size()) {
			return calls.get(position);
		}
		Call current = null;
		for (Call call : calls) {
			if ((fragment.index == NO_INDEX || call.index == fragment.index)
					&& (current == null || call.turn > current.turn)) {
				current = call;
			}
		}
		return current;
	}

	private static @Nullable Call known(List<Call> calls, @Nullable String id) {
		if (id != null) {
			for (Call call : calls) {
				if (id.equals(call.id)) {
					return call;
				}
			}
		}
		return null;
	}

	private static boolean begins(Fragment fragment, Call current) {
		if (fragment.name == null || (current.name == null && current.id == null)) {
			// an id alone is one that the host creates for each fragment
			return fragment.name == null && fragment.id != null && fragment.index == NO_INDEX && current.isComplete()
					&& fragment.argues();
		}
		if (fragment.id != null && current.id != null) {
			return !fragment.id.equals(current.id);
		}
		if (current.name == null) {
			return false;
		}
		boolean another = !fragment.name.equals(current.name);
		return current.isComplete() ? another || fragment.argues() : another && !current.isBegun();
	}

	/**
	 * What one chunk says of a call.
	 */
	static final class Fragment {

		private int index = NO_INDEX;

		private @Nullable String id;

		private @Nullable String name;

		private @Nullable String arguments;

		private int argumentsAt = ChunkEnvelope.NOWHERE;

		private Map<String, Object> extra = Map.of();

		boolean isEmpty() {
			return this.id == null && this.name == null && !hasArguments();
		}

		boolean hasArguments() {
			return this.arguments != null && !this.arguments.isEmpty();
		}

		void arguments(String arguments) {
			this.arguments = arguments;
		}

		// where the opening quote stands, from the beginning of the chunk
		int argumentsAt() {
			return this.argumentsAt;
		}

		boolean argues() {
			return this.arguments != null && !this.arguments.isBlank();
		}

	}

	/**
	 * A call of which fragments came.
	 */
	private static final class Call {

		private final int number;

		private final int index;

		private @Nullable String id;

		private @Nullable String name;

		private int turn;

		// of the arguments so far: their depth in brackets, and whether they hold more

		private int depth;

		private boolean begun;

		private boolean filled;

		private boolean inString;

		private boolean escaped;

		private int length;

		private String beginning = "";

		Call(int number, int index) {
			this.number = number;
			this.index = index;
		}

		boolean isBegun() {
			return this.begun;
		}

		boolean isComplete() {
			return this.begun && this.depth == 0 && !this.inString;
		}

		// id and name are those of the first fragments that bring them
		ToolCallDelta take(Fragment fragment, int turn) {
			this.turn = turn;
			String id = (this.id == null) ? fragment.id : null;
			String name = (this.name == null) ? fragment.name : null;
			this.id = (id != null) ? id : this.id;
			this.name = (name != null) ? name : this.name;
			String arguments = added(fragment.arguments);
			follow(arguments);
			return new ToolCallDelta(this.number, id, name, arguments, fragment.extra);
		}

		// some hosts repeat all arguments at the end, or all so far in each fragment
		private @Nullable String added(@Nullable String arguments) {
			if (arguments == null || arguments.indexOf('{') < 0 || !arguments.stripLeading().startsWith("{")) {
				return arguments;
			}
			if (isComplete()) {
				boolean repeated = this.filled || arguments.strip().equals("{}");
				return repeated ? "" : arguments;
			}
			boolean all = this.length > 1 && arguments.length() > this.length && this.depth > 0
					&& arguments.startsWith(this.beginning);
			return all ? arguments.substring(this.length) : arguments;
		}

		private void follow(@Nullable String arguments) {
			if (arguments != null && !arguments.isEmpty()) {
				int room = MAX_BEGINNING - this.beginning.length();
				this.length += arguments.length();
				this.beginning = (room > 0)
						? this.beginning + arguments.substring(0, Math.min(room, arguments.length())) : this.beginning;
			}
			for (int i = 0; arguments != null && i < arguments.length(); i++) {
				char next = arguments.charAt(i);
				if (this.inString) {
					this.inString = next != '"' || this.escaped;
					this.escaped = next == '\\' && !this.escaped;
				}
				else if (!Character.isWhitespace(next)) {
					this.begun = true;
					this.inString = next == '"';
					this.filled |= next != '{' && next != '}';
					this.depth += (next == '{' || next == '[') ? 1 : (next == '}' || next == ']') ? -1 : 0;
				}
			}
		}

	}

}
