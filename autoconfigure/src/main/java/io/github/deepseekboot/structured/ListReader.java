package io.github.deepseekboot.structured;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ErrorKind;

/**
 * Reads a list as its text arrives, looking at each character once. What stands before
 * the list and after it is skipped; of an item only its text is kept, and that only until
 * it is whole. Not thread-safe.
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

	private @Nullable Problem problem;

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
	 * @return the items that are whole with it; those before a problem, if there is one
	 */
	List<T> read(String text) {
		List<T> items = List.of();
		for (int i = 0; i < text.length() && this.problem == null; i++) {
			if (isItemEnd(text.charAt(i)) && this.problem == null) {
				Reading<T> reading = this.type.readItem(this.item.toString());
				if (reading.problem() != null) {
					fail(reading.problem());
					break;
				}
				items = items.isEmpty() ? new ArrayList<>(2) : items;
				items.add(Objects.requireNonNull(reading.value()));
				this.itemsRead++;
				this.item.setLength(0);
			}
		}
		return items;
	}

	/**
	 * What is wrong with the text so far.
	 * @return the problem, or {@code null} for none
	 */
	@Nullable Problem problem() {
		return this.problem;
	}

	/**
	 * Whether the list has come to its end.
	 * @return {@code true} if nothing more is awaited
	 */
	boolean isWhole() {
		return this.state == State.AFTER;
	}

	/**
	 * The item that is not whole yet, or could not be read.
	 * @return its text; may be empty
	 */
	String itemText() {
		return this.item.toString();
	}

	private void fail(Problem problem) {
		String place = "item " + this.itemsRead + ": ";
		this.problem = new Problem(problem.kind(), place + problem.reason(),
				(problem.told() != null) ? place + problem.told() : null);
	}

	private boolean isItemEnd(char next) {
		return switch (this.state) {
			case BEFORE -> {
				before(next);
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
			case AFTER -> false;
		};
	}

	private void before(char next) {
		if (next == '{') {
			this.state = State.OBJECT;
		}
		else if (next == '[') {
			this.state = State.LIST;
		}
	}

	private void object(char next) {
		if (next == '[' && this.depth == 0 && !this.inString) {
			this.state = State.LIST;
		}
		else if (next == '}' && this.depth == 0 && !this.inString) {
			this.problem = Problem.of("there is no list of items");
		}
		else {
			nest(next);
		}
	}

	private void list(char next) {
		if (next == ']') {
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
		 * Behind the list.
		 */
		AFTER

	}

}
