package io.github.deepseekboot.structured;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.hook.AnswerValidator;

/**
 * {@link AnswerValidator} that uses Bean Validation: the answer itself, or the elements
 * of a collection and the values of a map.
 */
public final class BeanAnswerValidator implements AnswerValidator {

	private final Validator validator;

	/**
	 * Create a validator.
	 * @param validator knows the constraints
	 */
	public BeanAnswerValidator(Validator validator) {
		this.validator = validator;
	}

	@Override
	public List<String> validate(Object value) {
		List<String> violations = new ArrayList<>();
		validate("", value, violations);
		return violations;
	}

	private void validate(String path, @Nullable Object value, List<String> violations) {
		if (value instanceof Collection<?> elements) {
			int index = 0;
			for (Object element : elements) {
				validate(path + "[" + index++ + "]", element, violations);
			}
		}
		else if (value instanceof Map<?, ?> map) {
			map.forEach((key, element) -> validate(path + "[" + key + "]", element, violations));
		}
		else if (value != null) {
			this.validator.validate(value)
				.stream()
				.map((violation) -> describe(path, violation))
				.sorted()
				.forEach(violations::add);
		}
	}

	private static String describe(String path, ConstraintViolation<?> violation) {
		String property = violation.getPropertyPath().toString();
		String place = (path.isEmpty() || property.isEmpty()) ? path + property : path + "." + property;
		return (place.isEmpty() ? "" : place + ": ") + violation.getMessage();
	}

}
