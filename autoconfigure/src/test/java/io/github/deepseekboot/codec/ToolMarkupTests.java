package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.chat.ToolCallDelta;
import io.github.deepseekboot.chat.ToolChoice;
import io.github.deepseekboot.chat.ToolDefinition;
import io.github.deepseekboot.hook.ApiKey;
import io.github.deepseekboot.provider.Dialect;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.ProviderPresets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link ToolMarkup}.
 */
@NullUnmarked
class ToolMarkupTests {

	private static final Dialect DIALECT = Provider.builder("deepseek", ProviderPresets.get("deepseek"))
		.apiKey(ApiKey.of("test-key"))
		.build()
		.dialect();

	private static final List<ToolDefinition> TOOLS = List.of(
			ToolDefinition.of("tide", "Tide at a harbour",
					Map.of("type", "object", "properties",
							Map.of("harbour", Map.of("type", "string"), "days", Map.of("type", "integer")))),
			ToolDefinition.of("now", null, null), ToolDefinition.of("log-entry", null, null));

	/**
	 * How models of DeepSeek write calls.
	 */
	private enum Format {

		V3, V3_ONE_LINE, V3_ASCII, V31, V32, V4, V4_TIGHT, V4_DOUBLE, V4_ASCII, V41, V41_DOUBLE, V4_JSON;

		String of(String... calls) {
			StringBuilder text = new StringBuilder(begin());
			for (String call : calls) {
				int blank = call.indexOf(' ');
				text.append(call((blank != -1) ? call.substring(0, blank) : call,
						(blank != -1) ? call.substring(blank + 1) : null));
			}
			return spelled(text.append(end()).toString());
		}

		private String begin() {
			return switch (this) {
				case V3, V3_ONE_LINE, V3_ASCII, V31 -> "<｜tool▁calls▁begin｜>";
				case V32 -> "<｜DSML｜function_calls>\n";
				case V41, V41_DOUBLE -> "<｜DSML｜ calls>\n";
				default -> "<｜DSML｜tool_calls>\n";
			};
		}

		private String call(String name, String harbour) {
			String json = (harbour != null) ? "{\"harbour\":\"" + harbour + "\"}" : "{}";
			return switch (this) {
				case V3, V3_ASCII -> "<｜tool▁call▁begin｜>function<｜tool▁sep｜>" + name + "\n```json\n" + json
						+ "\n```<｜tool▁call▁end｜>\n";
				case V3_ONE_LINE ->
					"<｜tool▁call▁begin｜>function<｜tool▁sep｜>" + name + "\n" + json + "<｜tool▁call▁end｜>";
				case V31 -> "<｜tool▁call▁begin｜>" + name + "<｜tool▁sep｜>" + json + "<｜tool▁call▁end｜>";
				case V4_JSON -> "<｜DSML｜invoke name=\"" + name + "\">" + json + "</｜DSML｜invoke>\n";
				default -> {
					String s = (this == V41 || this == V41_DOUBLE) ? " " : "";
					yield "<｜DSML｜" + s + "invoke name=\"" + name + "\">\n"
							+ ((harbour != null) ? "<｜DSML｜" + s + "parameter name=\"harbour\" string=\"true\">"
									+ harbour + "</｜DSML｜" + s + "parameter>\n" : "")
							+ "</｜DSML｜" + s + "invoke>\n";
				}
			};
		}

		private String end() {
			return switch (this) {
				case V3, V3_ONE_LINE, V3_ASCII, V31 -> "<｜tool▁calls▁end｜>";
				case V32 -> "</｜DSML｜function_calls>";
				case V41, V41_DOUBLE -> "</｜DSML｜ calls>";
				default -> "</｜DSML｜tool_calls>";
			};
		}

		private String spelled(String text) {
			return switch (this) {
				case V3_ASCII -> text.replace('｜', '|').replace('▁', '_');
				case V4_ASCII -> text.replace('｜', '|');
				case V4_DOUBLE, V41_DOUBLE -> text.replace("｜", "｜｜");
				case V4_TIGHT -> text.replace("\n", "");
				default -> text;
			};
		}

	}

	@ParameterizedTest
	@EnumSource(Format.class)
	void markupBecomesToolCallsWhereverItIsSplit(Format format) {
		String one = format.of("tide Husum");
		assertRead(one, "", "tide {\"harbour\":\"Husum\"}");
		assertRead("Let me see.\n\n" + one + "\n", "Let me see.\n\n\n", "tide {\"harbour\":\"Husum\"}");
		assertRead("a < b <" + one + " I wait.", "a < b < I wait.", "tide {\"harbour\":\"Husum\"}");
		assertRead(format.of("now"), "", "now {}");
		assertRead(format.of("tide Büsum", "now", "log-entry x"), "", "tide {\"harbour\":\"Büsum\"}", "now {}",
				"log-entry {\"harbour\":\"x\"}");
		assertRead(format.of("now") + "\nand\n" + format.of("tide List"), "\nand\n", "now {}",
				"tide {\"harbour\":\"List\"}");
		assertRead("So:" + format.of("now") + "<｜end▁of▁sentence｜>", "So:", "now {}");
	}

	@ParameterizedTest
	@EnumSource(Format.class)
	void reasoningThatEndsWithMarkupCalls(Format format) {
		String markup = format.of("tide Husum");
		String call = "tide {\"harbour\":\"Husum\"}";
		assertReasoningRead("Hm.\n" + markup + "\n", null, "Hm.\n\n", null, call);
		assertReasoningRead(markup, " \n", "", " \n", call);
		assertReasoningRead("I could write " + markup + " now.", null, "I could write " + markup + " now.", null);
		assertReasoningRead("Hm." + markup, "Hello", "Hm." + markup, "Hello");
		assertReasoningRead("Hm." + markup, markup, "Hm." + markup, "", call);
		assertReasoningRead("Hm." + markup.substring(0, markup.length() - 3), null,
				"Hm." + markup.substring(0, markup.length() - 3), null);
	}

	@ParameterizedTest
	@EnumSource(Format.class)
	void markupThatBreaksOffStaysText(Format format) {
		String markup = "Well. " + format.of("tide Husum", "now");
		for (int end = 1; end < markup.length(); end++) {
			assertText(markup.substring(0, end));
		}
		assertText(format.of("now") + markup.substring(0, markup.length() - 1));
	}

	@ParameterizedTest
	@EnumSource(Format.class)
	void whatCallsNoToolOfTheRequestStaysText(Format format) {
		assertText(format.of("shell ls"));
		assertText("a" + format.of("now", "shell ls") + "b");
		assertRead(format.of("shell ls") + format.of("now"), format.of("shell ls"), "now {}");
		assertText(format.of());
	}

	@ParameterizedTest
	@EnumSource(Format.class)
	void markupThatIsQuotedStaysText(Format format) {
		String markup = format.of("tide Husum");
		assertText("Models write:\n```xml\n" + markup + "\n```\nand the host reads it.");
		assertText("Models write:\n\n  ~~~\n  " + markup + "\n  ~~~\n");
		assertText("Models write `" + markup + "`, as here.");
		assertText("Models write ```" + markup + "```");
		assertRead("```\ncode\n```\n" + markup + "\n```\nmore\n```", "```\ncode\n```\n\n```\nmore\n```",
				"tide {\"harbour\":\"Husum\"}");
		assertRead("```\n" + markup + "\n```\n" + format.of("now"), "```\n" + markup + "\n```\n", "now {}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "The tag <｜DSML｜tool_calls> opens, </｜DSML｜tool_calls> closes.",
			"`<｜tool▁calls▁begin｜>` and `<｜tool▁call▁begin｜>`", "a <| b |> c", "x <|> y", "<div>|</div>", "<", "<｜",
			"<<<", "List<|", "</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜tool_calls>",
			"<｜DSML｜invoke name=\"now\"></｜DSML｜invoke>", "<｜DSML｜tool_calls>now()</｜DSML｜tool_calls>",
			"<｜tool▁calls▁begin｜>now{}<｜tool▁calls▁end｜>",
			"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>now<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
			"<｜DSML｜tool_calls><｜DSML｜invoke name=\"now\"><｜DSML｜invoke name=\"now\"></｜DSML｜invoke></｜DSML｜tool_calls>",
			"the token <｜end▁of▁sentence｜> ends it", "`<｜end▁of▁sentence｜>`", "<｜end▁of▁sentence", "plain text" })
	void whatIsNoCompleteMarkupStaysText(String text) {
		assertText(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "<｜end▁of▁sentence｜>", "<|end_of_sentence|>", "<｜end▁of▁sentence｜>\n<｜end▁of▁sentence｜>" })
	void markerOfTheEndIsDroppedThere(String marker) {
		assertRead("Hello." + marker, marker.contains("\n") ? "Hello.\n" : "Hello.");
		assertText("Hello." + marker + "!");
	}

	/**
	 * The third column is the value in the arguments.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '~', quoteCharacter = '`',
			value = { "string=\"true\" ~ 12 ~ \"12\"", "string=\"true\" ~ {\"a\":1} ~ \"{\\\"a\\\":1}\"",
					"string=\"true\" ~ `` ~ \"\"", "string=\"true\" ~ ` two\nlines ` ~ \" two\\nlines \"",
					"string=\"true\" ~ `a < b && c > \"d\" </p>` ~ \"a < b && c > \\\"d\\\" </p>\"",
					"string=\"true\" ~ `</｜DSML` ~ \"</｜DSML\"", "string=\"true\" ~ `数据` ~ \"数据\"",
					"string=\"false\" ~ 12 ~ 12", "string=\"false\" ~ -1.50 ~ -1.50",
					"string=\"false\" ~ 1e400 ~ 1e400", "string=\"false\" ~ true ~ true",
					"string=\"false\" ~ null ~ null",
					"string=\"false\" ~ `\n[1, {\"a\": \"b\"}]\n` ~ [1, {\"a\": \"b\"}]",
					"string=\"false\" ~ {\"a\":[]} ~ {\"a\":[]}", "string=\"false\" ~ \"text\" ~ \"text\"",
					"string=\"false\" ~ Husum ~ \"Husum\"", "string=\"false\" ~ 1 2 ~ \"1 2\"", "`` ~ 12 ~ \"12\"" })
	void parameterHasTheTypeThatItSays(String attribute, String value, String argument) {
		for (Format format : List.of(Format.V32, Format.V4, Format.V4_DOUBLE, Format.V41)) {
			String markup = format.of("tide X")
				.replace(" string=\"true\">X<", (attribute.isEmpty() ? "" : " " + attribute) + ">" + value + "<");
			assertRead(markup, "", "tide {\"harbour\":" + argument + "}");
		}
	}

	@Test
	void parameterThatDoesNotSayItsTypeHasThatOfTheTool() {
		String markup = "<｜DSML｜tool_calls><｜DSML｜invoke name=\"tide\"><｜DSML｜parameter name=\"harbour\">12"
				+ "</｜DSML｜parameter><｜DSML｜parameter name=\"days\">3</｜DSML｜parameter>"
				+ "<｜DSML｜parameter name=\"other\">[true]</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜tool_calls>";
		assertRead(markup, "", "tide {\"harbour\":\"12\",\"days\":3,\"other\":[true]}");
	}

	@Test
	void quotesMayBeTypographic() {
		assertRead(Format.V4_DOUBLE.of("tide 3-5").replaceAll("\"(.*?)\"", "“$1”"), "", "tide {\"harbour\":\"3-5\"}");
	}

	@Test
	void brokenArgumentsAreLeftToWhoeverRunsTheTool() {
		assertRead(Format.V31.of("tide X").replace("\"X\"}", "\"X"), "", "tide {\"harbour\":\"X");
	}

	@ParameterizedTest
	@ValueSource(strings = { "length", "max_tokens", "content_filter" })
	void answerThatWasCutCallsNothing(String reason) {
		String text = "So:" + Format.V4.of("now") + "<｜end▁of▁sentence｜>";
		assertThat(stream(markup(), FinishReason.of(reason), text))
			.isEqualTo(new Answer(null, text, List.of(), reason));
		assertThat(complete(FinishReason.of(reason), text)).isEqualTo(new Answer(null, text, List.of(), reason));
	}

	@ParameterizedTest
	@ValueSource(strings = { "stop", "tool_calls", "function_call", "eos", "end_turn" })
	void finishReasonSaysThatToolsAreCalled(String reason) {
		Answer expected = new Answer(null, "", List.of("now {}"), "tool_calls");
		assertThat(stream(markup(), FinishReason.of(reason), Format.V4.of("now"))).isEqualTo(expected);
		assertThat(complete(FinishReason.of(reason), Format.V4.of("now"))).isEqualTo(expected);
	}

	@Test
	void hostThatSendsToolCallsIsLeftAlone() {
		String markup = Format.V4.of("now");
		AnswerChoice complete = choice("Well." + markup);
		complete.toolCalls = List.of(new ToolCallDelta(0, "call_1", "now", "{}"));
		markup().readComplete(complete);
		assertThat(complete.content).isEqualTo("Well." + markup);
		assertThat(complete.toolCalls).hasSize(1);

		ToolMarkup read = markup();
		AnswerChoice before = choice(markup);
		before.reasoning = "Hm.<｜DSML｜tool_calls>";
		assertThat(read.read(before)).isTrue();
		assertThat(before.content).isEmpty();
		AnswerChoice call = choice(null);
		call.toolCalls = List.of(new ToolCallDelta(0, "call_1", "now", "{}"));
		assertThat(read.read(call)).isFalse();
		assertThat(call.content).isEqualTo(markup);
		assertThat(call.toolCalls).hasSize(1);
		AnswerChoice behind = choice(markup);
		behind.finishReason = FinishReason.STOP;
		read.read(behind);
		assertThat(behind.content).isEqualTo(markup);
		assertThat(behind.toolCalls).isNull();
		assertThat(behind.finishReason).isEqualTo(FinishReason.STOP);
	}

	@Test
	void requestWithoutToolsIsNotLookedAt() {
		assertThat(ToolMarkup.of(DIALECT, ChatRequest.of("Hello"), 128)).isNull();
		assertThat(ToolMarkup.of(DIALECT,
				ChatRequest.builder().user("Hello").tools(TOOLS).toolChoice(ToolChoice.NONE).build(), 128))
			.isNull();
		assertThat(ToolMarkup.of(DIALECT,
				ChatRequest.builder()
					.user("Hello")
					.tools(List.of(ToolDefinition.of(Map.of("type", "web_search"))))
					.build(),
				128))
			.isNull();
	}

	@Test
	void choicesDoNotMix() {
		String markup = Format.V32.of("tide Husum");
		ToolMarkup read = markup();
		for (int i = 0; i < markup.length(); i++) {
			for (int index = 0; index < 2; index++) {
				AnswerChoice choice = choice(String.valueOf((index == 0) ? markup.charAt(i) : 'x'));
				choice.index = index;
				assertThat(read.read(choice)).isEqualTo(index == 0);
				assertThat(choice.content).isEqualTo((index == 0) ? "" : "x");
			}
		}
		assertThat(read.release()).singleElement().satisfies((choice) -> {
			assertThat(choice.index).isZero();
			assertThat(choice.content).isEmpty();
			assertThat(choice.finishReason).isEqualTo(FinishReason.TOOL_CALLS);
			assertThat(choice.toolCalls).containsExactly(new ToolCallDelta(0, null, "tide", "{\"harbour\":\"Husum\"}"));
		});
	}

	@Test
	void plainTextIsTheSameString() {
		ToolMarkup read = markup();
		for (String text : List.of("plain", " a < b ", "<div>", "数据｜", "")) {
			AnswerChoice choice = choice(text);
			choice.reasoning = text;
			assertThat(read.read(choice)).isFalse();
			assertThat(choice.content).isSameAs(text);
			assertThat(choice.reasoning).isSameAs(text);
		}
	}

	@Test
	void whatIsHeldIsBounded() {
		ToolMarkup read = markup();
		AnswerChoice begin = choice("<｜DSML｜tool_calls><｜DSML｜invoke name=\"tide\"><｜DSML｜parameter name=\"harbour\">");
		String opening = begin.content;
		read.read(begin);
		String piece = "x".repeat(1024);
		int released = 0;
		for (int i = 0; i < 2048 && released == 0; i++) {
			AnswerChoice next = choice(piece);
			read.read(next);
			released = next.content.length();
			assertThat(next.content).matches((text) -> text.isEmpty() || text.startsWith(opening));
		}
		assertThat(released).isBetween(1 << 20, (1 << 20) + 2048);
		AnswerChoice behind = choice(piece);
		assertThat(read.read(behind)).isFalse();
		assertThat(behind.content).isSameAs(piece);
		StringBuilder delivered = new StringBuilder();
		AnswerChoice marker = choice("<｜end▁of▁sentence｜>");
		read.read(marker);
		for (int i = 0; i < 2000; i++) {
			AnswerChoice blank = choice(" ");
			read.read(blank);
			delivered.append(blank.content);
		}
		assertThat(delivered).startsWith("<｜end▁of▁sentence｜>").hasSizeGreaterThan(2000);
	}

	@Test
	void whatIsHeldIsBoundedForAllChoicesTogether() {
		ToolMarkup read = markup();
		String opening = "<｜DSML｜tool_calls><｜DSML｜invoke name=\"tide\"><｜DSML｜parameter name=\"harbour\">";
		String piece = "x".repeat(64 * 1024);
		int held = 0;
		for (int i = 0; i < 20; i++) {
			for (int index = 0; index < 8; index++) {
				AnswerChoice choice = choice((i == 0) ? opening : piece);
				choice.index = index;
				held += choice.content.length();
				read.read(choice);
				held -= choice.content.length();
				assertThat(held).isBetween(0, 1 << 20);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "<｜DSML｜tool_calls><｜DSML｜invoke name=\"%s",
			"<｜DSML｜tool_calls><｜DSML｜invoke %sname=\"tide\"", "<｜DSML｜tool_calls><｜DSML｜invoke name=\"tide\"%s",
			"<｜DSML｜tool_calls><｜DSML｜invoke name=\"tide\"><｜DSML｜parameter name=\"%s",
			"<｜DSML｜tool_calls><｜DSML｜invoke name=\"tide\"><｜DSML｜parameter name=\"harbour\" string=\"%s" })
	void tagThatDoesNotEndIsText(String tag) {
		ToolMarkup read = markup();
		String endless = tag.formatted((tag.contains("\"%s") ? "x" : " ").repeat(300));
		AnswerChoice choice = choice(endless);
		assertThat(read.read(choice)).isFalse();
		assertThat(choice.content).isEqualTo(endless);
	}

	@Test
	void markupIsReadOnceHoweverManyPiecesItComesIn() {
		String argument = "<".repeat(200_000);
		String markup = Format.V4.of("tide " + argument);
		ToolMarkup read = markup();
		for (int i = 0; i < markup.length(); i += 2) {
			AnswerChoice choice = choice(markup.substring(i, Math.min(i + 2, markup.length())));
			read.read(choice);
		}
		assertThat(read.release().get(0).toolCalls)
			.containsExactly(new ToolCallDelta(0, null, "tide", "{\"harbour\":\"" + argument + "\"}"));
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 20261127, 4711 })
	void whatIsReadIsTheSameHoweverItIsSplitAndNothingIsLost(long seed) {
		Random random = new Random(seed);
		for (int i = 0; i < 2000; i++) {
			StringBuilder text = new StringBuilder();
			for (int j = random.nextInt(8); j >= 0; j--) {
				text.append(randomPiece(random));
			}
			FinishReason reason = random.nextBoolean() ? FinishReason.STOP : FinishReason.LENGTH;
			Answer whole = complete(reason, text.toString());
			if (whole.calls().isEmpty() && text.indexOf("sentence") < 0) {
				assertThat(whole.content()).isEqualTo(text.toString());
			}
			List<String> deltas = new ArrayList<>();
			for (int at = 0; at < text.length();) {
				int next = Math.min(text.length(), at + 1 + random.nextInt(12));
				deltas.add(text.substring(at, next));
				at = next;
			}
			assertThat(stream(markup(), reason, deltas.toArray(String[]::new))).as("%s", deltas).isEqualTo(whole);
		}
	}

	private static String randomPiece(Random random) {
		Format[] formats = Format.values();
		String markup = formats[random.nextInt(formats.length)].of("tide Husum",
				random.nextBoolean() ? "now" : "shell");
		return switch (random.nextInt(9)) {
			case 0, 1 -> markup;
			case 2 -> markup.substring(random.nextInt(markup.length()));
			case 3 -> markup.substring(0, 1 + random.nextInt(markup.length()));
			case 4 -> "\n```\n";
			case 5 -> "<｜end▁of▁sentence｜>";
			case 6 -> "<".repeat(1 + random.nextInt(3)) + "｜";
			case 7 -> "\n";
			default -> "text ";
		};
	}

	@Test
	void thereAreNotMoreCallsThanAllowed() {
		ToolMarkup read = ToolMarkup.of(DIALECT, ChatRequest.builder().user("Hello").tools(TOOLS).build(), 2);
		AnswerChoice choice = choice(Format.V4.of("now", "now", "now"));
		DeepSeekException failure = catchThrowableOfType(DeepSeekException.class, () -> read.readComplete(choice));
		assertThat(failure.getKind()).isEqualTo(ErrorKind.LOCAL_LIMIT);
		assertThat(failure).hasMessageContaining("deepseek.limit.max-tool-calls");
	}

	private static void assertText(String text) {
		assertRead(text, text);
	}

	private static void assertRead(String text, String content, String... calls) {
		for (FinishReason reason : new FinishReason[] { FinishReason.STOP, null }) {
			String expectedReason = (calls.length > 0) ? "tool_calls" : (reason != null) ? reason.value() : null;
			Answer expected = new Answer(null, content, List.of(calls), expectedReason);
			assertThat(complete(reason, text)).isEqualTo(expected);
			assertThat(stream(markup(), reason, text)).isEqualTo(expected);
			assertThat(stream(markup(), reason, text.split(""))).as("character by character").isEqualTo(expected);
			for (int split = 1; split < text.length(); split++) {
				assertThat(stream(markup(), reason, text.substring(0, split), text.substring(split)))
					.as("split at %d", split)
					.isEqualTo(expected);
			}
		}
	}

	private static void assertReasoningRead(String text, String content, String reasoning, String answer,
			String... calls) {
		AnswerChoice complete = choice(content);
		complete.reasoning = text;
		complete.finishReason = FinishReason.STOP;
		markup().readComplete(complete);
		assertThat(complete.reasoning).isEqualTo(reasoning);
		assertThat(complete.content).isEqualTo(answer);
		assertThat(calls(List.of(complete))).containsExactly(calls);
		for (int length : new int[] { 1, 3, 7, 1000 }) {
			ToolMarkup read = markup();
			List<AnswerChoice> choices = new ArrayList<>();
			for (int i = 0; i < text.length(); i += length) {
				AnswerChoice choice = choice(null);
				choice.reasoning = text.substring(i, Math.min(i + length, text.length()));
				read.read(choice);
				choices.add(choice);
			}
			AnswerChoice last = choice(content);
			last.finishReason = FinishReason.STOP;
			read.read(last);
			choices.add(last);
			assertThat(read.release()).isEmpty();
			StringBuilder thought = new StringBuilder();
			choices.forEach((choice) -> thought.append((choice.reasoning != null) ? choice.reasoning : ""));
			assertThat(thought).hasToString(reasoning);
			assertThat(last.content).isEqualTo(answer);
			assertThat(calls(choices)).containsExactly(calls);
		}
	}

	private static ToolMarkup markup() {
		return ToolMarkup.of(DIALECT, ChatRequest.builder().user("Hello").tools(TOOLS).build(), 128);
	}

	private static Answer complete(FinishReason reason, String content) {
		AnswerChoice choice = choice(content);
		choice.finishReason = reason;
		markup().readComplete(choice);
		return answer(List.of(choice));
	}

	private static Answer stream(ToolMarkup markup, FinishReason reason, String... deltas) {
		List<AnswerChoice> read = new ArrayList<>();
		for (int i = 0; i < deltas.length; i++) {
			AnswerChoice choice = choice(deltas[i]);
			choice.finishReason = (i == deltas.length - 1) ? reason : null;
			markup.read(choice);
			read.add(choice);
		}
		read.addAll(markup.release());
		return answer(read);
	}

	private static Answer answer(List<AnswerChoice> choices) {
		StringBuilder content = new StringBuilder();
		FinishReason reason = null;
		for (AnswerChoice choice : choices) {
			assertThat(choice.reasoning).isNull();
			content.append((choice.content != null) ? choice.content : "");
			reason = (choice.finishReason != null) ? choice.finishReason : reason;
		}
		return new Answer(null, content.toString(), calls(choices), (reason != null) ? reason.value() : null);
	}

	private static List<String> calls(List<AnswerChoice> choices) {
		Map<Integer, String> calls = new LinkedHashMap<>();
		for (AnswerChoice choice : choices) {
			for (ToolCallDelta call : (choice.toolCalls != null) ? choice.toolCalls : List.<ToolCallDelta>of()) {
				assertThat(call.id()).isNull();
				assertThat(call.index()).isEqualTo(calls.size());
				calls.put(call.index(), call.name() + " " + call.arguments());
			}
		}
		return List.copyOf(calls.values());
	}

	private static AnswerChoice choice(String content) {
		AnswerChoice choice = new AnswerChoice();
		choice.content = content;
		return choice;
	}

	private record Answer(String reasoning, String content, List<String> calls, String finishReason) {

	}

}
