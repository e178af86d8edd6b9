package io.github.deepseekboot.provider;

import org.jspecify.annotations.Nullable;

/**
 * Takes the fields of a request, under their wire names.
 */
@FunctionalInterface
public interface FieldWriter {

	/**
	 * Write a field.
	 * @param name the field's name on the wire
	 * @param value what Jackson can write
	 */
	void write(String name, @Nullable Object value);

}
