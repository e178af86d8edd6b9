package io.github.deepseekboot.tool;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.annotation.JsonAlias;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.chat.ToolCall;
import io.github.deepseekboot.schema.JsonSchemaGenerator;

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

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			value = { "{} | city: is missing; days: is missing; unit: is missing",
					"{\"city\": null, \"days\": 1, \"unit\": \"C\"} | city: must not be null",
					"{\"city\": \"Rome\", \"days\": 2.7, \"unit\": \"C\"} | days: must be an integer",
					"{\"city\": \"Rome\", \"days\": 1, \"unit\": 1} | unit: must be one of [C, F]",
					"{\"city\": \"Rome\", \"days\": 1, \"unit\": \"C\", \"from\": 20261120} | from: must be a string" })
	void whatDoesNotFollowTheSchemaReachesNoTool(String arguments, String problem) {
		assertThat(run(forecast(), JsonMapper.builder().build(), arguments))
			.startsWith("Error: the arguments do not fit the tool 'weather': " + problem);
		assertThat(this.received).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"city\": \"Rome\", \"days\": 1, \"unit\": \"C\"}",
			"{\"town\": \"Rome\", \"days\": \"1\", \"unit\": \"C\", \"from\": null}",
			"{\"city\": \"Rome\", \"days\": 1.0, \"unit\": \"C\", \"other\": {}}" })
	void whatCanBeReadAsTheTypeReachesTheTool(String arguments) {
		run(forecast(), JsonMapper.builder().build(), arguments);
		assertThat(this.received).containsExactly("Rome 1 C");
	}

	@Test
	void theCheckOfATypeIsMadeOnce() {
		JsonMapper mapper = JsonMapper.builder().build();
		JsonSchemaGenerator generator = JsonSchemaGenerator.create(mapper);
		AtomicInteger schemas = new AtomicInteger();
		ToolRunner runner = new ToolRunner(Map.of("weather", forecast()), ToolOptions.DEFAULTS, mapper, (type) -> {
			schemas.incrementAndGet();
			return generator.generate(type);
		});
		for (int i = 0; i < 3; i++) {
			runner.run(List.of(new ToolCall("c1", "weather", "{\"city\": \"Rome\", \"days\": 1, \"unit\": \"C\"}")))
				.block();
		}
		assertThat(this.received).hasSize(3);
		assertThat(schemas).hasValue(1);
	}

	private Tool forecast() {
		return Tool.of("weather", "Tells the weather", Query.class,
				(query) -> this.received.add(query.city() + " " + query.days() + " " + query.unit()));
	}

	private String run(JsonMapper mapper, String arguments) {
		Tool tool = Tool.of("weather", "Tells the weather", Map.of("type", "object"),
				(node) -> this.received.add(node.path("city").asString("")));
		return run(tool, mapper, arguments);
	}

	private static String run(Tool tool, JsonMapper mapper, String arguments) {
		return new ToolRunner(Map.of("weather", tool), ToolOptions.DEFAULTS, mapper, JsonSchemaGenerator.create(mapper))
			.run(List.of(new ToolCall("c1", "weather", arguments)))
			.block()
			.get(0)
			.content();
	}

	private record Query(@JsonAlias("town") String city, Integer days, Unit unit, @Nullable LocalDate from) {

	}

	private enum Unit {

		C, F

	}

}
