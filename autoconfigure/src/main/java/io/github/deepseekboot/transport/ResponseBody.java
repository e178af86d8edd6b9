package io.github.deepseekboot.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;

import io.github.deepseekboot.chat.RawJson;
import io.github.deepseekboot.codec.SseDecoder;

/**
 * The body of a response while it is collected.
 */
final class ResponseBody {

	// a larger one is believed when it has come
	private static final int MAX_ANNOUNCED = 64 * 1024;

	private static final int MAX_ERROR = 16 * 1024;

	private static final Pattern ANSWER = Pattern
		.compile("\\{\\s*\"(?:id|choices|model|created|usage|object\"\\s*:\\s*\"chat)");

	private static final int MAX_MARKER = 64;

	private static final Pattern DONE_MARKER = Pattern.compile("(data: ?\\[DONE]\\s*)+$");

	private byte[] bytes = {};

	private int length;

	private int droppedLength;

	/**
	 * Make room for what is to come.
	 * @param length how long the body is said to be, in bytes; negative if that is not
	 * known
	 */
	void announce(long length) {
		if (this.length == 0 && length > 0 && length <= MAX_ANNOUNCED) {
			this.bytes = new byte[(int) length];
		}
	}

	/**
	 * Add what a buffer holds, up to the limit, and release it.
	 * @param buffer the buffer
	 * @param limit the most bytes to hold
	 * @return {@code false} if the buffer holds more
	 */
	boolean take(DataBuffer buffer, int limit) {
		try {
			int count = Math.min(buffer.readableByteCount(), limit - this.length);
			boolean fits = count == buffer.readableByteCount();
			if (this.length + count > this.bytes.length) {
				// the first buffer mostly holds all of it
				this.bytes = Arrays.copyOf(this.bytes, Math.max(this.length + count, 2 * this.length));
			}
			buffer.read(this.bytes, this.length, count);
			this.length += count;
			return fits;
		}
		finally {
			DataBufferUtils.release(buffer);
		}
	}

	/**
	 * The bytes collected.
	 * @return the array that holds them from 0 on, and maybe more room
	 */
	byte[] bytes() {
		return this.bytes;
	}

	int length() {
		return this.length;
	}

	int firstNonBlank() {
		int position = 0;
		while (position < this.length && (this.bytes[position] == ' ' || this.bytes[position] == '\n'
				|| this.bytes[position] == '\r' || this.bytes[position] == '\t')) {
			position++;
		}
		return position;
	}

	/**
	 * Drop the done marker of a stream at the end: some gateways send it, maybe repeated,
	 * behind the JSON of a complete answer.
	 * @return {@code false} if there is none
	 */
	boolean dropDoneMarker() {
		int from = Math.max(0, this.length - MAX_MARKER);
		String end = new String(this.bytes, from, this.length - from, StandardCharsets.ISO_8859_1);
		Matcher marker = DONE_MARKER.matcher(end);
		if (!marker.find()) {
			return false;
		}
		this.droppedLength = this.length - from - marker.start();
		this.length -= this.droppedLength;
		return true;
	}

	/**
	 * Put a done marker that was dropped back.
	 */
	void restoreDoneMarker() {
		this.length += this.droppedLength;
		this.droppedLength = 0;
	}

	/**
	 * Whether the body so far is a complete value of JSON that reports an error. An
	 * answer, which may be large, is recognised by the first of its fields.
	 * @return {@code false} if it is not complete, or something else
	 */
	boolean isJsonError() {
		int start = firstNonBlank();
		int end = this.length;
		while (end > start && (this.bytes[end - 1] == '\n' || this.bytes[end - 1] == '\r')) {
			end--;
		}
		if (end - start < 2 || end - start > MAX_ERROR || this.bytes[end - 1] != '}' || this.bytes[start] != '{') {
			return false;
		}
		String head = new String(this.bytes, start, Math.min(end - start, 32), StandardCharsets.UTF_8);
		return !ANSWER.matcher(head).lookingAt() && SseDecoder.isJsonError(this.bytes, start, end);
	}

	/**
	 * The body as a buffer.
	 * @return a buffer that shares the array
	 */
	DataBuffer toBuffer() {
		return DefaultDataBufferFactory.sharedInstance.wrap(ByteBuffer.wrap(this.bytes, 0, this.length));
	}

	/**
	 * The body behind leading blanks, to be kept.
	 * @return the body; it shares the array, unless much of that is room
	 */
	RawJson raw() {
		int start = firstNonBlank();
		int count = this.length - start;
		return (this.bytes.length - count > count / 4)
				? new RawJson(Arrays.copyOfRange(this.bytes, start, this.length), 0, count)
				: new RawJson(this.bytes, start, count);
	}

	/**
	 * What the body begins with, to be quoted.
	 * @return the text behind leading blanks
	 */
	String beginning() {
		int start = firstNonBlank();
		return new String(this.bytes, start, Math.min(this.length - start, 4096), StandardCharsets.UTF_8);
	}

}
