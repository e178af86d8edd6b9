package io.github.deepseekboot.codec;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonParser;

import io.github.deepseekboot.chat.Usage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link UsageReader}.
 */
class UsageReaderTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			// beside the completion
			"`prompt_tokens`:10,`completion_tokens`:5,`total_tokens`:22,`completion_tokens_details`:{`reasoning_tokens`:7} | 12 | 7",
			"`total_tokens`:22,`reasoning_tokens`:7,`completion_tokens`:5,`prompt_tokens`:10 | 12 | 7",
			"`input_tokens`:10,`output_tokens`:5,`total_tokens`:22,`output_tokens_details`:{`reasoning_tokens`:7} | 12 | 7",
			// within it
			"`prompt_tokens`:10,`completion_tokens`:12,`total_tokens`:22,`completion_tokens_details`:{`reasoning_tokens`:7} | 12 | 7",
			"`prompt_tokens`:10,`completion_tokens`:12,`total_tokens`:22,`completion_tokens_details`:{`reasoning_tokens`:0} | 12 | 0",
			// what cannot be told is taken as it is
			"`prompt_tokens`:10,`completion_tokens`:5,`completion_tokens_details`:{`reasoning_tokens`:7} | 5 | 7",
			"`prompt_tokens`:10,`completion_tokens`:5,`total_tokens`:20,`reasoning_tokens`:7 | 5 | 7",
			"`prompt_tokens`:10,`completion_tokens`:5,`total_tokens`:15 | 5 | " })
	void reasoningBesideTheCompletionIsAddedToIt(String fields, long completion, @Nullable Long reasoning) {
		Usage usage = read(fields);
		assertThat(usage.promptTokens()).isEqualTo(10);
		assertThat(usage.completionTokens()).isEqualTo(completion);
		assertThat(usage.reasoningTokens()).isEqualTo(reasoning);
		assertThat(usage.consistent()).isTrue();
	}

	private static Usage read(String fields) {
		try (JsonParser parser = WireJson.MAPPER.createParser("{" + fields.replace('`', '"') + "}")) {
			parser.nextToken();
			Usage usage = UsageReader.read(parser);
			assertThat(usage).isNotNull();
			return usage;
		}
	}

}
