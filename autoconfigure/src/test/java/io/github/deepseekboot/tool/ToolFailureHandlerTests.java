package io.github.deepseekboot.tool;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.ToolCall;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ToolFailureHandler}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ToolFailureHandlerTests {

	private static final ToolCall CALL = new ToolCall("call-1", "weather", "{}");

	@Test
	void whatTheModelDidWrongIsNoWarning(CapturedOutput output) throws Exception {
		String answer = ToolFailureHandler.tellModel()
			.answer(CALL, new DeepSeekException(ErrorKind.MALFORMED_RESPONSE, "there is no such tool"));
		assertThat(answer).isEqualTo("Error: there is no such tool");
		assertThat(output).doesNotContain("weather");
	}

	@Test
	void whatWentWrongInACallOfTheToolIsAWarning(CapturedOutput output) throws Exception {
		String answer = ToolFailureHandler.tellModel()
			.answer(CALL, DeepSeekException.builder(ErrorKind.MALFORMED_RESPONSE, "not JSON").provider("lab").build());
		assertThat(answer).startsWith("Error: ").contains("not JSON");
		assertThat(output).contains("The tool 'weather' failed");
	}

}
