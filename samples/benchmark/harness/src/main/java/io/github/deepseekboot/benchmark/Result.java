package io.github.deepseekboot.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a client's process measured: numbers by name, written as one line.
 */
final class Result {

	private final Map<String, Long> values = new LinkedHashMap<>();

	static Result parse(String line) {
		Result result = new Result();
		for (String entry : line.strip().split(" ")) {
			String[] parts = entry.split("=", 2);
			result.put(parts[0], Long.parseLong(parts[1]));
		}
		return result;
	}

	Result put(String name, long value) {
		this.values.put(name, value);
		return this;
	}

	long get(String name) {
		Long value = this.values.get(name);
		if (value == null) {
			throw new IllegalArgumentException("no '%s' among %s".formatted(name, this.values.keySet()));
		}
		return value;
	}

	@Override
	public String toString() {
		return this.values.entrySet()
			.stream()
			.map((entry) -> entry.getKey() + "=" + entry.getValue())
			.collect(Collectors.joining(" "));
	}

}
