package io.github.deepseekboot.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import io.github.deepseekboot.chat.ChatRequest;
import io.github.deepseekboot.chat.FinishReason;
import io.github.deepseekboot.provider.Dialect;
import io.github.deepseekboot.provider.ProviderModel;

/**
 * Separates the reasoning from the answer where a host leaves both in the content: a
 * {@code think} tag begins the one (with some models, nothing does), its end tag ends it.
 * Only the tags vanish, and blanks before the opening one. Tags that come later are text,
 * and a choice that has reasoning of its own is left as it is; not thread-safe.
 */
public final class ThinkTags {

	private static final String OPEN = "<think>";

	private static final String CLOSE = "</think>";

	// a model that begins with more blanks than that is not about to think
	private static final int MAX_BLANKS = 1024;

	private final boolean beginsInThought;

	private final Split first;

	private final SortedMap<Integer, Split> others = new TreeMap<>();

	public ThinkTags(boolean beginsInThought) {
		this.beginsInThought = beginsInThought;
		this.first = new Split(beginsInThought);
	}

	/**
	 * What reads the answer of an attempt, of any host: a gateway may stand before it.
	 * @param dialect the dialect of the provider that answers
	 * @param request what it was asked
	 * @param model its model
	 * @return the tags
	 */
	public static ThinkTags of(Dialect dialect, ChatRequest request, ProviderModel model) {
		return new ThinkTags(dialect.beginsInThought(request, model));
	}

	/**
	 * Move what is reasoning from the content of the next piece of a choice to its
	 * reasoning. What may be the beginning of a tag is held until the next piece, or the
	 * finish reason.
	 * @param choice the choice as it was read
	 */
	public void read(AnswerChoice choice) {
		Split split = (choice.index == 0) ? this.first
				: this.others.computeIfAbsent(choice.index, (index) -> new Split(this.beginsInThought));
		split.read(choice);
		if (choice.finishReason != null) {
			split.release(choice);
		}
	}

	/**
	 * Move what is reasoning from the content of a complete choice to its reasoning
	 * field.
	 * @param choice the choice as it was read
	 */
	public void readComplete(AnswerChoice choice) {
		// the end of the reasoning shows that there was some, unless it was cut
		boolean unopened = this.beginsInThought && choice.content != null
				&& (choice.content.contains(CLOSE) || FinishReason.LENGTH.equals(choice.finishReason));
		Split split = new Split(unopened);
		split.read(choice);
		split.release(choice);
	}

	/**
	 * What is still held of a stream that ended without finish reasons.
	 * @return a choice for each piece
	 */
	public List<AnswerChoice> release() {
		List<AnswerChoice> choices = new ArrayList<>(0);
		release(0, this.first, choices);
		this.others.forEach((index, split) -> release(index, split, choices));
		return choices;
	}

	private static void release(int index, Split split, List<AnswerChoice> choices) {
		if (split.held != null) {
			AnswerChoice choice = new AnswerChoice();
			choice.index = index;
			split.release(choice);
			choices.add(choice);
		}
	}

	/**
	 * How far a choice has come.
	 */
	private static final class Split {

		private final boolean unopened;

		private Place place = Place.START;

		private @Nullable String held;

		Split(boolean unopened) {
			this.unopened = unopened;
		}

		void read(AnswerChoice choice) {
			if (this.place == Place.ANSWER) {
				return;
			}
			if (this.place == Place.START && choice.reasoning != null && !choice.reasoning.isEmpty()) {
				// the host separates them itself
				release(choice);
				this.place = Place.ANSWER;
				return;
			}
			String content = choice.content;
			if (content == null || content.isEmpty()) {
				return;
			}
			String text = (this.held != null) ? this.held + content : content;
			this.held = null;
			if (this.place == Place.START) {
				text = start(text);
			}
			switch (this.place) {
				case START -> choice.content = "";
				case THOUGHT -> think(choice, text);
				case ANSWER -> choice.content = text;
			}
		}

		// what follows the beginning
		private String start(String text) {
			int begin = 0;
			while (begin < text.length() && Character.isWhitespace(text.charAt(begin))) {
				begin++;
			}
			if (text.startsWith(OPEN, begin)) {
				this.place = Place.THOUGHT;
				return text.substring(begin + OPEN.length());
			}
			if (begin <= MAX_BLANKS && text.regionMatches(begin, OPEN, 0, text.length() - begin)) {
				this.held = text;
			}
			else {
				this.place = this.unopened ? Place.THOUGHT : Place.ANSWER;
			}
			return text;
		}

		private void think(AnswerChoice choice, String text) {
			int close = text.indexOf(CLOSE);
			if (close != -1) {
				this.place = Place.ANSWER;
				append(choice, text.substring(0, close));
				choice.content = text.substring(close + CLOSE.length());
				return;
			}
			int tag = text.lastIndexOf('<');
			if (tag != -1 && text.regionMatches(tag, CLOSE, 0, text.length() - tag)) {
				this.held = text.substring(tag);
				append(choice, text.substring(0, tag));
			}
			else {
				append(choice, text);
			}
			choice.content = "";
		}

		private static void append(AnswerChoice choice, String text) {
			choice.reasoning = (choice.reasoning != null) ? choice.reasoning + text : text;
		}

		void release(AnswerChoice choice) {
			if (this.held == null) {
				return;
			}
			if (this.place == Place.THOUGHT) {
				append(choice, this.held);
			}
			else {
				choice.content = (choice.content != null) ? this.held + choice.content : this.held;
				this.place = Place.ANSWER;
			}
			this.held = null;
		}

	}

	/**
	 * Where a choice is.
	 */
	private enum Place {

		/**
		 * Nothing but blanks, or a piece of the opening tag, has come.
		 */
		START,

		/**
		 * Within the reasoning.
		 */
		THOUGHT,

		/**
		 * Behind it.
		 */
		ANSWER

	}

}
