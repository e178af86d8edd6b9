package io.github.deepseekboot.transport;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.AttemptReport;
import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.hook.ChatAttempt;
import io.github.deepseekboot.hook.ChatAttemptInterceptor;

/**
 * The interceptors around one attempt.
 */
final class Interception {

	private static final Log logger = LogFactory.getLog(ChatAttemptInterceptor.class);

	private final List<ChatAttemptInterceptor> interceptors;

	private final ChatAttempt attempt;

	private final LongSupplier nanos;

	private final long startedAt;

	private final AtomicBoolean over = new AtomicBoolean();

	private @Nullable String requestId;

	Interception(List<ChatAttemptInterceptor> interceptors, ChatAttempt attempt, LongSupplier nanos,
			Failures failures) {
		this.interceptors = interceptors;
		this.attempt = attempt;
		this.nanos = nanos;
		this.startedAt = nanos.getAsLong();
		for (ChatAttemptInterceptor interceptor : interceptors) {
			try {
				interceptor.beforeAttempt(attempt);
			}
			catch (DeepSeekException ex) {
				throw failures.translate(ex);
			}
			// an error, too, must not leave the attempt without an end
			catch (Throwable ex) {
				throw failures.of(ErrorKind.INVALID_REQUEST, "the interceptor " + interceptor.getClass().getName()
						+ " failed: " + failures.snippet(String.valueOf(ex)), ex);
			}
		}
	}

	Mono<ChatCompletion> watch(Mono<ChatCompletion> answer) {
		return answer.doOnSuccess((completion) -> ended(null, (completion != null) ? completion.requestId() : null))
			.doOnError((failure) -> ended(failure, null))
			.doOnCancel(this::cancelled);
	}

	Flux<ChatDelta> watch(Flux<ChatDelta> deltas) {
		return deltas.doOnNext((delta) -> this.requestId = delta.requestId())
			.doOnComplete(() -> ended(null, this.requestId))
			.doOnError((failure) -> ended(failure, null))
			.doOnCancel(this::cancelled);
	}

	private void ended(@Nullable Throwable failure, @Nullable String requestId) {
		DeepSeekException known = (failure instanceof DeepSeekException exception) ? exception : null;
		ErrorKind error = (known != null) ? known.getKind() : (failure != null) ? ErrorKind.MALFORMED_RESPONSE : null;
		report(error, known, (known != null) ? known.getRequestId() : requestId);
	}

	private void cancelled() {
		report(ErrorKind.CANCELLED, null, this.requestId);
	}

	private void report(@Nullable ErrorKind error, @Nullable DeepSeekException failure, @Nullable String requestId) {
		if (!this.over.compareAndSet(false, true)) {
			return;
		}
		AttemptReport report = AttemptReport
			.builder(this.attempt.number(), this.attempt.provider(), this.attempt.model())
			.error(error)
			.status((failure != null) ? failure.getStatus() : null)
			.code((failure != null) ? failure.getCode() : null)
			.requestId(requestId)
			.elapsed(Duration.ofNanos(this.nanos.getAsLong() - this.startedAt))
			.build();
		for (ChatAttemptInterceptor interceptor : this.interceptors) {
			try {
				interceptor.afterAttempt(this.attempt, report);
			}
			catch (Throwable ex) {
				logger.warn("The interceptor " + interceptor.getClass().getName() + " failed after " + this.attempt,
						ex);
			}
		}
	}

}
