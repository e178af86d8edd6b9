package io.github.deepseekboot.test.provider;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The events of one streamed answer in a provider's words, written to buffers as they are
 * asked for. Not thread-safe.
 */
final class AnswerEvents {

	private static final byte[] NONE = {};

	private static final byte[] DONE = bytes("data: [DONE]\n\n");

	private final Dialect dialect;

	private final Dialect.Head head;

	private final Answer answer;

	private final Usage total;

	private final Iterator<Track> tracks;

	private final int limit;

	private final boolean done;

	private final byte[] atLimit;

	private @Nullable Track track;

	private boolean opened;

	private boolean finished;

	private int written;

	private int reasoned;

	private AnswerEvents(Dialect dialect, Dialect.Head head, Answer answer, Usage total, int limit, boolean done,
			byte[] atLimit) {
		this.dialect = dialect;
		this.head = head;
		this.answer = answer;
		this.total = total;
		this.tracks = tracks(dialect, head, answer).iterator();
		this.limit = limit;
		this.done = done;
		this.atLimit = atLimit;
	}

	static AnswerEvents complete(Dialect dialect, Dialect.Head head, Answer answer, Usage total) {
		return new AnswerEvents(dialect, head, answer, total, Integer.MAX_VALUE, true, NONE);
	}

	static AnswerEvents withoutDone(Dialect dialect, Dialect.Head head, Answer answer, Usage total) {
		return new AnswerEvents(dialect, head, answer, total, Integer.MAX_VALUE, false, NONE);
	}

	// the first events of an answer, then an event with that data if there is any
	static AnswerEvents cut(Dialect dialect, Dialect.Head head, Answer answer, Usage total, int limit,
			@Nullable String data) {
		byte[] last = (data != null) ? bytes("data: " + data + "\n\n") : NONE;
		return new AnswerEvents(dialect, head, answer, total, Math.min(limit, answer.size()), false, last);
	}

	private static List<Track> tracks(Dialect dialect, Dialect.Head head, Answer answer) {
		List<Track> tracks = new ArrayList<>();
		String text = EventTemplate.TEXT;
		tracks.add(new Track(null, event(dialect, head, dialect.reasoningDelta(head, text)), answer.reasoning(), true));
		tracks.add(new Track(null, event(dialect, head, dialect.contentDelta(head, text)), answer.content(), false));
		for (int index = 0; index < answer.toolCalls().size(); index++) {
			Answer.ToolCall call = answer.toolCalls().get(index);
			tracks.add(new Track(event(dialect, head, dialect.toolCallDelta(head, index, call.id(), call.name())),
					event(dialect, head, dialect.toolArgumentsDelta(head, index, text)), call.arguments(), false));
		}
		return tracks;
	}

	private static EventTemplate event(Dialect dialect, Dialect.Head head, ObjectNode delta) {
		return new EventTemplate(dialect.chunk(head, delta, null));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	boolean hasNext() {
		return !this.finished;
	}

	int written() {
		return this.written;
	}

	/**
	 * Write the next events.
	 * @param out where to
	 * @param pieces how many pieces of text at most
	 * @param bytes the size of the buffer at which to stop
	 */
	void write(ByteBuf out, long pieces, int bytes) {
		if (!this.opened) {
			this.opened = true;
			write(out, event(this.dialect, this.head, this.dialect.openingDelta(this.head)), NONE);
		}
		long end = Math.min(this.written + pieces, this.limit);
		boolean more = true;
		while (this.written < end && out.readableBytes() < bytes && more) {
			more = writePiece(out);
		}
		if (this.written >= this.limit) {
			out.writeBytes(this.atLimit);
			this.finished = true;
		}
		else if (this.written >= this.answer.size()) {
			// a call without arguments has an event of its own too
			while (more) {
				more = writePiece(out);
			}
			writeEnd(out);
			this.finished = true;
		}
	}

	private boolean writePiece(ByteBuf out) {
		Track current = this.track;
		while (current == null || !current.pieces().hasNext()) {
			if (!this.tracks.hasNext()) {
				return false;
			}
			current = this.tracks.next();
			this.track = current;
			EventTemplate start = current.start();
			if (start != null) {
				write(out, start, NONE);
			}
		}
		this.written++;
		this.reasoned += (current.reasoning()) ? 1 : 0;
		write(out, current.event(), current.pieces().next().json());
		return true;
	}

	private void writeEnd(ByteBuf out) {
		write(out, new EventTemplate(this.dialect.closing(this.head, this.answer.finishReason(), this.total)), NONE);
		JsonNode usage = this.dialect.usageChunk(this.head, this.total);
		if (usage != null) {
			write(out, new EventTemplate(usage), NONE);
		}
		if (this.done) {
			out.writeBytes(DONE);
		}
	}

	private void write(ByteBuf out, EventTemplate event, byte[] text) {
		event.write(out, text, (event.hasUsage()) ? usageSoFar() : NONE);
	}

	private byte[] usageSoFar() {
		Usage soFar = (this.written >= this.answer.size()) ? this.total
				: new Usage(this.total.prompt(), this.total.cached(), this.written, this.reasoned);
		return Json.writeBytes(this.dialect.usage(this.head, soFar));
	}

	/**
	 * A run of events that differ in their text only.
	 *
	 * @param start an event that goes before them
	 * @param event the event
	 * @param pieces their texts
	 * @param reasoning whether the texts are reasoning
	 */
	private record Track(@Nullable EventTemplate start, EventTemplate event, Iterator<Piece> pieces,
			boolean reasoning) {

		Track(@Nullable EventTemplate start, EventTemplate event, List<Piece> pieces, boolean reasoning) {
			this(start, event, pieces.iterator(), reasoning);
		}

	}

}
