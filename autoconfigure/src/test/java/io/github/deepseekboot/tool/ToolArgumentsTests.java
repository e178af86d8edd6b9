package io.github.deepseekboot.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ToolCall;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ToolRunner}: which arguments reach a tool is the mapper's decision.
 */
class ToolArgumentsTests {

	private final List<String> received = new ArrayList<>();

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "{\"city\": \"Rome\"} | Rome", "\"{\\n  \\\"city\\\": \\\"Rome\\\"\\n}\" | Rome",
					"{}{\"city\": \"Rome\"} | Rome", "`  {\"city\": \"Rome\"}  ` | Rome" })
	void whatCanBeReadWithoutGuessingReachesTheTool(String arguments, String city) {
		run(JsonMapper.builder().build(), arguments);
		assertThat(this.received).containsExactly(city);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "null", "{}", "[]", "\"{}\"" })
	void noArgumentsAreAnEmptyObject(String arguments) {
		run(JsonMapper.builder().build(), arguments);
		assertThat(this.received).containsExactly("");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"city\": \"Ro\nme\"}", "{\"city\": \"Ro\nme\",}", "{'city': 'Ro\nme'}" })
	void theMapperDecidesHowLenientTheyAreRead(String arguments) {
		run(JsonMapper.builder().build(), arguments);
		assertThat(this.received).isEmpty();
		run(JsonMapper.builder()
			.enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS, JsonReadFeature.ALLOW_TRAILING_COMMA,
					JsonReadFeature.ALLOW_SINGLE_QUOTES)
			.build(), arguments);
		assertThat(this.received).containsExactly("Ro\nme");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"city\": Rome}", "{\"city\": \"Ro", "[1]", "7", "\"Rome\"", "{} and", "true" })
	void whatIsNoObjectReachesNoTool(String arguments) {
		assertThat(run(JsonMapper.builder().build(), arguments)).contains("not a JSON object");
		assertThat(this.received).isEmpty();
	}

	private String run(JsonMapper mapper, String arguments) {
		Tool tool = Tool.of("weather", "Tells the weather", Map.of("type", "object"),
				(node) -> this.received.add(node.path("city").asString("")));
		return new ToolRunner(Map.of("weather", tool), ToolOptions.DEFAULTS, mapper)
			.run(List.of(new ToolCall("c1", "weather", arguments)))
			.block()
			.get(0)
			.content();
	}

}
