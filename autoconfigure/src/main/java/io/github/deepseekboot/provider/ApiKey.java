package io.github.deepseekboot.provider;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.springframework.util.Assert;

/**
 * The key of an account at a provider. Its text form is masked; where accounts must be
 * told apart, the {@link #fingerprint()} is used.
 */
public final class ApiKey {

	private final String value;

	private final String fingerprint;

	private ApiKey(String value) {
		this.value = value;
		this.fingerprint = fingerprint(value);
	}

	/**
	 * A key.
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
		return new ApiKey(value);
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
	 * The key itself, for the {@code Authorization} header only.
	 * @return the key's text
	 */
	public String value() {
		return this.value;
	}

	/**
	 * Tells keys apart without showing them.
	 * @return sixteen hexadecimal digits
	 */
	public String fingerprint() {
		return this.fingerprint;
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
