package io.github.deepseekboot.chat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Answer of a provider as it was received: bytes, which are decoded only when the text is
 * requested.
 */
public final class RawJson {

	private final byte[] bytes;

	private final int offset;

	private final int length;

	/**
	 * Keep an answer.
	 * @param bytes holds the answer in UTF-8; must not be changed afterwards
	 * @param offset where it begins
	 * @param length how long it is
	 * @throws IndexOutOfBoundsException if the array has no such part
	 */
	public RawJson(byte[] bytes, int offset, int length) {
		Objects.checkFromIndexSize(offset, length, bytes.length);
		this.bytes = bytes;
		this.offset = offset;
		this.length = length;
	}

	/**
	 * Keep an answer that is a text already, for tests of what uses one.
	 * @param json the answer
	 * @return the same
	 */
	public static RawJson of(String json) {
		byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
		return new RawJson(bytes, 0, bytes.length);
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
	 * Return the answer as text.
	 * @return the text, which each call decodes again
	 */
	@Override
	public String toString() {
		return new String(this.bytes, this.offset, this.length, StandardCharsets.UTF_8);
	}

}
