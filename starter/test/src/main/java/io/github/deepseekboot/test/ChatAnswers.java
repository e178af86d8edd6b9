package io.github.deepseekboot.test;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.InvalidAnswerException;
import io.github.deepseekboot.chat.StreamInterruptedException;
import io.github.deepseekboot.test.provider.ScriptedAnswer;

/**
 * Makes completions, deltas and exceptions for unit tests, from the same words that
 * scripts are written in. They are what the library makes of such an answer of DeepSeek.
 */
public final class ChatAnswers {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final ChatRequest REQUEST = ChatRequest.of("Hello");

	private ChatAnswers() {
	}

	/**
	 * Make a completion.
	 * @param answer writes the answer
	 * @return the completion
	 */
	public static ChatCompletion completion(Consumer<ScriptedAnswer> answer) {
		return ask(answer, (client) -> Objects.requireNonNull(client.complete(REQUEST).block(PATIENCE)));
	}

	/**
	 * Make the deltas of a stream, the last one included.
	 * @param answer writes the answer
	 * @return the deltas
	 */
	public static List<ChatDelta> deltas(Consumer<ScriptedAnswer> answer) {
		return ask(answer, (client) -> Objects.requireNonNull(client.stream(REQUEST).collectList().block(PATIENCE)));
	}

	/**
	 * Make a stream, one that fails included. Each subscriber gets the same deltas and
	 * the same failure.
	 * @param answer writes the answer
	 * @return the stream
	 */
	public static Flux<ChatDelta> stream(Consumer<ScriptedAnswer> answer) {
		return ask(answer, (client) -> {
			Flux<ChatDelta> stream = client.stream(REQUEST).cache();
			stream.onErrorComplete().blockLast(PATIENCE);
			return stream;
		});
	}

	/**
	 * Make the exception that a failing answer leads to.
	 * @param answer writes the answer, one that fails
	 * @return the exception
	 * @throws IllegalArgumentException if the answer does not fail
	 */
	public static DeepSeekException exception(Consumer<ScriptedAnswer> answer) {
		return ask(answer, (client) -> {
			try {
				client.stream(REQUEST).blockLast(PATIENCE);
			}
			catch (DeepSeekException ex) {
				return ex;
			}
			throw new IllegalArgumentException("'answer' must be one that fails");
		});
	}

	/**
	 * Make an exception of a kind.
	 * @param kind what went wrong
	 * @return the exception, for {@link ErrorKind#STREAM_INTERRUPTED} a
	 * {@link StreamInterruptedException} without content
	 */
	public static DeepSeekException exception(ErrorKind kind) {
		DeepSeekException.Builder builder = DeepSeekException.builder(kind, "as the test wants it")
			.provider("deepseek")
			.status(status(kind));
		return (kind == ErrorKind.STREAM_INTERRUPTED)
				? builder.buildInterrupted(ErrorKind.STREAM_CLOSED, "", "", List.of()) : builder.build();
	}

	/**
	 * Make the exception of a stream that broke.
	 * @param content what it said before
	 * @return the exception
	 */
	public static StreamInterruptedException interrupted(String content) {
		return DeepSeekException.builder(ErrorKind.STREAM_INTERRUPTED, "as the test wants it")
			.provider("deepseek")
			.status(200)
			.buildInterrupted(ErrorKind.STREAM_CLOSED, content, "", List.of());
	}

	/**
	 * Make the exception of a typed answer that cannot be read.
	 * @param rawText what the model answered; blank for an empty answer
	 * @return the exception
	 */
	public static InvalidAnswerException invalidAnswer(String rawText) {
		ErrorKind kind = (rawText.isBlank()) ? ErrorKind.EMPTY_RESPONSE : ErrorKind.MALFORMED_RESPONSE;
		return new InvalidAnswerException(
				DeepSeekException.builder(kind, "as the test wants it").provider("deepseek").status(200), rawText,
				List.of());
	}

	private static @Nullable Integer status(ErrorKind kind) {
		return switch (kind) {
			case INVALID_REQUEST, CONTEXT_LENGTH -> 400;
			case AUTHENTICATION -> 401;
			case OUT_OF_CREDIT -> 402;
			case MODEL_NOT_FOUND -> 404;
			case RATE_LIMITED -> 429;
			case CONTENT_FILTERED -> 451;
			case SERVER_ERROR -> 500;
			case OVERLOADED -> 503;
			case REDIRECTED -> 307;
			case MALFORMED_RESPONSE, EMPTY_RESPONSE, STREAM_CLOSED, STREAM_INTERRUPTED -> 200;
			default -> null;
		};
	}

	private static <T> T ask(Consumer<ScriptedAnswer> answer, Function<ScriptedChatClient, T> question) {
		try (ScriptedChatClient client = ScriptedChatClient.create()) {
			answer.accept(client.reply());
			return question.apply(client);
		}
	}

}
