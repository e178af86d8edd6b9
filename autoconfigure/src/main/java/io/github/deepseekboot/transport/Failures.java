package io.github.deepseekboot.transport;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.client.WebClientException;
import org.springframework.web.util.DisconnectedClientHelper;
import reactor.netty.channel.AbortedException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.databind.JsonNode;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.FailureScope;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.codec.AnswerChoice;
import io.github.deepseekboot.codec.AnswerSubstance;
import io.github.deepseekboot.codec.ErrorBody;
import io.github.deepseekboot.codec.KeyMask;
import io.github.deepseekboot.codec.RetryHint;
import io.github.deepseekboot.provider.ErrorRule;
import io.github.deepseekboot.provider.Provider;
import io.github.deepseekboot.provider.Suggestions;
import io.github.deepseekboot.transport.netty.OtherProtocolException;

/**
 * Turns whatever went wrong in one attempt into a {@link DeepSeekException}.
 */
final class Failures {

	private static final int MAX_MESSAGE = 500;

	private static final int MAX_CODE = 100;

	private static final Pattern JSON = Pattern.compile("\\s*(\\{|\\[\\s*[\\[{\"\\d-])");

	private static final Pattern OF_A_MODEL = Pattern.compile("model|deployment|endpoint|模型", Pattern.CASE_INSENSITIVE);

	// what servers answer whose port uses the other protocol
	private static final Pattern OTHER_PROTOCOL = Pattern.compile("HTTP request .{0,20}to (an )?HTTPS",
			Pattern.CASE_INSENSITIVE);

	private static final List<String> LIBRARIES = List.of("java.", "javax.", "jdk.", "sun.", "reactor.", "io.netty.",
			"org.springframework.", "org.reactivestreams.", "io.micrometer.", "tools.jackson.");

	private static final String CALLER = ProviderClient.class.getName();

	private final Provider provider;

	private final @Nullable String model;

	private final KeyMask mask;

	private final @Nullable String requestId;

	private final @Nullable Integer status;

	Failures(Provider provider, @Nullable Attempt attempt, @Nullable String requestId, @Nullable Integer status) {
		this.provider = provider;
		this.model = (attempt != null) ? attempt.model().id() : null;
		this.mask = new KeyMask((attempt != null) ? attempt.apiKey() : provider.apiKey());
		this.requestId = this.mask.maskNullable(requestId);
		this.status = status;
	}

	DeepSeekException of(ErrorKind kind, String message, @Nullable Throwable cause) {
		return of(kind, null, message, cause);
	}

	DeepSeekException of(ErrorKind kind, @Nullable String code, String message, @Nullable Throwable cause) {
		// Jackson quotes what it could not read: the answer, or a key that is repeated
		return builder(kind, message).code(code)
			.cause((cause == null || cause instanceof JacksonException) ? null : ofConnection(this.mask.safe(cause)))
			.build();
	}

	private static Throwable ofConnection(Throwable cause) {
		return DisconnectedClientHelper.isClientDisconnectedException(cause) ? new ProviderConnectionException(cause)
				: cause;
	}

	DeepSeekException.Builder builder(ErrorKind kind, String message) {
		return DeepSeekException.builder(kind, this.mask.mask(message))
			.provider(this.provider.id())
			.model(this.model)
			.requestId(this.requestId)
			.status(this.status);
	}

	/**
	 * The provider's id of the request.
	 * @return the id without the key, or {@code null} if it sent none
	 */
	@Nullable String requestId() {
		return this.requestId;
	}

	/**
	 * Hide the key in what the provider repeats.
	 * @param text the text, or {@code null}
	 * @return the text without the key
	 */
	@Nullable String masked(@Nullable String text) {
		return this.mask.maskNullable(text);
	}

	/**
	 * The beginning of a text that is not what it should be, made safe to log.
	 * @param text the text
	 * @return at most 200 characters
	 */
	String snippet(String text) {
		return this.mask.snippet(text);
	}

	/**
	 * What stands where an answer should be, made safe to log.
	 * @param body the beginning of it
	 * @return the title of a page, else at most 200 characters
	 */
	String words(String body) {
		ErrorBody error = ErrorBody.read(body);
		return snippet((error.isPage() && error.message() != null) ? error.message() : body);
	}

	/**
	 * An error that the provider reported with the status.
	 * @param status the HTTP status
	 * @param body what it said
	 * @param headers the response headers
	 * @return the exception
	 */
	DeepSeekException reported(int status, byte[] body, HttpHeaders headers) {
		return reported(status, ErrorBody.read(body, charset(headers)), headers);
	}

	private static @Nullable Charset charset(HttpHeaders headers) {
		try {
			MediaType type = headers.getContentType();
			return (type != null) ? type.getCharset() : null;
		}
		catch (IllegalArgumentException ex) {
			// no media type, or no charset that is known here
			return null;
		}
	}

	/**
	 * An error that the provider reported inside of an answer.
	 * @param error the error
	 * @param headers the response headers
	 * @return the exception
	 */
	DeepSeekException reported(JsonNode error, HttpHeaders headers) {
		return reported(null, ErrorBody.of(error), headers);
	}

	/**
	 * An error that stands between the events of a stream, or in place of them.
	 * @param error the error
	 * @param headers the response headers
	 * @return the exception
	 */
	DeepSeekException reported(String error, HttpHeaders headers) {
		return reported(null, ErrorBody.read(error), headers);
	}

	/**
	 * A stream that ended early, and had lines that are of no event stream: an error in
	 * bare JSON, or what a proxy has to say.
	 * @param lines the lines
	 * @param headers the response headers
	 * @return the exception
	 */
	DeepSeekException strayed(String lines, HttpHeaders headers) {
		ErrorBody body = ErrorBody.read(lines);
		if (body.isStructured() && body.message() == null) {
			return of(ErrorKind.MALFORMED_RESPONSE, "the answer is JSON that is no event of a stream", null);
		}
		DeepSeekException reported = reported(null, body, headers);
		return (body.isStructured() || reported.getKind() != ErrorKind.SERVER_ERROR) ? reported
				: of(ErrorKind.STREAM_CLOSED, "the stream ended before the answer did: " + words(lines), null);
	}

	/**
	 * What is in the place of an answer, or of an event, and is none.
	 * @param text the beginning of it
	 * @param length how long all of it is, in bytes
	 * @param cause why it could not be read
	 * @param headers the response headers
	 * @return the exception: what the words say, where they are known
	 */
	DeepSeekException unreadable(String text, int length, JacksonException cause, HttpHeaders headers) {
		if (JSON.matcher(text).lookingAt()) {
			return of(ErrorKind.MALFORMED_RESPONSE,
					(cause instanceof UnexpectedEndOfInputException)
							? "the answer is JSON that ends early, after " + length + " bytes"
							: "the answer is not the JSON of a chat completion: " + snippet(text),
					null);
		}
		ErrorBody words = ErrorBody.read(text);
		DeepSeekException reported = reported(null, words, headers);
		return (reported.getKind() != ErrorKind.SERVER_ERROR) ? reported : of(ErrorKind.MALFORMED_RESPONSE,
				"the answer is not the JSON of a chat completion: " + words(text), null);
	}

	private DeepSeekException reported(@Nullable Integer status, ErrorBody body, HttpHeaders headers) {
		// the kind is decided by the words as they are: a key may be a part of them
		ErrorRule meaning = this.provider.dialect()
			.classify(effective(status, body), body.codes(), body.message(), body.texts());
		ErrorKind kind = meaning.kind();
		String said = body.message();
		String message = (said != null) ? this.mask.shown(said, MAX_MESSAGE) : describe(kind, status);
		if (status != null && status == 404 && (said == null || !OF_A_MODEL.matcher(said).find())) {
			message += " (asked: " + this.provider.completionsUri() + "; check deepseek.providers." + this.provider.id()
					+ ".base-url)";
		}
		if (kind == ErrorKind.MODEL_NOT_FOUND && !meaning.thisRequest()) {
			message = withSuggestion(message);
		}
		String code = body.code();
		return builder(kind, message).code((code != null) ? this.mask.shown(code, MAX_CODE) : null)
			.requestId((this.requestId != null) ? this.requestId : masked(body.requestId()))
			.retryAfter(RetryHint.of(kind, firstValues(headers), body, Instant.now()))
			.scope((meaning.thisRequest() || isOfTheGateway(status, body)) ? FailureScope.REQUEST
					: FailureScope.PROVIDER)
			.build();
	}

	// one that is declared, by its name or its id, or that the host listed
	private String withSuggestion(String message) {
		if (this.model == null) {
			return message;
		}
		Set<String> known = new LinkedHashSet<>(this.provider.models().keySet());
		this.provider.models().values().forEach((model) -> known.add(model.id()));
		known.addAll(this.provider.dialect().listedModels());
		known.remove(this.model);
		String closest = Suggestions.closest(this.model, known);
		if (closest == null) {
			return message;
		}
		String sentence = message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
		return sentence + "; did you mean '" + closest + "'?";
	}

	// a gateway with one status for everything may repeat the provider's in the body
	private static @Nullable Integer effective(@Nullable Integer status, ErrorBody body) {
		boolean general = status == null || status == 400 || status == 500 || status == 502;
		return (general && body.upstreamStatus() != null) ? body.upstreamStatus() : status;
	}

	// the pages of proxies and firewalls are about what they were sent, not about the key
	// or the prompt's form
	private static boolean isOfTheGateway(@Nullable Integer status, ErrorBody body) {
		if (status == null || (status != 400 && status != 403 && status != 405 && status != 413)) {
			return false;
		}
		return body.isPage()
				|| (!body.isStructured() && body.message() != null && OTHER_PROTOCOL.matcher(body.message()).find());
	}

	private static Map<String, String> firstValues(HttpHeaders headers) {
		Map<String, String> values = new HashMap<>();
		headers.forEach((name, list) -> {
			if (!list.isEmpty()) {
				values.put(name.toLowerCase(Locale.ROOT), list.get(0));
			}
		});
		return values;
	}

	/**
	 * JSON that has no choices: what some hosts answer in place of an error.
	 * @param body the beginning of it
	 * @param headers the response headers
	 * @return the exception: what the words say, where there are some
	 */
	DeepSeekException withoutChoices(String body, HttpHeaders headers) {
		ErrorBody said = ErrorBody.read(body);
		DeepSeekException reported = (said.message() != null) ? reported(null, said, headers) : null;
		if (reported == null) {
			return of(ErrorKind.EMPTY_RESPONSE, "the answer has no choices", null);
		}
		return (reported.getKind() != ErrorKind.SERVER_ERROR) ? reported
				: of(ErrorKind.EMPTY_RESPONSE, "the answer is empty: " + reported.getReason(), null);
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
		DeepSeekException emptied = emptied(finishReason);
		if (emptied != null) {
			return emptied;
		}
		if (isTruncated(finishReason)) {
			return null;
		}
		return of(ErrorKind.EMPTY_RESPONSE, "the answer is empty (finish reason " + said(finishReason) + ")", null);
	}

	private @Nullable DeepSeekException emptied(@Nullable FinishReason finishReason) {
		ErrorKind kind = this.provider.dialect().emptied((finishReason != null) ? finishReason.value() : null);
		if (kind == null) {
			return null;
		}
		return of(kind,
				((kind == ErrorKind.CONTENT_FILTERED) ? "the provider's content filter withheld the answer"
						: "the prompt leaves no room for an answer") + " (finish reason " + said(finishReason) + ")",
				null);
	}

	private boolean isTruncated(@Nullable FinishReason finishReason) {
		return finishReason != null && this.provider.dialect().truncated(finishReason.value());
	}

	private @Nullable String said(@Nullable FinishReason finishReason) {
		return (finishReason != null) ? snippet(finishReason.value()) : null;
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
		if (!substance.isReasoningOnly() || isTruncated(finishReason)) {
			return null;
		}
		DeepSeekException emptied = emptied(finishReason);
		return (emptied != null) ? emptied : of(ErrorKind.EMPTY_RESPONSE,
				"the answer has reasoning and nothing else (finish reason " + said(finishReason) + ")", null);
	}

	/**
	 * An answer that the provider gave up.
	 * @param finishReason why the provider ended it
	 * @return the exception, or {@code null} if it did not give up
	 */
	@Nullable DeepSeekException gaveUp(@Nullable FinishReason finishReason) {
		return gaveUp((finishReason != null) ? finishReason.value() : null);
	}

	/**
	 * An answer that the provider, or the host behind it, gave up.
	 * @param choice one of its choices
	 * @return the exception, or {@code null} if no side gave up
	 */
	@Nullable DeepSeekException gaveUp(AnswerChoice choice) {
		DeepSeekException own = gaveUp(choice.finishReason());
		return (own != null) ? own : gaveUp(choice.nativeFinishReason());
	}

	private @Nullable DeepSeekException gaveUp(@Nullable String finishReason) {
		ErrorKind kind = this.provider.dialect().givenUp(finishReason);
		return (kind != null && finishReason != null)
				? of(kind, "the provider gave up (finish reason " + snippet(finishReason) + ")", null) : null;
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
		DeepSeekException otherProtocol = otherProtocol(cause);
		if (otherProtocol != null) {
			return otherProtocol;
		}
		ErrorKind kind = kind(cause);
		// the first holds the request's headers, the second a part of the answer
		boolean revealing = cause instanceof WebClientException || cause instanceof JacksonException;
		return of(kind, describe(kind, cause), revealing ? null : cause);
	}

	private @Nullable DeepSeekException otherProtocol(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof OtherProtocolException other) {
				return of(ErrorKind.TLS,
						other.getMessage() + ": use " + (other.isTls() ? "https" : "http") + ":// in " + baseUrl(),
						null);
			}
		}
		return null;
	}

	private String baseUrl() {
		return "deepseek.providers." + this.provider.id() + ".base-url";
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
		return builder(ErrorKind.INVALID_REQUEST,
				"the application's own code failed before a response came, in " + culprit(failure) + ": "
						+ snippet(String.valueOf(failure)))
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
		// a connection closed within the handshake names it in a suppressed exception
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
			case STREAM_CLOSED -> "the connection was closed before the answer was complete";
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

}
