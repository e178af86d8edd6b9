package io.github.deepseekboot.chat;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeepSeekException}.
 */
class DeepSeekExceptionTests {

	private static final List<AttemptReport> ATTEMPTS = List.of(
			AttemptReport.builder(1, "a", "m").error(ErrorKind.OVERLOADED).status(503).build(),
			AttemptReport.builder(2, "b", "m").error(ErrorKind.TIMEOUT).build());

	private static final List<ToolCall> CALLS = List.of(new ToolCall("c1", "find", "{\"city"));

	private static DeepSeekException.Builder builder() {
		return DeepSeekException.builder(ErrorKind.TIMEOUT, "too slow")
			.provider("b")
			.model("m")
			.status(504)
			.code("late")
			.requestId("id-1")
			.retryAfter(Duration.ofSeconds(3))
			.usage(Usage.builder().promptTokens(1L).completionTokens(2L).totalTokens(3L).build())
			.scope(FailureScope.REQUEST)
			.neverProcessed(true)
			.cause(new IllegalStateException("the cause"));
	}

	static Stream<DeepSeekException> failures() {
		return Stream.of(builder().build(), builder().buildInterrupted(ErrorKind.TIMEOUT, "text", "reasoning", CALLS),
				new Own(builder()));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void theAttemptsOfACallAreAddedToACopy(DeepSeekException failure) {
		failure.addSuppressed(new IllegalArgumentException("on the way"));
		DeepSeekException complete = failure.withAttempts(ATTEMPTS);
		assertThat(complete).isNotSameAs(failure).hasSameClassAs(failure);
		assertThat(complete.getAttempts()).isEqualTo(ATTEMPTS);
		assertThat(failure.getAttempts()).isEmpty();
		assertThat(complete).hasMessageContaining("too slow").hasMessageContaining("1 a OVERLOADED 503, 2 b TIMEOUT");
		assertThat(complete.getCause()).isSameAs(failure.getCause());
		assertThat(complete.getSuppressed()).isEqualTo(failure.getSuppressed()).hasSize(1);
		assertThat(complete.getStackTrace()).isEqualTo(failure.getStackTrace());
		assertThat(complete).usingRecursiveComparison()
			.comparingOnlyFields("kind", "reason", "status", "code", "provider", "model", "requestId", "retryAfter",
					"usage", "scope", "neverProcessed")
			.isEqualTo(failure);
		if (complete instanceof StreamInterruptedException interrupted) {
			assertThat(interrupted.getCauseKind()).isEqualTo(ErrorKind.TIMEOUT);
			assertThat(interrupted.getPartialContent()).isEqualTo("text");
			assertThat(interrupted.getPartialReasoningContent()).isEqualTo("reasoning");
			assertThat(interrupted.getPartialToolCalls()).isEqualTo(CALLS);
		}
	}

	@Test
	void aClassThatCannotBeCopiedIsKeptAsItIs() {
		DeepSeekException failure = new DeepSeekException(ErrorKind.TIMEOUT, "own") {
		};
		failure.addSuppressed(new IllegalArgumentException("on the way"));
		assertThat(failure.withAttempts(ATTEMPTS)).isSameAs(failure);
		assertThat(failure.getAttempts()).isEqualTo(ATTEMPTS);
		assertThat(failure.getSuppressed()).hasSize(1);
	}

	static Stream<UnaryOperator<DeepSeekException>> brokenCopies() {
		DeepSeekException shared = new DeepSeekException(ErrorKind.TIMEOUT, "another's");
		return Stream.of((self) -> null, (self) -> self, (self) -> shared, (self) -> {
			throw new IllegalStateException("no copy");
		}, (self) -> {
			throw new NoClassDefFoundError("no class");
		}, (self) -> {
			throw self;
		});
	}

	@ParameterizedTest
	@MethodSource("brokenCopies")
	void whatCannotBeCopiedIsReportedAsItIs(UnaryOperator<DeepSeekException> copies) {
		DeepSeekException failure = new DeepSeekException(builder()) {

			@Override
			protected DeepSeekException copy(Builder builder) {
				return copies.apply(this);
			}

		};
		failure.addSuppressed(new IllegalArgumentException("on the way"));
		for (int i = 0; i < 2; i++) {
			assertThat(failure.withAttempts(ATTEMPTS)).isSameAs(failure);
			assertThat(failure.getAttempts()).isEqualTo(ATTEMPTS);
			assertThat(failure.getSuppressed()).hasSize(1);
		}
	}

	@Test
	void aCopyThatLeavesTheAttemptsOutHasThemAllTheSame() {
		DeepSeekException failure = new Forgetful(new Forgetful(null));
		failure.addSuppressed(new IllegalArgumentException("on the way"));
		for (int i = 0; i < 2; i++) {
			DeepSeekException complete = failure.withAttempts(ATTEMPTS);
			assertThat(complete).isNotSameAs(failure).isInstanceOf(Forgetful.class);
			assertThat(complete.getAttempts()).isEqualTo(ATTEMPTS);
			assertThat(complete.getSuppressed()).hasSize(1);
		}
	}

	@Test
	void oneAttemptIsNotRepeatedInTheMessage() {
		DeepSeekException failure = builder().build();
		assertThat(failure.withAttempts(ATTEMPTS.subList(0, 1)).getMessage()).isEqualTo(failure.getMessage());
	}

	private static final class Own extends DeepSeekException {

		Own(Builder builder) {
			super(builder);
		}

		@Override
		protected DeepSeekException copy(Builder builder) {
			return new Own(builder);
		}

	}

	/**
	 * Returns the same exception each time, and has nothing of what it should say.
	 */
	private static final class Forgetful extends DeepSeekException {

		private final @Nullable Forgetful copy;

		Forgetful(@Nullable Forgetful copy) {
			super(DeepSeekExceptionTests.builder());
			this.copy = copy;
		}

		@Override
		protected DeepSeekException copy(Builder builder) {
			return (this.copy != null) ? this.copy : this;
		}

	}

}
