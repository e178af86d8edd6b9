package io.github.deepseekboot.langchain4j;

import java.util.List;

import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link ModelExceptions}.
 */
class ModelExceptionsTests {

	@ParameterizedTest
	@EnumSource
	void eachKindHasAnException(ErrorKind kind) {
		DeepSeekException failure = new DeepSeekException(kind, "reported");
		LangChain4jException exception = ModelExceptions.of(failure);
		assertThat(exception).hasCause(failure).hasMessage(failure.getMessage());
		assertThat(exception.getClass()).isNotEqualTo(LangChain4jException.class);
	}

	@Test
	void theCauseOfAnInterruptionCounts() {
		assertThat(interrupted(ErrorKind.CONTENT_FILTERED)).isInstanceOf(ContentFilteredException.class);
		assertThat(interrupted(ErrorKind.TIMEOUT)).isInstanceOf(TimeoutException.class);
	}

	private static LangChain4jException interrupted(ErrorKind cause) {
		return ModelExceptions.of(DeepSeekException.builder(ErrorKind.STREAM_INTERRUPTED, "cut")
			.buildInterrupted(cause, "", "", List.of()));
	}

}
