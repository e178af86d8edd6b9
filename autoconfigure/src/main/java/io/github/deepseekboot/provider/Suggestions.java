package io.github.deepseekboot.provider;

import java.util.Collection;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Finds the name that may have been meant.
 */
public final class Suggestions {

	private Suggestions() {
	}

	/**
	 * Return the known name that is closest to one that is not known.
	 * @param name the name as it was written
	 * @param known the names that there are
	 * @return the closest one, or {@code null} if none resembles it
	 */
	public static @Nullable String closest(String name, Collection<String> known) {
		String closest = null;
		int smallest = Integer.MAX_VALUE;
		String written = plain(name);
		for (String candidate : known) {
			int distance = distance(written, plain(candidate));
			int most = Math.max(1, Math.min(written.length(), candidate.length()) / 3);
			if (distance <= most && distance < smallest) {
				smallest = distance;
				closest = candidate;
			}
		}
		return closest;
	}

	private static String plain(String name) {
		return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
	}

	// edits of one character, and swaps of two neighbours, from one name to the other
	private static int distance(String from, String to) {
		int[][] distances = new int[from.length() + 1][to.length() + 1];
		for (int i = 0; i <= from.length(); i++) {
			for (int j = 0; j <= to.length(); j++) {
				if (i == 0 || j == 0) {
					distances[i][j] = i + j;
					continue;
				}
				int change = (from.charAt(i - 1) == to.charAt(j - 1)) ? 0 : 1;
				distances[i][j] = Math.min(Math.min(distances[i - 1][j], distances[i][j - 1]) + 1,
						distances[i - 1][j - 1] + change);
				if (i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2)
						&& from.charAt(i - 2) == to.charAt(j - 1)) {
					distances[i][j] = Math.min(distances[i][j], distances[i - 2][j - 2] + 1);
				}
			}
		}
		return distances[from.length()][to.length()];
	}

}
