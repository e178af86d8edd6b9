package io.github.deepseekboot.hook;

/**
 * Strategy interface to estimate the number of tokens of a text. A bean of this type
 * takes the place of the default, which uses DeepSeek's rule of thumb: 0.3 tokens for an
 * ASCII character, 0.6 for any other.
 */
@FunctionalInterface
public interface TokenEstimator {

	/**
	 * The rule of thumb.
	 */
	TokenEstimator BY_CHARACTERS = (text) -> {
		long tenths = 0;
		for (int i = 0; i < text.length(); i++) {
			tenths += (text.charAt(i) < 128) ? 3 : 6;
		}
		return (int) Math.min(Integer.MAX_VALUE, (tenths + 9) / 10);
	};

	/**
	 * Estimate a text. Called for each text of a history at each turn: must be quick.
	 * @param text the text, perhaps empty
	 * @return the tokens, 0 or more
	 */
	int estimate(String text);

}
