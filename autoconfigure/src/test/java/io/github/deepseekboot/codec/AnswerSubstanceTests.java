package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AnswerSubstance} and {@link ContentReader}: answers that sit elsewhere
 * than in a text.
 */
class AnswerSubstanceTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"42\"}]",
			"[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"s\"},{\"text\":\"42\"}]",
			"[{\"thinking\":\"hm\",\"type\":\"thinking\"},\"4\",\"2\"]",
			"[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}]},{\"type\":\"output_text\",\"text\":\"42\"}]",
			"[{\"text\":\"hm\",\"type\":\"reasoning\"},{\"type\":\"text\",\"text\":{\"value\":\"42\"}}]",
			"[{\"type\":\"reasoning_content\",\"reasoning_content\":\"hm\"},{\"type\":\"image\",\"image\":{\"text\":\"no\"}},{\"type\":\"text\",\"text\":\"42\"},null,7]" })
	void partsAreAnswerAndReasoning(String content) {
		for (String field : List.of("delta", "message")) {
			AnswerReader reader = AnswerReader.ofStream();
			AnswerChoice choice = read(reader, "{\"" + field + "\":{\"content\":" + content + "}}");
			assertThat(choice.content()).isEqualTo("42");
			assertThat(choice.reasoning()).isEqualTo("hm");
			choice = read(reader, "{\"" + field + "\":{\"content\":\" yes\"}}");
			assertThat(choice.content()).isEqualTo(" yes");
			assertThat(choice.reasoning()).isNull();
		}
	}

	@Test
	void aRefusalMayBeAFieldOrAPart() {
		for (String message : List.of("\"content\":null,\"refusal\":\"No.\"",
				"\"content\":[{\"type\":\"refusal\",\"refusal\":\"No.\"}]", "\"content\":\"\",\"refusal\":\"No.\"")) {
			AnswerSubstance substance = new AnswerSubstance(false);
			substance.readComplete(read(new AnswerReader(), "{\"message\":{" + message + "}}"));
			assertThat(substance.refusal()).isEqualTo("No.");
		}
	}

	@Test
	void whatIsAnsweredIsNotDeclined() {
		AnswerSubstance substance = new AnswerSubstance(false);
		substance.readComplete(read(new AnswerReader(), "{\"message\":{\"content\":\"Yes\",\"refusal\":\"\"}}"));
		assertThat(substance.refusal()).isNull();
		assertThat(substance.isReasoningOnly()).isFalse();
	}

	@Test
	void aRefusalInPiecesIsPutTogether() {
		AnswerSubstance substance = new AnswerSubstance(false);
		AnswerReader reader = AnswerReader.ofStream();
		for (String delta : List.of("{\"refusal\":\"\"}", "{\"refusal\":\"I \"}", "{\"refusal\":\"cannot\"}")) {
			substance.read(read(reader, "{\"delta\":" + delta + "}"));
		}
		assertThat(substance.refusal()).isEqualTo("I cannot");
	}

	@Test
	void withThinkingSwitchedOffTheOnlyTextIsTheAnswer() {
		AnswerSubstance substance = new AnswerSubstance(true);
		AnswerReader reader = AnswerReader.ofStream();
		for (String text : List.of("Par", "is")) {
			AnswerChoice choice = read(reader, "{\"delta\":{\"reasoning_content\":\"" + text + "\"}}");
			substance.read(choice);
			assertThat(choice.hasReasoning()).isFalse();
		}
		AnswerChoice end = read(reader, "{\"delta\":{},\"finish_reason\":\"stop\"}");
		substance.read(end);
		assertThat(end.content()).isEqualTo("Paris");
		assertThat(substance.isReasoningOnly()).isFalse();
		assertThat(substance.release()).isNull();

		AnswerSubstance whole = new AnswerSubstance(true);
		AnswerChoice choice = read(new AnswerReader(), "{\"message\":{\"content\":null,\"reasoning\":\"Paris\"}}");
		whole.readComplete(choice);
		assertThat(choice.content()).isEqualTo("Paris");
		assertThat(choice.reasoning()).isNull();
	}

	@Test
	void aModelThatThinksAllTheSameHasItsReasoningKeptApart() {
		AnswerSubstance substance = new AnswerSubstance(true);
		AnswerReader reader = AnswerReader.ofStream();
		substance.read(read(reader, "{\"delta\":{\"reasoning_content\":\"hm\"}}"));
		AnswerChoice choice = read(reader, "{\"delta\":{\"content\":\"42\"}}");
		substance.read(choice);
		assertThat(choice.reasoning()).isEqualTo("hm");
		assertThat(choice.content()).isEqualTo("42");
		choice = read(reader, "{\"delta\":{\"reasoning_content\":\"more\"}}");
		substance.read(choice);
		assertThat(choice.reasoning()).isEqualTo("more");
	}

	@Test
	void whatIsHeldHasALimitAndIsGivenBackAtTheEnd() {
		AnswerSubstance substance = new AnswerSubstance(true);
		AnswerReader reader = AnswerReader.ofStream();
		substance.read(read(reader, "{\"delta\":{\"reasoning_content\":\"hm\"}}"));
		AnswerChoice held = substance.release();
		assertThat(held).isNotNull();
		assertThat(held.content()).isEqualTo("hm");
		AnswerSubstance limited = new AnswerSubstance(true);
		AnswerChoice choice = read(reader, "{\"delta\":{\"reasoning_content\":\"" + "x".repeat(70_000) + "\"}}");
		limited.read(choice);
		assertThat(choice.reasoning()).hasSize(70_000);
		assertThat(limited.isReasoningOnly()).isTrue();
	}

	@Test
	void fieldsWithoutAPlaceOfTheirOwnAreKept() {
		AnswerReader reader = AnswerReader.ofStream();
		AnswerChoice choice = read(reader,
				"""
						{"delta":{"role":"assistant","content":"a","audio":null,"images":[],"name":"","annotations":[{"url":"u"}],
						"reasoning_details":[{"type":"reasoning.text","text":"hm"}],
						"tool_calls":[{"id":"c","function":{"name":"f"},"extra_content":{"google":{"thought_signature":"s"}}}]}}""");
		assertThat(choice.extra()).isEqualTo(Map.of("annotations", List.of(Map.of("url", "u")), "reasoning_details",
				List.of(Map.of("type", "reasoning.text", "text", "hm"))));
		assertThat(choice.reasoning()).isEqualTo("hm");
		assertThat(choice.toolCalls().get(0).extra())
			.isEqualTo(Map.of("extra_content", Map.of("google", Map.of("thought_signature", "s"))));
	}

	@Test
	void chunksThatRepeatAFieldAreRecognised() {
		AnswerReader reader = AnswerReader.ofStream();
		AnswerChoice choice = read(reader, "{\"delta\":{\"content\":\"a\",\"new\":1}}");
		Map<String, Object> extra = choice.extra();
		choice = read(reader, "{\"delta\":{\"content\":\"b\",\"new\":1}}");
		assertThat(choice.content()).isEqualTo("b");
		assertThat(choice.extra()).isEqualTo(Map.of("new", 1)).isSameAs(extra);
	}

	private static AnswerChoice read(AnswerReader reader, String choice) {
		byte[] bytes = ("{\"choices\":[" + choice + "]}").getBytes(StandardCharsets.UTF_8);
		reader.read(bytes, 0, bytes.length);
		return reader.choice(0);
	}

}
