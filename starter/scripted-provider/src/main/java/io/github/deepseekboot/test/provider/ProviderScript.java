package io.github.deepseekboot.test.provider;

import java.util.Objects;
import java.util.function.Predicate;

/**
 * The script of a provider: a list of answers. A call gets the first that fits it and is
 * left; each is for one call, unless {@link ScriptedAnswer#times(int)} or
 * {@link ScriptedAnswer#always()} says otherwise. A call that no answer is left for is
 * unexpected: it fails with a status of 400, which no client tries again.
 */
public interface ProviderScript {

	/**
	 * Begin one more answer.
	 * @return the answer, part of the script already
	 */
	ScriptedAnswer reply();

	/**
	 * Begin answers that fit some calls only.
	 * @param condition whether an answer fits a call
	 * @return the same script, under that condition
	 */
	ProviderScript when(Predicate<ReceivedCall> condition);

	/**
	 * Begin answers to calls whose last message has a text in it.
	 * @param part the text to look for
	 * @return the same script, under that condition
	 */
	default ProviderScript whenLastMessage(String part) {
		Objects.requireNonNull(part, "'part' must not be null");
		return when((call) -> call.lastMessage().contains(part));
	}

	/**
	 * Begin answers to calls with a text in their system message.
	 * @param part the text to look for
	 * @return the same script, under that condition
	 */
	default ProviderScript whenSystemMessage(String part) {
		Objects.requireNonNull(part, "'part' must not be null");
		return when((call) -> call.messages()
			.stream()
			.anyMatch((message) -> message.role().equals("system") && message.content().contains(part)));
	}

	/**
	 * Begin answers to calls of a model.
	 * @param model the model, as the provider names it
	 * @return the same script, under that condition
	 */
	default ProviderScript whenModel(String model) {
		Objects.requireNonNull(model, "'model' must not be null");
		return when((call) -> call.model().equals(model));
	}

	/**
	 * Begin answers to calls that offer a tool.
	 * @param tool the name of the function
	 * @return the same script, under that condition
	 */
	default ProviderScript whenTool(String tool) {
		Objects.requireNonNull(tool, "'tool' must not be null");
		return when((call) -> call.tools().contains(tool));
	}

	/**
	 * Begin answers to calls that end with results of tools.
	 * @return the same script, under that condition
	 */
	default ProviderScript whenToolResults() {
		return when((call) -> !call.toolResults().isEmpty());
	}

	/**
	 * Begin answers to a turn of a conversation.
	 * @param turn the turn, from 1
	 * @return the same script, under that condition
	 */
	default ProviderScript whenTurn(int turn) {
		return when((call) -> call.turn() == turn);
	}

	/**
	 * Say a text.
	 * @param text the text
	 * @return the answer
	 */
	default ScriptedAnswer answers(String text) {
		return reply().answers(text);
	}

	/**
	 * Say a text in these pieces, where by default each event of a stream has a token.
	 * @param pieces the pieces; a character may be cut in two
	 * @return the answer
	 */
	default ScriptedAnswer answersInPieces(String... pieces) {
		return reply().answersInPieces(pieces);
	}

	/**
	 * Send a body as it is, under status 200, in place of the host's own words.
	 * @param contentType the content type
	 * @param body the body: JSON, or the events of a stream
	 * @return the answer
	 */
	default ScriptedAnswer sends(String contentType, String body) {
		return reply().sends(contentType, body);
	}

	/**
	 * Say an object as JSON, as a typed answer has it.
	 * @param value the object
	 * @return the answer
	 */
	default ScriptedAnswer answersJson(Object value) {
		return reply().answersJson(value);
	}

	/**
	 * Think, to continue with {@link ScriptedAnswer#answers(String)}.
	 * @param text the text
	 * @return the answer
	 */
	default ScriptedAnswer thinks(String text) {
		return reply().thinks(text);
	}

	/**
	 * Call a tool.
	 * @param tool the name of the function
	 * @param arguments its arguments, a text or an object to write as JSON
	 * @return the answer
	 */
	default ScriptedAnswer calls(String tool, Object arguments) {
		return reply().calls(tool, arguments);
	}

	/**
	 * Call a tool under an id of the test's choice.
	 * @param id the id of the call
	 * @param tool the name of the function
	 * @param arguments its arguments, a text or an object to write as JSON
	 * @return the answer
	 */
	default ScriptedAnswer calls(String id, String tool, Object arguments) {
		return reply().calls(id, tool, arguments);
	}

	/**
	 * Fail with the host's usual error of a status.
	 * @param status the HTTP status
	 * @return the answer
	 */
	default ScriptedAnswer fails(int status) {
		return reply().fails(status);
	}

	/**
	 * Fail with one of several errors that the host has for a status.
	 * @param status the HTTP status
	 * @param variant the variant, see {@link Script.Builder#error(int, String)}
	 * @return the answer
	 */
	default ScriptedAnswer fails(int status, String variant) {
		return reply().fails(status, variant);
	}

	/**
	 * Fail with an error.
	 * @param error the error
	 * @return the answer
	 */
	default ScriptedAnswer fails(ProviderError error) {
		return reply().fails(error);
	}

	/**
	 * Let something go wrong.
	 * @param fault the fault
	 * @return the answer
	 */
	default ScriptedAnswer fails(Fault fault) {
		return reply().fails(fault);
	}

	/**
	 * Send status and headers, then never a token.
	 * @return the answer
	 */
	default ScriptedAnswer stalls() {
		return reply().stalls();
	}

}
