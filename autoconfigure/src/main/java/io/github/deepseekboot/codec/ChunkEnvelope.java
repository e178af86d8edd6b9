package io.github.deepseekboot.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.codec.ToolCallReader.Fragment;

/**
 * Recognises a chunk that equals an earlier one in every byte but those of its text and
 * of the token counts in its usage: nearly all chunks of a stream do. The text is a piece
 * of content, of reasoning or of the arguments of a tool call. What is not recognised
 * says nothing, it is for the parser to read; what is recognised is what the parser would
 * have read. Reuses its arrays; not thread-safe.
 */
final class ChunkEnvelope {

	private static final int MAX_LENGTH = 8 * 1024;

	private static final int MAX_DIGITS = 18;

	private static final int MAX_UNUSED = 32;

	/**
	 * Where a text stands that is put together from several places.
	 */
	static final int NOWHERE = -1;

	private byte[] known = {};

	private int usageOffset;

	private int usageLength;

	// where the text was; the closing quote and what follows stand right behind
	private int textAt;

	private int length;

	private int usageFrom;

	private int usageTo;

	private int unused;

	private byte[] unescaped = {};

	private byte[] unreadUsage = {};

	private int unreadUsageLength;

	private int knownIndex;

	private boolean reasons;

	private @Nullable String knownContent;

	private @Nullable String knownReasoning;

	// of the tool call whose arguments the text is; null if it is none
	private @Nullable List<Fragment> fragments;

	private @Nullable Map<String, Object> knownExtra;

	private String text = "";

	// of the chunk being parsed: its texts that are not empty, where the last stands, and
	// where its usage does

	private int foundTexts;

	private int foundText;

	private int foundUsageFrom;

	private int foundUsageTo;

	/**
	 * Take note of a text that is not empty in the chunk being parsed.
	 * @param position where its opening quote stands, from the beginning of the chunk;
	 * {@link #NOWHERE} if it is put together
	 */
	void foundText(int position) {
		this.foundTexts++;
		this.foundText = position;
	}

	/**
	 * Take note of the usage in the chunk being parsed.
	 * @param from where it begins, from the beginning of the chunk
	 * @param to where it ends
	 */
	void foundUsage(int from, int to) {
		this.foundUsageFrom = from;
		this.foundUsageTo = to;
	}

	/**
	 * Drop the usage of the last chunks that were recognised: it was read, or a newer one
	 * was.
	 */
	void forgetUsage() {
		this.unreadUsageLength = 0;
	}

	/**
	 * Take a chunk that was parsed as the one that others are compared with, if another
	 * text in the place of its only one is all that a chunk can differ by.
	 * @param bytes holds the chunk
	 * @param offset where it begins
	 * @param length how long it is
	 * @param choice its only choice
	 * @param fragments its fragments of tool calls; {@code null} for none
	 */
	void learn(byte[] bytes, int offset, int length, AnswerChoice choice, @Nullable List<Fragment> fragments) {
		boolean inText = choice.toolCalls == null && (choice.hasContent() || choice.hasReasoning());
		boolean inArguments = fragments != null && fragments.size() == 1 && fragments.get(0).hasArguments();
		boolean textOnly = this.foundTexts == 1 && this.foundText >= 0 && (inText || inArguments)
				&& choice.refusal == null && choice.finishReason == null && choice.logprobs == null;
		// a stream whose chunks are all different is not compared for ever
		if (textOnly && this.unused < MAX_UNUSED) {
			this.knownIndex = choice.index;
			this.knownContent = choice.content;
			this.knownReasoning = choice.reasoning;
			this.reasons = choice.hasReasoning();
			this.fragments = fragments;
			this.knownExtra = choice.extra;
			learn(bytes, offset, length, this.foundText, this.foundUsageFrom, this.foundUsageTo);
		}
	}

	/**
	 * Whether a chunk is as the one that was learnt, but for its text and the numbers of
	 * its usage.
	 * @param bytes holds the chunk
	 * @param offset where it begins
	 * @param length how long it is
	 * @return {@code false} if it has to be parsed
	 */
	boolean matches(byte[] bytes, int offset, int length) {
		this.foundTexts = 0;
		this.foundUsageTo = 0;
		String text = text(bytes, offset, length);
		if (text == null) {
			return false;
		}
		this.text = text;
		int usage = usageLength();
		if (usage > 0 && (this.unreadUsageLength == 0 || hasNumber(bytes, usage))) {
			// many providers report a growing usage with every chunk; the last one counts
			if (usage > this.unreadUsage.length) {
				this.unreadUsage = new byte[usage + 32];
			}
			System.arraycopy(bytes, this.usageOffset, this.unreadUsage, 0, usage);
			this.unreadUsageLength = usage;
		}
		return true;
	}

	// zeros stand for numbers that are not there
	private boolean hasNumber(byte[] bytes, int usage) {
		for (int i = this.usageOffset; i < this.usageOffset + usage; i++) {
			if (bytes[i] >= '1' && bytes[i] <= '9') {
				return true;
			}
		}
		return false;
	}

	/**
	 * Set what the chunk that was last recognised says.
	 * @param choice the choice
	 * @return its fragments of tool calls, until the next is recognised; {@code null} for
	 * none
	 */
	@Nullable List<Fragment> restore(AnswerChoice choice) {
		choice.index = this.knownIndex;
		choice.content = this.knownContent;
		choice.reasoning = this.knownReasoning;
		choice.extra = this.knownExtra;
		if (this.fragments != null) {
			this.fragments.get(0).arguments(this.text);
		}
		else if (this.reasons) {
			choice.reasoning = this.text;
		}
		else {
			choice.content = this.text;
		}
		return this.fragments;
	}

	/**
	 * The usage of the last chunks that were recognised, in JSON.
	 * @return the JSON
	 */
	byte[] unreadUsage() {
		return this.unreadUsage;
	}

	int unreadUsageLength() {
		return this.unreadUsageLength;
	}

	/**
	 * Take a chunk as the one that others are compared with. The caller makes sure that
	 * another text in the same place would be read just as this one was.
	 * @param bytes holds the chunk
	 * @param offset where it begins
	 * @param length how long it is
	 * @param text where its text begins, at the opening quote, from the offset
	 * @param usageFrom where its usage begins, from the offset
	 * @param usageTo where its usage ends; 0 if it has none
	 */
	void learn(byte[] bytes, int offset, int length, int text, int usageFrom, int usageTo) {
		this.length = 0;
		this.unused++;
		int quote = closingQuote(bytes, offset + text + 1, offset + length) - offset;
		if (bytes[offset + text] != '"' || quote < 0 || (usageTo > 0 && usageFrom < quote)) {
			return;
		}
		int known = length - (quote - text - 1);
		if (known > MAX_LENGTH) {
			return;
		}
		if (known > this.known.length) {
			this.known = new byte[known + 64];
		}
		this.textAt = text + 1;
		System.arraycopy(bytes, offset, this.known, 0, this.textAt);
		System.arraycopy(bytes, offset + quote, this.known, this.textAt, length - quote);
		this.usageFrom = (usageTo > 0) ? usageFrom - (quote - this.textAt) : 0;
		this.usageTo = (usageTo > 0) ? usageTo - (quote - this.textAt) : 0;
		this.length = known;
	}

	private static int closingQuote(byte[] bytes, int from, int to) {
		for (int i = from; i < to; i++) {
			if (bytes[i] == '"') {
				return i;
			}
			if (bytes[i] == '\\') {
				i++;
			}
		}
		return -1;
	}

	/**
	 * Compare a chunk with the one that was learnt.
	 * @param bytes holds the chunk
	 * @param offset where it begins
	 * @param length how long it is
	 * @return its text, or {@code null} if it has to be parsed
	 */
	@Nullable String text(byte[] bytes, int offset, int length) {
		int from = offset + this.textAt;
		int to = offset + length;
		if (this.length == 0 || length < this.length - (this.usageTo - this.usageFrom)
				|| !Arrays.equals(bytes, offset, from, this.known, 0, this.textAt)) {
			return null;
		}
		for (int i = from; i < to; i++) {
			byte current = bytes[i];
			if (current == '"') {
				return isRestKnown(bytes, i, to) ? string(bytes, from, i - from) : null;
			}
			if (current == '\\') {
				return escapedText(bytes, from, i, to);
			}
			if (current >= 0 && current < ' ') {
				return null;
			}
		}
		return null;
	}

	private @Nullable String escapedText(byte[] bytes, int from, int firstEscape, int to) {
		int size = firstEscape - from;
		if (this.unescaped.length < to - from) {
			this.unescaped = new byte[to - from];
		}
		System.arraycopy(bytes, from, this.unescaped, 0, size);
		for (int i = firstEscape; i < to; i++) {
			byte current = bytes[i];
			if (current == '"') {
				return isRestKnown(bytes, i, to) ? string(this.unescaped, 0, size) : null;
			}
			if (current == '\\') {
				i++;
				if (i < to && bytes[i] == 'u') {
					int codePoint = codePoint(bytes, i + 1, to);
					if (codePoint < 0) {
						return null;
					}
					i += (codePoint > 0xFFFF) ? 10 : 4;
					size = encode(codePoint, size);
					continue;
				}
				current = (i < to) ? unescape(bytes[i]) : 0;
			}
			else if (current >= 0 && current < ' ') {
				return null;
			}
			if (current == 0) {
				return null;
			}
			this.unescaped[size++] = current;
		}
		return null;
	}

	// of one escape or a surrogate pair; negative: left to the parser
	private static int codePoint(byte[] bytes, int from, int to) {
		int first = hex(bytes, from, to);
		if (first < Character.MIN_SURROGATE || first > Character.MAX_SURROGATE) {
			return first;
		}
		if (from + 6 > to || bytes[from + 4] != '\\' || bytes[from + 5] != 'u') {
			return -1;
		}
		int second = hex(bytes, from + 6, to);
		boolean pair = second >= 0 && Character.isSurrogatePair((char) first, (char) second);
		return pair ? Character.toCodePoint((char) first, (char) second) : -1;
	}

	private static int hex(byte[] bytes, int from, int to) {
		if (from + 4 > to) {
			return -1;
		}
		int value = 0;
		for (int i = from; i < from + 4; i++) {
			int digit = Character.digit(bytes[i], 16);
			if (digit < 0) {
				return -1;
			}
			value = value << 4 | digit;
		}
		return value;
	}

	// in UTF-8, which is shorter than the escape
	private int encode(int codePoint, int at) {
		int size = at;
		if (codePoint < 0x80) {
			this.unescaped[size++] = (byte) codePoint;
			return size;
		}
		if (codePoint < 0x800) {
			this.unescaped[size++] = (byte) (0xC0 | codePoint >> 6);
		}
		else {
			if (codePoint < 0x10000) {
				this.unescaped[size++] = (byte) (0xE0 | codePoint >> 12);
			}
			else {
				this.unescaped[size++] = (byte) (0xF0 | codePoint >> 18);
				this.unescaped[size++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
			}
			this.unescaped[size++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
		}
		this.unescaped[size++] = (byte) (0x80 | codePoint & 0x3F);
		return size;
	}

	// 0 for what the parser shall read
	private static byte unescape(byte escaped) {
		return switch (escaped) {
			case '"', '\\', '/' -> escaped;
			case 'n' -> '\n';
			case 't' -> '\t';
			case 'r' -> '\r';
			case 'b' -> '\b';
			case 'f' -> '\f';
			default -> 0;
		};
	}

	private @Nullable String string(byte[] bytes, int from, int length) {
		this.unused = 0;
		String text = new String(bytes, from, length, StandardCharsets.UTF_8);
		// stands for what is not UTF-8, on which the parser has the last word
		return (text.indexOf('\uFFFD') < 0) ? text : null;
	}

	private boolean isRestKnown(byte[] bytes, int from, int to) {
		if (this.usageTo == 0) {
			return Arrays.equals(bytes, from, to, this.known, this.textAt, this.length);
		}
		int head = this.usageFrom - this.textAt;
		if (to - from < head || !Arrays.equals(bytes, from, from + head, this.known, this.textAt, this.usageFrom)) {
			return false;
		}
		int end = endOfUsage(bytes, from + head, to);
		if (end < 0 || !Arrays.equals(bytes, end, to, this.known, this.usageTo, this.length)) {
			return false;
		}
		this.usageOffset = from + head;
		this.usageLength = end - this.usageOffset;
		return true;
	}

	// the same but for the digits of numbers
	private int endOfUsage(byte[] bytes, int from, int to) {
		int i = from;
		int k = this.usageFrom;
		while (k < this.usageTo) {
			int knownEnd = endOfDigits(this.known, k, this.usageTo);
			int end = (knownEnd > k) ? endOfDigits(bytes, i, to) : i;
			if (end > i) {
				i = end;
				k = knownEnd;
			}
			else if (i < to && bytes[i] == this.known[k]) {
				i++;
				k++;
			}
			else {
				return -1;
			}
		}
		return i;
	}

	// the end of the digits behind a colon; from itself if there are none, or a number
	// cannot begin like this
	private static int endOfDigits(byte[] bytes, int from, int to) {
		if (bytes[from - 1] != ':') {
			return from;
		}
		int end = from;
		while (end < to && bytes[end] >= '0' && bytes[end] <= '9') {
			end++;
		}
		boolean leadingZero = end - from > 1 && bytes[from] == '0';
		return (leadingZero || end - from > MAX_DIGITS) ? from : end;
	}

	/**
	 * Where the usage of the chunk last recognised begins.
	 * @return the position in its array
	 */
	int usageOffset() {
		return this.usageOffset;
	}

	/**
	 * How long the usage of the chunk last recognised is.
	 * @return the length; 0 if the chunks have none
	 */
	int usageLength() {
		return (this.usageTo > 0) ? this.usageLength : 0;
	}

}
