package io.github.deepseekboot.springai;

import java.util.EnumSet;
import java.util.Set;

import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.util.ClassUtils;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;

/**
 * Makes Spring AI's exceptions of ours, where they are on the class path.
 */
final class AiExceptions {

	private static final boolean PRESENT = ClassUtils.isPresent("org.springframework.ai.retry.TransientAiException",
			AiExceptions.class.getClassLoader());

	private static final Set<ErrorKind> TRANSIENT = EnumSet.of(ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED,
			ErrorKind.SERVER_ERROR, ErrorKind.CONNECTION, ErrorKind.TIMEOUT, ErrorKind.MALFORMED_RESPONSE,
			ErrorKind.STREAM_CLOSED, ErrorKind.EMPTY_RESPONSE, ErrorKind.STREAM_INTERRUPTED, ErrorKind.LOCAL_LIMIT);

	private AiExceptions() {
	}

	/**
	 * The exception that Spring AI's users expect.
	 * @param failure what went wrong
	 * @return an exception with that failure as its cause; the failure itself without
	 * {@code spring-ai-retry}
	 */
	static RuntimeException of(DeepSeekException failure) {
		return PRESENT ? Typed.of(failure) : failure;
	}

	/**
	 * What an observation may show of an exception: a provider's message may quote the
	 * prompt or the answer.
	 * @param thrown what is thrown
	 * @return an exception of the kind without the message; another's exception as it is
	 */
	static Throwable withoutWords(Throwable thrown) {
		Throwable failure = (thrown.getCause() instanceof DeepSeekException cause) ? cause : thrown;
		if (!(failure instanceof DeepSeekException deepSeek)) {
			return thrown;
		}
		DeepSeekException plain = new DeepSeekException(deepSeek.getKind(), "the call failed");
		plain.setStackTrace(failure.getStackTrace());
		return plain;
	}

	private static boolean isTransient(DeepSeekException failure) {
		ErrorKind kind = (failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
				: failure.getKind();
		return TRANSIENT.contains(kind);
	}

	/**
	 * Loaded only where the exceptions are.
	 */
	private static final class Typed {

		static RuntimeException of(DeepSeekException failure) {
			String message = String.valueOf(failure.getMessage());
			return isTransient(failure) ? new TransientAiException(message, failure)
					: new NonTransientAiException(message, failure);
		}

	}

}
