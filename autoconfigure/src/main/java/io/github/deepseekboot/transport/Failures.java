package io.github.deepseekboot.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.client.WebClientException;
import reactor.netty.channel.AbortedException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.codec.AnswerSubstance;
import io.github.deepseekboot.codec.ErrorBody;
import io.github.deepseekboot.provider.ApiKey;
import io.github.deepseekboot.provider.Provider;

/**
 * Turns whatever went wrong in one attempt into a {@link DeepSeekException}.
 */
final class Failures {

	private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

	private static final int MIN_MASKED_KEY = 8;

	private static final int MIN_MASKED_PART = 4;

	private static final String MASK = "****";

	private static final String CUT = "…";

	private static final List<String> LIBRARIES = List.of("java.", "javax.", "jdk.", "sun.", "reactor.", "io.netty.",
			"org.springframework.", "org.reactivestreams.", "io.micrometer.", "tools.jackson.");

	private static final String CALLER = ProviderClient.class.getName();

	private final Provider provider;

	private final @Nullable String model;

	private final @Nullable ApiKey apiKey;

	private final @Nullable String requestId;

	private final @Nullable Integer status;

	Failures(Provider provider, @Nullable Attempt attempt, @Nullable String requestId, @Nullable Integer status) {
		this.provider = provider;
		this.model = (attempt != null) ? attempt.model().id() : null;
		this.apiKey = (attempt != null) ? attempt.apiKey() : provider.apiKey();
		this.requestId = requestId;
		this.status = status;
	}

	DeepSeekException of(ErrorKind kind, String message, @Nullable Throwable cause) {
		// Jackson quotes what it could not read: the answer, or a key that is repeated
		return builder(kind, message).cause((cause instanceof JacksonException) ? null : cause).build();
	}

	DeepSeekException.Builder builder(ErrorKind kind, String message) {
		return DeepSeekException.builder(kind, masked(message))
			.provider(this.provider.id())
			.model(this.model)
			.requestId(this.requestId)
			.status(this.status);
	}

	// some providers repeat the key that they refuse
	private String masked(String text) {
		ApiKey apiKey = this.apiKey;
		if (apiKey == null || apiKey.value().length() < MIN_MASKED_KEY) {
			return text;
		}
		String masked = text.replace(apiKey.value(), MASK);
		if (masked.endsWith(CUT)) {
			// perhaps in the middle of it
			String end = masked.substring(0, masked.length() - CUT.length());
			for (int length = apiKey.value().length() - 1; length >= MIN_MASKED_PART; length--) {
				if (end.endsWith(apiKey.value().substring(0, length))) {
					return end.substring(0, end.length() - length) + MASK + CUT;
				}
			}
		}
		return masked;
	}

	/**
	 * The beginning of a text that is not what it should be, made safe to log.
	 * @param text the text
	 * @return at most 200 characters
	 */
	String snippet(String text) {
		return ErrorBody.snippet(text, this.apiKey);
	}

	/**
	 * An error that the provider told with the status.
	 * @param status the HTTP status
	 * @param body what it said
	 * @param headers the response headers
	 * @return the exception
	 */
	DeepSeekException told(int status, byte[] body, HttpHeaders headers) {
		return told(status, ErrorBody.read(body, this.apiKey), headers);
	}

	/**
	 * An error that the provider told inside of an answer.
	 * @param error the error
	 * @param headers the response headers
	 * @return the exception
	 */
	DeepSeekException told(JsonNode error, HttpHeaders headers) {
		return told(null, ErrorBody.of(error, this.apiKey), headers);
	}

	private DeepSeekException told(@Nullable Integer status, ErrorBody body, HttpHeaders headers) {
		ErrorKind kind = this.provider.dialect().classify(status, body.code(), body.message());
		String message = (body.message() != null) ? body.message() : describe(kind, status);
		return builder(kind, message).code((body.code() != null) ? masked(body.code()) : null)
			.requestId((this.requestId != null) ? this.requestId : body.requestId())
			.retryAfter(retryAfter(headers, Instant.now()))
			.build();
	}

	/**
	 * An answer without any content, reasoning or tool call.
	 * @param finishReason why the provider ended it
	 * @return the exception, or {@code null} if such an answer may be
	 */
	@Nullable DeepSeekException emptyAnswer(@Nullable FinishReason finishReason) {
		DeepSeekException gaveUp = gaveUp(finishReason);
		if (gaveUp != null) {
			return gaveUp;
		}
		if (FinishReason.CONTENT_FILTER.equals(finishReason)) {
			return of(ErrorKind.CONTENT_FILTERED, "the provider's content filter withheld the answer", null);
		}
		if (FinishReason.LENGTH.equals(finishReason)) {
			return null;
		}
		return of(ErrorKind.EMPTY_RESPONSE, "the answer is empty (finish reason " + finishReason + ")", null);
	}

	/**
	 * An answer that has no answer in it, whatever else it has.
	 * @param substance what it consists of
	 * @param finishReason why the provider ended it
	 * @return the exception, or {@code null} if there is an answer, or nothing at all
	 */
	@Nullable DeepSeekException withoutAnswer(AnswerSubstance substance, @Nullable FinishReason finishReason) {
		String refusal = substance.refusal();
		if (refusal != null) {
			return of(ErrorKind.CONTENT_FILTERED, "the model declines to answer: " + snippet(refusal), null);
		}
		if (substance.isThoughtOnly() && FinishReason.STOP.equals(finishReason)) {
			return of(ErrorKind.EMPTY_RESPONSE,
					"the answer has a chain of thought and nothing else (finish reason " + finishReason + ")", null);
		}
		return null;
	}

	/**
	 * An answer that the provider gave up.
	 * @param finishReason why the provider ended it
	 * @return the exception, or {@code null} if it did not give up
	 */
	@Nullable DeepSeekException gaveUp(@Nullable FinishReason finishReason) {
		if (FinishReason.INSUFFICIENT_SYSTEM_RESOURCE.equals(finishReason)
				|| FinishReason.ABORTED.equals(finishReason)) {
			return of(ErrorKind.OVERLOADED, "the provider gave up (finish reason " + finishReason + ")", null);
		}
		return null;
	}

	/**
	 * Anything that was thrown.
	 * @param failure the failure
	 * @return the exception, without request headers in its causes
	 */
	DeepSeekException translate(Throwable failure) {
		if (failure instanceof DeepSeekException known) {
			return (known.getProvider() != null) ? known : completed(known);
		}
		Throwable cause = failure;
		while (cause instanceof WebClientException && cause.getCause() != null) {
			cause = cause.getCause();
		}
		ErrorKind kind = kind(cause);
		// a WebClientException holds the request's headers, a JacksonException a piece of
		// the answer
		boolean tells = cause instanceof WebClientException || cause instanceof JacksonException;
		return of(kind, describe(kind, cause), tells ? null : cause);
	}

	// what an application says of a failure is kept
	private DeepSeekException completed(DeepSeekException known) {
		DeepSeekException.Builder builder = builder(known.getKind(), known.getReason()).code(known.getCode())
			.retryAfter(known.getRetryAfter())
			.scope(known.getScope())
			.neverProcessed(known.isNeverProcessed())
			.cause((known.getCause() != null) ? known.getCause() : known);
		if (known.getStatus() != null) {
			builder.status(known.getStatus());
		}
		if (known.getRequestId() != null) {
			builder.requestId(known.getRequestId());
		}
		return builder.build();
	}

	/**
	 * Something of the application that is asked on the way to the provider, such as a
	 * filter of the {@code WebClient}, failed. That says nothing of the provider, and
	 * another attempt would come to the same.
	 * @param failure the failure
	 * @return the exception, which names the class that threw
	 */
	DeepSeekException ofApplication(Throwable failure) {
		if (failure instanceof DeepSeekException known) {
			return DeepSeekException.from(translate(known)).scope(FailureScope.APPLICATION).build();
		}
		return builder(ErrorKind.INVALID_REQUEST, "the application's own code failed before a response came, in "
				+ culprit(failure) + ": " + snippet(String.valueOf(failure)))
			.scope(FailureScope.APPLICATION)
			.cause((failure instanceof JacksonException) ? null : failure)
			.build();
	}

	private static String culprit(Throwable failure) {
		for (StackTraceElement frame : failure.getStackTrace()) {
			if (frame.getClassName().startsWith(CALLER)) {
				break;
			}
			if (LIBRARIES.stream().noneMatch(frame.getClassName()::startsWith)) {
				return frame.getClassName() + "#" + frame.getMethodName();
			}
		}
		return (failure.getStackTrace().length > 0) ? failure.getStackTrace()[0].getClassName() : "unknown code";
	}

	private static ErrorKind kind(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			ErrorKind kind = kindOrNull(cause);
			if (kind != null) {
				return kind;
			}
		}
		return ErrorKind.MALFORMED_RESPONSE;
	}

	private static @Nullable ErrorKind kindOrNull(Throwable cause) {
		if (cause instanceof ConnectException || cause instanceof UnknownHostException
				|| cause instanceof NoRouteToHostException) {
			return ErrorKind.CONNECTION;
		}
		// a connection closed within the handshake tells of it in a suppressed exception
		if (cause instanceof SSLException
				|| Arrays.stream(cause.getSuppressed()).anyMatch(SSLException.class::isInstance)) {
			return ErrorKind.TLS;
		}
		if (cause instanceof PoolAcquireTimeoutException || cause instanceof PoolAcquirePendingLimitException) {
			return ErrorKind.LOCAL_LIMIT;
		}
		if (cause instanceof TimeoutException) {
			return ErrorKind.TIMEOUT;
		}
		if (cause instanceof IOException || cause instanceof AbortedException) {
			return ErrorKind.STREAM_CLOSED;
		}
		return null;
	}

	private String describe(ErrorKind kind, Throwable cause) {
		String what = switch (kind) {
			case CONNECTION -> "no connection";
			case TLS -> "the TLS handshake failed";
			case LOCAL_LIMIT -> "no free connection in the pool";
			case TIMEOUT -> "no answer in time";
			case STREAM_CLOSED -> "the connection was closed before the answer was whole";
			default -> (cause instanceof JacksonException) ? "the answer is not the JSON of a chat completion"
					: "the answer could not be read";
		};
		String detail = (cause instanceof JacksonException jackson) ? jackson.getOriginalMessage() : cause.getMessage();
		return (detail != null) ? what + ": " + snippet(detail) : what;
	}

	private static String describe(ErrorKind kind, @Nullable Integer status) {
		return "the provider answered with " + ((status != null) ? "status " + status : "an error")
				+ " and no message (" + kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")";
	}

	/**
	 * How long a provider asks to wait: {@code retry-after-ms}, or {@code Retry-After} in
	 * seconds or as a date.
	 * @param headers the response headers
	 * @param now the time
	 * @return the time to wait, at most an hour, or {@code null} if there is none that
	 * makes sense
	 */
	static @Nullable Duration retryAfter(HttpHeaders headers, Instant now) {
		Duration millis = positive(headers.getFirst("retry-after-ms"), 1);
		if (millis != null) {
			return millis;
		}
		String value = headers.getFirst(HttpHeaders.RETRY_AFTER);
		Duration seconds = positive(value, 1000);
		if (seconds != null || value == null) {
			return seconds;
		}
		try {
			Duration wait = Duration.between(now,
					ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
			return wait.isNegative() ? null : capped(wait);
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	private static @Nullable Duration positive(@Nullable String value, long unitMillis) {
		if (value == null || !value.strip().matches("\\d{1,18}(\\.\\d{1,9})?")) {
			return null;
		}
		double millis = Double.parseDouble(value.strip()) * unitMillis;
		return (millis > MAX_RETRY_AFTER.toMillis()) ? MAX_RETRY_AFTER : Duration.ofMillis((long) millis);
	}

	private static Duration capped(Duration wait) {
		return (wait.compareTo(MAX_RETRY_AFTER) > 0) ? MAX_RETRY_AFTER : wait;
	}

}
