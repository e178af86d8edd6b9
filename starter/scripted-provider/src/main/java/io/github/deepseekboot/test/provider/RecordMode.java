package io.github.deepseekboot.test.provider;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Whether a {@link Cassette} may ask the real host.
 */
public enum RecordMode {

	/**
	 * Never: what is not on the cassette is unexpected. For CI.
	 */
	NONE,

	/**
	 * For what is not on the cassette yet.
	 */
	MISSING,

	/**
	 * For every call; what was on the cassette before this JVM recorded to it is thrown
	 * away.
	 */
	ALL;

	/**
	 * The property that names the mode: {@code none}, {@code missing} or {@code all}.
	 */
	public static final String PROPERTY = "deepseek.test.record";

	/**
	 * Return the mode of a name.
	 * @param name the name, in any case; none or an empty one for {@link #NONE}
	 * @return the mode
	 * @throws IllegalArgumentException if there is no such mode
	 */
	public static RecordMode of(@Nullable String name) {
		if (name == null || name.isBlank()) {
			return NONE;
		}
		try {
			return valueOf(name.strip().toUpperCase(Locale.ROOT));
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"'%s' is '%s', which is none of: none, missing, all".formatted(PROPERTY, name), ex);
		}
	}

}
