package io.github.deepseekboot.chat;

import java.util.Collection;
import java.util.Map;

import org.springframework.util.Assert;

/**
 * Checks lists and maps that builders take.
 */
final class Elements {

	private Elements() {
	}

	/**
	 * Check a collection.
	 * @param <C> its type
	 * @param values the collection
	 * @param name the name of the argument
	 * @return the collection, neither {@code null} nor with a {@code null} in it
	 */
	static <C extends Collection<?>> C of(C values, String name) {
		Assert.notNull(values, () -> "'" + name + "' must not be null");
		Assert.noNullElements(values, () -> "'" + name + "' must not contain null");
		return values;
	}

	/**
	 * Check a map.
	 * @param <M> its type
	 * @param values the map
	 * @param name the name of the argument
	 * @return the map, neither {@code null} nor with a {@code null} in it
	 */
	static <M extends Map<?, ?>> M of(M values, String name) {
		ofKeys(values, name);
		of(values.values(), name);
		return values;
	}

	/**
	 * Check a map whose values may be {@code null}.
	 * @param <M> its type
	 * @param values the map
	 * @param name the name of the argument
	 * @return the map, neither {@code null} nor with a {@code null} as a key
	 */
	static <M extends Map<?, ?>> M ofKeys(M values, String name) {
		Assert.notNull(values, () -> "'" + name + "' must not be null");
		of(values.keySet(), name);
		return values;
	}

}
