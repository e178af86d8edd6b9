package io.github.deepseekboot.chat;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * Answer of a Java type, together with the completion that it was read from: its usage,
 * attempts, provider and request id.
 *
 * @param <T> the type of the answer
 */
public final class TypedCompletion<T> {

	private final T value;

	private final ChatCompletion completion;

	private TypedCompletion(T value, ChatCompletion completion) {
		Assert.notNull(value, "'value' must not be null");
		Assert.notNull(completion, "'completion' must not be null");
		this.value = value;
		this.completion = completion;
	}

	/**
	 * Create a typed answer.
	 * @param <T> the type of the answer
	 * @param value the answer
	 * @param completion the completion that it was read from
	 * @return the typed answer
	 */
	public static <T> TypedCompletion<T> of(T value, ChatCompletion completion) {
		return new TypedCompletion<>(value, completion);
	}

	/**
	 * Return the answer.
	 * @return the value that was read
	 */
	public T value() {
		return this.value;
	}

	/**
	 * Return the completion that the answer was read from.
	 * @return the completion. If the answer was asked for twice, its usage and attempts
	 * are those of both calls
	 */
	public ChatCompletion completion() {
		return this.completion;
	}

	/**
	 * Return the tokens counted for the answer.
	 * @return the usage, or {@code null} if the provider reported none
	 */
	public @Nullable Usage usage() {
		return this.completion.usage();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof TypedCompletion<?> that && this.value.equals(that.value)
				&& this.completion.equals(that.completion);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.value, this.completion);
	}

	@Override
	public String toString() {
		return "TypedCompletion[value=" + this.value + ", completion=" + this.completion + "]";
	}

}
