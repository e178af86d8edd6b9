package io.github.deepseekboot.samples.gateway;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.ErrorResponse;

import io.github.deepseekboot.chat.DeepSeekException;

/**
 * An error as OpenAI's API has it.
 *
 * @param status the HTTP status
 * @param code what went wrong, for programs
 * @param message what went wrong, for people
 * @param param the field of the request that is wrong
 * @param retryAfter when to come again
 */
record ApiError(HttpStatusCode status, @Nullable String code, String message, @Nullable String param,
		@Nullable Duration retryAfter) {

	static ApiError unknownKey() {
		return new ApiError(HttpStatus.UNAUTHORIZED, "invalid_api_key", "The API key is missing or unknown.", null,
				null);
	}

	static ApiError invalid(@Nullable String param, @Nullable String message) {
		return new ApiError(HttpStatus.BAD_REQUEST, null, (message != null) ? message : "The request is invalid.",
				param, null);
	}

	static ApiError modelNotFound(@Nullable String model) {
		return (model != null)
				? new ApiError(HttpStatus.NOT_FOUND, "model_not_found",
						"There is no model '" + model + "' for this API key.", "model", null)
				: invalid("model", "'model' is missing.");
	}

	static ApiError tenantLimit(Duration retryAfter) {
		return new ApiError(HttpStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded",
				"The limit of this API key is used up.", null, retryAfter);
	}

	/**
	 * Return the error that stands for a failure. What providers say is for tenants where
	 * it is about their request, and for the log of the gateway where it is not.
	 */
	static ApiError of(Throwable failure) {
		if (failure instanceof ApiException refused) {
			return refused.error();
		}
		if (failure instanceof DeepSeekException failed) {
			return of(failed);
		}
		if (failure.getCause() instanceof DataBufferLimitException) {
			return new ApiError(HttpStatus.PAYLOAD_TOO_LARGE, null, "The request is too large.", null, null);
		}
		if (failure instanceof ErrorResponse response) {
			String detail = response.getBody().getDetail();
			return new ApiError(response.getStatusCode(), null, (detail != null) ? detail : "The request failed.", null,
					null);
		}
		return new ApiError(HttpStatus.INTERNAL_SERVER_ERROR, null, "The gateway failed.", null, null);
	}

	private static ApiError of(DeepSeekException failure) {
		Duration retryAfter = failure.getRetryAfter();
		return switch (failure.getKind()) {
			case INVALID_REQUEST, UNSUPPORTED ->
				new ApiError(HttpStatus.BAD_REQUEST, null, failure.getReason(), null, null);
			case CONTEXT_LENGTH ->
				new ApiError(HttpStatus.BAD_REQUEST, "context_length_exceeded", failure.getReason(), "messages", null);
			case CONTENT_FILTERED ->
				new ApiError(HttpStatus.BAD_REQUEST, "content_filter", failure.getReason(), null, null);
			case RATE_LIMITED ->
				new ApiError(HttpStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "The model has too many calls.", null,
						Objects.requireNonNullElse(retryAfter, Duration.ofSeconds(1)));
			case OVERLOADED, LOCAL_LIMIT, CANCELLED -> new ApiError(HttpStatus.SERVICE_UNAVAILABLE, "overloaded",
					"The model is overloaded.", null, Objects.requireNonNullElse(retryAfter, Duration.ofSeconds(1)));
			case TIMEOUT ->
				new ApiError(HttpStatus.GATEWAY_TIMEOUT, "timeout", "The model did not answer in time.", null, null);
			case STREAM_INTERRUPTED ->
				new ApiError(HttpStatus.BAD_GATEWAY, "stream_interrupted", "The answer broke off.", null, null);
			default -> new ApiError(HttpStatus.BAD_GATEWAY, "provider_failed", "The model gave no answer.", null, null);
		};
	}

	String type() {
		return switch (this.status.value()) {
			case 401 -> "authentication_error";
			case 429 -> "rate_limit_error";
			default -> this.status.is4xxClientError() ? "invalid_request_error" : "server_error";
		};
	}

}
