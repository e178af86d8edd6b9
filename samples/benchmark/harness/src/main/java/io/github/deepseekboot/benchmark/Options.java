package io.github.deepseekboot.benchmark;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Options of a command line, each as {@code --name=value}.
 */
final class Options {

	private static final String PREFIX = "--";

	private final Map<String, String> values = new HashMap<>();

	Options(List<String> args) {
		for (String arg : args) {
			String[] parts = arg.split("=", 2);
			if (parts.length < 2 || !parts[0].startsWith(PREFIX)) {
				throw new IllegalArgumentException("'%s' is not of the form --name=value".formatted(arg));
			}
			this.values.put(parts[0].substring(PREFIX.length()), parts[1]);
		}
	}

	String get(String name, String byDefault) {
		return this.values.getOrDefault(name, byDefault);
	}

	int get(String name, int byDefault) {
		return Integer.parseInt(get(name, String.valueOf(byDefault)));
	}

	List<String> list(String name, String byDefault) {
		return Arrays.stream(get(name, byDefault).split(",")).filter((value) -> !value.isBlank()).toList();
	}

	void refuseOthers(String... known) {
		this.values.keySet().forEach((name) -> {
			if (!Arrays.asList(known).contains(name)) {
				throw new IllegalArgumentException(
						"there is no option --%s; there are %s".formatted(name, Arrays.toString(known)));
			}
		});
	}

}
