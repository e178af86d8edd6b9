package io.github.deepseekboot.recordings;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ExpectedAnswer}.
 */
class ExpectedAnswerTests {

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			"<think>why</think>so", "why", "so"
			"  <think>why</think> so", "why", " so"
			"<think></think>so", "", "so"
			"why</think>so", "why", "so"
			"<think>why", "why", ""
			"so", , "so"
			"so <think>why", , "so <think>why"
			""")
	void thinkTagsBecomeReasoning(String content, String reasoning, String rest) {
		ExpectedAnswer answer = ExpectedAnswer.read(completion(content, null), false).withThinkTags();
		assertThat(answer.firstChoice().reasoning()).isEqualTo(reasoning);
		assertThat(answer.firstChoice().content()).isEqualTo(rest);
	}

	@Test
	void reasoningOfItsOwnLeavesThinkTagsInTheContent() {
		ExpectedAnswer answer = ExpectedAnswer.read(completion("about </think>", "why"), false).withThinkTags();
		assertThat(answer.firstChoice().reasoning()).isEqualTo("why");
		assertThat(answer.firstChoice().content()).isEqualTo("about </think>");
	}

	@Test
	void onlyTheMarkerMayLackItsBlankLine() {
		assertThat(ExpectedAnswer.events("data: 1\n\ndata: 2\n")).containsExactly("1");
		assertThat(ExpectedAnswer.events("data: 1\n\ndata: [DONE]")).containsExactly("1", "[DONE]");
	}

	@Test
	void linesEndInThreeWays() {
		List<String> events = List.of("1", "2\n3");
		assertThat(ExpectedAnswer.events("data:1\n\n: c\nid: 4\ndata: 2\ndata: 3\n\n")).isEqualTo(events);
		assertThat(ExpectedAnswer.events("\uFEFFdata:1\r\n\r\ndata: 2\r\ndata: 3\r\n\r\n")).isEqualTo(events);
		assertThat(ExpectedAnswer.events("data:1\r\r\rdata: 2\rdata: 3\r\r")).isEqualTo(events);
	}

	@Test
	void whatIsNoJsonObjectIsMalformed() {
		assertThat(ExpectedAnswer.read("<html>", false).malformed()).isTrue();
		assertThat(ExpectedAnswer.read("\"text\"", false).malformed()).isTrue();
		assertThat(ExpectedAnswer.read("data: {\n\n", true).malformed()).isTrue();
		assertThat(ExpectedAnswer.read("\n\n", false).malformed()).isFalse();
	}

	private static String completion(String content, String reasoning) {
		JsonMapper mapper = JsonMapper.builder().build();
		return """
				{"choices":[{"message":{"content":%s,"reasoning_content":%s}}]}"""
			.formatted(mapper.writeValueAsString(content), mapper.writeValueAsString(reasoning));
	}

}
