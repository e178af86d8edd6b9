package io.github.deepseekboot.observation;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Keeps tags few: the first values that come are kept, further ones read {@code other}.
 * What a server sends must not fill the meter registry.
 */
final class BoundedValues {

	static final String NONE = "none";

	static final String OTHER = "other";

	private static final int MAX_LENGTH = 100;

	private final int max;

	private final Set<String> known = ConcurrentHashMap.newKeySet();

	BoundedValues(int max) {
		this.max = max;
	}

	String of(@Nullable String value) {
		if (value == null || value.isEmpty()) {
			return NONE;
		}
		if (this.known.contains(value)) {
			return value;
		}
		return (value.length() <= MAX_LENGTH && add(value)) ? value : OTHER;
	}

	private synchronized boolean add(String value) {
		return this.known.contains(value) || (this.known.size() < this.max && this.known.add(value));
	}

}
