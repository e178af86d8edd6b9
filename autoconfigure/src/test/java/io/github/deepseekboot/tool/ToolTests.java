package io.github.deepseekboot.tool;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.CallLimits;
import io.github.deepseekboot.chat.ResponseFormat;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.conversation.Conversations;
import io.github.deepseekboot.schema.JsonSchemaGenerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link Tool} and {@link ToolOptions}.
 */
@NullUnmarked
class ToolTests {

	private static final JsonMapper SNAKE_CASE = JsonMapper.builder()
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.build();

	@Test
	void theSchemaIsThatOfTheType() {
		Tool tool = Tool.of("find", "Finds", Query.class, Query::firstWord);
		assertThat(tool.definition()).isEqualTo(new ToolDefinition("find", "Finds", schema("firstWord"), null));
		assertThat(tool.definition(JsonSchemaGenerator.create(SNAKE_CASE)).parameters())
			.isEqualTo(schema("first_word"));
		assertThat(tool.strict().definition().strict()).isTrue();
		assertThat(tool.strict().definition().parameters()).isEqualTo(schema("firstWord"));
		assertThat(tool).hasToString("Tool[find]");
	}

	@Test
	void theMapperOfTheApplicationReadsTheArguments() throws Exception {
		Tool tool = Tool.of("find", "Finds", Query.class, Query::firstWord).strict();
		assertThat(tool.call("{\"first_word\":\"a\"}", SNAKE_CASE)).isEqualTo("a");
		assertThat(tool.call("{\"firstWord\":\"b\"}", JsonMapper.shared())).isEqualTo("b");
	}

	@Test
	void aSchemaIsGivenAsItIs() throws Exception {
		Map<String, Object> schema = Map.of("type", "object", "properties", Map.of("n", Map.of("type", "integer")));
		Tool fromText = Tool.of("f", "F", "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}",
				(arguments) -> arguments.path("n").asInt());
		Tool fromMap = Tool.of("f", "F", schema, (arguments) -> arguments.path("n").asInt());
		assertThat(List.of(fromText, fromMap)).allSatisfy((tool) -> {
			assertThat(tool.definition()).isEqualTo(ToolDefinition.of("f", "F", schema));
			assertThat(tool.call("{\"n\":3}", JsonMapper.shared())).isEqualTo(3);
		});
	}

	@Test
	void aToolMayHaveNoArguments() throws Exception {
		Tool tool = Tool.of("now", "The time", () -> "noon");
		assertThat(tool.definition().parameters()).isNull();
		assertThat(tool.call("{}", JsonMapper.shared())).isEqualTo("noon");
	}

	@Test
	void aSchemaThatChangesAfterwardsChangesNoTool() {
		Map<String, Object> schema = new HashMap<>(Map.of("type", "object"));
		Tool tool = Tool.of("f", "F", schema, (arguments) -> 1);
		ToolDefinition definition = ToolDefinition.of("f", "F", schema);
		ResponseFormat format = ResponseFormat.schema("f", schema, false);
		schema.put("type", "array");
		assertThat(tool.definition().parameters()).isEqualTo(Map.of("type", "object"));
		assertThat(definition.parameters()).isEqualTo(Map.of("type", "object"));
		assertThat(format).isEqualTo(ResponseFormat.schema("f", Map.of("type", "object"), false));
	}

	@Test
	void nullIsRefusedWhereItIsGiven() {
		try (CallingModel model = new CallingModel(CallingModel.saying("Fine"))) {
			assertThatIllegalArgumentException().isThrownBy(() -> model.template().withTools((Tool) null))
				.withMessage("'tools' must not contain null");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> model.template().withTools(Collections.singletonList(null), ToolOptions.DEFAULTS))
				.withMessage("'tools' must not contain null");
		}
		assertThatIllegalArgumentException().isThrownBy(() -> CallLimits.builder().maxWait(null))
			.withMessage("'maxWait' must not be null");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> CallLimits.builder().tokensPerMinute(CallLimits.MAX_TOKENS_PER_MINUTE + 1))
			.withMessage("'tokensPerMinute' must be at most 60000000000");
		assertThatIllegalArgumentException().isThrownBy(() -> Conversations.builder().maxWait(null))
			.withMessage("'maxWait' must not be null");
	}

	@Test
	void whatCannotWorkIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Tool.of(" ", "D", () -> 1))
			.withMessage("'name' must not be empty");
		assertThatIllegalArgumentException().isThrownBy(() -> Tool.of("f", "", () -> 1))
			.withMessage("'description' must not be empty");
		assertThatIllegalArgumentException().isThrownBy(() -> Tool.of("f", "F", "[]", (arguments) -> 1))
			.withMessage("the schema of the tool 'f' is not a JSON object");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Tool.of("f", "F", "{\"type\":\"string\"}", (arguments) -> 1))
			.withMessageContaining("of the tool 'f' must be of the type object")
			.withMessageContaining("is of the type string");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Tool.of("f", "F", String.class, (text) -> text).definition())
			.withMessage("the arguments of the tool 'f' must be a JSON object, but java.lang.String is written as"
					+ " string; use a record");
		assertThatIllegalArgumentException().isThrownBy(() -> ToolOptions.builder().maxRounds(0))
			.withMessage("'maxRounds' must be at least 1");
		assertThatIllegalArgumentException().isThrownBy(() -> ToolOptions.builder().concurrency(0))
			.withMessage("'concurrency' must be at least 1");
	}

	@Test
	void withoutAGeneratorOnlyToolsOfTypesFail() {
		JsonSchemaGenerator none = (type) -> {
			throw new IllegalStateException("cannot be made");
		};
		assertThat(Tool.of("f", "F", Map.of("type", "object"), (arguments) -> 1).definition(none).parameters())
			.containsEntry("type", "object");
		assertThatIllegalStateException()
			.isThrownBy(() -> Tool.of("f", "F", Query.class, Query::firstWord).definition(none))
			.withMessage("cannot be made");
	}

	private static Map<String, Object> schema(String property) {
		return Map.of("type", "object", "properties", Map.of(property, Map.of("type", "string")), "required",
				List.of(property), "additionalProperties", false);
	}

	record Query(String firstWord) {

	}

}
