package io.github.deepseekboot.schema;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SchemaCheck}, with schemas as an application's own generator makes
 * them.
 */
class SchemaCheckTests {

	private static final JsonMapper JSON = JsonMapper.builder().build();

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			// of one type
			"{\"type\":\"integer\"} | 2.5 | the answer: must be an integer",
			"{\"type\":\"integer\"} | 1e400 | the answer: must be an integer",
			"{\"type\":\"integer\"} | 25e-1 | the answer: must be an integer",
			"{\"type\":\"number\"} | \"-INF\" | the answer: must be a number",
			"{\"type\":\"boolean\"} | 2 | the answer: must be true or false",
			"{\"type\":\"string\",\"format\":\"date\"} | 1 | the answer: must be a string of the format date",
			"{\"type\":\"string\",\"pattern\":\"^[A-Z]+$\"} | 1 | the answer: must be a string",
			"{\"type\":\"string\",\"pattern\":\"^[A-Z]+$\"} | \"\" | the answer: must be a string",
			"{\"type\":\"string\",\"enum\":[\"A\",\"B\"]} | 0 | the answer: must be one of [A, B]",
			"{\"type\":\"string\",\"enum\":[\"A\",\"B\"]} | true | the answer: must be one of [A, B]",
			// that may be null
			"{\"type\":[\"integer\",\"null\"]} | 2.5 | the answer: must be an integer",
			"{\"type\":[\"string\",\"null\"],\"format\":\"date\"} | 3 | the answer: must be a string of the format date",
			// somewhere within
			"{\"type\":\"array\",\"items\":{\"type\":\"integer\"}} | [1,[],2.5] | [2]: must be an integer",
			"{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}} | {\"a\":1,\"b\":0.5} | b: must be an integer",
			"{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#/$defs/N\"}],\"$defs\":{\"N\":{\"type\":\"integer\"}}} | 0.1 | the answer: must be an integer" })
	void whatContradictsTheSchemaIsNamed(String schema, String value, String problem) {
		assertThat(problems(schema, value)).containsExactly(problem);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			// the same value, written otherwise
			"{\"type\":\"integer\"} | 2.0", "{\"type\":\"integer\"} | 1e3", "{\"type\":\"integer\"} | 0.0",
			"{\"type\":\"integer\"} | \"2\"", "{\"type\":\"boolean\"} | 0", "{\"type\":\"string\"} | 2.5",
			"{\"type\":\"string\",\"pattern\":\"^[0-9]{5}$\"} | 12345",
			"{\"type\":\"string\",\"format\":\"date\"} | [2026,11,20]",
			// no value, where there may be none
			"{\"type\":[\"integer\",\"null\"]} | \"\"", "{\"type\":[\"number\",\"null\"]} | \"null\"",
			"{\"type\":[\"string\",\"null\"],\"format\":\"date\"} | \" \"", "{\"type\":\"string\"} | \"\"",
			"{\"type\":\"string\",\"pattern\":\"^[A-Z]*$\"} | \"\"",
			// for Jackson to find out
			"{\"type\":\"integer\"} | true", "{\"type\":\"integer\"} | \"x\"", "{\"type\":\"object\"} | 1",
			// not ours to judge
			"{\"type\":[\"string\",\"integer\"]} | 2.5", "{\"enum\":[1,2.5]} | 2.5", "{} | 2.5",
			"{\"type\":\"integer\",\"enum\":[1,2]} | 2", "{\"type\":\"string\",\"pattern\":\"(?<1>[\"} | 5",
			"{\"$ref\":\"https://example.com/schema\"} | 2.5", "{\"type\":\"integer\",\"format\":\"int32\"} | 5" })
	void whatKeepsItsMeaningIsNoProblem(String schema, String value) {
		assertThat(problems(schema, value)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "1.5" })
	void choicesWithinChoicesAreCheckedOnce(String innermost) {
		String option = "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#/$defs/Node\"},"
				+ "\"n\":{\"type\":\"integer\"}}}";
		String schema = "{\"$ref\":\"#/$defs/Node\",\"$defs\":{\"Node\":{\"anyOf\":[" + option + "," + option + "]}}}";
		String value = "{\"next\":".repeat(200) + "{\"n\":" + innermost + "}" + "}".repeat(200);
		assertThat(CompletableFuture.supplyAsync(() -> problems(schema, value))).succeedsWithin(Duration.ofSeconds(30))
			.isEqualTo(innermost.equals("1") ? List.of() : List.of("next.".repeat(200) + "n: must be an integer"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "{\"kind\":\"circle\"} |", "{\"kind\":\"square\"} | side: is missing; angle: is missing",
					"{\"kind\":\"square\",\"side\":1,\"angle\":1.5} | angle: must be an integer",
					// Jackson may know it by another name
					"{\"kind\":\"Square\"} |" })
	void aSubtypeIsCheckedAsTheOneThatItSaysItIs(String value, @Nullable String problems) {
		String schema = """
				{"anyOf": [
				  {"type": "object", "properties": {"kind": {"const": "circle"}}, "required": ["kind"]},
				  {"type": "object", "properties": {"kind": {"const": "square"}, "side": {"type": "integer"},
				   "angle": {"type": "integer"}}, "required": ["kind", "side", "angle"]}]}
				""";
		assertThat(String.join("; ", problems(schema, value))).isEqualTo((problems != null) ? problems : "");
	}

	@Test
	void aValueAtTwoPlacesIsNamedAtBoth() {
		String choice = "{\"anyOf\":[{\"type\":\"integer\"}]}";
		String schema = "{\"type\":\"array\",\"items\":" + choice + "}";
		assertThat(problems(schema, "[true,\"NaN\",0.5,0.5]")).containsExactly("[1]: must be an integer",
				"[2]: must be an integer", "[3]: must be an integer");
	}

	private static List<String> problems(String schema, String value) {
		Map<String, Object> map = JSON.readValue(schema, new TypeReference<Map<String, Object>>() {
		});
		return new SchemaCheck(Object.class, map, JSON).problems(JSON.readTree(value));
	}

}
