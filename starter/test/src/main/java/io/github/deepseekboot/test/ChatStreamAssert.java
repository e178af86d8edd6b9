package io.github.deepseekboot.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import io.github.deepseekboot.chat.ChatCompletion;
import io.github.deepseekboot.chat.ChatDelta;
import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;
import io.github.deepseekboot.chat.StreamInterruptedException;

/**
 * AssertJ assertions on a stream of {@link ChatDelta}s. The stream is awaited for 10
 * seconds.
 */
public final class ChatStreamAssert extends AbstractAssert<ChatStreamAssert, List<ChatDelta>> {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final @Nullable Throwable failure;

	ChatStreamAssert(Publisher<ChatDelta> stream) {
		this(new ArrayList<>(), stream);
	}

	private ChatStreamAssert(List<ChatDelta> deltas, Publisher<ChatDelta> stream) {
		super(deltas, ChatStreamAssert.class);
		this.failure = Flux.from(stream)
			.doOnNext(deltas::add)
			.then()
			.<Throwable>thenReturn(new Completed())
			.onErrorResume((ex) -> Mono.just(ex))
			.filter((ex) -> !(ex instanceof Completed))
			.block(PATIENCE);
	}

	/**
	 * Verify that the stream ends without an error, and what it says in all.
	 * @param content the content
	 * @return this
	 */
	public ChatStreamAssert hasContent(String content) {
		isComplete();
		return check(content, joined(ChatDelta::content), "content");
	}

	/**
	 * Verify that the stream ends without an error, and what it thinks in all.
	 * @param reasoning the reasoning
	 * @return this
	 */
	public ChatStreamAssert hasReasoning(String reasoning) {
		isComplete();
		return check(reasoning, joined(ChatDelta::reasoningContent), "reasoning");
	}

	/**
	 * Verify that the stream ends without an error: the last delta, and only that, is
	 * marked as last.
	 * @return this
	 */
	public ChatStreamAssert isComplete() {
		if (this.failure != null) {
			AssertionError error = new AssertionError("Expected a stream that completes, but it failed", this.failure);
			throw error;
		}
		long last = this.actual.stream().filter(ChatDelta::isLast).count();
		if (last != 1 || !this.actual.get(this.actual.size() - 1).isLast()) {
			failWithMessage("%nExpected one last delta at the end, but got%n%s", this.actual);
		}
		return this;
	}

	/**
	 * Verify that the stream ends without an error, and who answers.
	 * @param provider the provider's id
	 * @return this
	 */
	public ChatStreamAssert isFrom(String provider) {
		isComplete();
		return check(provider, this.actual.get(0).provider(), "provider");
	}

	/**
	 * Verify that the stream fails before it says anything.
	 * @param kind what goes wrong
	 * @return this
	 */
	public ChatStreamAssert failsWith(ErrorKind kind) {
		check(kind, (this.failure instanceof DeepSeekException ex) ? ex.getKind() : null, "failure");
		return check(List.of(), this.actual, "deltas before the failure");
	}

	/**
	 * Verify that the stream breaks after a part of the answer.
	 * @param content what it says before
	 * @return this
	 */
	public ChatStreamAssert isInterruptedAfter(String content) {
		if (!(this.failure instanceof StreamInterruptedException ex)) {
			failWithMessage("%nExpected a stream that is interrupted, but %s", end());
			return this;
		}
		check(content, joined(ChatDelta::content), "content");
		return check(content, ex.getPartialContent(), "content of the exception");
	}

	/**
	 * Return the completion that the deltas make.
	 * @return the completion
	 */
	public ChatCompletion completion() {
		isComplete();
		return this.actual.stream().collect(ChatCompletion.collector());
	}

	private String joined(Function<ChatDelta, @Nullable String> text) {
		return this.actual.stream().map(text).filter(Objects::nonNull).collect(Collectors.joining());
	}

	private ChatStreamAssert check(@Nullable Object expected, @Nullable Object found, String what) {
		if (!Objects.equals(expected, found)) {
			failWithMessage("%nExpected %s: %s%nbut was: %s%nof a stream that %s", what, expected, found, end());
		}
		return this;
	}

	private String end() {
		return (this.failure != null) ? "failed with " + this.failure
				: "completed after " + this.actual.size() + " deltas";
	}

	private static final class Completed extends Exception {

	}

}
