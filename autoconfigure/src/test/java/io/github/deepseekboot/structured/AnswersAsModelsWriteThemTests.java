package io.github.deepseekboot.structured;

import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.ParameterizedTypeReference;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

import io.github.deepseekboot.hook.AnswerValidator;
import io.github.deepseekboot.schema.JsonSchemaGenerator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AnswerType} and {@link ListReader} with what models write around the
 * value that was asked for.
 */
class AnswersAsModelsWriteThemTests {

	private static final Verdict PASS = new Verdict("PASS");

	private static final Verdict FAIL = new Verdict("FAIL");

	static Stream<String> passing() {
		return Stream.of("{\"result\":\"PASS\"}", " \n{\"result\":\"PASS\"}\n ", "[{\"result\":\"PASS\"}]",
				"Filling in {result} as asked:\n{\"result\":\"PASS\"}",
				"{\"result\":\"PASS\"}\nNote: {result} is PASS or FAIL.",
				"Use {} or {{result}} or { } or [] or [1]: {\"result\":\"PASS\"}",
				"{\"result\":\"PASS\"} (see [1], {2} and [the rest])", "A set {1, 2} and { then {\"result\":\"PASS\"}",
				"An example is {\"result\": ...}, so: {\"result\":\"PASS\"}",
				"An example is {\"result\": \"FAIL\" | \"PASS\"}, so: {\"result\":\"PASS\"}",
				"{\"result\":\"FAIL\"}\nWait, no.\n{\"result\":\"PASS\"}",
				"```json\n{\"result\":\"FAIL\"}\n```\nbetter:\n```json\n{\"result\":\"PASS\"}\n```\nDone {here}.",
				"```json\n{\"result\":\"PASS\"}\n```\n```json\n{\"other\":\"FAIL\"}\n```",
				"```\n{\n  \"result\" : \"PASS\"\n}\n```  \n", "~~~JSON\n{\"result\":\"PASS\"}\n~~~",
				"`{\"result\":\"PASS\"}`", "**{\"result\":\"PASS\"}**", "<json>{\"result\":\"PASS\"}</json>",
				"<answer>\n{\"result\":\"PASS\"}\n</answer>", "\uFEFF{\"result\":\"PASS\"}",
				"{\"result\":\"PASS\"}\u00a0", "result = {\"result\":\"PASS\"};",
				"<think>{\"result\":\"FAIL\"}</think>{\"result\":\"PASS\"}",
				"<thinking>The user wants {\"result\": ...}.</thinking>\n{\"result\":\"PASS\"}",
				"<THINK>\n{\"result\":\"FAIL\"}\n</THINK>\n{\"result\":\"PASS\"}",
				"[THINK]{\"result\":\"FAIL\"}[/THINK]{\"result\":\"PASS\"}",
				"◁think▷{\"result\":\"FAIL\"}◁/think▷{\"result\":\"PASS\"}",
				"Maybe {\"result\":\"FAIL\"}\n</think>\n\n{\"result\":\"PASS\"}",
				"Maybe {\"result\":\"FAIL\n</think>\n\n{\"result\":\"PASS\"}",
				"Maybe {\"result\n</thought>\n\n```json\n{\"result\":\"PASS\"}\n```",
				"{\"result\":\"PASS\"}\n<think>Should it be {\"result\":\"FAIL\"}?</think>",
				"{\"result\":\"PASS\"}\n<think>Should it be {\"result\":\"FAIL\"}?", "{\"result\":\"PASS\"}</think>",
				"<think>so\n{\"result\":\"PASS\"}");
	}

	@ParameterizedTest
	@MethodSource("passing")
	void theValueIsFound(String text) {
		assertThat(read(Verdict.class, text)).isEqualTo(PASS);
	}

	static Stream<Arguments> others() {
		return Stream.of(Arguments.of(Integer.class, "```json\n42\n```", 42),
				Arguments.of(Integer.class, "```\n42\n``` \n", 42), Arguments.of(Integer.class, "42 \n", 42),
				Arguments.of(int.class, "The answer is:\n\n42", 42),
				Arguments.of(Integer.class, "First I thought\n41\nbut it is\n```\n42\n```", 42),
				Arguments.of(Integer.class, "{n} is\n{\"value\": 42}", 42),
				Arguments.of(Integer.class, "<think>41</think>42", 42),
				Arguments.of(boolean.class, "Yes:\n```json\ntrue\n```", true),
				Arguments.of(Double.class, "```json\n-1.5e3\n```", -1500.0),
				Arguments.of(String.class, "```json\n\"so {be} it\"\n```", "so {be} it"),
				Arguments.of(String.class, "{\"value\": \"<think>a</think>b\"}", "<think>a</think>b"),
				Arguments.of(String.class, "Here: {\"value\": \"a <think>b</think> {c}\"}", "a <think>b</think> {c}"),
				Arguments.of(listOf(), "Here [as asked]:\n[{\"result\":\"PASS\"}]", List.of(PASS)),
				Arguments.of(listOf(), "See [1] and [2, 3].\n[{\"result\":\"PASS\"}] [4]", List.of(PASS)),
				Arguments.of(listOf(), "{list}: {\"value\":[{\"result\":\"PASS\"},{\"result\":\"FAIL\"}]} [end]",
						List.of(PASS, FAIL)),
				Arguments.of(listOf(), "```json\n[{\"result\":\"FAIL\"}]\n```\n```json\n[{\"result\":\"PASS\"}]\n```",
						List.of(PASS)),
				Arguments.of(listOf(), "Hm [{\"result\":\"FAIL\"}]</think>[]", List.of()),
				Arguments.of(new ParameterizedTypeReference<Map<String, Integer>>() {
				}.getType(), "{a} {\"a\": 1}", Map.of("a", 1)));
	}

	@ParameterizedTest
	@MethodSource("others")
	void theValueOfAnyTypeIsFound(Type type, String text, Object value) {
		assertThat(read(type, text)).isEqualTo(value);
	}

	static Stream<String> failing() {
		return Stream.of("", "I cannot", "{result} is PASS", "{\"result\":", "{\"result\":\"PA",
				// the part that is complete is not the answer
				"Draft: {\"result\":\"FAIL\"}\nFinal: {\"result\":\"PA", "{\"note\":{\"result\":\"FAIL\"},",
				"{\"first\":{\"result\":\"FAIL\"}, oops}", "{\"first\":{\"result\":\"FAIL\"}}",
				"[{\"result\":\"FAIL\"},{\"result\":\"PASS\"}]", "{\"other\":\"PASS\"}", "{\"result\":null}",
				"<think>{\"result\":\"PASS\"}</think>", "{".repeat(100_000), "[".repeat(100_000), "[1,".repeat(100_000),
				"{\"a\":1 x ".repeat(100_000));
	}

	@ParameterizedTest
	@MethodSource("failing")
	void whatIsNoCompleteValueIsNone(String text) {
		assertThat(answer(Verdict.class).readAnswer(text).problem()).isNotNull();
	}

	@Test
	void theLastValueIsTheOneThatConstraintsAreOf() {
		AnswerType<Verdict> type = AnswerType.answer(TypedHost.JSON, JsonSchemaGenerator.create(TypedHost.JSON),
				(value) -> value.equals(FAIL) ? List.of("result: must be PASS") : List.of(), Verdict.class);
		assertThat(type.readAnswer("{\"result\":\"PASS\"} no, {\"result\":\"FAIL\"}").problem())
			.satisfies((problem) -> assertThat(problem.reason()).isEqualTo("result: must be PASS"));
	}

	@Test
	void theApplicationsMapperDecidesWhatIsJson() {
		JsonMapper lenient = JsonMapper.builder()
			.enable(JsonReadFeature.ALLOW_TRAILING_COMMA, JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS,
					JsonReadFeature.ALLOW_SINGLE_QUOTES)
			.build();
		AnswerType<Verdict> type = AnswerType.answer(lenient, JsonSchemaGenerator.create(lenient), AnswerValidator.NONE,
				Verdict.class);
		assertThat(type.readAnswer("So: {'result':'a\nb',}").value()).isEqualTo(new Verdict("a\nb"));
		assertThat(answer(Verdict.class).readAnswer("So: {'result':'a\nb',}").problem()).isNotNull();
	}

	static Stream<String> lists() {
		String list = "{\"items\":[{\"result\":\"PASS\"},{\"result\":\"FAIL\"}]}";
		return Stream
			.of("%s", "[{\"result\":\"PASS\"},{\"result\":\"FAIL\"}]", "Here are the {2} lines [as asked]:\n%s",
					"See [1], [2, 3], [] and {}: %s", "An item is {\"result\": ...}:\n```json\n%s\n```",
					"{\"notes\":[\"x\", [1]],\"more\":[2]}%s", "<think>{\"items\":[{\"result\":\"FAIL\"}]}</think>%s",
					"<thinking>[{\"result\": ...}</thinking>\n%s", "[THINK][{[/THINK]%s",
					"Maybe {\"result\":\"FAIL\"}\n</think>\n%s", "Maybe {\"items\": [{\"result\": ...\n</think>\n%s",
					"Maybe {\"result\": \"FAIL\n</think>\n%s", "%s and [so {on} \"", "{%s", "{{ %s",
					"{\"count\":2,\"items\":[{\"result\":\"PASS\"},{\"result\":\"FAIL\"}],\"rest\":[]}")
			.map((text) -> text.formatted(list));
	}

	@ParameterizedTest
	@MethodSource("lists")
	void theItemsOfAListAreFoundAsTheyArrive(String text) {
		for (int piece : new int[] { 1, 3, text.length() }) {
			ListReader<Verdict> reader = list(Verdict.class);
			assertThat(readAll(reader, text, piece)).containsExactly(PASS, FAIL);
			assertThat(reader.problemAtEnd()).isNull();
		}
	}

	static Stream<Arguments> noLists() {
		return Stream.of(Arguments.of("[as asked]", "item 0: it is not JSON"),
				Arguments.of("[1]", "item 0: it cannot be read"),
				Arguments.of("{\"items\":[{\"result\":null},{\"result\":\"PASS\"}]}",
						"item 0: it does not follow the schema"),
				Arguments.of("{\"items\":[{\"result\":null},{\"a\":[{\"result\":\"PASS\"}]}]}",
						"result: must not be null"),
				Arguments.of("{\"result\":\"PASS\"}", "there is no list of items"),
				Arguments.of("no", "it ends before"), Arguments.of("{\"items\":[{\"result\":\"PA", "it ends before"),
				Arguments.of("<think>[{\"result\":\"PASS\"}]", "it ends before"));
	}

	@ParameterizedTest
	@MethodSource("noLists")
	void whatIsNoListIsNone(String text, String reason) {
		ListReader<Verdict> reader = list(Verdict.class);
		assertThat(readAll(reader, text, 1)).isEmpty();
		assertThat(reader.problemAtEnd()).satisfies((problem) -> assertThat(problem.reason()).contains(reason));
	}

	@Test
	void tagsInItemsAreText() {
		ListReader<String> reader = list(String.class);
		String text = "{\"title\":\"<think>\",\"items\":[\"a <think> b\",\"</think>\"]}";
		assertThat(readAll(reader, text, 1)).containsExactly("a <think> b", "</think>");
	}

	private static <T> List<T> readAll(ListReader<T> reader, String text, int piece) {
		List<T> items = new ArrayList<>();
		for (int i = 0; i < text.length(); i += piece) {
			items.addAll(reader.read(text.substring(i, Math.min(text.length(), i + piece))));
		}
		return items;
	}

	private static Type listOf() {
		return new ParameterizedTypeReference<List<Verdict>>() {
		}.getType();
	}

	// a quadratic search takes minutes
	@ParameterizedTest
	@ValueSource(strings = { "<think>", "[think]", "<thinking>Hm.", "{", "[", "{\"a\":", "<think>{}</think>",
			"</think>", "[1 x]" })
	void aModelThatRepeatsItselfIsReadInTime(String piece) {
		String text = piece.repeat(300_000 / piece.length());
		assertThat(CompletableFuture.supplyAsync(() -> answer(Verdict.class).readAnswer(text)))
			.succeedsWithin(Duration.ofSeconds(20))
			.satisfies((reading) -> assertThat(reading.problem()).isNotNull());
	}

	@Test
	void reasoningThatIsBegunAgainAndAgainDoesNotHideTheAnswer() {
		assertThat(read(Verdict.class, "<think>".repeat(1000) + "{\"result\":\"PASS\"}")).isEqualTo(PASS);
		assertThat(read(Verdict.class, "<think>".repeat(1000) + "{\"result\":\"FAIL\"}</think>{\"result\":\"PASS\"}"))
			.isEqualTo(PASS);
	}

	private static @Nullable Object read(Type type, String text) {
		Reading<Object> reading = answer(type).readAnswer(text);
		assertThat(reading.problem()).isNull();
		return reading.value();
	}

	private static AnswerType<Object> answer(Type type) {
		return AnswerType.answer(TypedHost.JSON, JsonSchemaGenerator.create(TypedHost.JSON), AnswerValidator.NONE,
				type);
	}

	private static <T> ListReader<T> list(Class<T> type) {
		return new ListReader<>(AnswerType.item(TypedHost.JSON, JsonSchemaGenerator.create(TypedHost.JSON),
				AnswerValidator.NONE, type));
	}

	record Verdict(String result) {

	}

}
