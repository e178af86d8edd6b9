package io.github.deepseekboot.web;

import jakarta.servlet.http.HttpServletResponse;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

import io.github.deepseekboot.chat.DeepSeekException;

/**
 * Handler that answers a failed call with {@link DeepSeekProblemDetails} on Spring MVC.
 * Handlers of the application come before it.
 */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public final class ServletProblemDetails {

	/**
	 * Answer a failed call.
	 * @param failure why it failed
	 * @param response the response
	 * @return the answer
	 * @throws DeepSeekException the failure, if a part of the answer was sent: then the
	 * connection is closed, so that what was sent is not taken for complete
	 */
	@ExceptionHandler
	public ResponseEntity<ProblemDetail> handle(DeepSeekException failure, HttpServletResponse response) {
		if (response.isCommitted()) {
			throw failure;
		}
		return DeepSeekProblemDetails.response(failure);
	}

}
