package io.github.deepseekboot.autoconfigure;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Gives the values under {@code extra} the types that they have in JSON. The binder makes
 * a map of each list, and only YAML knows types: in a properties file or an environment
 * variable everything is text.
 */
final class ExtraFields {

	private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");

	private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,17})\\.[0-9]{1,18}");

	private ExtraFields() {
	}

	static Map<String, Object> of(Map<String, Object> extra) {
		Map<String, Object> fields = new LinkedHashMap<>();
		for (Map.Entry<String, Object> field : extra.entrySet()) {
			fields.put(field.getKey(), typed(field.getValue()));
		}
		return fields;
	}

	private static Object typed(Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<String, Object> fields = new LinkedHashMap<>();
			map.forEach((name, field) -> fields.put(String.valueOf(name), typed(field)));
			List<Object> list = list(fields);
			return list.isEmpty() ? fields : list;
		}
		if (value instanceof List<?> list) {
			return list.stream().map(ExtraFields::typed).toList();
		}
		return (value instanceof String text) ? typed(text) : value;
	}

	// in whichever order the source has them: environment variables have none
	private static List<Object> list(Map<String, Object> fields) {
		List<Object> list = new ArrayList<>(fields.size());
		for (int i = 0; i < fields.size(); i++) {
			Object field = fields.get(String.valueOf(i));
			if (field == null) {
				return List.of();
			}
			list.add(field);
		}
		return list;
	}

	private static Object typed(String text) {
		if (INTEGER.matcher(text).matches()) {
			return Long.valueOf(text);
		}
		if (DECIMAL.matcher(text).matches()) {
			return new BigDecimal(text);
		}
		if (text.equals("true") || text.equals("false")) {
			return Boolean.valueOf(text);
		}
		// the way to write a text that looks like a number
		boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
		return quoted ? text.substring(1, text.length() - 1) : text;
	}

}
