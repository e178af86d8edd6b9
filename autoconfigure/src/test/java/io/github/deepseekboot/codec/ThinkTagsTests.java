package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.deepseekboot.chat.FinishReason;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ThinkTags}.
 */
@NullUnmarked
class ThinkTagsTests {

	/**
	 * {@code _} stands for a blank, {@code ^} for a line end.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", emptyValue = "", value = {
			// opened | content | reasoning | answer
			"true | <think>Hm.</think>Hi | Hm. | Hi", "true | <think>^Hm.^</think>^^Hi | ^Hm.^ | ^^Hi",
			"true | ^_<think>Hm.</think>_Hi | Hm. | _Hi", "true | <think></think>Hi | '' | Hi",
			"true | <think>^^</think>^^Hi | ^^ | ^^Hi", "true | <think>Hm. | Hm. | ''",
			"true | <think>Hm.</thi | Hm.</thi | ''", "true | <think>a<b</think>c | a<b | c",
			"true | <think>a</b></think>c | a</b> | c", "true | <think>a<</think>c | a< | c",
			"true | <think>a</think>b</think>c | a | b</think>c", "true | <think>a</think>b<think>c | a | b<think>c",
			"true | Hi | - | Hi", "true | ^^Hi | - | ^^Hi", "true | <thi | - | <thi", "true | ^_ | - | ^_",
			"true | <thinking>Hm | - | <thinking>Hm", "true | The tag <think> opens | - | The tag <think> opens",
			"true | Hm.</think>Hi | - | Hm.</think>Hi", "true | </think>Hi | - | </think>Hi",
			"true | <THINK>Hm | - | <THINK>Hm", "true | <b>Hi</b> | - | <b>Hi</b>", "false | Hm.</think>Hi | Hm. | Hi",
			"false | ^_Hm.^</think>^^Hi | ^_Hm.^ | ^^Hi", "false | <think>Hm.</think>Hi | Hm. | Hi",
			"false | ^<think>Hm.</think>Hi | Hm. | Hi", "false | </think>Hi | '' | Hi",
			"false | <b>Hm</think>Hi | <b>Hm | Hi" })
	void reasoningIsSeparatedFromTheAnswerWhereverItIsSplit(boolean opened, String content, String reasoning,
			String answer) {
		String text = spelled(content);
		Answer expected = new Answer(spelled(reasoning), spelled(answer));
		assertThat(complete(opened, text, FinishReason.STOP)).isEqualTo(expected);
		assertThat(stream(opened, FinishReason.STOP, text)).isEqualTo(expected);
		assertThat(stream(opened, null, text)).as("no finish reason").isEqualTo(expected);
		assertThat(stream(opened, FinishReason.STOP, text.split(""))).as("character by character").isEqualTo(expected);
		for (int first = 1; first < text.length(); first++) {
			for (int second = first; second < text.length(); second++) {
				assertThat(stream(opened, FinishReason.STOP, text.substring(0, first), text.substring(first, second),
						text.substring(second)))
					.as("split at %d and %d", first, second)
					.isEqualTo(expected);
			}
		}
	}

	@Test
	void reasoningThatWasCutIsNoAnswer() {
		assertThat(complete(false, "Let me see", FinishReason.LENGTH)).isEqualTo(new Answer("Let me see", ""));
		assertThat(complete(true, "Let me see", FinishReason.LENGTH)).isEqualTo(new Answer(null, "Let me see"));
		assertThat(stream(false, FinishReason.LENGTH, "Let me", " see")).isEqualTo(new Answer("Let me see", ""));
	}

	@Test
	void completeAnswerWithoutAnyTagIsAnAnswer() {
		assertThat(complete(false, "Hello", FinishReason.STOP)).isEqualTo(new Answer(null, "Hello"));
	}

	@Test
	void choiceWithReasoningOfItsOwnIsLeftAsItIs() {
		for (boolean opened : new boolean[] { true, false }) {
			ThinkTags tags = new ThinkTags(!opened);
			AnswerChoice first = choice(0, null);
			first.reasoning = "Hm.";
			tags.read(first);
			AnswerChoice second = choice(0, "<think> is a tag</think>");
			tags.read(second);
			assertThat(first.reasoning).isEqualTo("Hm.");
			assertThat(second.reasoning).isNull();
			assertThat(second.content).isEqualTo("<think> is a tag</think>");
			AnswerChoice both = choice(0, "<think>Hm.</think>Hi");
			both.reasoning = "Well.";
			new ThinkTags(!opened).readComplete(both);
			assertThat(both.content).isEqualTo("<think>Hm.</think>Hi");
			assertThat(both.reasoning).isEqualTo("Well.");
		}
	}

	@Test
	void whatWasHeldIsNotLostWhenReasoningComes() {
		ThinkTags tags = new ThinkTags(false);
		tags.read(choice(0, "\n"));
		AnswerChoice next = choice(0, "Hi");
		next.reasoning = "Hm.";
		tags.read(next);
		assertThat(next.content).isEqualTo("\nHi");
		assertThat(next.reasoning).isEqualTo("Hm.");
	}

	@Test
	void choicesDoNotMix() {
		ThinkTags tags = new ThinkTags(false);
		AnswerChoice one = choice(0, "<think>a</thi");
		AnswerChoice two = choice(1, "<thi");
		tags.read(one);
		tags.read(two);
		AnswerChoice oneMore = choice(0, "nk>A");
		AnswerChoice twoMore = choice(1, "nk>b</th");
		tags.read(oneMore);
		tags.read(twoMore);
		assertThat(one.reasoning).isEqualTo("a");
		assertThat(oneMore.content).isEqualTo("A");
		assertThat(twoMore.reasoning).isEqualTo("b");
		List<AnswerChoice> held = tags.release();
		assertThat(held).singleElement().satisfies((choice) -> {
			assertThat(choice.index).isEqualTo(1);
			assertThat(choice.reasoning).isEqualTo("</th");
		});
	}

	@Test
	void blanksWithoutEndAreNotHeldForEver() {
		ThinkTags tags = new ThinkTags(false);
		StringBuilder delivered = new StringBuilder();
		for (int i = 0; i < 2000; i++) {
			AnswerChoice choice = choice(0, " ");
			tags.read(choice);
			delivered.append(choice.content);
		}
		assertThat(delivered).hasSize(2000).isBlank();
		assertThat(tags.release()).isEmpty();
	}

	@Test
	void piecesThatCannotBeATagAreNotHeld() {
		ThinkTags tags = new ThinkTags(false);
		AnswerChoice choice = choice(0, "<think>x < y");
		tags.read(choice);
		assertThat(choice.reasoning).isEqualTo("x < y");
		AnswerChoice answer = choice(0, "</think>a <");
		tags.read(answer);
		assertThat(answer.content).isEqualTo("a <");
	}

	private static String spelled(String text) {
		return (text != null) ? text.replace('_', ' ').replace('^', '\n') : null;
	}

	private static Answer complete(boolean opened, String content, FinishReason finishReason) {
		AnswerChoice choice = choice(0, content);
		choice.finishReason = finishReason;
		new ThinkTags(!opened).readComplete(choice);
		return new Answer(choice.reasoning, choice.content);
	}

	private static Answer stream(boolean opened, FinishReason finishReason, String... deltas) {
		ThinkTags tags = new ThinkTags(!opened);
		List<AnswerChoice> read = new ArrayList<>();
		for (int i = 0; i < deltas.length; i++) {
			AnswerChoice choice = choice(0, deltas[i]);
			choice.finishReason = (i == deltas.length - 1) ? finishReason : null;
			tags.read(choice);
			read.add(choice);
		}
		read.addAll(tags.release());
		StringBuilder content = new StringBuilder();
		StringBuilder reasoning = null;
		for (AnswerChoice choice : read) {
			content.append((choice.content != null) ? choice.content : "");
			if (choice.reasoning != null) {
				assertThat(content).as("nothing is thought after the answer has begun")
					.hasSize((choice.content != null) ? choice.content.length() : 0);
				reasoning = (reasoning != null) ? reasoning : new StringBuilder();
				reasoning.append(choice.reasoning);
			}
		}
		return new Answer((reasoning != null) ? reasoning.toString() : null, content.toString());
	}

	private static AnswerChoice choice(int index, String content) {
		AnswerChoice choice = new AnswerChoice();
		choice.index = index;
		choice.content = content;
		return choice;
	}

	private record Answer(@Nullable String reasoning, String content) {

	}

}
