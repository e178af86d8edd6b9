package io.github.deepseekboot.structured;

import org.jspecify.annotations.Nullable;

/**
 * What came of reading an answer: a value, or what is wrong.
 *
 * @param <T> the type of the value
 * @param value the value, if nothing is wrong
 * @param problem what is wrong
 */
record Reading<T>(@Nullable T value, @Nullable Problem problem) {

	static <T> Reading<T> of(T value) {
		return new Reading<>(value, null);
	}

	static <T> Reading<T> failed(Problem problem) {
		return new Reading<>(null, problem);
	}

}
