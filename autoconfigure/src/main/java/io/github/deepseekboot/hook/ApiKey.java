package io.github.deepseekboot.hook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * API key of an account at a provider. Its text form is masked; where accounts must be
 * distinguished, the {@link #fingerprint()} is used.
 */
public final class ApiKey {

	private final String value;

	private final @Nullable String account;

	// made when it is first asked for: nothing at the start of an application needs it
	private @Nullable String fingerprint;

	private ApiKey(String value, @Nullable String account) {
		this.value = value;
		this.account = account;
	}

	/**
	 * Create a key.
	 * @param value the key's text
	 * @return the key
	 * @throws IllegalArgumentException if it is empty or has characters that no key has,
	 * such as blanks, line ends or letters outside of ASCII; the message does not repeat
	 * it
	 */
	public static ApiKey of(String value) {
		Assert.hasLength(value, "the key must not be empty");
		for (int i = 0; i < value.length(); i++) {
			char character = value.charAt(i);
			if (character <= ' ' || character > '~') {
				throw new IllegalArgumentException("the key must consist of visible ASCII characters, but character "
						+ (i + 1) + " of " + value.length() + " is " + describe(character));
			}
		}
		return new ApiKey(value, null);
	}

	/**
	 * Create a key of an account that has several: they share its limits.
	 * @param value the key's text
	 * @param account a name of the account, chosen by the application; it may appear in
	 * logs and in a shared store
	 * @return the key
	 * @throws IllegalArgumentException if the key is none, as in {@link #of(String)}, or
	 * the name is empty
	 */
	public static ApiKey of(String value, String account) {
		Assert.hasText(account, "the account's name must not be empty");
		return new ApiKey(of(value).value, account);
	}

	private static String describe(char character) {
		return switch (character) {
			case ' ' -> "a blank";
			case '\t' -> "a tab";
			case '\r', '\n' -> "a line end";
			default -> (character < ' ') ? "a control character" : "outside of ASCII";
		};
	}

	private static String fingerprint(String value) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.US_ASCII));
			return HexFormat.of().formatHex(digest, 0, 8);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return the key itself, for the {@code Authorization} header only.
	 * @return the key's text
	 */
	public String value() {
		return this.value;
	}

	/**
	 * Return the fingerprint, which identifies the key without showing it.
	 * @return sixteen hexadecimal digits
	 */
	public String fingerprint() {
		String fingerprint = this.fingerprint;
		if (fingerprint == null) {
			fingerprint = fingerprint(this.value);
			this.fingerprint = fingerprint;
		}
		return fingerprint;
	}

	/**
	 * Return the account that pays.
	 * @return the account's name; the {@link #fingerprint()} if it was given none
	 */
	public String account() {
		return (this.account != null) ? this.account : fingerprint();
	}

	@Override
	public boolean equals(Object obj) {
		return obj instanceof ApiKey other && this.value.equals(other.value);
	}

	@Override
	public int hashCode() {
		return this.value.hashCode();
	}

	@Override
	public String toString() {
		return "ApiKey[****]";
	}

}
