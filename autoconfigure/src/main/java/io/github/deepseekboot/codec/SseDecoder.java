package io.github.deepseekboot.codec;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import tools.jackson.core.JacksonException;

import io.github.deepseekboot.chat.DeepSeekException;
import io.github.deepseekboot.chat.ErrorKind;

/**
 * Cuts server-sent events out of buffers. An event is its {@code data}, or a line that is
 * a chunk of an answer without the name of a field before it; {@code event} says only
 * whether it is an error, and other fields and comments are skipped. Other lines are kept
 * up to a limit: they may report an error. One event at a time is held, as a range of one
 * array that is reused; not thread-safe.
 */
public final class SseDecoder {

	// an event or so: a stream that sends a token now and then needs no more
	private static final int INITIAL_SIZE = 512;

	private static final int MAX_READ = 16384;

	private static final VarHandle EIGHT_BYTES = MethodHandles.byteArrayViewVarHandle(long[].class,
			ByteOrder.LITTLE_ENDIAN);

	private static final byte[] DATA = { 'd', 'a', 't', 'a' };

	private static final List<String> FIELDS = List.of(":", "data:", "event:", "id:", "retry:");

	private static final byte[] DONE = { '[', 'D', 'O', 'N', 'E', ']' };

	private static final byte[] EVENT = { 'e', 'v', 'e', 'n', 't' };

	private static final byte[] ERROR = { 'e', 'r', 'r', 'o', 'r' };

	private static final byte[][] FIELD_NAMES = { DATA, EVENT, { 'i', 'd' }, { 'r', 'e', 't', 'r', 'y' } };

	private static final byte[] CHOICES = "\"choices\"".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] DELTA = "\"delta\"".getBytes(StandardCharsets.US_ASCII);

	private static final int MAX_STRAY = 16 * 1024;

	private static final Pattern ERROR_LINE = Pattern.compile("(?m)^error: ?\\S");

	private final int maxEventBytes;

	private byte[] buffer = new byte[INITIAL_SIZE];

	private int lineStart;

	private int scanned;

	private int end;

	private @Nullable DataBuffer input;

	private boolean begun;

	// the last line ended with a CR: a LF right behind it belongs to the same line end
	private boolean afterCarriageReturn;

	private boolean done;

	private boolean blank = true;

	// of the event being read
	private boolean error;

	// the host leaves out the names of the fields, and sends a chunk a line
	private boolean bare;

	private @Nullable ByteArrayOutputStream stray;

	// how much of it was looked at
	private int strayKnown;

	// the data of the event being read: a range of the buffer while it has one line
	private boolean hasData;

	private int dataStart;

	private int dataEnd;

	private byte @Nullable [] joined;

	private int joinedLength;

	public SseDecoder(int maxEventBytes) {
		this.maxEventBytes = maxEventBytes;
	}

	/**
	 * Whether something begins as only an event stream does, whatever it is said to be.
	 * @param bytes holds it
	 * @param from where it begins, behind blanks
	 * @param to where it ends
	 * @param ended whether nothing more follows
	 * @return {@code null} if more has to be known
	 */
	public static @Nullable Boolean isEventStream(byte[] bytes, int from, int to, boolean ended) {
		boolean marked = from < to && bytes[from] == (byte) 0xEF;
		int start = marked ? Math.min(from + 3, to) : from;
		boolean undecided = start == to;
		for (String field : FIELDS) {
			int length = Math.min(field.length(), to - start);
			int same = 0;
			while (same < length && bytes[start + same] == field.charAt(same)) {
				same++;
			}
			if (same == field.length()) {
				return true;
			}
			undecided |= same == to - start;
		}
		return (undecided && !ended) ? null : false;
	}

	/**
	 * Whether something begins with a line that is a chunk of an answer, without the name
	 * of a field before it.
	 * @param bytes holds it
	 * @param from where it begins, behind blanks
	 * @param to where it ends
	 * @return {@code false}, too, if the first line is not complete
	 */
	public static boolean isBareStream(byte[] bytes, int from, int to) {
		int end = from;
		while (end < to && bytes[end] != '\n') {
			end++;
		}
		return end < to && isChunk(bytes, from, end) && contains(bytes, from, end, DELTA);
	}

	private static boolean isChunk(byte[] bytes, int from, int to) {
		int end = to;
		while (end > from && (bytes[end - 1] == ' ' || bytes[end - 1] == '\r')) {
			end--;
		}
		return end > from && bytes[from] == '{' && bytes[end - 1] == '}' && contains(bytes, from, end, CHOICES);
	}

	private static boolean contains(byte[] bytes, int from, int to, byte[] wanted) {
		for (int i = from; i <= to - wanted.length; i++) {
			if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Take the next buffer; it is released when it has been read.
	 * @param input the buffer, after {@link #next()} returned {@code false}
	 */
	public void feed(DataBuffer input) {
		this.input = input;
	}

	/**
	 * Go on to the next event.
	 * @return {@code true} if there is one, or the done marker was read
	 */
	public boolean next() {
		while (!this.done) {
			if (nextInBuffer()) {
				return true;
			}
			if (!fill()) {
				return false;
			}
		}
		return false;
	}

	private boolean nextInBuffer() {
		byte[] bytes = this.buffer;
		int limit = this.end;
		for (int i = lineEnd(bytes, this.scanned, limit); i < limit; i = lineEnd(bytes, i + 1, limit)) {
			byte current = bytes[i];
			boolean secondOfPair = current == '\n' && i == this.lineStart && this.afterCarriageReturn;
			this.afterCarriageReturn = current == '\r';
			int start = this.lineStart;
			this.lineStart = i + 1;
			if (!secondOfPair && line(start, i)) {
				this.scanned = this.lineStart;
				return true;
			}
		}
		this.scanned = limit;
		return false;
	}

	// where the next CR or LF stands; the limit if there is none
	private static int lineEnd(byte[] bytes, int from, int limit) {
		int i = from;
		while (i + Long.BYTES <= limit) {
			long control = upToCarriageReturn((long) EIGHT_BYTES.get(bytes, i));
			if (control == 0) {
				i += Long.BYTES;
				continue;
			}
			i += Long.numberOfTrailingZeros(control) / Byte.SIZE;
			if (isLineEnd(bytes[i])) {
				return i;
			}
			i++;
		}
		while (i < limit && !isLineEnd(bytes[i])) {
			i++;
		}
		return i;
	}

	// the lowest bit that is set belongs to the first of eight bytes that is at most a CR
	private static long upToCarriageReturn(long bytes) {
		return (bytes - 0x0E0E0E0E0E0E0E0EL) & ~bytes & 0x8080808080808080L;
	}

	private static boolean isLineEnd(byte current) {
		return current == '\n' || current == '\r';
	}

	/**
	 * Whether the done marker was read.
	 * @return {@code true} after {@code data: [DONE]}
	 */
	public boolean isDone() {
		return this.done;
	}

	/**
	 * Whether nothing but blank lines was read.
	 * @return {@code true} if there was no field and no comment
	 */
	public boolean isBlank() {
		return this.blank;
	}

	/**
	 * Take the end of the input into account: a done marker counts without its line end,
	 * any other event that is not closed by a blank line, or the start of the next, is
	 * dropped.
	 * @return {@code true} if there is one more event; to be called again when it has
	 * been read
	 */
	public boolean finish() {
		boolean event = false;
		if (!this.done && this.lineStart < this.end) {
			int from = this.lineStart;
			// unless the line is to be read again
			this.lineStart = this.end;
			event = line(from, this.end) && !this.done;
		}
		return event;
	}

	/**
	 * The event's data is in this array.
	 * @return the array
	 */
	public byte[] array() {
		return (this.joined != null) ? this.joined : this.buffer;
	}

	/**
	 * Where the event's data begins.
	 * @return the offset in the array
	 */
	public int offset() {
		return (this.joined != null) ? 0 : this.dataStart;
	}

	/**
	 * How long the event's data is.
	 * @return the length in bytes
	 */
	public int length() {
		return (this.joined != null) ? this.joinedLength : this.dataEnd - this.dataStart;
	}

	/**
	 * Whether the event says that it is an error.
	 * @return {@code true} for {@code event: error}
	 */
	public boolean isError() {
		return this.error;
	}

	/**
	 * Forget the event that {@link #next()} found.
	 */
	public void consume() {
		this.hasData = false;
		this.error = false;
		this.joined = null;
	}

	public void release() {
		if (this.input != null) {
			DataBufferUtils.release(this.input);
			this.input = null;
		}
	}

	private boolean line(int from, int to) {
		int start = from;
		if (!this.begun) {
			this.begun = true;
			while (to - start >= 3 && this.buffer[start] == (byte) 0xEF && this.buffer[start + 1] == (byte) 0xBB
					&& this.buffer[start + 2] == (byte) 0xBF) {
				start += 3;
			}
		}
		if (start == to) {
			this.error &= this.hasData;
			return this.hasData;
		}
		this.blank = this.blank && skipBlanks(start, to) == to;
		if (to - start <= DATA.length || this.buffer[start + DATA.length] != ':'
				|| !Arrays.equals(this.buffer, start, start + DATA.length, DATA, 0, DATA.length)) {
			return readOther(start, to);
		}
		start = valueStart(start, to);
		if (start < to && this.buffer[start] == ':') {
			// a comment that a gateway took for data
			return false;
		}
		if (!this.hasData) {
			if (isMarker(start, to)) {
				this.done = true;
				return true;
			}
			checkLimit(to - start);
			this.hasData = true;
			this.dataStart = start;
			this.dataEnd = to;
			return false;
		}
		if (beginsAnother(start, to)) {
			this.lineStart = from;
			return true;
		}
		join(start, to);
		return false;
	}

	// gateways that pass an event on may put the name of the field before it again
	private int valueStart(int from, int to) {
		int start = from;
		do {
			start += DATA.length + 1;
			if (start < to && this.buffer[start] == ' ') {
				start++;
			}
		}
		while (to - start > DATA.length && this.buffer[start + DATA.length] == ':'
				&& Arrays.equals(this.buffer, start, start + DATA.length, DATA, 0, DATA.length));
		return start;
	}

	// some hosts leave out the blank line between events; what follows the end of an
	// object in the same JSON is never another one
	private boolean beginsAnother(int from, int to) {
		byte[] data = array();
		int start = offset();
		int end = start + length();
		while (end > start && data[end - 1] == ' ') {
			end--;
		}
		return end > start && data[start] == '{' && data[end - 1] == '}'
				&& ((from < to && this.buffer[from] == '{') || isMarker(from, to));
	}

	// comments and fields that say nothing here are of an event stream, too
	private boolean readOther(int from, int to) {
		int start = skipBlanks(from, to);
		if (this.buffer[from] == ':' || start == to) {
			return false;
		}
		for (byte[] field : FIELD_NAMES) {
			int end = from + field.length;
			if (end <= to && Arrays.equals(this.buffer, from, end, field, 0, field.length)
					&& (end == to || this.buffer[end] == ':')) {
				if (field == EVENT) {
					this.error = isError(Math.min(end + 1, to), to);
				}
				return false;
			}
		}
		if (!this.hasData) {
			if (this.bare && isMarker(from, to)) {
				this.done = true;
				return true;
			}
			if (isChunk(this.buffer, start, to) && (this.bare || contains(this.buffer, start, to, DELTA))) {
				checkLimit(to - start);
				this.bare = true;
				this.hasData = true;
				this.dataStart = start;
				this.dataEnd = to;
				return true;
			}
		}
		keepStray(from, to);
		return false;
	}

	private boolean isError(int from, int to) {
		int start = skipBlanks(from, to);
		return to - start >= ERROR.length
				&& Arrays.equals(this.buffer, start, start + ERROR.length, ERROR, 0, ERROR.length)
				&& skipBlanks(start + ERROR.length, to) == to;
	}

	private void keepStray(int from, int to) {
		ByteArrayOutputStream stray = this.stray;
		if (stray == null) {
			stray = new ByteArrayOutputStream(to - from);
			this.stray = stray;
		}
		if (stray.size() < MAX_STRAY) {
			stray.write(this.buffer, from, Math.min(to - from, MAX_STRAY - stray.size()));
			stray.write('\n');
		}
	}

	/**
	 * The lines that are of no event stream, such as JSON or the words of a proxy.
	 * @return their beginning, or {@code null} if there were none
	 */
	public @Nullable String stray() {
		return (this.stray != null) ? this.stray.toString(StandardCharsets.UTF_8).strip() : null;
	}

	/**
	 * The error that stands among the lines of no event stream: JSON that is complete, or
	 * a line {@code error:}. To be asked when all that came was read, since the
	 * connection may stay open behind it.
	 * @return the error, or {@code null} if there is none, or none that is new
	 */
	public @Nullable String strayError() {
		int start = skipBlanks(this.lineStart, this.end);
		boolean pending = start < this.end && "{}[]".indexOf(this.buffer[start]) >= 0 && this.end - start <= MAX_STRAY;
		int known = (this.stray != null) ? this.stray.size() : 0;
		if (!pending && known == this.strayKnown) {
			return null;
		}
		this.strayKnown = known;
		String text = (this.stray != null) ? this.stray.toString(StandardCharsets.UTF_8) : "";
		if (pending) {
			text += "\n" + new String(this.buffer, start, this.end - start, StandardCharsets.UTF_8);
		}
		String error = text.strip();
		return (isJsonError(error) || ERROR_LINE.matcher(error).find()) ? error : null;
	}

	/**
	 * The error in an event that was not closed by a blank line; to be asked at the end
	 * of the input. Any other such event is dropped: it may lack its rest.
	 * @return the error, or {@code null} for none
	 */
	public @Nullable String unendedError() {
		if (!this.hasData || !isJsonError(array(), offset(), offset() + length())) {
			return null;
		}
		return new String(array(), offset(), length(), StandardCharsets.UTF_8);
	}

	private static boolean isJsonError(String text) {
		if (!text.endsWith("}") && !text.endsWith("]")) {
			return false;
		}
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		return isJsonError(bytes, 0, bytes.length);
	}

	/**
	 * Whether a text is a complete value of JSON that reports an error.
	 * @param bytes holds it
	 * @param from where it begins
	 * @param to where it ends
	 * @return {@code false} if it is not complete, or something else
	 */
	public static boolean isJsonError(byte[] bytes, int from, int to) {
		AnswerReader reader = new AnswerReader();
		try {
			reader.read(bytes, from, to - from);
			return reader.error() != null;
		}
		catch (JacksonException | DeepSeekException ex) {
			return false;
		}
	}

	private boolean isMarker(int from, int to) {
		int start = skipBlanks(from, to);
		int end = to;
		while (start < end && this.buffer[end - 1] == ' ') {
			end--;
		}
		return Arrays.equals(this.buffer, start, end, DONE, 0, DONE.length);
	}

	private int skipBlanks(int from, int to) {
		int start = from;
		while (start < to && (this.buffer[start] == ' ' || this.buffer[start] == '\t')) {
			start++;
		}
		return start;
	}

	private void join(int start, int to) {
		byte[] lines = this.joined;
		if (lines == null) {
			this.joinedLength = this.dataEnd - this.dataStart;
			lines = Arrays.copyOfRange(this.buffer, this.dataStart, this.dataStart + 2 * this.joinedLength + 64);
		}
		int needed = this.joinedLength + 1 + to - start;
		checkLimit(needed);
		if (needed > lines.length) {
			lines = Arrays.copyOf(lines, Math.max(needed, 2 * lines.length));
		}
		lines[this.joinedLength] = '\n';
		System.arraycopy(this.buffer, start, lines, this.joinedLength + 1, to - start);
		this.joined = lines;
		this.joinedLength = needed;
	}

	private boolean fill() {
		DataBuffer input = this.input;
		if (input == null) {
			return false;
		}
		int count = Math.min(input.readableByteCount(), MAX_READ);
		if (count == 0) {
			release();
			return false;
		}
		makeRoom(count);
		input.read(this.buffer, this.end, count);
		this.end += count;
		return true;
	}

	private void makeRoom(int count) {
		int keepFrom = (this.hasData && this.joined == null) ? this.dataStart : this.lineStart;
		int kept = this.end - keepFrom;
		checkLimit(kept);
		if (this.end + count <= this.buffer.length) {
			return;
		}
		byte[] target = this.buffer;
		if (kept + count > target.length) {
			// doubled only for what is kept: else each piece of a line would copy it
			target = new byte[(kept == 0) ? count : Math.max(kept + count, 2 * target.length)];
		}
		System.arraycopy(this.buffer, keepFrom, target, 0, kept);
		this.buffer = target;
		this.lineStart -= keepFrom;
		this.scanned -= keepFrom;
		this.end -= keepFrom;
		this.dataStart -= keepFrom;
		this.dataEnd -= keepFrom;
	}

	private void checkLimit(int length) {
		if (length > this.maxEventBytes) {
			throw new DeepSeekException(ErrorKind.LOCAL_LIMIT,
					"an event of the stream is larger than " + this.maxEventBytes + " bytes");
		}
	}

}
