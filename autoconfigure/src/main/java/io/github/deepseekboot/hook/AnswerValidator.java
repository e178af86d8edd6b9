package io.github.deepseekboot.hook;

import java.util.List;

/**
 * Callback interface to check typed answers. By default Bean Validation does, where it is
 * present; an application may supply a bean of its own.
 */
@FunctionalInterface
public interface AnswerValidator {

	/**
	 * Accepts everything.
	 */
	AnswerValidator NONE = (value) -> List.of();

	/**
	 * Check a value.
	 * @param value an answer, or an item of a list
	 * @return what is wrong with it, as described to the model; empty if it is right
	 */
	List<String> validate(Object value);

}
