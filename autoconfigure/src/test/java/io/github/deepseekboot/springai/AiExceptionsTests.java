package io.github.deepseekboot.springai;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link AiExceptions}.
 */
class AiExceptionsTests {

	@ParameterizedTest
	@EnumSource
	void eachKindHasAnException(ErrorKind kind) {
		DeepSeekException failure = new DeepSeekException(kind, "reported");
		assertThat(AiExceptions.of(failure)).hasCause(failure)
			.hasMessage(failure.getMessage())
			.isInstanceOfAny(TransientAiException.class, NonTransientAiException.class);
	}

	@Test
	void theCauseOfAnInterruptionCounts() {
		DeepSeekException filtered = DeepSeekException.builder(ErrorKind.STREAM_INTERRUPTED, "cut")
			.buildInterrupted(ErrorKind.CONTENT_FILTERED, "", "", List.of());
		assertThat(AiExceptions.of(filtered)).isInstanceOf(NonTransientAiException.class);
		DeepSeekException closed = DeepSeekException.builder(ErrorKind.STREAM_INTERRUPTED, "cut")
			.buildInterrupted(ErrorKind.STREAM_CLOSED, "", "", List.of());
		assertThat(AiExceptions.of(closed)).isInstanceOf(TransientAiException.class);
	}

	@Test
	void withoutTheirExceptionsOursIsThrown() throws Exception {
		DeepSeekException failure = new DeepSeekException(ErrorKind.TIMEOUT, "reported");
		Class<?> exceptions = new WithoutRetry().loadClass(AiExceptions.class.getName());
		assertThat(exceptions).isNotSameAs(AiExceptions.class);
		Method of = exceptions.getDeclaredMethod("of", DeepSeekException.class);
		of.setAccessible(true);
		assertThat(of.invoke(null, failure)).isSameAs(failure);
	}

	/**
	 * Knows no {@code spring-ai-retry}.
	 */
	private static final class WithoutRetry extends ClassLoader {

		WithoutRetry() {
			super(AiExceptionsTests.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.startsWith("org.springframework.ai.retry.")) {
				throw new ClassNotFoundException(name);
			}
			if (name.startsWith(AiExceptions.class.getName())) {
				try (InputStream code = getResourceAsStream(name.replace('.', '/') + ".class")) {
					byte[] bytes = code.readAllBytes();
					return defineClass(name, bytes, 0, bytes.length);
				}
				catch (IOException ex) {
					throw new ClassNotFoundException(name, ex);
				}
			}
			return super.loadClass(name, resolve);
		}

	}

}
