package io.github.deepseekboot.test.provider;

import java.util.List;
import java.util.Objects;

import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * AssertJ assertions on a {@link ReceivedCall}. A failure describes the call.
 */
public final class ReceivedCallAssert extends AbstractAssert<ReceivedCallAssert, ReceivedCall> {

	ReceivedCallAssert(ReceivedCall call) {
		super(call, ReceivedCallAssert.class);
	}

	/**
	 * Verify which model was asked.
	 * @param model the model, as the provider names it
	 * @return this
	 */
	public ReceivedCallAssert hasModel(String model) {
		return check(this.actual.model().equals(model), "model", model);
	}

	/**
	 * Verify that a stream was asked for.
	 * @return this
	 */
	public ReceivedCallAssert isStreamed() {
		return check(this.actual.isStream(), "a stream", true);
	}

	/**
	 * Verify that no stream was asked for.
	 * @return this
	 */
	public ReceivedCallAssert isNotStreamed() {
		return check(!this.actual.isStream(), "a stream", false);
	}

	/**
	 * Verify that the request switches thinking on.
	 * @return this
	 */
	public ReceivedCallAssert isThinking() {
		return check(Boolean.TRUE.equals(this.actual.thinking()), "thinking", true);
	}

	/**
	 * Verify that the request does not switch thinking on.
	 * @return this
	 */
	public ReceivedCallAssert isNotThinking() {
		return check(!Boolean.TRUE.equals(this.actual.thinking()), "thinking", false);
	}

	/**
	 * Verify the messages.
	 * @param messages all messages, in their order
	 * @return this
	 */
	public ReceivedCallAssert hasMessages(ReceivedMessage... messages) {
		return check(this.actual.messages().equals(List.of(messages)), "messages", List.of(messages));
	}

	/**
	 * Verify the system message.
	 * @param content its text
	 * @return this
	 */
	public ReceivedCallAssert hasSystemMessage(String content) {
		return check(this.actual.messages().contains(new ReceivedMessage("system", content)), "system message",
				content);
	}

	/**
	 * Verify the last message of the user.
	 * @param content its text
	 * @return this
	 */
	public ReceivedCallAssert hasUserMessage(String content) {
		return check(this.actual.lastUserMessage().equals(content), "last message of the user", content);
	}

	/**
	 * Verify that a text is in the last message of the user.
	 * @param part the text to look for
	 * @return this
	 */
	public ReceivedCallAssert hasUserMessageContaining(String part) {
		return check(this.actual.lastUserMessage().contains(part), "text in the last message of the user", part);
	}

	/**
	 * Verify what tools have answered, where the conversation ends with that.
	 * @param results the results, in their order
	 * @return this
	 */
	public ReceivedCallAssert hasToolResults(String... results) {
		return check(this.actual.toolResults().equals(List.of(results)), "results of tools", List.of(results));
	}

	/**
	 * Verify the tools that the model may call.
	 * @param tools the names of the functions, in any order; none for no tool at all
	 * @return this
	 */
	public ReceivedCallAssert hasTools(String... tools) {
		return check(this.actual.tools().stream().sorted().toList().equals(List.of(tools).stream().sorted().toList()),
				"tools", List.of(tools));
	}

	/**
	 * Verify which turn of the conversation it is.
	 * @param turn the number of messages of the user
	 * @return this
	 */
	public ReceivedCallAssert isTurn(int turn) {
		return check(this.actual.turn() == turn, "turn", turn);
	}

	/**
	 * Verify a header. Of those with credentials no more is known than that they are
	 * there.
	 * @param name the name, in any case
	 * @param value the value
	 * @return this
	 */
	public ReceivedCallAssert hasHeader(String name, String value) {
		return check(Objects.equals(this.actual.header(name), value), "header " + name, value);
	}

	/**
	 * Verify a field of the JSON.
	 * @param pointer a JSON pointer, {@code /temperature} for example
	 * @param value the value; {@code null} for a field that is not there
	 * @return this
	 */
	public ReceivedCallAssert hasField(String pointer, @Nullable Object value) {
		JsonNode field = this.actual.json().at(pointer);
		boolean equal = (value != null) ? !field.isMissingNode() && field.toString().equals(Json.write(value))
				: field.isMissingNode();
		return check(equal, pointer, value);
	}

	private ReceivedCallAssert check(boolean holds, String what, @Nullable Object expected) {
		isNotNull();
		if (!holds) {
			failWithMessage("%nExpected %s: %s%nbut this was %s", what, expected, this.actual);
		}
		return this;
	}

}
