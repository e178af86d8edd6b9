package io.github.deepseekboot.benchmark;

import java.util.function.Consumer;

/**
 * The length and a checksum of a text that comes in pieces, however it is cut. Not
 * thread-safe.
 */
final class TextSum implements Consumer<String> {

	private long length;

	private long hash;

	@Override
	public void accept(String piece) {
		long sum = this.hash;
		for (int i = 0; i < piece.length(); i++) {
			sum = 31 * sum + piece.charAt(i);
		}
		this.hash = sum;
		this.length += piece.length();
	}

	long length() {
		return this.length;
	}

	long hash() {
		return this.hash;
	}

	boolean isSameAs(TextSum other) {
		return this.length == other.length && this.hash == other.hash;
	}

}
