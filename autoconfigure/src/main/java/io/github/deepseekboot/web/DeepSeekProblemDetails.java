package io.github.deepseekboot.web;

import java.time.Duration;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * RFC 9457 problem details of failed calls. What a provider said stays in the log: it is
 * not meant for those who use the application.
 */
public final class DeepSeekProblemDetails {

	private DeepSeekProblemDetails() {
	}

	/**
	 * Return the HTTP status that stands for a kind of error.
	 * @param kind the kind
	 * @return 400 for what the request asks, 429 for a limit of a provider, 503 where
	 * another attempt may succeed soon, 504 for a timeout, 500 for what the application
	 * must fix, and 502 for all else that a provider does
	 */
	public static HttpStatus status(ErrorKind kind) {
		return switch (kind) {
			case INVALID_REQUEST, CONTEXT_LENGTH, CONTENT_FILTERED, UNSUPPORTED -> HttpStatus.BAD_REQUEST;
			case RATE_LIMITED -> HttpStatus.TOO_MANY_REQUESTS;
			case OVERLOADED, LOCAL_LIMIT, CANCELLED -> HttpStatus.SERVICE_UNAVAILABLE;
			case TIMEOUT -> HttpStatus.GATEWAY_TIMEOUT;
			case AUTHENTICATION, OUT_OF_CREDIT, MODEL_NOT_FOUND -> HttpStatus.INTERNAL_SERVER_ERROR;
			default -> HttpStatus.BAD_GATEWAY;
		};
	}

	/**
	 * Return what a failed call is answered with.
	 * @param failure why it failed
	 * @return problem details with the {@code kind}, and {@code Retry-After} where the
	 * provider said when to ask again
	 */
	public static ResponseEntity<ProblemDetail> response(DeepSeekException failure) {
		HttpStatus status = status(failure.getKind());
		ProblemDetail detail = ProblemDetail.forStatus(status);
		detail.setTitle("The model gave no answer");
		detail.setProperty("kind", failure.getKind());
		ResponseEntity.BodyBuilder response = ResponseEntity.status(status);
		Duration retryAfter = failure.getRetryAfter();
		if (retryAfter != null) {
			// a whole second too late, not too early
			long seconds = retryAfter.toSeconds() + ((retryAfter.getNano() > 0) ? 1 : 0);
			response.header(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, seconds)));
		}
		return response.contentType(MediaType.APPLICATION_PROBLEM_JSON).body(detail);
	}

}
