package io.github.deepseekboot.structured;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * Reads a list as its text arrives, looking at each character once. What stands before
 * the list and after it is skipped; of an item only its text is kept, and that only until
 * it is complete. Not thread-safe.
 *
 * @param <T> the type of an item
 */
final class ListReader<T> {

	static final int MAX_ITEM = 1 << 20;

	private final AnswerType<T> type;

	private final int maxItem;

	private final StringBuilder item = new StringBuilder();

	private State state = State.BEFORE;

	// how deep in brackets: within the object around the list, or within the item
	private int depth;

	private boolean inString;

	private boolean escaped;

	private int itemsRead;

	// whether the list, or what may be it, is in an object
	private boolean inObject;

	private boolean objectSeen;

	private boolean emptyListSeen;

	// the last characters, while they may be a tag
	private final StringBuilder tag = new StringBuilder(ReasoningTags.MAX_LENGTH);

	private @Nullable Problem problem;

	// of brackets that turned out not to be the list
	private @Nullable Problem passedProblem;

	private String passedItem = "";

	ListReader(AnswerType<T> type) {
		this(type, MAX_ITEM);
	}

	ListReader(AnswerType<T> type, int maxItem) {
		this.type = type;
		this.maxItem = maxItem;
	}

	/**
	 * Read the next piece of the text.
	 * @param text the piece
	 * @return the items that are complete with it; those before a problem, if there is
	 * one
	 */
	List<T> read(String text) {
		List<T> items = List.of();
		for (int i = 0; i < text.length() && this.problem == null; i++) {
			char next = text.charAt(i);
			if ((this.itemsRead == 0 && isTag(next)) || !isItemEnd(next) || this.problem != null) {
				continue;
			}
			Reading<T> reading = this.type.readItem(this.item.toString());
			if (reading.problem() == null) {
				items = items.isEmpty() ? new ArrayList<>(2) : items;
				items.add(Objects.requireNonNull(reading.value()));
				this.itemsRead++;
				this.item.setLength(0);
			}
			else if (this.itemsRead == 0) {
				passOver(inItem(reading.problem()));
			}
			else {
				fail(reading.problem());
			}
		}
		return items;
	}

	/**
	 * What is wrong with the text so far, whatever follows.
	 * @return the problem, or {@code null} for none
	 */
	@Nullable Problem problem() {
		return this.problem;
	}

	/**
	 * What is wrong if nothing follows.
	 * @return the problem, or {@code null} if the list is complete
	 */
	@Nullable Problem problemAtEnd() {
		if (this.problem != null || this.state == State.AFTER) {
			return this.problem;
		}
		boolean between = this.state == State.BEFORE || this.state == State.THOUGHT;
		if (between && this.passedProblem != null) {
			return this.passedProblem;
		}
		if (between && this.emptyListSeen) {
			return null;
		}
		return Problem
			.of((between && this.objectSeen) ? "there is no list of items" : "it ends before its list of items does");
	}

	/**
	 * The item that is not complete yet, or could not be read.
	 * @return its text; may be empty
	 */
	String itemText() {
		return this.item.isEmpty() ? this.passedItem : this.item.toString();
	}

	// before any item, words in brackets and other lists are no problem
	private void passOver(Problem problem) {
		boolean closed = this.state == State.AFTER;
		this.passedItem = this.item.toString();
		this.passedProblem = (problem.isNotJson() && this.passedProblem != null) ? this.passedProblem : problem;
		this.item.setLength(0);
		skipRest(problem.isNotJson(), closed);
	}

	private void skipRest(boolean words, boolean closed) {
		this.depth = words ? 0 : (closed ? 0 : 1) + (this.inObject ? 1 : 0);
		this.inString = false;
		this.state = (this.depth > 0) ? State.SKIPPED : State.BEFORE;
	}

	// reasoning may stand before the list; its end may come without its beginning
	private boolean isTag(char next) {
		if (ReasoningTags.canBegin(next)) {
			this.tag.setLength(0);
			this.tag.append(next);
			return false;
		}
		if (this.tag.isEmpty()) {
			return false;
		}
		this.tag.append(next);
		int length = ReasoningTags.canEnd(next) ? ReasoningTags.at(this.tag, 0) : 0;
		if (ReasoningTags.canEnd(next) || this.tag.length() == ReasoningTags.MAX_LENGTH) {
			this.tag.setLength(0);
		}
		if (length == 0 || (length > 0 && this.inString) || this.state == State.AFTER) {
			return false;
		}
		if (length < 0 && this.inString && this.state == State.NESTED) {
			return false;
		}
		this.item.setLength(0);
		this.passedProblem = (length < 0) ? null : this.passedProblem;
		this.depth = 0;
		this.inString = false;
		this.state = (length > 0) ? State.THOUGHT : State.BEFORE;
		return true;
	}

	private void fail(Problem problem) {
		this.problem = inItem(problem);
	}

	private Problem inItem(Problem problem) {
		return problem.in("item " + this.itemsRead + ": ");
	}

	private boolean isItemEnd(char next) {
		return switch (this.state) {
			case BEFORE -> {
				before(next);
				yield false;
			}
			case OBJECT_START -> {
				objectStart(next);
				yield false;
			}
			case OBJECT -> {
				object(next);
				yield false;
			}
			case LIST -> {
				list(next);
				yield false;
			}
			case NESTED -> {
				append(next);
				nest(next);
				boolean end = this.depth == 0 && !this.inString;
				this.state = end ? State.LIST : State.NESTED;
				yield end;
			}
			case PLAIN -> {
				boolean end = next == ',' || next == ']' || Character.isWhitespace(next);
				if (end) {
					this.state = (next == ']') ? State.AFTER : State.LIST;
				}
				else {
					append(next);
				}
				yield end;
			}
			case SKIPPED -> {
				nest(next);
				this.state = (this.depth == 0 && !this.inString) ? State.BEFORE : State.SKIPPED;
				yield false;
			}
			case THOUGHT, AFTER -> false;
		};
	}

	private void before(char next) {
		this.inObject = next == '{';
		if (next == '{') {
			this.state = State.OBJECT_START;
		}
		else if (next == '[') {
			this.state = State.LIST;
		}
	}

	private void objectStart(char next) {
		if (next == '"') {
			this.state = State.OBJECT;
			object(next);
		}
		else if (!Character.isWhitespace(next)) {
			// braces among words
			this.objectSeen |= next == '}';
			this.state = State.BEFORE;
			before(next);
		}
	}

	private void object(char next) {
		if (next == '[' && this.depth == 0 && !this.inString) {
			this.state = State.LIST;
		}
		else if (next == '}' && this.depth == 0 && !this.inString) {
			this.objectSeen = true;
			this.state = State.BEFORE;
		}
		else {
			nest(next);
		}
	}

	private void list(char next) {
		if (next == ']' && this.itemsRead == 0) {
			this.emptyListSeen = true;
			skipRest(false, true);
		}
		else if (next == ']') {
			this.state = State.AFTER;
		}
		else if (next != ',' && !Character.isWhitespace(next)) {
			append(next);
			nest(next);
			this.state = (this.depth > 0 || this.inString) ? State.NESTED : State.PLAIN;
		}
	}

	private void nest(char next) {
		if (this.inString) {
			this.inString = next != '"' || this.escaped;
			this.escaped = next == '\\' && !this.escaped;
		}
		else if (next == '"') {
			this.inString = true;
		}
		else if (next == '{' || next == '[') {
			this.depth++;
		}
		else if (next == '}' || next == ']') {
			this.depth--;
		}
	}

	private void append(char next) {
		if (this.item.length() == this.maxItem) {
			fail(new Problem(ErrorKind.LOCAL_LIMIT, "it is larger than " + this.maxItem + " characters", null));
			return;
		}
		this.item.append(next);
	}

	private enum State {

		/**
		 * Before the first bracket.
		 */
		BEFORE,

		/**
		 * Behind an opening brace.
		 */
		OBJECT_START,

		/**
		 * In the object around the list, before the list.
		 */
		OBJECT,

		/**
		 * Between two items.
		 */
		LIST,

		/**
		 * In an item that ends with its closing bracket or quote.
		 */
		NESTED,

		/**
		 * In an item that ends with what follows it: a number, true, false or null.
		 */
		PLAIN,

		/**
		 * In the rest of brackets that are not the list.
		 */
		SKIPPED,

		/**
		 * In the reasoning.
		 */
		THOUGHT,

		/**
		 * Behind the list.
		 */
		AFTER

	}

}
