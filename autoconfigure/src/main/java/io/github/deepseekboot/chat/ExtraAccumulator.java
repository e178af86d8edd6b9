package io.github.deepseekboot.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Collects the further fields of a stream's deltas: of a list, all elements; of anything
 * else, the latest. Elements that are pieces of one text, such as those of
 * {@code reasoning_details}, become one again.
 */
final class ExtraAccumulator {

	private static final List<String> TEXTS = List.of("text", "summary", "data");

	private Map<String, Object> fields = Map.of();

	// what was added last: many deltas share it
	private @Nullable Map<String, Object> latest;

	void add(Map<String, Object> extra) {
		if (extra.isEmpty() || extra == this.latest) {
			return;
		}
		this.latest = extra;
		if (this.fields.isEmpty()) {
			this.fields = new LinkedHashMap<>();
		}
		extra.forEach((name, value) -> this.fields.merge(name, copy(value), ExtraAccumulator::merge));
	}

	Map<String, Object> fields() {
		return this.fields;
	}

	private static Object copy(Object value) {
		return (value instanceof List<?> list) ? new ArrayList<Object>(list) : value;
	}

	@SuppressWarnings("unchecked") // lists are the copies made here
	private static Object merge(Object before, Object value) {
		if (!(before instanceof List<?>) || !(value instanceof List<?> added)) {
			return value;
		}
		List<Object> elements = (List<Object>) before;
		for (Object element : added) {
			Map<String, Object> joined = elements.isEmpty() ? null : join(elements.get(elements.size() - 1), element);
			if (joined != null) {
				elements.set(elements.size() - 1, joined);
			}
			else {
				elements.add(element);
			}
		}
		return elements;
	}

	private static @Nullable Map<String, Object> join(@Nullable Object before, @Nullable Object next) {
		if (!(before instanceof Map<?, ?> one) || !(next instanceof Map<?, ?> other) || one.get("type") == null
				|| !one.get("type").equals(other.get("type")) || !Objects.equals(one.get("index"), other.get("index"))
				|| one.get("signature") != null) {
			return null;
		}
		for (String name : TEXTS) {
			Object end = other.containsKey("signature") ? Objects.requireNonNullElse(other.get(name), "")
					: other.get(name);
			if (one.get(name) instanceof String start && end instanceof String) {
				Map<String, Object> joined = new LinkedHashMap<>();
				one.forEach((key, value) -> joined.put(String.valueOf(key), value));
				other.forEach((key, value) -> {
					if (value != null) {
						joined.put(String.valueOf(key), value);
					}
				});
				joined.put(name, start + end);
				return joined;
			}
		}
		return null;
	}

}
