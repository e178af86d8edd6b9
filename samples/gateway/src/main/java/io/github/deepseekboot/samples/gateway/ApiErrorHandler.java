package io.github.deepseekboot.samples.gateway;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/**
 * Answers whatever fails before an answer has begun with an {@link ApiError}.
 */
@Component
@Order(-2)
class ApiErrorHandler implements WebExceptionHandler {

	private static final Log logger = LogFactory.getLog(ApiErrorHandler.class);

	@Override
	public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
		ServerHttpResponse response = exchange.getResponse();
		if (response.isCommitted()) {
			return Mono.error(failure);
		}
		ApiError error = ApiError.of(failure);
		if (error.status().is5xxServerError()) {
			logger.warn("A call failed: " + failure);
		}
		response.setStatusCode(error.status());
		response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
		Duration retryAfter = error.retryAfter();
		if (retryAfter != null) {
			response.getHeaders()
				.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, retryAfter.plusMillis(999).toSeconds())));
		}
		DataBuffer body = response.bufferFactory().wrap(AnswerWriter.error(error));
		return response.writeWith(Mono.just(body));
	}

}
