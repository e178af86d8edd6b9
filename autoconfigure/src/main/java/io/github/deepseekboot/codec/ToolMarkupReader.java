package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.ToolDefinition;

/**
 * Finds the markup of tool calls in one text that comes in pieces. Holds the text from
 * the beginning of a markup on, and reads each character of it once.
 */
final class ToolMarkupReader {

	private static final int MAX_BLANKS = 1024;

	private static final String BAR = "[｜|‖]{1,2}";

	// V4.1 has the blank, V3.2 and V4 do not
	private static final String DSML = BAR + "DSML" + BAR + " ?";

	// tags are bounded: one without an end would be read again with each piece
	private static final String BLANKS = "\\s{1,16}";

	private static final String TAG_END = "\\s{0,16}>";

	private static final String QUOTED = "=[\"“”]([^\"“”<>]{0,256})[\"“”]";

	private static final String NAME = BLANKS + "name" + QUOTED;

	private static final String CALLS = "(?:(?:function|tool)_)?calls" + TAG_END;

	// group 1: of V3, R1 and V3.1; 2: the end of a text
	private static final Pattern OPENING = Pattern
		.compile("<(?:" + DSML + CALLS + "|(" + token("tool_calls_begin") + ")|(" + token("end_of_sentence") + "))");

	private static final Pattern INVOKE_OR_END = Pattern
		.compile("<(?:" + DSML + "invoke" + NAME + TAG_END + "|/" + DSML + CALLS + ")");

	// group 1: the name; 2: whether it is a string; 3: the end
	private static final Pattern PARAMETER_OR_END = Pattern.compile("<(?:" + DSML + "parameter" + NAME + "(?:" + BLANKS
			+ "string" + QUOTED + ")?" + TAG_END + "|/(" + DSML + ")invoke" + TAG_END + ")");

	private static final Pattern PARAMETER_END = Pattern.compile("</" + DSML + "parameter" + TAG_END);

	private static final Pattern INVOKE_END = Pattern.compile("</" + DSML + "invoke" + TAG_END);

	// group 1: a further call
	private static final Pattern CALL_OR_END = Pattern
		.compile("<(?:(" + token("tool_call_begin") + ")|" + token("tool_calls_end") + ")");

	private static final Pattern CALL_END = Pattern.compile("<" + token("tool_call_end"));

	private static final Pattern SEPARATOR = Pattern.compile("<" + token("tool_sep"));

	private static final String FENCE = "```";

	private final Map<String, ToolDefinition> tools;

	private final int maxToolCalls;

	private @Nullable StringBuilder held;

	private Step step = Step.TEXT;

	// up to there it has been read
	private int at;

	// where the markup being read begins
	private int opening;

	// what has been read of it

	private List<Call> calls = new ArrayList<>(0);

	private String name = "";

	private String parameter = "";

	private @Nullable Boolean string;

	private StringBuilder arguments = new StringBuilder(0);

	private int from;

	private final List<Markup> markups = new ArrayList<>(0);

	private boolean called;

	/**
	 * Create a reader.
	 * @param tools the tools that may be called, by their names
	 * @param maxToolCalls the most calls of an answer
	 */
	ToolMarkupReader(Map<String, ToolDefinition> tools, int maxToolCalls) {
		this.tools = tools;
		this.maxToolCalls = maxToolCalls;
	}

	private static String token(String name) {
		return BAR + name.replace("_", "[▁_]") + BAR + ">";
	}

	/**
	 * Return whether text is held.
	 * @return {@code false} if all was returned
	 */
	boolean isHolding() {
		return this.held != null;
	}

	/**
	 * Return how much is held.
	 * @return the number of characters
	 */
	int heldLength() {
		return (this.held != null) ? this.held.length() : 0;
	}

	/**
	 * Read the next piece.
	 * @param text the piece, not empty
	 * @return what is known to be text
	 */
	String read(String text) {
		StringBuilder held = this.held;
		if (held == null) {
			int candidate = candidate(text, 0);
			if (candidate == -1) {
				return text;
			}
			held = new StringBuilder().append(text, candidate, text.length());
			this.held = held;
			this.at = 0;
			return text.substring(0, candidate) + scan(held);
		}
		return scan(held.append(text));
	}

	/**
	 * Take all that is held as text.
	 * @return the text
	 */
	String giveUp() {
		String text = (this.held != null) ? this.held.toString() : "";
		this.held = null;
		this.step = Step.TEXT;
		this.markups.clear();
		this.called = false;
		return text;
	}

	// where markup may begin; -1 if it does not
	private static int candidate(CharSequence text, int from) {
		int bracket = (text instanceof String string) ? string.indexOf('<', from)
				: ((StringBuilder) text).indexOf("<", from);
		while (bracket != -1 && bracket + 1 < text.length() && !isBar(text.charAt(bracket + 1))) {
			bracket = (text instanceof String string) ? string.indexOf('<', bracket + 1)
					: ((StringBuilder) text).indexOf("<", bracket + 1);
		}
		return bracket;
	}

	private static boolean isBar(char character) {
		return character == '｜' || character == '|' || character == '‖';
	}

	private String scan(StringBuilder held) {
		while (next(held)) {
			// until more is needed
		}
		int keep = (this.step == Step.TEXT) ? this.at : this.opening;
		if (!this.markups.isEmpty()) {
			int end = this.markups.get(this.markups.size() - 1).end;
			if (this.called || (keep - end <= MAX_BLANKS && held.substring(end, keep).isBlank())) {
				return "";
			}
			// markers of an end, which has not come
			this.markups.clear();
		}
		String text = held.substring(0, keep);
		held.delete(0, keep);
		this.at -= keep;
		this.opening -= keep;
		this.from -= keep;
		this.held = held.isEmpty() ? null : held;
		return text;
	}

	private boolean next(StringBuilder held) {
		return switch (this.step) {
			case TEXT -> open(held);
			case CALLS -> invoke(held);
			case PARAMETERS -> parameter(held);
			case VALUE -> value(held);
			case ARGUMENTS -> arguments(held);
			case TOKENS -> tokens(held);
			case CALL -> call(held);
		};
	}

	private boolean open(StringBuilder held) {
		int candidate = candidate(held, this.at);
		if (candidate == -1) {
			this.at = held.length();
			return false;
		}
		this.at = candidate;
		Matcher opening = matcher(OPENING, held);
		if (!opening.lookingAt()) {
			if (opening.hitEnd()) {
				return false;
			}
			this.at++;
			return true;
		}
		this.at = opening.end();
		if (opening.group(2) != null) {
			this.markups.add(new Markup(candidate, this.at, List.of()));
			return true;
		}
		this.opening = candidate;
		this.calls = new ArrayList<>(2);
		this.step = (opening.group(1) != null) ? Step.TOKENS : Step.CALLS;
		return true;
	}

	private boolean invoke(StringBuilder held) {
		Matcher tag = tag(INVOKE_OR_END, held);
		if (tag == null) {
			return this.step == Step.TEXT;
		}
		this.at = tag.end();
		if (tag.group(1) == null) {
			return close();
		}
		this.name = tag.group(1);
		if (!this.tools.containsKey(this.name)) {
			return isText();
		}
		this.arguments = new StringBuilder();
		this.step = Step.PARAMETERS;
		return true;
	}

	private boolean parameter(StringBuilder held) {
		skipBlanks(held);
		if (this.arguments.isEmpty() && this.at < held.length() && held.charAt(this.at) == '{') {
			this.from = this.at;
			this.step = Step.ARGUMENTS;
			return true;
		}
		Matcher tag = tag(PARAMETER_OR_END, held);
		if (tag == null) {
			return this.step == Step.TEXT;
		}
		this.at = tag.end();
		if (tag.group(3) != null) {
			this.calls.add(new Call(this.name, this.arguments.isEmpty() ? "{}" : this.arguments + "}"));
			this.step = Step.CALLS;
			return true;
		}
		this.parameter = tag.group(1);
		this.string = (tag.group(2) != null) ? Boolean.valueOf(tag.group(2)) : null;
		this.from = this.at;
		this.step = Step.VALUE;
		return true;
	}

	private boolean value(StringBuilder held) {
		Matcher end = end(PARAMETER_END, held);
		if (end == null) {
			return false;
		}
		this.arguments.append(this.arguments.isEmpty() ? "{" : ",")
			.append(WireJson.MAPPER.writeValueAsString(this.parameter))
			.append(':')
			.append(json(held.substring(this.from, end.start())));
		this.at = end.end();
		this.step = Step.PARAMETERS;
		return true;
	}

	private String json(String value) {
		boolean text = (this.string != null) ? this.string : isString(this.tools.get(this.name), this.parameter);
		return (!text && isJson(value)) ? value.strip() : WireJson.MAPPER.writeValueAsString(value);
	}

	private boolean arguments(StringBuilder held) {
		Matcher end = end(INVOKE_END, held);
		if (end == null) {
			return false;
		}
		this.calls.add(new Call(this.name, held.substring(this.from, end.start()).strip()));
		this.at = end.end();
		this.step = Step.CALLS;
		return true;
	}

	private boolean tokens(StringBuilder held) {
		Matcher tag = tag(CALL_OR_END, held);
		if (tag == null) {
			return this.step == Step.TEXT;
		}
		this.at = tag.end();
		if (tag.group(1) == null) {
			return close();
		}
		this.from = this.at;
		this.step = Step.CALL;
		return true;
	}

	private boolean call(StringBuilder held) {
		Matcher tag = end(CALL_END, held);
		if (tag == null) {
			return false;
		}
		String[] call = SEPARATOR.split(held.substring(this.from, tag.start()), -1);
		this.at = tag.end();
		if (call.length != 2) {
			return isText();
		}
		String name = call[0].strip();
		String json = call[1].strip();
		int end = nameEnd(json);
		if (end > 0) {
			// V3 and R1 have a type before the separator
			name = json.substring(0, end);
			json = json.substring(end).strip();
		}
		json = unfenced(json);
		if (!this.tools.containsKey(name)) {
			return isText();
		}
		this.calls.add(new Call(name, json.isEmpty() ? "{}" : json));
		this.step = Step.TOKENS;
		return true;
	}

	private boolean close() {
		this.step = Step.TEXT;
		if (!this.calls.isEmpty()) {
			this.markups.add(new Markup(this.opening, this.at, this.calls));
			this.called = true;
		}
		return true;
	}

	// behind what was read, another may follow
	private boolean isText() {
		this.step = Step.TEXT;
		return true;
	}

	private void skipBlanks(StringBuilder held) {
		while (this.at < held.length() && Character.isWhitespace(held.charAt(this.at))) {
			this.at++;
		}
	}

	// null: more is needed, unless what came is text
	private @Nullable Matcher tag(Pattern pattern, StringBuilder held) {
		skipBlanks(held);
		Matcher tag = matcher(pattern, held);
		if (tag.lookingAt()) {
			return tag;
		}
		if (!tag.hitEnd()) {
			isText();
		}
		return null;
	}

	// null: more is needed
	private @Nullable Matcher end(Pattern pattern, StringBuilder held) {
		int bracket;
		while ((bracket = held.indexOf("<", this.at)) != -1) {
			this.at = bracket;
			Matcher end = matcher(pattern, held);
			if (end.lookingAt()) {
				return end;
			}
			if (end.hitEnd()) {
				return null;
			}
			this.at = bracket + 1;
		}
		this.at = held.length();
		return null;
	}

	private Matcher matcher(Pattern pattern, StringBuilder held) {
		return pattern.matcher(held).region(this.at, held.length());
	}

	/**
	 * The text is complete.
	 * @param last whether calls can be its last words only
	 * @param calls where its calls are added
	 * @return what is text
	 */
	String finish(boolean last, List<ToolCallDelta> calls) {
		StringBuilder held = this.held;
		if (held == null || this.step != Step.TEXT || this.at < held.length()) {
			return giveUp();
		}
		int to = held.length();
		boolean blank = true;
		int fences = 0;
		for (int i = this.markups.size() - 1; i >= 0; i--) {
			Markup markup = this.markups.get(i);
			String behind = held.substring(markup.end, to);
			blank &= !StringUtils.hasText(behind);
			fences += (int) behind.lines().skip(1).filter(ToolMarkupReader::isFence).count();
			markup.read = (markup.calls.isEmpty() || last) ? blank : fences % 2 == 0 && !behind.startsWith("`");
			to = markup.begin;
		}
		StringBuilder text = new StringBuilder();
		int from = 0;
		for (Markup markup : this.markups) {
			if (markup.read) {
				text.append(held, from, markup.begin);
				from = markup.end;
				for (Call call : markup.calls) {
					ToolCallReader.check(calls.size() + 1, this.maxToolCalls);
					calls.add(new ToolCallDelta(calls.size(), null, call.name, call.arguments));
				}
			}
		}
		text.append(held, from, held.length());
		giveUp();
		return text.toString();
	}

	private static boolean isFence(String line) {
		String begin = line.stripLeading();
		return begin.startsWith(FENCE) || begin.startsWith("~~~");
	}

	private static int nameEnd(String text) {
		int end = 0;
		while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_'
				|| text.charAt(end) == '-')) {
			end++;
		}
		return end;
	}

	private static String unfenced(String text) {
		if (!text.startsWith(FENCE)) {
			return text;
		}
		int from = text.startsWith("json", FENCE.length()) ? FENCE.length() + 4 : FENCE.length();
		int to = text.endsWith(FENCE) ? text.length() - FENCE.length() : text.length();
		return text.substring(Math.min(from, to), to).strip();
	}

	private static boolean isString(@Nullable ToolDefinition tool, String parameter) {
		Object properties = (tool != null && tool.parameters() != null) ? tool.parameters().get("properties") : null;
		Object schema = (properties instanceof Map<?, ?> map) ? map.get(parameter) : null;
		return schema instanceof Map<?, ?> map && "string".equals(map.get("type"));
	}

	private static boolean isJson(String value) {
		try {
			return !WireJson.MAPPER.readTree(value).isMissingNode();
		}
		catch (JacksonException ex) {
			return false;
		}
	}

	/**
	 * What stands where a text is being read.
	 */
	private enum Step {

		TEXT, CALLS, PARAMETERS, VALUE, ARGUMENTS, TOKENS, CALL

	}

	private record Call(String name, String arguments) {

	}

	/**
	 * Complete markup: calls, or without any the marker of an end.
	 */
	private static final class Markup {

		private final int begin;

		private final int end;

		private final List<Call> calls;

		private boolean read;

		Markup(int begin, int end, List<Call> calls) {
			this.begin = begin;
			this.end = end;
			this.calls = calls;
		}

	}

}
