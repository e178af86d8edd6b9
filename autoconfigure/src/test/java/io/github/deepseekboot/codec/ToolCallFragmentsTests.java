package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.deepseekboot.chat.ToolCallDelta;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ToolCallReader}: which fragments are put together to which calls. A
 * fragment is {@code index id name arguments}, {@code -} for what is missing; chunks are
 * parted by {@code /}, fragments of one chunk by {@code +}.
 */
class ToolCallFragmentsTests {

	static Stream<Arguments> fragments() {
		return Stream.of(
				// one call
				call("0 a f {'x':1}", "a f {'x':1}"), call("0 a f - / 0 - - {'x' / 0 - - :1}", "a f {'x':1}"),
				call("0 a f {'x' / 0 a f :1}", "a f {'x':1}"), call("0 a f {'x' / 0 a - :1}", "a f {'x':1}"),
				call("0 a f - / 0 null - {'x':1}", "a f {'x':1}"), call("0 a f - / 0 None - {'x':1}", "a f {'x':1}"),
				call("0 a f - / 0 '' '' {'x':1}", "a f {'x':1}"), call("0 a f {'x' / - - - :1}", "a f {'x':1}"),
				call("- a f {'x' / - - - :1} / - a - -", "a f {'x':1}"), call("- - f {'x' / - - - :1}", "- f {'x':1}"),
				call("0 - f {'x' / 0 - f :1}", "- f {'x':1}"), call("0 a - - / 0 - f {'x':1}", "a f {'x':1}"),
				call("0 - f - / 0 a - {'x':1}", "a f {'x':1}"), call("2 - - {'x':1}", "- - {'x':1}"),
				// an id made anew for each fragment, with nothing else
				call("0 a f {'x' / 0 b - :1} / 0 c - -", "a f {'x':1}"),
				call("- a f {'x' / - b - :1} / - c - -", "a f {'x':1}"),
				// said once more at the end
				call("0 a f {'x':1} / 0 a f {'x':1}", "a f {'x':1}"),
				call("0 a f {'x':1} / 0 - - {'x':1}", "a f {'x':1}"),
				// two calls under one index
				call("0 a f {'x':1} / 0 b f {'x':2}", "a f {'x':1}", "b f {'x':2}"),
				call("0 a f {'x':1} + 0 b f {'x':2}", "a f {'x':1}", "b f {'x':2}"),
				call("0 a f {'x':1} / 0 b g -", "a f {'x':1}", "b g "),
				call("0 a g - / 0 b f {'x':1}", "a g ", "b f {'x':1}"),
				call("0 a f {'x' / 0 - - :1} / 0 b f {'x' / 0 - - :2}", "a f {'x':1}", "b f {'x':2}"),
				call("0 a f {'x' / 0 b f {'x' / 0 a f :1} / 0 b f :2}", "a f {'x':1}", "b f {'x':2}"),
				call("0 a f {'x' / 0 b f {'x' / 0 a - :1 / 0 - - } / 0 b - :2}", "a f {'x':1}", "b f {'x':2}"),
				call("0 - f {'x':1} / 0 - g {'x':2}", "- f {'x':1}", "- g {'x':2}"),
				call("0 - f {'x':1} / 0 - f {'x':2}", "- f {'x':1}", "- f {'x':2}"),
				call("0 - g - / 0 - f {'x':2}", "- g ", "- f {'x':2}"),
				call("0 null f {'x':1} / 0 null g {'x':2}", "- f {'x':1}", "- g {'x':2}"),
				call("0 a f {'x':1} / 0 - g {'x':2}", "a f {'x':1}", "- g {'x':2}"),
				// without any index
				call("- a f {'x':1} / - b g {'x':2}", "a f {'x':1}", "b g {'x':2}"),
				call("- a f {'x':1} + - b g {'x':2}", "a f {'x':1}", "b g {'x':2}"),
				call("- - f {'x':1} + - - g {'x':2}", "- f {'x':1}", "- g {'x':2}"),
				call("- a f - + - b g - / - - - {'x':1} + - - - {'x':2}", "a f {'x':1}", "b g {'x':2}"),
				call("- a f {'x' / - b g {'x' / - a - :1} / - b - :2}", "a f {'x':1}", "b g {'x':2}"),
				call("- a f {'x':1} / - b - {'x':2}", "a f {'x':1}", "b - {'x':2}"),
				// two calls as they should be
				call("0 a f - + 1 b g - / 1 - - {'x':2} + 0 - - {'x':1}", "a f {'x':1}", "b g {'x':2}"),
				call("0 a f {'x':1} / 1 b g {'x':2}", "a f {'x':1}", "b g {'x':2}"),
				call("1 a f {'x':1} / 3 b g {'x':2}", "a f {'x':1}", "b g {'x':2}"),
				call("0 a f {'x' / 1 b g {'x' / 0 - - :1} / 1 - - :2}", "a f {'x':1}", "b g {'x':2}"),
				// two calls with the same id
				call("0 a f {'x' / 0 - - :1} / 1 a g {'x' / 1 a - :2}", "a f {'x':1}", "a g {'x':2}"),
				// brackets and quotes in texts are no ends
				call("0 - f {'x':'}{\\'}'} / 0 - g {}", "- f {'x':'}{\\'}'}", "- g {}"),
				// three
				call("0 a f {} / 0 b f {} / 0 c f {}", "a f {}", "b f {}", "c f {}"));
	}

	private static Arguments call(String fragments, String... calls) {
		return Arguments.of(fragments, List.of(calls));
	}

	@ParameterizedTest
	@MethodSource("fragments")
	void fragmentsArePutTogether(String chunks, List<String> calls) {
		AnswerReader reader = AnswerReader.ofStream();
		Map<Integer, String[]> read = new TreeMap<>();
		for (String chunk : chunks.split(" / ")) {
			read(reader, """
					{"choices":[{"delta":{"tool_calls":[%s]},"index":0}]}""".formatted(
					String.join(",", Arrays.stream(chunk.split(" \\+ ")).map(ToolCallFragmentsTests::json).toList())));
			for (ToolCallDelta delta : reader.choice(0).toolCalls()) {
				String[] call = read.computeIfAbsent(delta.index(), (index) -> new String[] { "-", "-", "" });
				call[0] = (delta.id() != null) ? delta.id() : call[0];
				call[1] = (delta.name() != null) ? delta.name() : call[1];
				call[2] += (delta.arguments() != null) ? delta.arguments() : "";
			}
		}
		assertThat(read.values()).extracting((call) -> String.join(" ", call).replace('"', '\''))
			.containsExactlyElementsOf(calls);
	}

	private static String json(String fragment) {
		String[] fields = fragment.split(" ", 4);
		List<String> json = new ArrayList<>();
		if (!fields[0].equals("-")) {
			json.add("\"index\":" + fields[0]);
		}
		if (!fields[1].equals("-")) {
			json.add("\"id\":\"" + fields[1].replace("'", "") + "\"");
		}
		String name = fields[2].equals("-") ? "null" : "\"" + fields[2].replace("'", "") + "\"";
		String arguments = fields[3].equals("-") ? "null"
				: WireJson.MAPPER.writeValueAsString(fields[3].replace('\'', '"'));
		json.add("\"type\":\"function\",\"function\":{\"name\":" + name + ",\"arguments\":" + arguments + "}");
		return "{" + String.join(",", json) + "}";
	}

	@Test
	void choicesHaveCallsOfTheirOwn() {
		AnswerReader reader = AnswerReader.ofStream();
		read(reader,
				"""
						{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]},"index":1},
						{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{"}}]},"index":0}]}""");
		read(reader, """
				{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]},"index":0}]}""");
		assertThat(reader.choice(0).toolCalls()).containsExactly(new ToolCallDelta(0, null, null, "}"));
	}

	@Test
	void ofAWholeAnswerEachIsACallOfItsOwn() {
		AnswerReader reader = new AnswerReader();
		read(reader, """
				{"choices":[{"message":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},
				{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}},{"name":"g","arguments":[]},
				{"id":"null","function":{"name":"null"}}]}}]}""");
		assertThat(reader.choice(0).toolCalls()).containsExactly(new ToolCallDelta(0, "a", "f", "{}"),
				new ToolCallDelta(1, "a", "f", "{\"x\":1}"), new ToolCallDelta(2, null, "g", "{}"));
	}

	@Test
	void theCallOfOlderHostsIsRead() {
		AnswerReader reader = AnswerReader.ofStream();
		read(reader, """
				{"choices":[{"delta":{"function_call":{"name":"f","arguments":"{"}}}]}""");
		assertThat(reader.choice(0).toolCalls()).containsExactly(new ToolCallDelta(0, null, "f", "{"));
		read(reader, """
				{"choices":[{"delta":{"function_call":{"arguments":"}"}}}]}""");
		assertThat(reader.choice(0).toolCalls()).containsExactly(new ToolCallDelta(0, null, null, "}"));
	}

	private static void read(AnswerReader reader, String json) {
		byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
		reader.read(bytes, 0, bytes.length);
	}

}
