package io.github.deepseekboot.langchain4j;

import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.RetriableException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;

/**
 * Makes LangChain4j's exceptions of ours.
 */
final class ModelExceptions {

	private ModelExceptions() {
	}

	/**
	 * The exception that LangChain4j's users expect.
	 * @param failure what went wrong
	 * @return an exception with that failure as its cause
	 */
	static LangChain4jException of(DeepSeekException failure) {
		String message = String.valueOf(failure.getMessage());
		ErrorKind kind = (failure instanceof StreamInterruptedException interrupted) ? interrupted.getCauseKind()
				: failure.getKind();
		return switch (kind) {
			case INVALID_REQUEST, CONTEXT_LENGTH -> new InvalidRequestException(message, failure);
			case CONTENT_FILTERED -> new ContentFilteredException(message, failure);
			case AUTHENTICATION -> new AuthenticationException(message, failure);
			case MODEL_NOT_FOUND -> new ModelNotFoundException(message, failure);
			case RATE_LIMITED -> new RateLimitException(message, failure);
			case OVERLOADED, SERVER_ERROR -> new InternalServerException(message, failure);
			case TIMEOUT -> new TimeoutException(message, failure);
			case UNSUPPORTED -> unsupported(message, failure);
			case CONNECTION, MALFORMED_RESPONSE, STREAM_CLOSED, EMPTY_RESPONSE, STREAM_INTERRUPTED, LOCAL_LIMIT ->
				new RetriableException(message, failure);
			case OUT_OF_CREDIT, TLS, REDIRECTED, CANCELLED -> new NonRetriableException(message, failure);
		};
	}

	private static UnsupportedFeatureException unsupported(String message, DeepSeekException failure) {
		UnsupportedFeatureException unsupported = new UnsupportedFeatureException(message);
		unsupported.initCause(failure);
		return unsupported;
	}

}
