package io.github.deepseekboot.provider;

/**
 * How the health of a provider is checked.
 */
public enum Ping {

	/**
	 * By the list of its models.
	 */
	MODELS,

	/**
	 * By the balance of the account, which shows an empty one, too.
	 */
	BALANCE,

	/**
	 * By a chat completion of one token, which costs money.
	 */
	CHAT,

	/**
	 * Not at all: only real traffic counts.
	 */
	NONE

}
