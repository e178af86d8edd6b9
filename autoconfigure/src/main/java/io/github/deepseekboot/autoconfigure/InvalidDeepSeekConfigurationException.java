package io.github.deepseekboot.autoconfigure;

/**
 * The configuration is wrong. Says which property, what is wrong with it and what to
 * write instead.
 */
public final class InvalidDeepSeekConfigurationException extends RuntimeException {

	private final String property;

	private final String reason;

	private final String action;

	InvalidDeepSeekConfigurationException(String property, String reason, String action) {
		super(property + ": " + reason + ". " + action);
		this.property = property;
		this.reason = reason;
		this.action = action;
	}

	static InvalidDeepSeekConfigurationException outOfRange(String property, Object value, String action) {
		return new InvalidDeepSeekConfigurationException(property, value + " is out of range",
				action + ", or leave the property out.");
	}

	/**
	 * The property that is wrong.
	 * @return its name
	 */
	public String getProperty() {
		return this.property;
	}

	/**
	 * What is wrong with it. Never repeats a key.
	 * @return the reason, without a full stop
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * What to do about it.
	 * @return the cure
	 */
	public String getAction() {
		return this.action;
	}

}
