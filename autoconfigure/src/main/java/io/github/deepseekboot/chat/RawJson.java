package io.github.deepseekboot.chat;

import java.nio.charset.StandardCharsets;

/**
 * A provider's answer as it came: the octets, which become a text only when somebody asks
 * for it.
 */
public final class RawJson {

	private final byte[] octets;

	private final int offset;

	private final int length;

	/**
	 * Keep an answer.
	 * @param octets holds the answer in UTF-8; must not be changed afterwards
	 * @param offset where it begins
	 * @param length how long it is
	 */
	public RawJson(byte[] octets, int offset, int length) {
		this.octets = octets;
		this.offset = offset;
		this.length = length;
	}

	@Override
	public boolean equals(Object other) {
		return this == other || (other instanceof RawJson raw && toString().equals(raw.toString()));
	}

	@Override
	public int hashCode() {
		return toString().hashCode();
	}

	/**
	 * The answer as text.
	 * @return the text, made anew by each call
	 */
	@Override
	public String toString() {
		return new String(this.octets, this.offset, this.length, StandardCharsets.UTF_8);
	}

}
